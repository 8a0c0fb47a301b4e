"""What was said in a case, as the commands show it: the buyer's words and our mails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.aftercare.feedback import IMPORTED
from daemon.showing.reader import clean, clean_lines, indented
from daemon.showing.reasons import say_proof, say_reason
from daemon.words import KINDS, OUTBOX_KINDS, OUTBOX_STATES, PROOFS, REFUSALS
from parsers.values import Authenticity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.showing.reader import Reader
    from state.model import Message, OutboxItem

_LONG_CELL = 200


def message_lines(message: Message, reader: Reader) -> Iterator[str]:
    """One mail that came."""
    kind = reader.word(KINDS, message.kind)
    yield f"▼ {reader.moment(message.received_at)} {kind} ({_origin(message, reader)})"
    if message.authenticity is not Authenticity.PASS and message.proof:
        yield f"  {reader.say('未確認の理由', 'not proven')}: {say_proof(message.proof, reader)}"
    yield indented(clean_lines(message.text) or reader.say("(本文なし)", "(no text)"))
    if message.attachments:
        names = ", ".join(clean(name) for name in message.attachments)
        yield f"  {reader.say('添付', 'attached')}: {names}"
    if message.refusal:
        yield f"  {reader.say('受付確認なし', 'no acknowledgment')}: {reader.word(REFUSALS, message.refusal)}"
    if message.unanswered:
        yield f"  {reader.say('未回答', 'unanswered')}"


def _origin(message: Message, reader: Reader) -> str:
    """Whether a mail is proven; of what no mail brought, how it came here."""
    if message.place.folder:
        return reader.word(PROOFS, message.authenticity)
    if message.proof == IMPORTED:
        return reader.say("評価レポート", "feedback report")
    return reader.say("手入力", "by hand")


def outgoing_lines(item: OutboxItem, reader: Reader) -> Iterator[str]:
    """One mail of ours, sent or not."""
    at = item.sent_at or item.claimed_at or item.created_at
    words = f"{reader.word(OUTBOX_KINDS, item.kind)}: {reader.word(OUTBOX_STATES, item.state)}"
    reason = f" — {say_reason(item.reason, reader)}" if item.reason else ""
    yield f"  {item.id}  {reader.moment(at)} {words}{reason}"
    if item.text:
        yield indented(clean_lines(item.text), "      ")


def mail_lines(*, sender: str, recipient: str, subject: str, text: str, reader: Reader) -> Iterator[str]:
    """A mail as it is about to leave, for a person who decides about it; the sender if it is not empty."""
    facts = ((("宛先", "To"), recipient), (("差出人", "From"), sender), (("件名", "Subject"), subject))
    yield from (f"{reader.say(*label)}: {clean(value, _LONG_CELL)}" for label, value in facts if value)
    yield indented(clean_lines(text))
