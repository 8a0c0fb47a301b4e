"""What waits today, on a page: in order, with both clocks, calm, and up to date."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from daemon.ports import Verdict
from tests.beds.desk import words_of
from tests.beds.post import buyer, claim, feedback, name_of, order_of
from tests.beds.reviewing import (
    OWN_WORDS,
    approve,
    complaint,
    day_goes_on,
    say_answered,
    write_anew,
)
from tests.unit.state.examples import local

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'\u202e&amp;"


def cards(page: str) -> list[int]:
    """The numbers of the cases in the order in which they stand."""
    return [int(number) for number in re.findall(r'id="case-(\d+)"', page)]


def section(page: str, title: str) -> list[int]:
    """The cases of one group; none where the group is not there."""
    found = re.search(rf'<section aria-labelledby="{title}">(.*?)</section>', page, re.DOTALL)
    return cards(found[1]) if found else []


def snooze(floor, case: int, until) -> None:
    """A person puts a case off."""
    with floor.database.write() as uow:
        uow.cases.change(case, snoozed_until=until)
        uow.commit()


def statements(floor, ask) -> int:
    """How often the database is asked meanwhile."""
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        asked.append(statement)

    engine = floor.database._engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len([one for one in asked if one.lstrip().upper().startswith("SELECT")])


def test_a_card_tells_who_waits_for_what_and_how_long(floor, browser):
    """Name, matter, order, first words, both clocks with their owners, and that a draft is ready."""
    day_goes_on(floor, complaint(1))
    shown = browser.text("/")
    for words in (name_of(1), "破損", order_of(1), "箱がつぶれていて", "下書きあり", "本日 10:30"):
        assert words in shown
    assert "店の期限 あと9時間30分" in shown
    assert "Amazonの期限 あと1日" in shown
    page = browser.get("/").text
    assert 'data-left="calm"' in page
    assert re.search(r'id="first-case" role="button" href="/case/1"', page)


def test_what_is_urgent_stands_on_top_and_what_sleeps_at_the_end(floor, browser):
    """Low ratings and claims first, then by the nearest deadline, then what was put off."""
    day_goes_on(floor, buyer(1))
    day_goes_on(floor, buyer(2))
    day_goes_on(floor, feedback(3, rating=1))
    day_goes_on(floor, claim(4))
    snooze(floor, 1, local("2026-11-17 15:00"))
    page = browser.get("/").text
    assert set(section(page, "urgent")) == {3, 4}
    assert (section(page, "waiting"), section(page, "asleep")) == ([2], [1])
    assert cards(page)[2:] == [2, 1]
    assert "後回し 本日 15:00 まで" in words_of(page)
    assert "星1つ" in page


def test_what_runs_out_of_time_is_urgent_and_told_in_words(floor, browser):
    """Two hours before the shop's deadline a case moves up; past it the chip says so."""
    day_goes_on(floor, buyer(1))
    floor.clock.set(local("2026-11-17 18:30"))
    assert section(browser.get("/").text, "urgent") == [1]
    floor.clock.set(local("2026-11-17 21:00"))
    page = browser.get("/").text
    assert 'data-left="over"' in page
    assert "店の期限 期限を1時間過ぎています" in words_of(page)


def test_amazons_own_deadline_wakes_what_was_put_off(floor, browser):
    """The shop's deadline may pass while a case sleeps, Amazon's may not."""
    day_goes_on(floor, buyer(1))
    snooze(floor, 1, local("2026-11-19 10:00"))
    floor.clock.set(local("2026-11-17 21:00"))
    assert section(browser.get("/").text, "asleep") == [1]
    floor.clock.set(local("2026-11-18 09:00"))
    assert section(browser.get("/").text, "urgent") == [1]


def test_what_is_approved_waits_for_the_service_alone(floor, browser):
    """It stays in sight, and asks for nobody."""
    day_goes_on(floor, complaint(1))
    approve(floor, write_anew(floor, f"{OWN_WORDS}\n{order_of(1)}"))
    floor.clock.set(local("2026-11-17 19:00"))
    page = browser.get("/").text
    assert (section(page, "urgent"), section(page, "waiting")) == ([], [1])
    assert "返信を送信待ち" in words_of(page)


def test_what_was_done_today_is_told(floor, browser):
    """Who was acknowledged and answered today, and nobody of yesterday."""
    day_goes_on(floor, buyer(1))
    say_answered(floor, 1)
    floor.clock.set(local("2026-11-18 11:00"))
    day_goes_on(floor, buyer(2))
    day_goes_on(floor, buyer(3))
    say_answered(floor, 3)
    shown = browser.sign_in().text("/")
    acknowledged = shown.partition("今日の受付確認")[2].partition("今日の返信済み")[0]
    answered = shown.partition("今日の返信済み")[2].partition("そのほか")[0]
    assert name_of(1) not in shown
    assert (name_of(2) in acknowledged, name_of(3) in acknowledged) == (True, True)
    assert (name_of(2) in answered, name_of(3) in answered) == (False, True)


