"""Cases are found by what people remember of them."""

from __future__ import annotations

import re

import pytest

from daemon.web.pages import search
from state.steps import Matter, Step
from tests.beds.post import buyer, name_of, order_of
from tests.beds.reviewing import day_goes_on, say_answered

TEXT = "ネジが<b>一本</b>足りません。100%困っています_本当に。"


def numbers(page) -> list[int]:
    """The cases of a page of results, in order."""
    return [int(found) for found in re.findall(r'id="case-(\d+)"', page.text)]


def find(browser, q="", **fields) -> list[int]:
    """The numbers of the cases that are found."""
    answer = browser.client.get("/search", params={"q": q, **fields}, headers={"sec-fetch-site": "none"})
    assert answer.status_code == 200
    return numbers(answer)


@pytest.fixture
def three(floor):
    """Three cases: one complains, one is answered."""
    day_goes_on(floor, buyer(1, text=TEXT))
    day_goes_on(floor, buyer(2))
    day_goes_on(floor, buyer(3))
    say_answered(floor, 2)


def test_without_words_the_newest_stand_first(three, browser):
    """The page is the history of the shop."""
    assert find(browser) == [3, 2, 1]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (order_of(2), [2]),
        (order_of(2)[:11], [2]),
        (name_of(3), [3]),
        ("#3", [3]),
        ("＃3", [3]),
        ("ネジ", [1]),
        ("ﾈｼﾞ", [1]),
        (f"ネジ {name_of(1)}", [1]),
        (f"ネジ {name_of(2)}", []),
        ("100%", [1]),
        ("100_", []),
        ("%", [1]),
        ("' OR 1=1 --", []),
        ("<b>一本</b>", [1]),
    ],
)
def test_words_of_a_case_find_it(three, browser, typed, found):
    """Order, beginning of an order, name, number, words in either width; signs of the database are signs."""
    assert find(browser, typed) == found


def test_states_kinds_and_days_narrow_it_down(three, browser):
    """Each field leaves out what does not fit; words that are none of the form's are left out."""
    assert find(browser, state="answered") == [2]
    assert find(browser, kind="feedback") == []
    assert find(browser, since="2026-11-17", until="2026-11-17") == [3, 2, 1]
    assert find(browser, until="2026-11-16") == []
    assert find(browser, state="open' --", kind="x") == [3, 2, 1]


def test_pages_lead_on_and_back(three, browser, monkeypatch):
    """Every case stands on one page, and the way back leads where one came from."""
    monkeypatch.setattr(search, "ON_A_PAGE", 2)
    first = browser.get("/search")
    older = re.search(r'href="([^"]+)" rel="next"', first.text)[1].replace("&amp;", "&")
    second = browser.get(older)
    newer = re.search(r'href="([^"]+)" rel="prev"', second.text)[1].replace("&amp;", "&")
    assert (numbers(first), numbers(second)) == ([3, 2], [1])
    assert numbers(browser.get(newer)) == [3, 2]
    assert 'rel="prev"' not in browser.get(newer).text


def test_what_was_typed_and_found_is_only_text(three, browser):
    """Neither the words that were looked for nor those of a buyer become markup."""
    page = browser.client.get("/search", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert "<b>一本</b>" not in browser.get("/search?q=ネジ").text


def test_a_day_that_is_none_is_told(browser):
    """The sentence stands on top, and nothing is looked for."""
    answer = browser.get("/search?since=gestern")
    assert 'role="alert"' in answer.text
    assert numbers(answer) == []


def test_calls_and_notes_are_found(floor, three, browser):
    """What the seller wrote down belongs to the case."""
    with floor.database.write() as uow:
        today = floor.clock.now()
        uow.steps.add(Step(1, Matter.NOTE, "note", today.date(), "青い箱"), today)
        uow.commit()
    assert find(browser, "青い") == [1]


def test_the_first_day_is_no_search_in_vain(browser):
    """Where nothing came yet, the page says what will stand there; words in vain are told apart."""
    assert "まだ案件はありません" in browser.text("/search")
    assert "見つかりませんでした" in browser.text("/search?q=%E5%B1%8A%E3%81%8B%E3%81%AA%E3%81%84")
