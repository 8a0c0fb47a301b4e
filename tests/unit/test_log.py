"""What stands in the log, and what never does."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from daemon import log


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def _restored():
    """Leave the process's logging as it was."""
    root, talkative = logging.getLogger(), logging.getLogger("mailparser")
    handlers, level, quiet = root.handlers[:], root.level, (talkative.handlers[:], talkative.propagate)
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level
    talkative.handlers[:], talkative.propagate = quiet


def fail(error, **_words):
    raise error


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_json_line_for_machines():
    """Japanese stays readable; the level, the module and the instant in UTC stand beside it."""
    stream = io.StringIO()
    logger = log.get_logger("daemon.reading.intake")
    log.configure(stream)
    logger.info("case_opened", case=7, order="250-1234567-1234567", note="受付\n済み")
    (event,) = lines(stream)
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "event": "case_opened",
        "case": 7,
        "order": "250-1234567-1234567",
        "note": "受付\n済み",
        "level": "info",
        "logger": "daemon.reading.intake",
    }
    assert "受付" in stream.getvalue()


def test_a_terminal_gets_a_line_for_people():
    """On a terminal the same event is no JSON."""
    stream = Terminal()
    log.configure(stream)
    log.get_logger("daemon.reading.intake").warning("quarantined", password="hunter2")
    assert "quarantined" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
    assert "hunter2" not in stream.getvalue()


@pytest.mark.parametrize(
    "key", ["password", "smtp_passwd", "Token", "access_token", "webhook_url", "client_secret", "api_key"]
)
def test_what_is_called_like_a_secret_is_left_out(key):
    """At any depth; the rest of the event stays."""
    stream = io.StringIO()
    log.configure(stream)
    log.get_logger("x").info("e", **{key: "hunter2", "deep": [{key: "hunter2", "kept": 1}]})
    (event,) = lines(stream)
    assert "hunter2" not in stream.getvalue()
    assert event["deep"] == [{"kept": 1}]


def test_a_password_inside_a_url_is_masked():
    """The database's address may hold one, in an exception's text too."""
    stream = io.StringIO()
    log.configure(stream)
    try:
        fail(OSError("cannot open postgresql+psycopg://shop:hunter2@db.example/shop"))
    except OSError:
        log.get_logger("x").exception("failed", database=("postgresql://shop:hunter2@db.example/shop",))
    assert "hunter2" not in stream.getvalue()
    assert "db.example/shop" in stream.getvalue()


@pytest.mark.parametrize("stream_kind", [io.StringIO, Terminal])
def test_a_traceback_shows_no_local_variable(stream_kind):
    """Local variables hold buyers' words and passwords."""
    stream = stream_kind()
    log.configure(stream)
    try:
        fail(ValueError("reason"), words="buyer-" + "words")
    except ValueError:
        log.get_logger("x").exception("failed")
    assert "ValueError" in stream.getvalue()
    assert "buyer-words" not in stream.getvalue()


def test_debug_events_are_shown_only_on_request():
    """Ordinary operation writes no debug events."""
    for verbose, expected in ((False, 0), (True, 1)):
        stream = io.StringIO()
        log.configure(stream, verbose=verbose)
        log.get_logger("x").debug("detail")
        assert len(lines(stream)) == expected


def test_a_library_speaks_the_same_way():
    """Warnings of libraries are JSON too, and their chatter is not shown."""
    stream = io.StringIO()
    log.configure(stream)
    logging.getLogger("alembic.migration").info("chatter")
    logging.getLogger("alembic.migration").warning("no head at %s", "sqlite://a:hunter2@b")
    (event,) = lines(stream)
    assert (event["logger"], event["level"]) == ("alembic.migration", "warning")
    assert event["event"] == "no head at sqlite://…@b"


def test_the_mail_library_is_not_heard():
    """Its warnings quote headers and file names of the mail."""
    stream = io.StringIO()
    log.configure(stream)
    logging.getLogger("mailparser.core").error("Failed decoding header part: buyer")
    assert stream.getvalue() == ""


def test_an_unconfigured_logger_leaves_standard_output_alone(capsys):
    """Scripts read results there; an event of a command that configures nothing goes to standard error."""
    structlog.reset_defaults()
    log.get_logger("x").warning("early")
    streams = capsys.readouterr()
    assert streams.out == ""
    assert json.loads(streams.err)["event"] == "early"


def test_configuring_twice_writes_once():
    """A second call replaces the first."""
    first, second = io.StringIO(), io.StringIO()
    log.configure(first)
    log.configure(second)
    logging.getLogger("any").warning("w")
    log.get_logger("x").info("e")
    assert (first.getvalue(), len(lines(second))) == ("", 2)
