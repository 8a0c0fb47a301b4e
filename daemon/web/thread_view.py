"""The conversation of a case as its page shows it: what came, what left, what was decided, in order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from daemon.aftercare.feedback import IMPORTED
from daemon.showing.reader import clean, clean_lines
from daemon.showing.reasons import say_proof, say_reason
from daemon.words import KINDS, NOTES, OUTBOX_STATES, PROOFS, REFUSALS, SOURCES
from parsers.values import Authenticity, Kind
from state.model import DELAYED, AnswerSource
from state.outbox_rules import OutboxKind, OutboxState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from daemon.showing.reader import Reader
    from state.model import Answer, Case, Message, OutboxItem
    from state.steps import Step

LONGEST_LETTER = 20_000
"""Characters of one mail that the page shows; the rest is in the mail itself."""

LONGEST_HISTORY = 4_000
"""Characters of a quotation that the page shows: every mail of a long exchange quotes all before it."""

_OPEN_END = 4
"""Entries at the end of a long conversation that are never folded away."""

_MOST_UNFOLDED = 7

_LONG_CELL = 200
_FILES_NAMED = 20
_TOLD_FACTS = ("relayed", "found_in_junk", "look_back", "history", "automatic")
_LATE = ("届くまでに時間がかかりました", "was long on its way")
_OURS = {
    OutboxKind.ACKNOWLEDGMENT: ("受付確認 (自動)", "Acknowledgment (automatic)"),
    OutboxKind.APPROVED: ("返信", "Answer"),
    OutboxKind.INQUIRY: ("発送の委託先への問い合わせ", "Inquiry of the shipping agent"),
}
_NEVER_LEFT = frozenset({OutboxState.WITHDRAWN})
_LOUD_STATES = frozenset({OutboxState.UNCERTAIN, OutboxState.REFUSED})
_ELSEWHERE = frozenset({AnswerSource.SENT_MAIL, AnswerSource.COPY})


@dataclass(frozen=True, slots=True)
class Remark:
    """Something unusual about an entry, in a few words.

    Attributes:
        text: in the reader's language; strangers' words in it are cleaned.
        loud: a person should see it.
    """

    text: str
    loud: bool = False


@dataclass(frozen=True, slots=True)
class Undecided:
    """An outgoing mail of which nobody knows whether it left.

    Attributes:
        number: of the mail.
        attempts: how often it was offered; a decision is about the last time alone.
    """

    number: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was said or decided; strangers' words are printable and nothing else.

    Attributes:
        anchor: names its place on the page.
        side: ``theirs``, ``ours`` or ``notice-line``.
        at: when, in UTC.
        who: who said it, or what it is.
        what: what kind of thing it is, beside `who`.
        text: what was said, in its lines.
        instead: what is shown where there is no text.
        history: the mail that it quotes.
        files: names of what was attached.
        remarks: what is unusual about it.
        stars: of a rating.
        message: number of its mail, which can be downloaded; None where no mail brought it.
        undecided: the outgoing mail that a person has to decide about.
        waits: a person has yet to react.
        newest: it is the newest that waits.
    """

    anchor: str
    side: str
    at: datetime
    who: str = field(repr=False)
    what: str = ""
    text: str = field(default="", repr=False)
    instead: str = ""
    history: str = field(default="", repr=False)
    files: tuple[str, ...] = field(default=(), repr=False)
    remarks: tuple[Remark, ...] = ()
    stars: int | None = None
    message: int | None = None
    undecided: Undecided | None = None
    waits: bool = False
    newest: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation, oldest first.

    Attributes:
        earlier: what is folded away, because it is long past.
        recent: what is seen at once.
    """

    earlier: tuple[Entry, ...]
    recent: tuple[Entry, ...]

    @property
    def newest(self) -> Entry | None:
        """The newest that waits for a person."""
        return next((one for one in self.recent if one.newest), None)

    @property
    def long(self) -> bool:
        """One has to look for the newest."""
        return self.newest is not None and len(self.recent) >= _OPEN_END


@dataclass(frozen=True, slots=True)
class Said:
    """All that a conversation is made of.

    Attributes:
        case: the case.
        shop_name: signs what is ours.
        messages, outgoing, answers: of the case, each oldest first.
        notes: with the instant at which each was written.
        erased: the buyer was forgotten.
    """

    case: Case
    shop_name: str
    messages: Sequence[Message]
    outgoing: Sequence[OutboxItem]
    answers: Sequence[Answer]
    notes: Sequence[tuple[datetime, Step]]
    erased: bool = False


def thread_of(said: Said, reader: Reader) -> Thread:
    """The conversation, its long past folded away."""
    entries = sorted(_entries(said, reader), key=lambda one: one.at)
    waiting = [place for place, one in enumerate(entries) if one.waits]
    if waiting:
        entries[waiting[-1]] = replace(entries[waiting[-1]], newest=True)
    urgent = [place for place, one in enumerate(entries) if one.waits or one.undecided is not None]
    cut = min([len(entries) - _OPEN_END, *urgent]) if len(entries) > _MOST_UNFOLDED else 0
    return Thread(tuple(entries[:cut]), tuple(entries[cut:]))


def _entries(said: Said, reader: Reader) -> Iterator[Entry]:
    yield from (_message(one, said, reader) for one in said.messages)
    yield from (_mail(one, said, reader) for one in said.outgoing if _is_said(one))
    yield from (_answer(number, one, said, reader) for number, one in _answers_beside(said))
    yield from (_note(at, step, reader) for at, step in said.notes)


def _message(message: Message, said: Said, reader: Reader) -> Entry:
    written = message.kind is Kind.BUYER_MESSAGE
    kind = reader.word(KINDS, message.kind)
    name = clean(said.case.buyer_name) or reader.say("購入者", "Buyer")
    text = clean_lines(message.text[:LONGEST_LETTER])
    cut = (Remark(_cut_short(reader)),) if len(message.text) > LONGEST_LETTER else ()
    return Entry(
        anchor=f"message-{message.id}",
        side="theirs" if written else "notice-line",
        at=message.received_at,
        who=name if written else kind,
        text=text,
        instead=_nothing(said, reader),
        history=_history(message),
        files=_files(message, reader),
        remarks=(*cut, *_remarks(message, reader)),
        stars=said.case.rating if message.kind is Kind.FEEDBACK else None,
        message=message.id if message.place.folder else None,
        waits=message.unanswered,
    )


def _files(message: Message, reader: Reader) -> tuple[str, ...]:
    names = tuple(clean(one, _LONG_CELL) for one in message.attachments[:_FILES_NAMED])
    more = len(message.attachments) - len(names)
    return (*names, reader.say(f"ほか{more}件", f"and {more} more")) if more else names


def _nothing(said: Said, reader: Reader) -> str:
    return reader.say("(消去しました)", "(erased)") if said.erased else reader.say("(本文なし)", "(no text)")


def _cut_short(reader: Reader) -> str:
    return reader.say(
        "長いため途中までです。続きは元のメールにあります",
        "too long to be shown whole; the mail itself has the rest",
    )


def _history(message: Message) -> str:
    """What a mail quotes behind the buyer's own words; all of it where they cannot be told apart."""
    whole, own = message.full_text.strip(), message.text.strip()
    if not own or whole == own:
        return ""
    rest = whole.removeprefix(own).strip("\n")
    return clean_lines(rest[:LONGEST_HISTORY]) + ("…" if len(rest) > LONGEST_HISTORY else "")


