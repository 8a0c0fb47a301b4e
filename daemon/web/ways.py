"""Where a browser may be sent on to: pages of ours and nowhere else."""

from __future__ import annotations

from urllib.parse import quote, unquote

HOME = "/"

_LONGEST = 500
_OF_A_QUERY = "=&%+-._~:/?"


def own_address(path: str, query: str = "") -> str:
    """The address of a page of ours; what could lead to another site, or into a header, becomes the first.

    Args:
        path: decoded.
        query: as it stood in the address, still encoded.
    """
    # What was done is told on the way from a form, and by no address that was kept meanwhile.
    query = "&".join(one for one in query.split("&") if not one.startswith("done="))
    leads_away = not path.startswith("/") or path.startswith("//") or "\\" in path
    if leads_away or not (path + query).isprintable() or len(path) + len(query) > _LONGEST:
        return HOME
    return quote(path, safe="/") + (f"?{quote(query, safe=_OF_A_QUERY)}" if query else "")


def wanted(address: str) -> str:
    """The same for a whole address, as forms and queries name it."""
    path, _, query = address.partition("?")
    return own_address(unquote(path), query)
