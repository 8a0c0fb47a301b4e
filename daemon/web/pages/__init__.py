"""The pages of the desk, a module for each matter; every one names its rooms."""

from __future__ import annotations

from daemon.web.pages import entrance, export, pulse, search, today

ROOMS = (
    *entrance.ROOMS,
    *today.ROOMS,
    *pulse.ROOMS,
    *search.ROOMS,
    *export.ROOMS,
)
"""Every room of the desk."""