def _remarks(message: Message, reader: Reader) -> Iterator[Remark]:
    proven = message.authenticity is Authenticity.PASS
    if not proven:
        why = f": {say_proof(message.proof, reader)}" if message.proof else ""
        loud = message.kind is not Kind.AGENT_REPLY
        yield Remark(reader.word(PROOFS, message.authenticity) + why, loud)
    yield from (Remark(reader.word(NOTES, one)) for one in _TOLD_FACTS if one in message.facts)
    if DELAYED in message.facts and message.place.folder:
        yield Remark(reader.say(*_LATE))
    if not message.place.folder and message.proof == IMPORTED:
        yield Remark(reader.say("評価レポートから", "from the feedback report"))
    if message.refusal and message.kind is Kind.BUYER_MESSAGE:
        why = reader.word(REFUSALS, message.refusal)
        yield Remark(reader.say(f"受付確認なし: {why}", f"no acknowledgment: {why}"))


def _is_said(item: OutboxItem) -> bool:
    """It went, may have gone, or is about to go to somebody outside the shop."""
    never_left = item.state in _NEVER_LEFT and item.claimed_at is None
    return item.kind.once and not never_left


def _mail(item: OutboxItem, said: Said, reader: Reader) -> Entry:
    sent = item.state is OutboxState.SENT
    unsettled = item.state is OutboxState.UNCERTAIN
    return Entry(
        anchor=f"mail-{item.id}",
        side="ours",
        at=item.sent_at or item.claimed_at or item.created_at,
        who=said.shop_name,
        what=reader.say(*_OURS[item.kind]),
        text=clean_lines(item.text[:LONGEST_LETTER]),
        instead=_nothing(said, reader) if said.erased else _not_written_yet(reader),
        remarks=() if sent and item.undelivered_at is None else (_standing(item, reader),),
        undecided=Undecided(item.id, item.attempts) if unsettled else None,
    )


def _not_written_yet(reader: Reader) -> str:
    return reader.say("(本文は送るときに作ります)", "(the text is written when it leaves)")


def _standing(item: OutboxItem, reader: Reader) -> Remark:
    if item.undelivered_at is not None:
        return Remark(reader.say("相手に届きませんでした", "did not reach them"), loud=True)
    why = f" — {say_reason(item.reason, reader)}" if item.reason else ""
    return Remark(reader.word(OUTBOX_STATES, item.state) + why, item.state in _LOUD_STATES)


def _answers_beside(said: Said) -> list[tuple[int, Answer]]:
    """What was answered or decided without a mail of ours."""
    kept = enumerate(said.answers, 1)
    return [(number, one) for number, one in kept if one.source is not AnswerSource.APPROVED]


def _answer(number: int, answer: Answer, said: Said, reader: Reader) -> Entry:
    mailed = answer.source in _ELSEWHERE
    failed = Remark(reader.say("届いていません", "did not arrive"), loud=True)
    return Entry(
        anchor=f"answer-{number}",
        side="ours" if mailed else "notice-line",
        at=answer.at,
        who=said.shop_name if mailed else reader.word(SOURCES, answer.source),
        what=reader.word(SOURCES, answer.source) if mailed else "",
        instead=_kept_elsewhere(reader) if mailed else "",
        remarks=(failed,) if answer.withdrawn else (),
    )


def _kept_elsewhere(reader: Reader) -> str:
    return reader.say(
        "本文はここにはありません。メールソフトの送信済みフォルダーでご覧ください。",
        "The text is not kept here; see the Sent folder of your mail program.",
    )


def _note(at: datetime, step: Step, reader: Reader) -> Entry:
    return Entry(
        anchor=f"note-{step.id}",
        side="notice-line",
        at=at,
        who=reader.say("メモ", "Note"),
        what=reader.say("店の中だけ", "for the shop alone"),
        text=clean_lines(step.detail),
        instead=reader.say("(消去しました)", "(erased)"),
    )
