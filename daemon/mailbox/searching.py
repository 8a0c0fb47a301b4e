"""Finding UIDs: one SEARCH for what is new, windows for what was never read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imapclient import IMAPClient

WINDOW = 80_000
"""Mails that one SEARCH may answer with: at ten digits each they stay below imaplib's million bytes a line,
with room for ten thousand that arrive meanwhile."""


def search_after(client: IMAPClient, uid: int, *, uidnext: int, exists: int) -> Iterator[list[int]]:
    """UIDs greater than ``uid`` in the open folder, ascending.

    An answer is short if few UIDs are left or few mails are there, however wild the numbers are; one SEARCH
    then finds all. Else the windows go over the mails' positions, not over their numbers, so their count
    depends on the mails alone. Mail that the server announces meanwhile was not searched; it is searched for
    again, as no IDLE would announce it a second time.
    """
    take_news(client)
    few = uidnext - uid <= WINDOW or exists <= WINDOW
    windows = _search_the_rest(client, uid) if few else _search_by_position(client, uid, exists)
    while True:
        for found in windows:
            # "n:*" names the last mail even if its UID is below n (RFC 3501, section 6.4.8).
            fresh = sorted(number for number in set(found) if number > uid)
            if fresh:
                yield fresh
                uid = fresh[-1]
        if not take_news(client):
            return
        windows = _search_the_rest(client, uid)


def take_news(client: IMAPClient) -> bool:
    """Whether the server announced mail in the open folder since this was last asked."""
    return _take(client, "EXISTS") > 0


def _search_the_rest(client: IMAPClient, uid: int) -> Iterator[list[int]]:
    yield _search(client, f"UID {uid + 1}:*")


def _search_by_position(client: IMAPClient, uid: int, exists: int) -> Iterator[list[int]]:
    _take(client, "EXPUNGE")
    first = 1
    while first <= exists:
        last = first + WINDOW - 1
        end = "*" if last >= exists else str(last)
        yield _search(client, f"{first}:{end} UID {uid + 1}:*")
        # Mails that were deleted meanwhile move those behind them forward.
        first = last + 1 - _take(client, "EXPUNGE")


def _search(client: IMAPClient, criteria: str) -> list[int]:
    found: list[int] = client.search(criteria)
    return found


def _take(client: IMAPClient, kind: str) -> int:
    """How many such announcements came by the way; imapclient keeps them to itself."""
    return len(client._imap.untagged_responses.pop(kind, []))  # noqa: SLF001 - there is no public way
