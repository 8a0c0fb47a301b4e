"""The bed of the browser tests itself: what a page does wrong is noticed, under a policy like the desk's."""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.beds.browser import assert_accessible, opened, picture
from tests.beds.desk_server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page
    from starlette.requests import Request

    from tests.beds.browser import Chromium, Window

pytestmark = pytest.mark.browser

ELSEWHERE = "http://elsewhere.example"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'"
FACTS = "[innerWidth, innerHeight, navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone]"
DARK = "matchMedia('(prefers-color-scheme: dark)').matches"

BODIES = {
    "/": "<label>名前 <input name=shop></label>",
    "/console": "<script src=/complains.js></script>",
    "/uncaught": "<script src=/raises.js></script>",
    "/inline": "<script>document.title = 'changed'</script>",
    "/style": "<p style='color: red'>赤</p>",
    "/unlabeled": "<input name=shop>",
    "/noscript": "<noscript><p>スクリプトなし</p></noscript>",
}
FAULTS = [
    "console: the page complains",
    "uncaught in the page: the page raises",
    "inline script violates the following Content Security Policy directive",
    "inline style violates the following Content Security Policy directive",
    "console: Failed to load resource: the server responded with a status of 404",
]
"""What each of the five wrong pages is to be blamed for, in the order of the visits."""
SCRIPTS = {
    "/complains.js": "console.error('the page complains')",
    "/raises.js": "throw new Error('the page raises')",
}


HEAD = "<!doctype html><html lang=ja><title>試し</title><meta name=viewport content='width=device-width'>"


async def body(request: Request) -> Response:
    """A page of the list, under the strict policy."""
    html = f"{HEAD}<body><main>{BODIES[request.url.path]}</main></body></html>"
    return HTMLResponse(html, headers={"Content-Security-Policy": POLICY})


async def script(request: Request) -> Response:
    """A script of the list."""
    return Response(SCRIPTS[request.url.path], media_type="text/javascript")


async def outside(request: Request) -> Response:
    """A page without any policy that wants a picture from elsewhere."""
    return HTMLResponse(f"<!doctype html><title>外</title><img src={ELSEWHERE}/pixel.png alt=点>")


async def away(request: Request) -> Response:
    """An answer that sends the browser elsewhere."""
    return RedirectResponse(f"{ELSEWHERE}/landing")


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of a small site with one fault a page."""
    routes = [Route(path, body) for path in BODIES] + [Route(path, script) for path in SCRIPTS]
    routes += [Route("/outside", outside), Route("/away", away)]
    with serving(Starlette(routes=routes)) as origin:
        yield origin


def visit(page: Page, *paths: str) -> None:
    """Open one page after the other."""
    for path in paths:
        page.goto(path)


def test_faults_of_pages_are_told(chromium: Chromium, site: str) -> None:
    """The window ends with an error that has a line for each fault, and none for the page that is right."""
    with (
        chromium.in_use() as browser,
        pytest.raises(AssertionError) as told,
        opened(browser, site) as page,
    ):
        visit(page, "/", "/console", "/uncaught", "/inline", "/style", "/nowhere")
    _, *faults = str(told.value).splitlines()
    assert [fault for fault, part in zip(faults, FAULTS, strict=True) if part not in fault] == []


def test_redirection_elsewhere_is_told_and_stopped(chromium: Chromium, site: str) -> None:
    """A redirection escapes the interception, but it is noticed and the name leads nowhere."""
    from playwright.sync_api import Error

    with (
        chromium.in_use() as browser,
        pytest.raises(AssertionError, match=f"request to elsewhere: {ELSEWHERE}/landing"),
        opened(browser, site) as page,
        pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"),
    ):
        page.goto("/away")


def test_request_elsewhere_is_blocked(window: Window, site: str) -> None:
    """The picture of another site fails before a connection; a fault that is forgiven fails no test."""
    page = window(site, forgiving=("elsewhere", "ERR_BLOCKED_BY_CLIENT"))
    with page.expect_event("requestfailed") as failed:
        page.goto("/outside")
    assert failed.value.failure.startswith("net::ERR_BLOCKED_BY_CLIENT")


def test_accessibility_is_checked_under_the_policy(window: Window, site: str) -> None:
    """A field without a label is told by rule and place, one with a label passes, nothing is refused."""
    page = window(site)
    page.goto("/unlabeled")
    with pytest.raises(AssertionError, match="critical: label at input: Form elements must have labels"):
        assert_accessible(page)
    page.goto("/")
    assert_accessible(page)


def test_window_and_picture_are_what_was_asked_for(window: Window, site: str) -> None:
    """Size, language, time zone and darkness reach the page; a picture is a PNG file of that size."""
    page = window(site, size=(360, 740), telephone=True, dark=True, language="en-US")
    page.goto("/")
    assert page.evaluate(f"[...{FACTS}, {DARK}]") == [360, 740, "en-US", "Asia/Tokyo", True]
    content = picture(page, "bed").read_bytes()
    assert (content[1:4], struct.unpack(">II", content[16:24])) == (b"PNG", (360, 740))


def test_window_without_wishes_is_japanese(window: Window, site: str) -> None:
    """The default is a light, Japanese window of a desk."""
    page = window(site)
    page.goto("/")
    assert page.evaluate(f"[...{FACTS}, {DARK}]") == [1200, 900, "ja-JP", "Asia/Tokyo", False]


def test_scripts_can_be_off(window: Window, site: str) -> None:
    """A page shows what it has for those without JavaScript."""
    page = window(site, scripts=False)
    page.goto("/noscript")
    assert page.locator("noscript p").is_visible()


def test_browser_at_rest_leaves_event_loops_alone(chromium: Chromium) -> None:
    """Other tests of the process can run their own loops between two uses of the browser."""
    assert asyncio.run(asyncio.sleep(0, "ran")) == "ran"
    with chromium.in_use() as browser:
        assert browser.is_connected()
    assert asyncio.run(asyncio.sleep(0, "ran")) == "ran"
