"""Plays the plan of a seed against the real program and judges what became of it.

The seed decides every mail, fault, clock, kill, deed and life, and their order. It does not decide what the
real clock decides: where in a round a kill at a random instant strikes, what a life with its own threads gets
done between two orders, and whether a slow machine lets an answer come too late that would have been in time.
What a mail that answers the program, or a person, is about depends on what the program had sent by then;
which of it is chosen is the seed's again.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from state.outbox_rules import OutboxState
from tests.beds.smtp import Stage
from tests.soak.answers import Answers
from tests.soak.endurance import longest_by_quarters, look_for_leaks, sizes_by_quarters
from tests.soak.faulty_imap import ImapFault
from tests.soak.faulty_smtp import SmtpFault
from tests.soak.journal import Journal
from tests.soak.life import Birth
from tests.soak.lifeline import Hanging, Lifeline
from tests.soak.oracle import Believed, Scene, Violation, Wrong, judge
from tests.soak.people import People
from tests.soak.plan import Clockwork, Death, Place, Plan, Scale, Step, place_of
from tests.soak.story import DYNAMIC, Sort
from tests.soak.truth import Accepted, Delivered, Truth
from tests.soak.yard import opened_yard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.beds.smtp import Cue
    from tests.soak.life import Report
    from tests.soak.story import Posting
    from tests.soak.yard import Yard

_MOST_ROUNDS = 3
"""In one step: as many as its faults may need, for most end the round in which they happen."""

_ROUND = 0.25
"""Seconds within which a kill at a random instant comes; a round takes about as long."""


@dataclass(slots=True)
class Outcome:
    """What a soak showed.

    Attributes:
        scale: what was asked for.
        truth: what happened.
        sabotage: what was broken on purpose.
        faults: how often each fault was met.
        lives: how the lives ended.
        rows: how many mails to buyers ended in which state.
        violations: what must not be.
        seconds: how long it took.
        memory: median resident kilobytes by quarters: of the lives at the same age, and in the longest life.
        steps: how many steps there were.
    """

    scale: Scale
    truth: Truth
    sabotage: tuple[str, ...] = ()
    faults: Counter[str] = field(default_factory=Counter)
    lives: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)
    seconds: float = 0.0
    memory: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    steps: int = 0


def soak(scale: Scale, folder: Path, *, minutes: float, sabotage: tuple[str, ...] = ()) -> Outcome:
    """Play a seed to its end, or to the first checkpoint at which something is wrong.

    Args:
        scale: the seed and how much of it.
        folder: where the shop, its log and the journal lie.
        minutes: after so many no further step begins.
        sabotage: names of what is broken in the program on purpose.
    """
    place = place_of(scale.seed)
    started = time.monotonic()
    with opened_yard(folder, place) as yard:
        stage = _Stage(yard, place, scale, sabotage)
        try:
            stage.play(started + 60 * minutes)
        except Hanging as error:
            stage.outcome.violations.append(Violation(Wrong.HANGS, str(error)))
        finally:
            stage.close()
    stage.outcome.seconds = time.monotonic() - started
    return stage.outcome


class _Stage:
    """One soak under way."""

    def __init__(self, yard: Yard, place: Place, scale: Scale, sabotage: tuple[str, ...]) -> None:
        self._yard = yard
        self._place = place
        self._truth = Truth()
        self.outcome = Outcome(scale, self._truth, sabotage)
        self._plan = Plan(scale)
        self._world_clock = place.starts_at
        self._skew = timedelta(0)
        birth = Birth(yard.config, yard.folder / "log", place.starts_at, sabotage=sabotage)
        self._lives = Lifeline(birth)
        self._people = People(yard, self._truth)
        self._answers = Answers(yard, self._truth)
        self._journal = Journal(yard.folder / "journal")
        self._others: Counter[str] = Counter()
        self._watch_offers()

    @property
    def _machine_clock(self) -> datetime:
        return self._world_clock + self._skew

    def play(self, until: float) -> None:
        """All steps, then a quiet end; it stops at the first checkpoint that finds anything."""
        self._first_start()
        while self._goes_on() and time.monotonic() < until:
            step = self._plan.next()
            self._take(step)
            if step.checkpoint and self._judge(timedelta(minutes=2)):
                return
        if self._judge(timedelta(minutes=61), last=True):
            return
        missing = self.outcome.scale.faults - sum(self._faults().values())
        if not self._plan.is_over or missing > 0:
            text = f"after {self._plan.made} steps the time was over"
            self.outcome.violations.append(Violation(Wrong.HANGS, text))
        self.outcome.violations += look_for_leaks(self._lives.lives)

    def close(self) -> None:
        """End what is left and add up."""
        self._lives.close()
        self._journal.close()
        outcome = self.outcome
        outcome.faults = self._faults()
        outcome.lives = self._lives.deaths
        outcome.steps = self._plan.made
        if self._lives.lives:
            lives = self._lives.lives
            outcome.memory = sizes_by_quarters(lives), longest_by_quarters(lives)

    def _goes_on(self) -> bool:
        return not self._plan.is_over or sum(self._faults().values()) < self.outcome.scale.faults

    def _faults(self) -> Counter[str]:
        """How often each fault was met so far."""
        found = Counter(self._others)
        found.update({f"imap {fault}": times for fault, times in self._yard.imap.fired.items()})
        found.update({f"smtp {fault}": times for fault, times in self._yard.smtp.fired.items()})
        kills = {how: times for how, times in self._lives.deaths.items() if how.startswith("killed at a")}
        found.update({f"power {how}": times for how, times in kills.items()})
        return found

    # Steps

    def _first_start(self) -> None:
        """The program is started once in peace; what lies there by then is history."""
        for posting in self._plan.history:
            self._deliver(posting)
        self._begin(threaded=False)
        self._round()
        self._lives.end()

    def _take(self, step: Step) -> None:
        self._collect()
        self._journal.note("step", number=step.number, at=self._machine_clock, step=_brief(step))
        self._move_clocks(step)
        for posting in step.postings:
            self._deliver(
                self._answers.written(posting, self._world_clock) if posting.sort in DYNAMIC else posting
            )
        for deed in step.deeds:
            self._people.do(deed, self._machine_clock)
        if step.renumber is not None:
            self._renumber(*step.renumber)
        self._begin(threaded=step.threaded)
        self._cue(step)
        self._live_through(step)

    def _move_clocks(self, step: Step) -> None:
        before = self._world_clock
        self._world_clock += step.passes
        if step.skew is not None:
            self._others[_jump(self._skew, step.skew)] += 1
            self._skew = step.skew
        changes_at = self._place.changes_at
        if changes_at is not None and before < changes_at <= self._world_clock:
            self._others[Clockwork.DAYLIGHT_SAVING] += 1
        self._lives.order("clock", self._machine_clock)

    def _deliver(self, posting: Posting) -> None:
        """Hand a mail over; none is older than the shop's own first start, for that would be history."""
        age = self._world_clock - self._place.starts_at
        late = posting if posting.sort is Sort.HISTORY else replace(posting, delay=min(posting.delay, age))
        self._yard.deliver(late, self._world_clock)
        self._truth.delivered.append(Delivered(late, self._world_clock))

    def _renumber(self, mailbox: str, folder: str) -> None:
        account = self._yard.accounts[mailbox]
        fresh = (
            max(one.uidvalidity for one in self._yard.numbers().values()) + 1 - self._yard.imap.renumbered_by
        )
        account.close()
        self._yard.dovecot.set_uids(account, folder, uidvalidity=fresh)
        self._others["imap folder renumbered by the server"] += 1

    def _begin(self, *, threaded: bool) -> None:
        """Let the program run if it does not; what hinders its start is gone after some attempts."""
        for _ in range(5):
            if self._lives.current is not None:
                return
            said = self._lives.begin(self._machine_clock, threaded=threaded)
            self._journal.note("life", number=len(self._lives.lives), said=said, threaded=threaded)
        if self._lives.current is None:
            raise Hanging("the program does not start any more")

    def _cue(self, step: Step) -> None:
        self._yard.imap.delay = self._yard.smtp.delay = step.slow
        for one in step.imap:
            if one is not ImapFault.REFUSED:
                self._yard.imap.cue(one)
        for other in step.smtp:
            if other is not SmtpFault.REFUSED:
                self._yard.smtp.cue(other)
        if ImapFault.CERTIFICATE_EXPIRED in step.imap or ImapFault.HALF_OPEN in step.imap:
            self._yard.imap.cut_connections()

    def _live_through(self, step: Step) -> None:
        if step.death is Death.NAMED:
            self._lives.order("arm", step.die_at)
        self._round(step)
        for _ in range(_MOST_ROUNDS - 1):
            if self._lives.current is None or not self._yard.imap.pending:
                break
            self._round()
        self._refuse(step)
        if step.death is Death.RANDOM:
            # What is under way at that instant is up to the real clock, not to the seed.
            self._lives.kill_in_round(step.die_after * _ROUND)
        if step.death is Death.PROPER:
            self._lives.end()
        self._collect()

    def _round(self, step: Step | None = None) -> Report | None:
        if step is not None and step.world:
            self._yard.imap.cut_connections()
        report = self._lives.round(step.world if step is not None else ())
        self._collect()
        if report is None:
            self._journal.note("died", life=len(self._lives.lives), step=step and step.die_at)
            return None
        self._others.update(f"world {one}" for one in report.met)
        self._journal.note("round", failures=report.failures, kilobytes=report.kilobytes, files=report.files)
        return report

    def _refuse(self, step: Step) -> None:
        """Nobody listens for a round; only the process that knocks can tell."""
        if ImapFault.REFUSED in step.imap:
            with self._shut(self._yard.imap.shut()):
                self._yard.imap.cut_connections()
                reports = [self._round(), self._round()]
            if any(report is not None and report.failures for report in reports):
                self._yard.imap.cues.note(ImapFault.REFUSED)
        if SmtpFault.REFUSED in step.smtp:
            with self._shut(self._yard.smtp.shut()):
                self._yard.smtp.cut_connections()
                self._round()
            self._note_refused_offers()

    @contextmanager
    def _shut(self, door: AbstractContextManager[None]) -> Iterator[None]:
        with door if self._lives.current is not None else nullcontext():
            yield

    def _note_refused_offers(self) -> None:
        """It was met only if something was to be sent just then."""
        with self._yard.database.read() as uow:
            waiting = uow.outbox.in_state(OutboxState.DEFERRED)
        if any(one.claimed_at == self._machine_clock and "connect" in (one.reason or "") for one in waiting):
            self._yard.smtp.cues.note(SmtpFault.REFUSED)

    # Truth

    def _collect(self) -> None:
        """Take down what the server took since, by the clock that the program goes by."""
        for mail in self._yard.smtp.server.mails[len(self._truth.accepted) :]:
            self._truth.accepted.append(Accepted.of(mail.recipients, mail.content, self._machine_clock))

    def _watch_offers(self) -> None:
        """Note the name of every mail that is read to its end and then dropped without an answer."""
        server = self._yard.smtp.server
        direct = server.director
        assert direct is not None

        def noting(connection: int, stage: Stage) -> Cue | None:
            cue = direct(connection, stage)
            if stage is Stage.DOT and cue is not None and cue.drop:
                for one in server._protocols:
                    if one.number == connection and one.envelope is not None:
                        content = bytes(one.envelope.original_content or b"")
                        name = Accepted.of((), content, self._world_clock).message_id
                        self._truth.unanswered.append(name)
            return cue

        server.director = noting

    # Judgment

    def _judge(self, pause: timedelta, *, last: bool = False) -> bool:
        """Let the world heal and the program come to rest, then look; whether anything is wrong."""
        self._heal()
        for _ in range(4):
            self._collect()
            self._world_clock += pause
            self._lives.order("clock", self._machine_clock)
            self._rest()
        # What the last round filed in the Sent folder is read by one more.
        self._round()
        found = judge(self._scene())
        if last:
            found += self._leftovers()
        self.outcome.violations += found
        self._journal.note("judged", step=self._plan.made, violations=[str(one) for one in found])
        return bool(found)

    def _heal(self) -> None:
        self._yard.imap.heal(keep_uidvalidity=True)
        self._yard.smtp.heal()
        life = self._lives.current
        if life is not None and life.threaded:
            self._lives.end()
        self._collect()
        self._skew = timedelta(0)
        self._begin(threaded=False)

    def _rest(self) -> None:
        """Rounds until one goes by without any trouble; a step of death may still be armed."""
        for _ in range(6):
            self._begin(threaded=False)
            report = self._round()
            if report is not None and not report.failures:
                return

    def _scene(self) -> Scene:
        with self._yard.database.read() as uow:
            believed = Believed.of(uow._connection)
        self.outcome.rows = Counter(f"{row['kind']} {row['state']}" for row in believed.to_buyers())
        return Scene(
            truth=self._truth,
            believed=believed,
            folders=self._yard.numbers(),
            now=self._machine_clock,
            starts_at=self._place.starts_at,
            timezone=self._place.timezone,
        )

    def _leftovers(self) -> list[Violation]:
        with self._yard.database.read() as uow:
            due = uow.outbox.due(self._machine_clock)
        return [Violation(Wrong.STUCK, f"{one.purpose} is due and is not sent ({one.reason})") for one in due]


def _jump(before: timedelta, after: timedelta) -> Clockwork:
    """What the machine's clock does when its error changes."""
    if not after:
        return Clockwork.RIGHT
    return Clockwork.FORWARD if after > before else Clockwork.BACK


def _brief(step: Step) -> dict[str, object]:
    """A step as the journal tells it."""
    return {
        "mails": [f"{one.tag} {one.sort}" for one in step.postings],
        "faults": [*step.imap, *step.smtp, *step.world],
        "deeds": [one.what for one in step.deeds],
        "death": step.death and f"{step.death} {step.die_at}",
        "skew": step.skew,
        "renumber": step.renumber,
        "threaded": step.threaded,
    }
