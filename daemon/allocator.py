"""How the C library hands out memory to threads."""

from __future__ import annotations

import ctypes
from contextlib import suppress

_M_ARENA_MAX = -8
_ARENAS = 2


def share_heaps() -> None:
    """Let all threads share two heaps; to be called before they start.

    The GNU library gives nearly every thread a heap of its own, and those of many mailboxes' threads would
    each keep what its first reading needed. Other C libraries do not, and know no such wish.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
