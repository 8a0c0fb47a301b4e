"""The record of a case in words: what happened, when, and the machine's details as a person reads them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from daemon.words import DETAILS, DRAFT_SOURCES, EVENTS, LANGUAGES, SITUATIONS, WARNINGS

if TYPE_CHECKING:
    from daemon.showing.reader import Reader

_TEMPLATE = re.compile(r"(?P<language>ja|en)/(?P<situation>[a-z0-9_]{1,40})\.j2")
_HELD = re.compile(r"quarantine ([0-9]{1,9})")
_VERSION = re.compile(r"v[0-9]{1,9}")
_DESPITE = "despite:"
_APPROVED_BY = {
    "command": ("コマンドで", "by command"),
    "reply": ("メールで", "by mail"),
    "desk": ("画面で", "at the desk"),
}
_ABOUT_DRAFTS = frozenset(
    {"drafted", "draft_overtaken", "draft_revised", "draft_discarded", "draft_placed", "approved"}
)


def say_event(at: datetime, action: str, detail: str, reader: Reader) -> str:
    """One line of the record."""
    return f"{reader.moment(at)} {say_deed(action, detail, reader)}"


def say_deed(action: str, detail: str, reader: Reader) -> str:
    """What happened, without its time."""
    told = f": {_say_detail(action, detail, reader)}" if detail else ""
    return f"{reader.word(EVENTS, action)}{told}"


def _say_detail(action: str, detail: str, reader: Reader) -> str:
    if action == "snoozed":
        return _say_instant(detail, reader)
    if (held := _HELD.fullmatch(detail)) is not None:
        return reader.say(f"保留 {held[1]}", detail)
    if action in _ABOUT_DRAFTS and _VERSION.match(detail):
        words = _APPROVED_BY if action == "approved" else DRAFT_SOURCES
        return " ".join(_say_part(part, words, reader) for part in detail.split())
    return reader.word(DETAILS, detail)


def _say_instant(detail: str, reader: Reader) -> str:
    try:
        return reader.moment(datetime.fromisoformat(detail))
    except ValueError:
        return reader.word(DETAILS, detail)


def _say_part(part: str, words: dict[str, tuple[str, str]], reader: Reader) -> str:
    """One word of a detail such as ``v2 command despite:order_missing`` or ``v1 ja/damaged.j2``."""
    if (template := _TEMPLATE.fullmatch(part)) is not None:
        language = reader.word(LANGUAGES, template["language"])
        return f"{reader.word(SITUATIONS, template['situation'])} ({language})"
    if part.startswith(_DESPITE):
        rule = reader.word(WARNINGS, part.removeprefix(_DESPITE))
        return reader.say(f"(「{rule}」の注意を承知のうえ)", f"(despite: {rule})")
    return reader.word(words, part)
