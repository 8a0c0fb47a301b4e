"""Judges a soak: compares what the program believes with what really happened.

It trusts neither rules nor queries of the program to do so, only the tables themselves.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from state import tables
from tests.soak.story import Fate, Sort
from tests.soak.truth import Accepted, Truth, tag_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, RowMapping

    from tests.soak.story import Posting

COOL_DOWN = timedelta(hours=12)
_SLOTS = ("12:00", "17:00", "19:30", "20:00")
_LAST_CALL = timedelta(hours=1)
_DROPPED = "person drops"


class Wrong(StrEnum):
    """What a soak must not show."""

    LOST = "lost"
    DOUBLED = "doubled"
    MISDIRECTED = "wrong address"
    UNLISTED = "uncertain and not listed"
    UNTOLD = "alert not decided"
    STUCK = "left in the middle of sending"
    CURSOR = "cursor in the wrong place"
    UNTRUE = "recorded what did not happen"
    LEAK = "memory, files or threads grow"
    HANGS = "does not end or does not start"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that must not be."""

    what: Wrong
    sentence: str

    def __str__(self) -> str:
        return f"{self.what}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Believed:
    """Everything that the program has stored, at one instant."""

    rows: Mapping[str, Sequence[RowMapping]]

    @classmethod
    def of(cls, connection: Connection) -> Believed:
        """Read every table that the judgment needs."""
        wanted = (
            tables.case, tables.message, tables.raw_mail, tables.outbox, tables.quarantine, tables.notice,
            tables.alert, tables.answer, tables.event, tables.cursor,
        )  # fmt: skip
        return cls({one.name: connection.execute(one.select()).mappings().all() for one in wanted})

    def all(self, table: Any) -> Sequence[RowMapping]:
        """The rows of a table."""
        return self.rows[table.name]

    @property
    def cases(self) -> dict[int, RowMapping]:
        """The cases by number."""
        return {row["id"]: row for row in self.all(tables.case)}

    def stored(self, truth: Truth) -> dict[str, list[RowMapping]]:
        """The messages of cases by the mark of the mail that each was made of."""
        marks, tags = truth.marks(), {}
        for row in self.all(tables.raw_mail):
            tags[row["message"]] = tag_of(zlib.decompress(row["content"]))
        found: dict[str, list[RowMapping]] = defaultdict(list)
        for row in self.all(tables.message):
            found[marks.get(tags.get(row["id"]) or "", "unknown")].append(row)
        return found

    def quarantined(self) -> dict[str, RowMapping]:
        """The mails in quarantine, by tag."""
        rows = self.all(tables.quarantine)
        return {tag: row for row in rows if (tag := tag_of(zlib.decompress(row["content"])))}

    def to_buyers(self) -> list[RowMapping]:
        """The rows of the outbox that go to buyers."""
        return [row for row in self.all(tables.outbox) if row["kind"] in {"acknowledgment", "approved"}]


@dataclass(frozen=True, slots=True)
class Numbers:
    """How a folder is numbered.

    Attributes:
        uidvalidity: of the folder.
        highest: the highest UID that a mail has; a person may have moved the last one away.
        uidnext: the next UID.
    """

    uidvalidity: int
    highest: int
    uidnext: int


@dataclass(frozen=True, slots=True)
class Scene:
    """What a judgment is made of.

    Attributes:
        truth: what happened.
        believed: what the program has stored.
        folders: of every watched folder, as the server itself says.
        now: the machine's clock.
        starts_at: when the program was first started.
        timezone: of the shop.
    """

    truth: Truth
    believed: Believed
    folders: Mapping[tuple[str, str], Numbers]
    now: datetime
    starts_at: datetime
    timezone: str


def judge(scene: Scene) -> list[Violation]:
    """Everything that is wrong."""
    return [found for look in LOOKS for found in look(scene)]


# Lost


def look_for_lost(scene: Scene) -> Iterator[Violation]:
    """Every mail became what it had to become, once."""
    stored, quarantined = scene.believed.stored(scene.truth), scene.believed.quarantined()
    for mark, postings in scene.truth.postings().items():
        rows = stored.get(mark, [])
        kept = next((quarantined[one.tag] for one in postings if one.tag in quarantined), None)
        yield from _FATES[postings[0].fate](postings[0], rows, kept)


def _must_be_stored(
    posting: Posting, rows: Sequence[RowMapping], kept: RowMapping | None
) -> Iterator[Violation]:
    if not rows and not (kept is not None and kept["word"] == "failed" and kept["reason"]):
        yield Violation(Wrong.LOST, f"{posting.sort} {posting.mark} is in no case and not in quarantine")
    if len(rows) > 1:
        yield Violation(Wrong.DOUBLED, f"{posting.sort} {posting.mark} is {len(rows)} messages")


