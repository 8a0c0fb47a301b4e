"""Reading heads and whole mails in batches, without marking anything as read."""

from __future__ import annotations

import imaplib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from daemon.errors import MailboxUnavailable
from daemon.mailbox.abridging import LARGE, NotHandedOutError
from daemon.mailbox.failures import scrubbed
from daemon.ports import MailBody, MailHead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from imapclient import IMAPClient

HEADS = 500
"""Heads in one FETCH; larger batches are no faster, and the command stays below 8,000 bytes."""

BODIES = 50
BODY_BYTES = 4_000_000
"""Whole mails in one FETCH: so many, or so many bytes, but always at least one."""

SECTIONS = 100
"""Sections of one mail in one FETCH; the command stays below 8,000 bytes."""

UNDATED = datetime(2999, 1, 1, tzinfo=UTC)
"""Stands for an arrival that the server cannot tell, so that the mail's own date, being earlier, counts."""

_SIZE = b"RFC822.SIZE"
_DATE = b"INTERNALDATE"
_BODY = b"BODY[]"
_STRUCTURE = b"BODYSTRUCTURE"
_NONSENSE = (imaplib.IMAP4.error, ValueError, LookupError, TypeError, AttributeError, RecursionError)


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


def fetch_bodies(
    client: IMAPClient,
    uids: Sequence[int],
    sizes: Mapping[int, int],
    abridged: Callable[[int], bytes | None],
) -> Iterator[MailBody]:
    """The mails one after the other, large ones abridged; vanished mails are absent.

    Args:
        client: a connection with an open folder.
        uids: which mails.
        sizes: bytes of each mail as far as they are known; the others are asked for.
        abridged: hands out a large mail; None if it vanished.

    Raises:
        MailboxUnavailable: the server answers with nothing in the place of a mail that has a size. It may do
            so for a mail that has just vanished (RFC 2180, 4.1.3), which shows in a new connection.
    """
    for batch in _batches(uids, HEADS):
        known = _with_sizes(client, batch, sizes)
        for group in _groups(batch, known):
            if known.get(group[0], 0) > LARGE:
                content = abridged(group[0])
                yield from () if content is None else (MailBody(group[0], content),)
            else:
                yield from _bodies_of(client.fetch(group, ["BODY.PEEK[]"]), known)


def _bodies_of(answers: Mapping[int, Mapping[bytes, Any]], sizes: Mapping[int, int]) -> Iterator[MailBody]:
    for uid, answer in answers.items():
        if _BODY not in answer:
            # Flags that the server told unasked.
            continue
        content = answer[_BODY] if isinstance(answer[_BODY], bytes) else b""
        if not content and sizes.get(uid) != 0:
            raise MailboxUnavailable("The server has nothing in the place of a mail; connect anew.")
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
    if unknown:
        answers = client.fetch(unknown, [_SIZE.decode()])
        known |= {uid: int(answer[_SIZE]) for uid, answer in answers.items() if _SIZE in answer}
    return known


def _groups(uids: Iterable[int], sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """Split so that no group is long or heavy; a large mail, which is abridged, is alone."""
    group: list[int] = []
    weight = 0
    for uid in uids:
        size = sizes.get(uid, 0)
        alone = max(size, sizes.get(group[0], 0) if group else 0) > LARGE
        if group and (alone or len(group) == BODIES or weight + size > BODY_BYTES):
            yield group
            group, weight = [], 0
        group.append(uid)
        weight += size
    if group:
        yield group


class MailOnServer:
    """One mail of the open folder, section by section; see `daemon.mailbox.abridging.Source`."""

    def __init__(self, client: IMAPClient, uid: int) -> None:
        self._client = client
        self._uid = uid

    def structure(self) -> object:
        """What the server says that the mail consists of; None if it vanished."""
        answer = self._asked(["BODYSTRUCTURE"])
        if answer is None:
            return None
        if answer.get(_STRUCTURE) is None:
            raise NotHandedOutError
        return answer[_STRUCTURE]

    def sections(self, wanted: Mapping[str, int]) -> dict[str, bytes]:
        """Sections of the mail, each cut at a number of bytes."""
        found: dict[str, bytes] = {}
        names = list(wanted)
        for start in range(0, len(names), SECTIONS):
            batch = names[start : start + SECTIONS]
            answer = self._asked([f"BODY.PEEK[{name}]<0.{wanted[name]}>" for name in batch])
            if answer is None:
                return {}
            found |= {name: _section(answer, name) for name in batch}
        return found

    def _asked(self, items: Sequence[str]) -> Mapping[bytes, Any] | None:
        """The answer for this mail; None if there is none.

        Raises:
            NotHandedOutError: the server refuses or answers nonsense, yet the dialogue goes on.
        """
        try:
            answers: Mapping[int, Mapping[bytes, Any]] = self._client.fetch([self._uid], items)
        except imaplib.IMAP4.abort:
            raise
        except _NONSENSE as failure:
            if _is_out_of_step(self._client):
                raise
            raise NotHandedOutError from scrubbed(failure)
        return answers.get(self._uid)


def _section(answer: Mapping[bytes, Any], name: str) -> bytes:
    """One section; servers may spell what stands behind its name in ways of their own."""
    key = f"BODY[{name}]".encode()
    found = next((value for told, value in answer.items() if told.startswith(key)), None)
    return found if isinstance(found, bytes) else b""


def _is_out_of_step(client: IMAPClient) -> bool:
    """Whether an answer was not read to its end: imaplib forgets a command only when that is done."""
    waiting = client._imap.tagged_commands  # noqa: SLF001 - there is no public way
    return None in waiting.values()
