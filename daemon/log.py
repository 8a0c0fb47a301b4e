"""The log: one event a line, JSON for machines and colours for a terminal, and never a secret."""

from __future__ import annotations

import logging
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, cast

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

_SECRET = re.compile(r"passw|secret|token|webhook|credential|authorization|api_?key|cookie", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]{0,30}://)[^\s/@]{1,300}@", re.IGNORECASE)
_TALKATIVE = "mailparser"
"""A library whose warnings quote the mail; what it has to say is not for the log."""


def get_logger(name: str) -> FilteringBoundLogger:
    """A logger for a module, also for one that is imported before `configure` is called."""
    if not structlog.is_configured():
        # The library's own default writes to standard output, where scripts read our results.
        _send_events(None, logging.INFO)
    return cast("FilteringBoundLogger", structlog.get_logger(logger_name=name))


def configure(stream: TextIO | None = None, *, verbose: bool = False) -> None:
    """Send all events to a stream, standard error unless told otherwise.

    Args:
        stream: where to; JSON lines unless it is a terminal.
        verbose: show debug events too.
    """
    _send_events(stream, logging.DEBUG if verbose else logging.INFO)
    _take_over_libraries(stream if stream is not None else sys.stderr)


def quieten() -> None:
    """Let only warnings through, for commands whose own words tell what was done."""
    _send_events(None, logging.WARNING)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let whatever runs inside speak as it likes, and go on as before behind it."""
    before = structlog.get_config()
    try:
        yield
    finally:
        structlog.configure(**before)


def _send_events(stream: TextIO | None, level: int) -> None:
    def current() -> TextIO:
        return stream if stream is not None else sys.stderr

    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, _name_module, *_common(), *_written(current())],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.WriteLogger(current()),
        cache_logger_on_first_use=False,
    )


def _name_module(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Say where an event comes from under the same key as the libraries do."""
    if "logger_name" in event:
        event["logger"] = event.pop("logger_name")
    return event


def _common() -> list[Processor]:
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _written(target: TextIO) -> list[Processor]:
    """The last steps: what is secret goes, the rest becomes one line (or more, for a person's eyes)."""
    if target.isatty():
        # The pretty tracebacks would show local variables: buyers' words and passwords.
        plain = structlog.dev.plain_traceback
        return [drop_secrets, structlog.dev.ConsoleRenderer(exception_formatter=plain)]
    return [
        structlog.processors.format_exc_info,
        drop_secrets,
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
    ]


def drop_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Leave out whatever is called like a secret, and passwords inside URLs, however deep they lie."""
    return _clean_mapping(event)


def _clean_mapping(mapping: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key: _clean(value) for key, value in mapping.items() if not _SECRET.search(str(key))}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _URL_PASSWORD.sub(r"\g<scheme>…@", value)
    if isinstance(value, dict):
        return _clean_mapping(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    return value


def _take_over_libraries(target: TextIO) -> None:
    """Let warnings of the libraries look like our own events."""
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_common()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_written(target)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    talkative = logging.getLogger(_TALKATIVE)
    talkative.handlers[:] = [logging.NullHandler()]
    talkative.propagate = False
