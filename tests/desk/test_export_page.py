"""Tables for spreadsheets, saved from the desk."""

from __future__ import annotations

import asyncio
import csv
import gc
from io import StringIO
from itertools import repeat

import pytest

from daemon.aftercare.calls import CallEntry, log_call
from daemon.web import sessions
from daemon.web.app import build
from daemon.web.pages import export
from tests.beds.post import buyer
from tests.beds.raw_requests import HOST, _scope
from tests.beds.reviewing import day_goes_on


def rows_of(answer) -> list[list[str]]:
    """The cells of a saved table."""
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))


def test_cases_are_saved_as_a_table(floor, browser):
    """A file with a mark for Excel, one row a case, named by the shop's day."""
    day_goes_on(floor, buyer(1))
    answer = browser.get("/export/table.csv?what=cases&since=&until=")
    assert [row[0] for row in rows_of(answer)] == ["案件", "1"]
    kept = answer.headers["content-disposition"]
    assert kept == 'attachment; filename="sokuresu-cases-2026-11-17.csv"'
    assert answer.headers["content-type"].startswith("text/csv")


def test_days_bound_the_table(floor, browser):
    """Cases of other days are left out."""
    day_goes_on(floor, buyer(1))
    assert len(rows_of(browser.get("/export/table.csv?what=cases&since=2026-11-18"))) == 1
    assert len(rows_of(browser.get("/export/table.csv?what=cases&since=2026-11-17&until=2026-11-17"))) == 2


def test_no_cell_is_a_formula(floor, browser):
    """What a caller is noted to have said cannot be carried out by a spreadsheet."""
    with browser.desk.deciding() as work:
        log_call(work, CallEntry("+1", caller="=HYPERLINK(1)", hours="@x", called_at=work.now))
    row = rows_of(browser.get("/export/table.csv?what=calls"))[1]
    assert not [cell for cell in row if cell.startswith(("=", "+", "@", "-"))]


@pytest.mark.parametrize("days", ["since=gestern", "since=2026-11-18&until=2026-11-17", "until=0001-01-01"])
def test_days_that_are_none_are_told(browser, days):
    """The form comes back with what was typed and a sentence."""
    answer = browser.get(f"/export/table.csv?what=calls&{days}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_an_unknown_table_is_not_there(browser):
    """Nothing but the four tables has a file."""
    assert browser.get("/export/table.csv?what=../../etc/passwd").status_code == 404


async def go_away_in_the_middle(app, scope):
    """Ask for something long, take one piece of it, and close the window."""
    came = asyncio.Event()

    async def receive():
        await came.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        if message.get("body"):
            came.set()
        await asyncio.sleep(0)

    await app(scope, receive, send)


def test_whoever_goes_away_leaves_no_transaction_open(floor, browser, monkeypatch):
    """What is read on would keep the log of the database from being emptied."""
    monkeypatch.setattr(export, "table_lines", lambda *_: repeat("x" * 1000))
    cookie = ("cookie", f"{sessions.COOKIE}={browser.seat.token}")
    app, pool = build(browser.desk), floor.database._engine.pool
    gc.disable()
    try:
        for _ in range(5):
            scope = _scope("/export/table.csv?what=cases", "GET", (HOST, cookie))
            asyncio.run(go_away_in_the_middle(app, scope))
        assert pool.checkedout() == 0
    finally:
        gc.enable()