def _must_be_kept(
    posting: Posting, rows: Sequence[RowMapping], kept: RowMapping | None
) -> Iterator[Violation]:
    if not rows and kept is None:
        yield Violation(Wrong.LOST, f"{posting.sort} {posting.mark} is in no case and not in quarantine")
    if len(rows) > 1:
        yield Violation(Wrong.DOUBLED, f"{posting.sort} {posting.mark} is {len(rows)} messages")


def _must_be_quarantined(
    posting: Posting, rows: Sequence[RowMapping], kept: RowMapping | None
) -> Iterator[Violation]:
    if rows:
        yield Violation(Wrong.MISDIRECTED, f"{posting.sort} {posting.mark} stands in a case")
    if kept is None:
        yield Violation(Wrong.LOST, f"{posting.sort} {posting.mark} is not in quarantine")
    elif not kept["reason"]:
        yield Violation(Wrong.LOST, f"{posting.sort} {posting.mark} is in quarantine without a reason")


def _must_be_in_no_case(posting: Posting, rows: Sequence[RowMapping], _kept: object) -> Iterator[Violation]:
    if rows:
        yield Violation(Wrong.MISDIRECTED, f"{posting.sort} {posting.mark} stands in a case")


def _must_be_nowhere(
    posting: Posting, rows: Sequence[RowMapping], kept: RowMapping | None
) -> Iterator[Violation]:
    if rows or kept is not None:
        yield Violation(
            Wrong.MISDIRECTED, f"{posting.sort} {posting.mark} was stored, and is nobody's business"
        )


def _may_be_anything(posting: Posting, rows: Sequence[RowMapping], _kept: object) -> Iterator[Violation]:
    if len(rows) > 1:
        yield Violation(Wrong.DOUBLED, f"{posting.sort} {posting.mark} is {len(rows)} messages")


_FATES: dict[Fate, Callable[..., Iterator[Violation]]] = {
    Fate.STORED: _must_be_stored,
    Fate.KEPT: _must_be_kept,
    Fate.QUARANTINED: _must_be_quarantined,
    Fate.NO_CASE: _must_be_in_no_case,
    Fate.NOWHERE: _must_be_nowhere,
    Fate.FREE: _may_be_anything,
}


def look_at_messages(scene: Scene) -> Iterator[Violation]:
    """Every buyer's message stands in the case of its own matter, believed as far as it was proven."""
    cases, stored = scene.believed.cases, scene.believed.stored(scene.truth)
    for mark, postings in scene.truth.postings().items():
        whose = postings[0].conversation
        for row in stored.get(mark, []) if whose else []:
            assert whose is not None
            if cases[row["case_id"]]["alias"] != whose.alias:
                yield Violation(Wrong.MISDIRECTED, f"{mark} stands in the case of another buyer")
            if postings[0].sort is Sort.UNPROVEN and row["authenticity"] != _proof_of(postings):
                yield Violation(Wrong.UNTRUE, f"{mark} is held to be proven: {row['authenticity']}")
    # No case lives long enough here to be closed, unless it was history from the beginning.
    alive = [row for row in scene.believed.all(tables.case) if row["state"] != "closed"]
    by_alias = Counter(row["alias"] for row in alive if row["alias"])
    for alias, number in by_alias.items():
        if number > 1:
            yield Violation(Wrong.DOUBLED, f"{number} cases are about {alias}")


def _proof_of(postings: Sequence[Posting]) -> str:
    return "pass" if any(one.sort is Sort.PROVEN_LATER for one in postings) else "none"


def look_at_refusals(scene: Scene) -> Iterator[Violation]:
    """Every message that was not acknowledged has a named reason, and the reason is true."""
    outbox = defaultdict(list)
    for row in scene.believed.to_buyers():
        outbox[row["case_id"]].append(row)
    buyers = Counter(
        row["buyer_key"] for row in scene.believed.to_buyers() if row["kind"] == "acknowledgment"
    )
    answered = {row["case_id"] for row in scene.believed.all(tables.answer)}
    cases, stored = scene.believed.cases, scene.believed.stored(scene.truth)
    for mark, postings in scene.truth.postings().items():
        concerned = postings[0].conversation and postings[0].sort is not Sort.HISTORY
        for row in stored.get(mark, []) if concerned else []:
            acknowledged = any(one["kind"] == "acknowledgment" for one in outbox[row["case_id"]])
            true = {
                None: acknowledged,
                "already_acknowledged": acknowledged,
                "already_answered": row["case_id"] in answered,
                "cool_down": buyers[cases[row["case_id"]]["buyer_key"]] > 0,
                "automatic": postings[0].sort is Sort.AUTOMATIC,
                "thanks": postings[0].sort is Sort.THANKS,
                "not_proven": postings[0].sort is Sort.UNPROVEN,
                "forged": False,
            }
            if not true.get(row["refusal"], True):
                why = row["refusal"] or "nothing"
                yield Violation(Wrong.LOST, f"{postings[0].sort} {mark} is not acknowledged because of {why}")


