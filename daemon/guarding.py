"""Run what must not bring down the loop around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.log import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable

_log = get_logger(__name__)


def guarded(job: Callable[[], object], name: str) -> None:
    """Run a job; one that fails is logged and comes again, and never starves the others.

    Args:
        job: what to do; what it returns is dropped.
        name: for the log.
    """
    try:
        job()
    except Exception:  # noqa: BLE001 - the loop must outlive its jobs
        _log.exception("job failed", action="retry_later", job=name)
