"""The pages of the desk, a module for each matter; every one names its rooms."""

from __future__ import annotations

from daemon.web.pages import (
    case,
    draft,
    entrance,
    export,
    feedback,
    feedback_entry,
    outbox,
    password,
    pulse,
    returns,
    search,
    send,
    today,
)

ROOMS = (
    *entrance.ROOMS,
    *password.ROOMS,
    *today.ROOMS,
    *case.ROOMS,
    *draft.ROOMS,
    *send.ROOMS,
    *pulse.ROOMS,
    *outbox.ROOMS,
    *search.ROOMS,
    *export.ROOMS,
    *returns.ROOMS,
    *feedback_entry.ROOMS,
    *feedback.ROOMS,
)
"""Every room of the desk."""