def look_at_answers(scene: Scene) -> Iterator[Violation]:
    """An answer that the owner sent from another program answers its case, or the owner is asked."""
    known = {row["reference"] for row in scene.believed.all(tables.answer)}
    asked = {row["case_id"] for row in scene.believed.all(tables.event) if row["action"] == "to_confirm"}
    cases = {row["alias"]: row for row in scene.believed.all(tables.case) if row["state"] != "closed"}
    begun: dict[int, datetime] = {}
    for row in scene.believed.all(tables.message):
        begun[row["case_id"]] = min(row["received_at"], begun.get(row["case_id"], row["received_at"]))
    for name, whose, at in scene.truth.answers:
        case = cases.get(whose.alias)
        if case is None or case["id"] in asked or f"sent:{name}" in known:
            continue
        if begun[case["id"]] < at - timedelta(minutes=1):
            yield Violation(Wrong.LOST, f"the owner's answer {name} counts for nothing")


# What left


def look_for_doubled(scene: Scene) -> Iterator[Violation]:
    """Nothing left twice, no buyer got two acknowledgments for a matter or within the cool-down."""
    truth = scene.truth
    for name, times in Counter(one.message_id for one in truth.to_buyers()).items():
        if times > 1:
            yield Violation(Wrong.DOUBLED, f"{name} left {times} times")
    automatic = [one for one in truth.to_buyers() if one.automatic]
    for (alias,), times in Counter(one.recipients for one in automatic).items():
        if times > 1:
            yield Violation(Wrong.DOUBLED, f"{alias} got {times} acknowledgments")
    yield from _within_cool_down(automatic)
    yield from _drafts_that_left_twice(scene)


def _within_cool_down(automatic: Sequence[Accepted]) -> Iterator[Violation]:
    """Judged by the machine's clock: while that is wrong the program cannot know better."""
    last: dict[str, Accepted] = {}
    for one in automatic:
        buyer = one.recipients[0].partition("+")[0]
        before = last.get(buyer)
        if before is not None and abs(one.at - before.at) < COOL_DOWN:
            gap = one.at - before.at
            yield Violation(Wrong.DOUBLED, f"{buyer} got two acknowledgments within {gap}")
        last[buyer] = one


def _drafts_that_left_twice(scene: Scene) -> Iterator[Violation]:
    """An approved text goes once, whatever rows it passed through."""
    taken = Counter(one.message_id for one in scene.truth.to_buyers())
    drafts: Counter[int] = Counter()
    for row in scene.believed.to_buyers():
        if row["draft_id"] is not None:
            drafts[row["draft_id"]] += min(1, taken[row["message_id"]])
    for draft, times in drafts.items():
        if times > 1:
            yield Violation(Wrong.DOUBLED, f"the text of draft {draft} left {times} times")


def look_for_misdirected(scene: Scene) -> Iterator[Violation]:
    """Every recipient is the owner, or the very buyer whose message is answered."""
    writable = scene.truth.writable()
    aliases = {
        one.posting.mark: one.posting.conversation.alias
        for one in scene.truth.delivered
        if one.posting.conversation
    }
    cases = {row["id"]: row["alias"] for row in scene.believed.all(tables.case)}
    rows = {row["message_id"]: row for row in scene.believed.to_buyers()}
    for one in scene.truth.to_buyers():
        (to,) = one.recipients
        row = rows.get(one.message_id)
        meant = cases.get(row["case_id"]) if row else None
        answered = aliases.get(one.replies_to or "", to)
        if to != meant or to != answered or (one.automatic and to not in writable):
            yield Violation(Wrong.MISDIRECTED, f"{one.message_id} went to {to}, meant for {meant}")


# What is written down


