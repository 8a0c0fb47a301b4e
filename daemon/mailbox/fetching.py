"""Reading heads and whole mails in batches, without marking anything as read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from daemon.ports import MailBody, MailHead

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from imapclient import IMAPClient

HEADS = 500
"""Heads in one FETCH; larger batches are no faster, and the command stays below 8,000 bytes."""

BODIES = 50
BODY_BYTES = 4_000_000
"""Whole mails in one FETCH: so many, or so many bytes, but always at least one."""

UNDATED = datetime(2999, 1, 1, tzinfo=UTC)
"""Stands for an arrival that the server cannot tell, so that the mail's own date, being earlier, counts."""

_SIZE = b"RFC822.SIZE"
_DATE = b"INTERNALDATE"
_BODY = b"BODY[]"


def fetch_heads(client: IMAPClient, uids: Sequence[int], fields: Sequence[str]) -> list[MailHead]:
    """The named header fields of these mails, in the order asked for; vanished mails are absent."""
    items = [_DATE.decode(), _SIZE.decode()]
    if fields:
        items.append(f"BODY.PEEK[HEADER.FIELDS ({' '.join(fields)})]")
    heads = (
        _head(uid, answer)
        for batch in _batches(uids, HEADS)
        # A list of numbers: imapclient fails on ranges after the whole transfer.
        for uid, answer in client.fetch(batch, items).items()
        if _SIZE in answer
    )
    return list(heads)


def fetch_bodies(client: IMAPClient, uids: Sequence[int], sizes: Mapping[int, int]) -> Iterator[MailBody]:
    """The whole mails one after the other; vanished mails are absent.

    Args:
        client: a connection with an open folder.
        uids: which mails.
        sizes: bytes of each mail as far as they are known; the others are asked for.
    """
    for batch in _batches(uids, HEADS):
        known = _with_sizes(client, batch, sizes)
        for group in _groups(batch, known):
            answers = client.fetch(group, ["BODY.PEEK[]"])
            yield from _bodies_of(answers)


def _bodies_of(answers: Mapping[int, Mapping[bytes, Any]]) -> Iterator[MailBody]:
    for uid, answer in answers.items():
        content = answer.get(_BODY)
        if isinstance(content, bytes):
            yield MailBody(uid, content)


def _head(uid: int, answer: Mapping[bytes, Any]) -> MailHead:
    # Servers spell the section in ways of their own; only one was asked for.
    headers = next((value for key, value in answer.items() if key.startswith(b"BODY[HEADER")), None)
    arrived_at = answer.get(_DATE)
    return MailHead(
        uid=uid,
        internal_date=arrived_at.astimezone(UTC) if arrived_at else UNDATED,
        size=int(answer[_SIZE]),
        headers=headers or b"",
    )


def _batches(uids: Sequence[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(uids), size):
        yield list(uids[start : start + size])


def _with_sizes(client: IMAPClient, uids: Sequence[int], sizes: Mapping[int, int]) -> dict[int, int]:
    known = {uid: sizes[uid] for uid in uids if uid in sizes}
    unknown = [uid for uid in uids if uid not in known]
    # One mail, or a few, are one group anyway; only a real batch is worth the question.
    if len(unknown) > 1:
        answers = client.fetch(unknown, [_SIZE.decode()])
        known |= {uid: int(answer[_SIZE]) for uid, answer in answers.items() if _SIZE in answer}
    return known


def _groups(uids: Iterable[int], sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """Split so that no group is long or heavy; a mail that is heavy alone is alone."""
    group: list[int] = []
    weight = 0
    for uid in uids:
        size = sizes.get(uid, 0)
        if group and (len(group) == BODIES or weight + size > BODY_BYTES):
            yield group
            group, weight = [], 0
        group.append(uid)
        weight += size
    if group:
        yield group
