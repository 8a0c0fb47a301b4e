"""What happens in a soak and when: mails, faults, clocks, kills and people, all decided by the seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random

from tests.soak.faulty_imap import ImapFault
from tests.soak.faulty_smtp import SmtpFault
from tests.soak.faulty_world import WorldFault
from tests.soak.life import STEPS
from tests.soak.story import MAILBOXES, Posting, Traffic
from tests.system import killing

MAILS_A_STEP = 10


class Clockwork(StrEnum):
    """What goes wrong with the machine's clock."""

    FORWARD = "clock jumps forward"
    BACK = "clock jumps back"
    RIGHT = "clock is set right"
    DAYLIGHT_SAVING = "daylight saving"


class Death(StrEnum):
    """How a life ends."""

    RANDOM = "kill -9 at a random instant"
    NAMED = "kill -9 at a named step"
    PROPER = "stopped in good order"


class Person(StrEnum):
    """What a person does beside the service."""

    APPROVE = "approves an own text"
    APPROVE_DRAFT = "approves a draft as it is"
    DISCARD = "discards"
    ANSWERED = "says that it is answered"
    SNOOZE = "puts off"
    SETTLE = "settles an uncertain mail"
    RETRY = "lets quarantine be read again"
    MOVE = "moves a mail to junk"
    CLEAR = "works through the list"


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that a person does; ``pick`` chooses, from 0 to 1, what of it there is then."""

    what: Person
    pick: float


@dataclass(frozen=True, slots=True)
class Step:
    """What happens between two looks of the soak at the shop.

    Attributes:
        number: from 1.
        passes: how long it takes in the world.
        skew: how far the machine's clock is off from now on; None leaves it.
        postings: the mails that come.
        imap, smtp, world: faults that are cued.
        slow: seconds of slow answers in this step.
        renumber: account and folder whose UIDs the provider gives anew.
        deeds: what people do.
        death: how the life ends in this step, if it does.
        die_at: the named step of that death.
        die_after: of a random kill, which share of a round's usual time passes first.
        threaded: a life that begins in this step runs with its own threads.
        mute: a checkpoint comes after this step.
    """

    number: int
    passes: timedelta
    postings: tuple[Posting, ...]
    imap: tuple[ImapFault, ...]
    smtp: tuple[SmtpFault, ...]
    world: tuple[WorldFault, ...]
    slow: float
    deeds: tuple[Deed, ...]
    skew: timedelta | None = None
    renumber: tuple[str, str] | None = None
    death: Death | None = None
    die_at: str = ""
    die_after: float = 0.0
    threaded: bool = False
    checkpoint: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a soak is."""

    seed: int
    mails: int = 2000
    faults: int = 1000

    @property
    def steps(self) -> int:
        """How many steps bring all mails."""
        return max(8, self.mails // MAILS_A_STEP)


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when the shop is, and how it works.

    Attributes:
        timezone: of the shop.
        starts_at: the world's first instant.
        changes_at: when daylight saving begins or ends there.
    """

    timezone: str
    starts_at: datetime
    changes_at: datetime | None = None

    @property
    def drafts_in_mailbox(self) -> str:
        """Whether drafts are put into the mailbox too: it takes its time, so not in every place."""
        return "true" if self.changes_at is None else "false"


# Dovecot takes no mail of the future, so all of it has passed.
_PLACES = (
    Place("Asia/Tokyo", datetime(2025, 11, 16, 23, tzinfo=UTC)),
    Place("Europe/Berlin", datetime(2025, 10, 25, 9, tzinfo=UTC), datetime(2025, 10, 26, 1, tzinfo=UTC)),
    Place("Asia/Tokyo", datetime(2025, 12, 29, 20, tzinfo=UTC)),
    Place("Europe/Berlin", datetime(2025, 3, 29, 9, tzinfo=UTC), datetime(2025, 3, 30, 1, tzinfo=UTC)),
)


def place_of(seed: int) -> Place:
    """Where the shop of that seed is."""
    return _PLACES[seed % len(_PLACES)]


@dataclass(slots=True)
class Plan:
    """All steps of a soak; `more` goes on for as long as faults are missing."""

    scale: Scale
    dice: Random = field(init=False)
    traffic: Traffic = field(init=False)
    history: tuple[Posting, ...] = field(init=False)
    made: int = 0
    skewed: bool = False

    def __post_init__(self) -> None:
        self.dice = Random(self.scale.seed)
        self.traffic = Traffic(Random(self.dice.random()))
        self.history = tuple(self.traffic.history() for _ in range(5))

    @property
    def is_over(self) -> bool:
        """Every mail was part of a step."""
        return self.made >= self.scale.steps

    def next(self) -> Step:
        """The next step; after the last mail come steps of faults only."""
        self.made += 1
        dice, steps = self.dice, self.scale.steps
        share = self.scale.mails * self.made // steps - self.scale.mails * (self.made - 1) // steps
        death = self._death()
        return Step(
            number=self.made,
            passes=timedelta(minutes=dice.choice((0.3, 1, 2, 5, 10, 20, 30))),
            postings=tuple(self.traffic.next() for _ in range(share if self.made <= steps else 0)),
            imap=tuple(dice.choices(IMAP_FAULTS, IMAP_WEIGHTS, k=dice.choice((2, 3, 3, 4, 5)))),
            smtp=tuple(dice.choices(list(SmtpFault), k=dice.choice((1, 2, 2, 3, 4)))),
            world=tuple(dice.choices(list(WorldFault), k=dice.random() < 0.3)),
            slow=dice.choice((0.02, 0.5)),
            deeds=self._deeds(),
            skew=self._skew(),
            renumber=self._renumbering(),
            death=death,
            die_at=dice.choice(_DEATHS),
            die_after=dice.random(),
            threaded=dice.random() < 0.12,
            checkpoint=self.made % max(1, steps // 4) == 0,
        )

    def _death(self) -> Death | None:
        """Lives of the first and the last quarter are short; one in between lasts, to see what it gathers."""
        is_long = self.scale.steps * 0.4 < self.made < self.scale.steps * 0.65
        if self.dice.random() > (0.0 if is_long else 0.35):
            return None
        return self.dice.choices(list(Death), (4, 6, 2))[0]

    def _skew(self) -> timedelta | None:
        if self.dice.random() > (0.3 if self.skewed else 0.05):
            return None
        self.skewed = not self.skewed
        return timedelta(minutes=self.dice.choice((-180, -61, -5, 7, 61, 180))) * self.skewed

    def _renumbering(self) -> tuple[str, str] | None:
        if self.dice.random() > 0.012:
            return None
        return self.dice.choice(MAILBOXES), self.dice.choice(("INBOX", "Sent", "Junk"))

    def _deeds(self) -> tuple[Deed, ...]:
        number = self.dice.choice((0, 1, 2, 2, 3))
        kinds = self.dice.choices(list(Person), (6, 3, 1, 1, 1, 2, 1, 2, 2), k=number)
        return tuple(Deed(one, self.dice.random()) for one in kinds)


# Where a mail is read, and where it is sent, a kill hurts most.
_DEATHS = [*sorted(STEPS), *killing.STEPS, *killing.STEPS]
IMAP_FAULTS = list(ImapFault)
_RARE = {ImapFault.UIDVALIDITY_CHANGED: 0.7, ImapFault.FOLDER_GONE: 4, ImapFault.HALF_OPEN: 4}
IMAP_WEIGHTS = [_RARE.get(one, 6) for one in IMAP_FAULTS]