def look_for_unlisted(scene: Scene) -> Iterator[Violation]:
    """What left is recorded as sent or as uncertain, what is uncertain is told, nothing else is claimed."""
    told = {row["key"]: row["told_at"] for row in scene.believed.all(tables.notice)}
    taken = Counter(one.message_id for one in scene.truth.to_buyers())
    doubtful, resent = set(scene.truth.unanswered), _resent(scene)
    for row in scene.believed.to_buyers():
        name, state = row["message_id"], row["state"]
        given_up = state == "withdrawn" and row["reason"] == _DROPPED
        if taken[name] and state not in {"sent", "uncertain"} and not given_up:
            yield Violation(Wrong.UNLISTED, f"{name} left and is {state}")
        if state == "sent" and not taken[name]:
            yield Violation(Wrong.UNTRUE, f"{name} is called sent and never left")
        if name in doubtful and state in {"deferred", "refused"} and name not in resent:
            yield Violation(Wrong.UNLISTED, f"nobody can know of {name} and it is {state}")
        if state == "uncertain" and told.get(f"uncertain:{row['id']}:{row['attempts']}") is None:
            yield Violation(Wrong.UNLISTED, f"{name} is uncertain and nobody was told")
        if state == "sending":
            yield Violation(Wrong.STUCK, f"{name} is still being sent")
    names = {row["message_id"] for row in scene.believed.to_buyers()}
    for name in taken:
        if name not in names:
            yield Violation(Wrong.UNLISTED, f"{name} left and no row knows it")


def _resent(scene: Scene) -> set[str]:
    """The mails that a person offered once more, knowing that they had not left."""
    cases = {row["case_id"] for row in scene.believed.all(tables.event) if row["action"] == "person_resends"}
    return {row["message_id"] for row in scene.believed.to_buyers() if row["case_id"] in cases}


def look_for_untold(scene: Scene) -> Iterator[Violation]:
    """Every event was told, the latest daily alert was decided, and every last call was made."""
    for row in scene.believed.all(tables.notice):
        if row["told_at"] is None:
            yield Violation(Wrong.UNTOLD, f"{row['word']} was never told ({row['key']})")
    decided = {row["key"] for row in scene.believed.all(tables.alert)}
    left = {one.message_id for one in scene.truth.accepted}
    slot, due_at = latest_slot(scene.now, scene.timezone)
    if due_at > scene.starts_at and slot not in decided:
        yield Violation(Wrong.UNTOLD, f"{slot} was never decided")
    for row in scene.believed.all(tables.message):
        waits = row["wants_answer"] and row["answered_at"] is None and row["amazon_by"] is not None
        if waits and row["amazon_by"] - _LAST_CALL <= scene.now and f"1h:{row['id']}" not in decided:
            yield Violation(Wrong.UNTOLD, f"the last call of message {row['id']} was never made")
    for row in scene.believed.all(tables.outbox):
        if row["kind"] == "alert" and row["state"] == "sending":
            yield Violation(Wrong.STUCK, f"alert {row['purpose']} is still being sent")
        if row["kind"] == "alert" and row["state"] == "sent" and row["message_id"] not in left:
            yield Violation(Wrong.UNTRUE, f"alert {row['purpose']} is called sent and never left")


def latest_slot(now: datetime, timezone: str) -> tuple[str, datetime]:
    """The daily alert that came due last, reckoned here once more."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    found = []
    for day in (today - timedelta(days=1), today):
        for label in _SLOTS:
            local = datetime.fromisoformat(f"{day}T{label}").replace(tzinfo=zone)
            found.append((f"slot:{day}:{label}", local))
    return max((one for one in found if one[1] <= now), key=lambda one: one[1])


def look_at_cursors(scene: Scene) -> Iterator[Violation]:
    """Every folder was read to its end and not beyond."""
    known = {(row["mailbox"], row["folder"]): row for row in scene.believed.all(tables.cursor)}
    for place, numbers in scene.folders.items():
        row = known.get(place)
        if row is None:
            yield Violation(Wrong.CURSOR, f"{place} was never opened")
            continue
        if not numbers.highest:
            # Where no mail lies there is nothing to stand behind, and the next look finds out by itself.
            continue
        fits = numbers.highest <= row["last_uid"] < max(numbers.uidnext, 1)
        if row["uidvalidity"] != numbers.uidvalidity or not fits:
            here = f"{row['uidvalidity']}:{row['last_uid']}"
            yield Violation(Wrong.CURSOR, f"{place} is at {here}, and the folder is {numbers}")


LOOKS = (
    look_for_lost,
    look_at_messages,
    look_at_refusals,
    look_at_answers,
    look_for_doubled,
    look_for_misdirected,
    look_for_unlisted,
    look_for_untold,
    look_at_cursors,
)
"""Every way of looking for what must not be, in the order in which it is told."""
