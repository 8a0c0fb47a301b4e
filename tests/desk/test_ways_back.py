"""The address of a form, opened by itself, leads back to the page that it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from daemon.web.pages import ROOMS
from tests.beds.post import buyer

if TYPE_CHECKING:
    from tests.beds.desk import Browser
    from tests.beds.shopfloor import Shopfloor


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("/case/1/snooze", "/case/1"),
        ("/case/1/inquiry/send", "/case/1/inquiry"),
        ("/case/1/refund/made", "/case/1/refund"),
        ("/feedback/7/step", "/feedback/7"),
        ("/outbox/3/drop", "/outbox/3"),
        ("/quarantine/retry", "/quarantine"),
        ("/report/2026-11/send", "/report/2026-11"),
        ("/logout", "/"),
        ("/language", "/"),
    ],
)
def test_a_reload_after_a_refusal_is_no_dead_end(browser: Browser, asked: str, page: str) -> None:
    """Nothing is done by it, and the browser goes on to the page."""
    answer = browser.get(asked)
    assert (answer.status_code, answer.headers["location"]) == (303, page)


def test_no_form_ends_in_a_refused_method(floor: Shopfloor, browser: Browser) -> None:
    """Every address that takes a form can be opened, too."""
    floor.work(buyer())
    for room in ROOMS:
        if room.method == "POST":
            path = room.path.replace("{number:int}", "1").replace("{month}", "2026-11")
            assert browser.get(path).status_code != 405, path
