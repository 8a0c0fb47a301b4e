"""What ``status`` says of the daily look: all is well, what was found, and that there was none for long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from daemon.showing.completeness_lines import look_lines, look_record
from daemon.showing.reader import Reader
from state.repository.completeness import Completeness, Missing

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
ZONE = ZoneInfo("Asia/Tokyo")
JAPANESE, ENGLISH = Reader("ja", ZONE, NOW), Reader("en", ZONE, NOW)


def missing(folder: str, uid: int, *, watched: bool) -> Missing:
    """One mail that was not known."""
    return Missing(folder, uid, "2026-11-19T03:00:00+00:00", watched)


def test_all_is_well_in_one_line():
    """The number and the age of the look, in both languages, and nothing to check."""
    found = Completeness("main", NOW - 5 * HOUR, 37)
    (ja,), (en,) = (list(look_lines("main", found, reader)) for reader in (JAPANESE, ENGLISH))
    assert "37通はすべて確認済み (5時間前に点検)" in ja
    assert "all 37 Amazon mails of the last 3 days are known (checked 5 h ago)" in en
    assert "要確認" not in ja
    record = look_record(found, NOW)
    assert record == {"checked_at": NOW - 5 * HOUR, "seen": 37, "missing": [], "stale": False}


def test_what_was_missing_is_told_by_folder():
    """With what was done about it; a folder's name is a stranger's text."""
    lost = (missing("INBOX", 1, watched=True), missing("a\x1b[2J\u202eb", 2, watched=False))
    found = Completeness("main", NOW - HOUR, 9, lost)
    first, *folders = look_lines("main", found, ENGLISH)
    assert "2 of 9 Amazon mails" in first
    assert first.endswith("(CHECK THIS)")
    assert any("INBOX: 1, taken in since" in line for line in folders)
    assert any("add it to `folders`" in line for line in folders)
    assert not set("\x1b\u202e") & set("".join(folders))
    assert look_record(found, NOW)["missing"][0] == {
        "folder": "INBOX", "uid": 1, "at": "2026-11-19T03:00:00+00:00", "watched": True,
    }  # fmt: skip


def test_many_folders_are_not_all_told():
    """The page stays a page."""
    lost = tuple(missing(f"folder {number}", 1, watched=False) for number in range(50))
    lines = list(look_lines("main", Completeness("main", NOW, 50, lost), JAPANESE))
    assert len(lines) == 12
    assert "ほかのフォルダー" in lines[-1]


def test_no_look_for_two_days_is_told():
    """A look of a clock that was ahead counts no more than an old one."""
    for at in (NOW - 49 * HOUR, NOW + HOUR):
        found = Completeness("main", at, 1)
        first, second = look_lines("main", found, JAPANESE)
        assert first.endswith("【要確認】")
        assert "2日以上" in second
        assert look_record(found, NOW)["stale"]
    assert not look_record(Completeness("main", NOW - 47 * HOUR, 1), NOW)["stale"]


def test_before_the_first_look_nothing_is_wrong():
    """It says when it comes."""
    (line,) = look_lines("main", None, ENGLISH)
    assert "not yet" in line
    assert look_record(None, NOW) is None
