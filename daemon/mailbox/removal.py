"""Removing one mail of our own, and never any other: UID STORE, then UID EXPUNGE (RFC 4315)."""

from __future__ import annotations

import imaplib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imapclient import DELETED

from daemon.identifiers import content_digest
from daemon.mailbox.searching import ask_for_news
from daemon.ports import TakenBack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imapclient import IMAPClient

    from daemon.ports import Appended

LARGEST = 1_000_000
"""Bytes; ours are small, so a larger mail is not ours any more and is not fetched."""

_ATTEMPTS = 3
"""How often the flag is tried if others change the mail's flags in the same instant."""

_DELETED = DELETED.decode()
_FLAGS, _SIZE, _MODSEQ, _BODY = b"FLAGS", b"RFC822.SIZE", b"MODSEQ", b"BODY[]"


@dataclass(frozen=True, slots=True)
class OpenFolder:
    """A folder that was opened in order to remove a mail.

    Attributes:
        client: the connection that has it open.
        uidvalidity: of the folder.
        items: what to ask of a mail.
        removable: whether the server can remove exactly one mail.
        at_once: whether the server removes what is flagged, as Gmail does unless its owner changed that.
    """

    client: IMAPClient
    uidvalidity: int
    items: tuple[str, ...]
    removable: bool
    at_once: bool

    def look(self, uid: int) -> _Look | None:
        """What lies there; None if nothing does."""
        answer = self.client.fetch([uid], self.items).get(uid, {})
        # A change of flags that the server reports by itself may bear another mail's number, but has no size.
        if _SIZE not in answer:
            return None
        modseq = answer.get(_MODSEQ, (None,))[0]
        return _Look(int(answer[_SIZE]), DELETED in answer.get(_FLAGS, ()), modseq)

    def content(self, uid: int) -> bytes | None:
        """The whole mail, without marking it as read."""
        body = self.client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(_BODY)
        return body if isinstance(body, bytes) else None

    def ask(self, verb: str, uid: int, *words: str) -> tuple[bool, bytes]:
        """Whether the server does that to the mail, and what it says; a refusal is no failure."""
        # imapclient's own ways lose what stands behind the OK.
        imap = self.client._imap  # noqa: SLF001 - see above
        try:
            kind, data = imap._simple_command("UID", verb, str(uid), *words)  # noqa: SLF001 - likewise
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            return False, b""
        return kind == "OK", data[-1] or b""


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen of a mail.

    Attributes:
        size: in bytes.
        deleted: whether it is flagged as deleted.
        modseq: which change of the folder changed its flags last (RFC 7162), if the server says so.
    """

    size: int
    deleted: bool
    modseq: int | None


def open_for_removal(client: IMAPClient, folder: str, capabilities: frozenset[str]) -> OpenFolder:
    """Open a folder for writing if that is of any use, else for reading."""
    removable, answer = "UIDPLUS" in capabilities, None
    if removable:
        try:
            answer = client.select_folder(folder)
        except imaplib.IMAP4.readonly:
            removable = False
    return _opened(client, answer or client.select_folder(folder, readonly=True), capabilities, removable)


def _opened(
    client: IMAPClient,
    answer: Mapping[bytes, Any],
    capabilities: frozenset[str],
    removable: bool,
) -> OpenFolder:
    # Dovecot does not tell HIGHESTMODSEQ before it was asked; NOMODSEQ means that it never will (RFC 7162).
    counted = "CONDSTORE" in capabilities and b"NOMODSEQ" not in answer
    items = ("FLAGS", "RFC822.SIZE", *(("MODSEQ",) if counted else ()))
    return OpenFolder(client, answer[b"UIDVALIDITY"], items, removable, "X-GM-EXT-1" in capabilities)


def remove_untouched(folder: OpenFolder, place: Appended, digest: str) -> TakenBack:
    """Remove that mail if it lies there with that content and nobody has flagged it as deleted."""
    if folder.uidvalidity != place.uidvalidity:
        return TakenBack.GONE
    seen = folder.look(place.uid)
    if seen is None or seen.deleted:
        return TakenBack.GONE
    if seen.size > LARGEST:
        return TakenBack.CHANGED
    content = folder.content(place.uid)
    if content is None:
        return TakenBack.GONE
    if content_digest(content) != digest:
        return TakenBack.CHANGED
    return _remove(folder, place.uid, seen) if folder.removable else TakenBack.KEPT


def _remove(folder: OpenFolder, uid: int, seen: _Look | None) -> TakenBack:
    for _ in range(_ATTEMPTS):
        if seen is None or seen.deleted:
            return TakenBack.GONE
        accepted, words = folder.ask("STORE", uid, *_unchanged_since(seen), "+FLAGS.SILENT", f"({_DELETED})")
        if b"[EXPUNGEISSUED" in words.upper():
            # RFC 5530: another client has removed it, though this connection is still shown it.
            return TakenBack.GONE
        overtaken = b"[MODIFIED" in words.upper()
        # A server may go on showing what another client has removed, until it can tell us.
        ask_for_news(folder.client)
        seen = folder.look(uid)
        if not overtaken:
            return _expunge(folder, uid, seen) if accepted else _left(seen)
    return _left(seen)


def _unchanged_since(seen: _Look) -> tuple[str, ...]:
    """With CONDSTORE only one of two who flag the mail at the same time succeeds, so each knows who did."""
    return () if seen.modseq is None else (f"(UNCHANGEDSINCE {seen.modseq})",)


def _expunge(folder: OpenFolder, uid: int, seen: _Look | None) -> TakenBack:
    """Remove the mail that we have flagged; whether it is still there was looked at after that."""
    if seen is None:
        return TakenBack.REMOVED if folder.at_once else TakenBack.GONE
    if not seen.deleted:
        return TakenBack.KEPT
    accepted, _ = folder.ask("EXPUNGE", uid)
    if folder.look(uid) is None:
        return TakenBack.REMOVED if accepted else TakenBack.GONE
    folder.ask("STORE", uid, "-FLAGS.SILENT", f"({_DELETED})")
    return TakenBack.KEPT


def _left(seen: _Look | None) -> TakenBack:
    return TakenBack.GONE if seen is None or seen.deleted else TakenBack.KEPT
