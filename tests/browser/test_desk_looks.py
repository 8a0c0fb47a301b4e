"""Every page of the desk as a person sees it: wide, on a telephone, in the dark, in both languages.

With ``SOKURESU_PICTURES=docs/pictures`` the pictures of the documentation are taken anew.
"""

from __future__ import annotations

import pytest

from daemon.web.pages import ROOMS
from tests.beds.browser import assert_accessible, picture
from tests.beds.desk_day import CLARKE, RATED, SATO, TAKAHASHI
from tests.beds.reviewing import drafts

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
"""Some thirty pages are looked at in one test."""

TEXT = "Dear Emily,\nplease rinse the filter with cold water once a week.\nMai Shop\n"
WIDE = {"size": (1200, 900)}
TELEPHONE = {"size": (360, 740), "telephone": True}


def paths(day):
    """An address for every room that shows a page."""
    sato, rated = day.case_of(SATO), day.case_of(RATED)
    returned = next(case.id for case in day.floor.cases() if case.kind == "return_request")
    version = len(drafts(day.floor, sato))
    items = (item for case in day.floor.cases() for item in day.floor.outbox(case.id))
    uncertain = next(item.id for item in items if item.state == "uncertain")
    known = {
        "/case/{number:int}": f"/case/{sato}",
        "/case/{number:int}/send": f"/case/{sato}/send?version={version}",
        "/case/{number:int}/draft/{version:int}": f"/case/{sato}/draft/1",
        "/case/{number:int}/return": f"/case/{returned}/return",
        "/feedback/{number:int}": f"/feedback/{rated}",
        "/outbox/{number:int}": f"/outbox/{uncertain}",
        "/outbox/{number:int}/resend": f"/outbox/{uncertain}/resend",
        "/quarantine/{number:int}": "/quarantine/1",
        "/settings/templates/{language}/{name}": "/settings/templates/ja/damaged",
        "/report/{month}": "/report/2026-11",
    }
    shown = [room.path for room in ROOMS if room.method == "GET" and not (room.quiet or room.public)]
    kept = [path for path in shown if not path.endswith((".csv", ".html", "raw", "{message:int}"))]
    return [known.get(path, path.replace("{number:int}", str(sato))) for path in kept]


def look_through(page, day):
    """Open every page; names what sticks out at the side or cannot be read by everybody."""
    faults = []
    for path in paths(day):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        if (width := page.evaluate("document.documentElement.scrollWidth")) > page.viewport_size["width"]:
            faults.append(f"{path} is {width} wide")
        try:
            assert_accessible(page)
        except AssertionError as fault:
            faults.append(str(fault))
    assert not faults, "\n".join(faults)


def test_every_page_is_good_on_a_desk(day, page):
    """Nothing sticks out, and axe finds no serious fault."""
    look_through(page, day)


def test_every_page_is_good_on_a_telephone_in_the_dark(day, window):
    """The same at 360 pixels, with dark colours."""
    look_through(day.sign_in(window(day.address, **TELEPHONE, dark=True)), day)


def test_every_page_is_good_in_english(day, window):
    """The same for who reads English; no page falls back into Japanese but where people wrote it."""
    page = day.sign_in(window(day.address, **TELEPHONE, language="en-US"))
    page.goto("/more")
    page.get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    look_through(page, day)


def test_the_pages_before_signing_in(day, window):
    """They are good as well, and the first address that one types leads there."""
    page = window(day.address, **TELEPHONE, forgiving=("status of 403",))
    for path in ("/", "/login", "/setup"):
        page.goto(path)
        assert_accessible(page)
    assert page.get_by_role("alert").count() == 1


@pytest.mark.parametrize("how", ["wide", "telephone", "dark"])
def test_pictures_of_the_main_pages(day, window, how):
    """They are what README and documentation show."""
    size = WIDE if how == "wide" else TELEPHONE
    page = day.sign_in(window(day.address, **size, dark=how == "dark"))
    main = {
        "today": "/",
        "case": f"/case/{day.case_of(SATO)}",
        "feedback": f"/feedback/{day.case_of(RATED)}",
        "call": "/calls/new",
        "report": "/report/2026-11",
    }
    for name, path in main.items():
        page.goto(path)
        page.wait_for_load_state("networkidle")
        taken = picture(page, f"desk-{name}-{how}")
        assert taken.stat().st_size > 10_000, name


def test_nothing_is_fetched_twice_or_from_elsewhere(day, page):
    """A page is its HTML and the same few files."""
    asked = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(day.address)))
    page.goto(f"/case/{day.case_of(TAKAHASHI)}")
    page.wait_for_load_state("networkidle")
    assert len(asked) == len(set(asked)), asked
    files = {path.partition("?")[0] for path in asked if path.startswith("/static/")}
    assert files >= {"/static/desk.css", "/static/desk.js", "/static/vendor/htmx.min.js"}


def test_it_works_without_javascript(day, window):
    """Reading, writing, saving and coming to the last check need no script."""
    page = day.sign_in(window(day.address, scripts=False))
    page.goto(f"/case/{day.case_of(CLARKE)}")
    page.get_by_label("購入者へ送る文").fill(TEXT)
    page.get_by_role("button", name="内容を確かめて送る").click()
    assert "/send" in page.url
    assert "rinse the filter" in page.locator("#letter-text").inner_text()
