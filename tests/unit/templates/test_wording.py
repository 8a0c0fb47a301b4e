"""Time as people write it."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from templates.wording import English, Japanese

TOKYO = ZoneInfo("Asia/Tokyo")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 19, 30, tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("at", "japanese", "english"),
    [
        (NOW, "本日 19:30", "today 19:30"),
        (NOW + timedelta(days=1), "明日 19:30", "tomorrow 19:30"),
        (NOW - timedelta(days=1), "昨日 19:30", "yesterday 19:30"),
        (NOW + timedelta(days=2), "11月23日(月) 19:30", "Mon 23 Nov, 19:30"),
        (NOW.replace(hour=0, minute=5), "本日 00:05", "today 00:05"),
        (datetime(2027, 1, 4, 9, tzinfo=TOKYO), "1月4日(月) 09:00", "Mon 4 Jan, 09:00"),
    ],
)
def test_days_near_have_a_word(at, japanese, english):
    """Yesterday, today and tomorrow by their words, other days by date and weekday."""
    assert Japanese().moment(at, NOW) == japanese
    assert English().moment(at, NOW) == english


def test_without_now_the_date_is_written_out():
    """What a buyer may read on another day never says today."""
    assert Japanese().moment(NOW) == "11月21日(土) 19:30"
    assert English().moment(NOW) == "Sat 21 Nov, 19:30"


@pytest.mark.parametrize(
    ("minutes", "japanese", "english"),
    [
        (200, "あと3時間20分", "3 h 20 min left"),
        (30, "あと30分", "30 min left"),
        (60, "あと1時間", "1 h left"),
        (0.5, "あと1分未満", "less than 1 min left"),
        (0, "あと1分未満", "less than 1 min left"),
        (-0.5, "期限を過ぎました", "just overdue"),
        (-1, "期限を1分過ぎています", "1 min overdue"),
        (-120, "期限を2時間過ぎています", "2 h overdue"),
        (1440, "あと1日", "1 d left"),
        (1440 + 65, "あと1日1時間", "1 d 1 h left"),
        (-1440 - 5, "期限を1日過ぎています", "1 d overdue"),
    ],
)
def test_time_left(minutes, japanese, english):
    """Never more than there is, and overdue is said plainly."""
    by = NOW + timedelta(minutes=minutes)
    assert Japanese().left(by, NOW) == japanese
    assert English().left(by, NOW) == english


def test_time_gone():
    """How long somebody waits."""
    assert Japanese().ago(NOW - timedelta(minutes=558), NOW) == "9時間18分前"
    assert English().ago(NOW - timedelta(minutes=558), NOW) == "9 h 18 min ago"
    assert Japanese().ago(NOW, NOW) == "たった今"
    assert English().ago(NOW, NOW) == "just now"


def test_clocks_that_change_do_not_change_the_time_left():
    """From midnight to six of the longest night are seven hours."""
    midnight, six = datetime(2026, 10, 25, tzinfo=BERLIN), datetime(2026, 10, 25, 6, tzinfo=BERLIN)
    assert Japanese().left(six, midnight) == "あと7時間"
    assert English().ago(midnight, six) == "7 h ago"


def test_the_hour_that_comes_twice_names_its_zone():
    """Half past two comes twice in that night; the letters tell which."""
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    assert Japanese().moment(first) == "10月25日(日) 02:30(CEST)"
    assert English().moment(first.replace(fold=1)) == "Sun 25 Oct, 02:30 CET"
    assert Japanese().zone(first) == ""
    assert English().zone(first) == ""


@pytest.mark.parametrize(
    ("zone", "japanese", "english"),
    [
        (TOKYO, "", " (Japan time)"),
        (timezone(timedelta(hours=9)), "", " (UTC+9)"),
        (BERLIN, "(CET)", " (CET)"),
        (UTC, "(UTC+0)", " (UTC+0)"),
        (timezone(timedelta(hours=5, minutes=30)), "(UTC+5:30)", " (UTC+5:30)"),
        (ZoneInfo("America/Sao_Paulo"), "(UTC-3)", " (UTC-3)"),
    ],
)
def test_zones_are_named_where_readers_may_live_elsewhere(zone, japanese, english):
    """Japanese readers take Japan's time for granted, readers of English nothing."""
    at = datetime(2026, 11, 21, 20, tzinfo=zone)
    assert Japanese().zone(at) == japanese
    assert English().zone(at) == english
