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
    depends on the mails alone.
    """
    if uidnext - uid <= WINDOW or exists <= WINDOW:
        windows = iter([_search(client, f"{uid + 1}:*")])
    else:
        windows = _search_by_position(client, uid, exists)
    for found in windows:
        # "n:*" names the last mail even if its UID is below n (RFC 3501, section 6.4.8).
        fresh = sorted(number for number in set(found) if number > uid)
        if fresh:
            yield fresh
            uid = fresh[-1]


def _search_by_position(client: IMAPClient, uid: int, exists: int) -> Iterator[list[int]]:
    first = 1
    while first <= exists:
        last = first + WINDOW - 1
        end = "*" if last >= exists else str(last)
        yield _search(client, f"{uid + 1}:*", positions=f"{first}:{end}")
        # Mails that were deleted meanwhile move those behind them forward.
        first = last + 1 - _take_expunged(client)


def _search(client: IMAPClient, uids: str, *, positions: str = "") -> list[int]:
    criteria = f"{positions} UID {uids}" if positions else f"UID {uids}"
    found: list[int] = client.search(criteria)
    return found


def _take_expunged(client: IMAPClient) -> int:
    responses = client._imap.untagged_responses  # noqa: SLF001 - imapclient does not tell of deletions
    return len(responses.pop("EXPUNGE", []))