def test_uncertain_mail_stands_above_everything(floor, browser):
    """It leads to where it is settled, and its case says so too."""
    day_goes_on(floor, complaint(1))
    approve(floor, write_anew(floor, f"{OWN_WORDS}\n{order_of(1)}"))
    floor.exits["main"].answer(Verdict.UNKNOWN, "lost after 354")
    day_goes_on(floor)
    page = browser.get("/").text
    assert '<a id="outbox-2" href="/outbox/2">' in page
    assert page.index('href="/outbox/2"') < page.index('id="case-1"')
    assert words_of(page).count("送れたか不明") == 2


def test_an_empty_day_is_told_kindly(floor, browser):
    """Nothing waits, so many were answered, and the next alert is due then."""
    shown = browser.text("/")
    assert "お待たせしているお客様はいません。" in shown
    assert "次のお知らせは 本日 12:00 です。" in shown
    day_goes_on(floor, buyer(1))
    say_answered(floor, 1)
    assert "今日は 1 件に回答しました。" in browser.text("/")


def test_the_list_is_fetched_anew_only_when_it_changed(floor, browser):
    """The part is the page's own list; asking for what one has gets nothing, news get everything."""
    day_goes_on(floor, buyer(1))
    page, part = browser.get("/").text, browser.get("/today/list").text
    assert part.strip() in page
    assert "<html" not in part
    again = re.search(r'hx-get="([^"]+)"', part)[1]
    assert browser.get(again).status_code == 204
    day_goes_on(floor, buyer(2))
    assert cards(browser.get(again).text) == [1, 2]
    floor.clock.advance(timedelta(minutes=1))
    later = browser.get(again).text
    assert "店の期限 あと9時間29分" in words_of(later)


def test_hostile_words_are_words(floor, browser):
    """No name and no text of a mail becomes markup, and none turns the writing around."""
    day_goes_on(floor, buyer(1, name=HOSTILE, text=HOSTILE, subject=HOSTILE))
    day_goes_on(floor, feedback(2, comment=HOSTILE))
    say_answered(floor, 1)
    day_goes_on(floor, buyer(3, name=HOSTILE, text=HOSTILE))
    page = browser.get("/").text
    assert "&lt;script&gt;alert(1)" in page
    for living in ("<script>alert", "<img", "\u202e"):
        assert living not in page
    assert re.findall(r"<[^>]*\bon[a-z]+=", page) == []


def test_more_cases_take_no_more_questions(floor, browser):
    """However many wait, the database is asked equally often."""
    day_goes_on(floor, complaint(1))
    few = statements(floor, lambda: browser.get("/"))
    for number in range(2, 7):
        day_goes_on(floor, complaint(number))
    assert statements(floor, lambda: browser.get("/")) == few
    assert few < 20


def test_a_long_list_is_cut_and_all_of_it_is_one_step_away(floor, browser, monkeypatch):
    """The first ones are shown, how many more there are is told, and asked for all of them come."""
    monkeypatch.setattr("daemon.web.today_view.FIRST_SHOWN", 2)
    for number in range(1, 4):
        day_goes_on(floor, buyer(number))
    page = browser.get("/").text
    assert len(cards(page)) == 2
    assert "未回答 3 件" in words_of(page)
    assert 'href="/?all=1">残り 1 件も見る' in page
    whole = browser.get("/?all=1").text
    assert len(cards(whole)) == 3
    again = re.search(r'hx-get="(/today[^"]+)"', whole)[1].replace("&amp;", "&")
    assert browser.get(again).status_code == 204


@pytest.mark.parametrize(("language", "words"), [("ja", "その他"), ("en", "Sign out everywhere")])
def test_everything_else_has_a_way(browser, language, words):
    """The other pages, the language, the password and the way out, in the language that was chosen."""
    browser.post("/language", language=language, back="/more")
    page = browser.get("/more").text
    assert words in page
    for address in ("/report", "/outbox", "/quarantine", "/health", "/settings", "/export", "/password"):
        assert f'href="{address}"' in page
    for address in ("/language", "/logout"):
        assert f'action="{address}"' in page


def test_what_changed_is_drawn_anew(floor, browser):
    """The same day looks the same; another name, another language or another minute do not."""
    day_goes_on(floor, buyer(1))
    before = browser.get("/").text
    assert browser.get("/").text == before
    with floor.database.write() as uow:
        uow.cases.change(1, buyer_name="別の 名前")
        uow.commit()
    assert "別の 名前" in browser.get("/").text
    browser.post("/language", language="en", back="/")
    assert "left" in browser.get("/").text
    floor.clock.advance(timedelta(minutes=1))
    assert browser.get("/").text != before
