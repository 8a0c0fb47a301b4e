"""The pages of the desk, a module for each matter; every one names its rooms."""

from __future__ import annotations

from daemon.web.pages import (
    calls,
    case,
    case_actions,
    case_support,
    closing,
    draft,
    entrance,
    export,
    feedback,
    feedback_entry,
    inquiry,
    more,
    outbox,
    password,
    pulse,
    quarantine,
    refunds,
    returns,
    search,
    send,
    settings,
    today,
)

ROOMS = (
    *entrance.ROOMS,
    *password.ROOMS,
    *today.ROOMS,
    *case.ROOMS,
    *case_actions.ROOMS,
    *case_support.ROOMS,
    *draft.ROOMS,
    *send.ROOMS,
    *pulse.ROOMS,
    *outbox.ROOMS,
    *quarantine.ROOMS,
    *more.ROOMS,
    *search.ROOMS,
    *export.ROOMS,
    *settings.ROOMS,
    *returns.ROOMS,
    *feedback_entry.ROOMS,
    *feedback.ROOMS,
    *refunds.ROOMS,
    *calls.ROOMS,
    *inquiry.ROOMS,
    *closing.ROOMS,
)
"""Every room of the desk."""
