"""Debian's chromium: one for each test process, and windows that notice what a page does wrong.

A test takes the fixture ``window``, which opens pages::

    def test_today(window, desk):
        page = window(desk.url, size=(360, 740), telephone=True)
        page.goto("/today")
        assert_accessible(page)
        picture(page, "today-360")

When the test ends, it fails if a page had an error in its console (a refusal by the Content-Security-Policy
is one, and so is an answer of 400 and above), an uncaught exception, or a request to anywhere but its own
address. Such requests never leave this machine. Do not use ``wait_for_function``: it evaluates text inside
the page, which a strict policy refuses. ``expect(locator)`` and ``page.wait_for_url`` wait without.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib.resources
import importlib.util
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.beds.processes import missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Protocol

    from playwright.sync_api import Browser, BrowserContext, Page

    class Window(Protocol):
        """Opens a page; see :func:`opened` for what it takes."""

        def __call__(
            self,
            origin: str,
            *,
            size: tuple[int, int] = ...,
            telephone: bool = ...,
            dark: bool = ...,
            language: str = ...,
            scripts: bool = ...,
            forgiving: Sequence[str] = ...,
        ) -> Page: ...


BROWSER_MISSING = "The browser is missing: apt-get install --no-install-recommends chromium fonts-noto-cjk"
DRIVER_MISSING = (
    "The browser's driver is missing: "
    ".venv/bin/python -m pip install --require-hashes -r tests/browser/requirements.txt"
)
PICTURES = "SOKURESU_PICTURES"
"""The environment variable that names the folder of the pictures."""

_FLAGS = (
    # Root has no sandbox here, and the pages are our own.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Even what escapes every other watch finds no way out of this machine.
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
_START_WITHIN = 60_000.0
_ACT_WITHIN = 60_000.0
"""Milliseconds that the start of the browser, and everything that a test does with a page, may take."""
_INSIDE = ("data:", "blob:", "about:")
_RUN_AXE = "axe.run(document, {resultTypes: ['violations']}).then(report => report.violations)"


@dataclass(frozen=True, slots=True)
class Chromium:
    """A running browser.

    Attributes:
        browser: the driver's view of it.
        loop: the event loop that the driver lives in.
    """

    browser: Browser
    loop: asyncio.AbstractEventLoop

    @contextlib.contextmanager
    def in_use(self) -> Iterator[Browser]:
        """Hand the browser out for a block.

        The driver leaves its event loop marked as the running one of this thread, between its calls too.
        Other tests of the process start loops of their own, so the mark is off while nobody drives. A test
        that has a window runs what needs a loop of its own in another thread, as the beds' servers do.
        """
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(self.loop)
        try:
            yield self.browser
        finally:
            asyncio._set_running_loop(before)


@dataclass(slots=True)
class Watch:
    """What the pages of one window did wrong.

    Attributes:
        origin: the only address they may ask.
        faults: a line each, in order.
    """

    origin: str
    faults: list[str] = field(default_factory=list)

    def attach(self, context: BrowserContext) -> None:
        """Watch every page that this context opens, and let no request out."""
        context.on("console", lambda said: self._note_console(said.type, said.text))
        context.on("weberror", lambda raised: self.faults.append(f"uncaught in the page: {raised.error}"))
        context.on("request", lambda request: self._note_address(request.url))
        context.on("page", lambda page: page.on("websocket", lambda one: self._note_address(one.url)))
        outside = re.compile(f"^(?!{re.escape(self.origin)}(?:[/?#]|$))")
        context.route(outside, lambda route: route.abort("blockedbyclient"))

    def unforgiven(self, forgiving: Sequence[str]) -> list[str]:
        """The faults without those that contain one of these words."""
        return [fault for fault in self.faults if not any(word in fault for word in forgiving)]

    def _note_console(self, kind: str, text: str) -> None:
        if kind in ("error", "assert"):
            self.faults.append(f"console: {text}")

    def _note_address(self, url: str) -> None:
        own = url == self.origin or url.startswith(tuple(self.origin + mark for mark in "/?#"))
        if not own and not url.startswith(_INSIDE):
            self.faults.append(f"request to elsewhere: {url[:200]}")


@contextlib.contextmanager
def opened(
    browser: Browser,
    origin: str,
    *,
    size: tuple[int, int] = (1200, 900),
    telephone: bool = False,
    dark: bool = False,
    language: str = "ja-JP",
    scripts: bool = True,
    forgiving: Sequence[str] = (),
) -> Iterator[Page]:
    """A page in a fresh profile, in Tokyo's time zone; it closes with the block.

    Args:
        browser: where it opens.
        origin: scheme, host and port that it may ask, without a slash at the end; ``page.goto`` then takes
            mere paths.
        size: width and height of the page in CSS pixels.
        telephone: with a touch screen, and the page's own ``viewport`` obeyed.
        dark: whether the person prefers a dark page.
        language: what the browser asks for, ``ja-JP`` or ``en-US``.
        scripts: whether JavaScript runs.
        forgiving: words of faults that the test provokes on purpose, such as ``status of 409``.

    Raises:
        AssertionError: the page did something wrong; each fault is a line.
    """
    watch = Watch(origin)
    context = browser.new_context(
        base_url=origin,
        viewport={"width": size[0], "height": size[1]},
        is_mobile=telephone,
        has_touch=telephone,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        locale=language,
        timezone_id="Asia/Tokyo",
        java_script_enabled=scripts,
        service_workers="block",
    )
    try:
        context.set_default_timeout(_ACT_WITHIN)
        watch.attach(context)
        yield context.new_page()
    finally:
        # What the page said before is heard before it is closed.
        context.close()
    faults = watch.unforgiven(forgiving)
    assert not faults, "\n".join(("the page did wrong:", *faults))


def assert_accessible(page: Page) -> None:
    """Let axe-core look at the page as it stands.

    Raises:
        AssertionError: it found faults that it calls serious or critical, insufficient contrast for example;
            each is a line with the rule, the place and what it asks for.
    """
    # Handed over by the debugger, which a Content-Security-Policy does not bind.
    page.evaluate(_axe())
    violations: list[dict[str, Any]] = page.evaluate(_RUN_AXE)
    faults = [
        f"{fault['impact']}: {fault['id']} at {_place(node)}: {fault['help']}"
        for fault in violations
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
    assert not faults, "\n".join((f"not accessible: {page.url}", *faults))


def _place(node: dict[str, Any]) -> str:
    return " ".join(str(part) for part in node["target"])


@functools.cache
def _axe() -> str:
    file = importlib.resources.files("axe_playwright_python") / "axe.min.js"
    return file.read_text(encoding="utf-8")


def picture(page: Page, name: str, *, full_page: bool = False) -> Path:
    """Save what the window shows as ``<name>.png``.

    Args:
        page: what is shown.
        name: of the file, without its ending.
        full_page: also what one would have to scroll to.

    Returns:
        The file, in the folder that ``SOKURESU_PICTURES`` names, else in the test run's temporary folder.
    """
    path = Path(os.environ[PICTURES]) / f"{name}.png"
    page.screenshot(path=path, full_page=full_page, animations="disabled", scale="css")
    return path


def _program() -> str:
    """Where the browser is; without it or its driver the test is skipped, or fails where nothing may be."""
    program = shutil.which("chromium")
    if program is None:
        missing(BROWSER_MISSING)
    if not all(importlib.util.find_spec(name) for name in ("playwright", "axe_playwright_python")):
        missing(DRIVER_MISSING)
    return program


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One browser for the whole test process; it starts with the first test that asks for it."""
    program = _program()
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=_ACT_WITHIN)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as driver:
        if not os.environ.get(PICTURES):
            patch.setenv(PICTURES, str(tmp_path_factory.mktemp("pictures")))
        browser = driver.chromium.launch(executable_path=program, args=_FLAGS, timeout=_START_WITHIN)
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield Chromium(browser, loop)
        asyncio._set_running_loop(loop)
        browser.close()


@pytest.fixture
def window(chromium: Chromium) -> Iterator[Window]:
    """What opens pages for one test and watches them; :func:`opened` says what it takes."""
    with chromium.in_use() as browser, contextlib.ExitStack() as pages:
        yield lambda origin, **wanted: pages.enter_context(opened(browser, origin, **wanted))
