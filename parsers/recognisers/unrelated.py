"""Mail that has nothing to do with Amazon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.values import Frame, Unrelated

if TYPE_CHECKING:
    from parsers.evidence import Evidence


def recognise(evidence: Evidence) -> Unrelated:  # noqa: ARG001 - all recognisers share one signature
    """Take whatever is left; nothing of it is kept."""
    return Unrelated(Frame(rule="unrelated/sender"))
