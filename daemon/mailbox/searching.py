"""Finding UIDs: one SEARCH for what is new, windows for what was never read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from imapclient import IMAPClient

WINDOW = 80_000
"""Mails that one SEARCH may answer with: at ten digits each they stay below imaplib's million bytes a line,
with room for ten thousand that arrive meanwhile."""

_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,76}")
_PRINTABLE = re.compile(r"[ -~]{0,500}")


def search_after(client: IMAPClient, uid: int, *, uidnext: int, exists: int) -> Iterator[list[int]]:
    """UIDs greater than ``uid`` in the open folder, ascending.

    An answer is short if few UIDs are left or few mails are there, however wild the numbers are; one SEARCH
    then finds all. Else the windows go over the mails' positions, not over their numbers, so their count
    depends on the mails alone. Mail that the server announces meanwhile was not searched; it is searched for
    again, as no IDLE would announce it a second time.
    """
    few = uidnext - uid <= WINDOW or exists <= WINDOW
    windows = _search_the_rest(client, uid) if few else _search_by_position(client, uid, exists)
    heard = -1
    while heard != arrivals(client):
        heard = arrivals(client)
        for found in windows:
            # "n:*" names the last mail even if its UID is below n (RFC 3501, section 6.4.8).
            fresh = sorted(number for number in set(found) if number > uid)
            if fresh:
                yield fresh
                uid = fresh[-1]
        windows = _search_the_rest(client, uid)


def ask_for_news(client: IMAPClient) -> None:
    """Make the server announce what is new in the open folder, and show that it is alive."""
    # imapclient's own noop() parses what comes by the way, and stumbles over literals.
    kind, data = client._imap.noop()  # noqa: SLF001 - see above
    client._checkok("noop", kind, data)  # noqa: SLF001 - there is no public way


def arrivals(client: IMAPClient) -> int:
    """How often the server has told the number of mails since the folder was opened; it never tells twice."""
    return _announcements(client, "EXISTS")


def changes(client: IMAPClient) -> int:
    """How often it has told of arrived or deleted mail since then."""
    return _announcements(client, "EXISTS") + _announcements(client, "EXPUNGE")


def search_since(client: IMAPClient, day: date) -> list[int]:
    """UIDs of mail that the server took in on or after a day of its own zone."""
    return sorted(client.search(["SINCE", day]))


def header_criteria(name: str, value: str) -> str:
    """What to search for; always quoted, for an atom may hold neither ``(`` nor ``{``.

    Raises:
        ValueError: the name is not one of a header, or the value is not printable ASCII or too long.
    """
    if not _HEADER_NAME.fullmatch(name) or not _PRINTABLE.fullmatch(value):
        raise ValueError("only printable ASCII can be searched for in a header")
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'HEADER {name} "{quoted}"'


def search_header(client: IMAPClient, criteria: str) -> list[int]:
    """UIDs of the mails that `header_criteria` describe."""
    return sorted(_search(client, criteria))


def _search_the_rest(client: IMAPClient, uid: int) -> Iterator[list[int]]:
    yield _search(client, f"UID {uid + 1}:*")


def _search_by_position(client: IMAPClient, uid: int, exists: int) -> Iterator[list[int]]:
    first = 1
    while first <= exists:
        last = first + WINDOW - 1
        end = "*" if last >= exists else str(last)
        deleted = _announcements(client, "EXPUNGE")
        yield _search(client, f"{first}:{end} UID {uid + 1}:*")
        # Mails that were deleted meanwhile move those behind them forward.
        first = last + 1 - (_announcements(client, "EXPUNGE") - deleted)


def _search(client: IMAPClient, criteria: str) -> list[int]:
    found: list[int] = client.search(criteria)
    return found


def _announcements(client: IMAPClient, kind: str) -> int:
    """How many lines of that kind came by the way; imapclient keeps them until a folder is opened."""
    return len(client._imap.untagged_responses.get(kind, ()))  # noqa: SLF001 - there is no public way
