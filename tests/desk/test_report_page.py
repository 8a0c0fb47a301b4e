"""The report of a month at the desk: the same figures as everywhere, and files to keep."""

from __future__ import annotations

import csv
import io
import re

import pytest

from daemon.aftercare.closing import close
from daemon.commands import answered
from daemon.work import Work
from state.lessons import Cause
from state.outbox_rules import OutboxKind
from state.ratings import Rating, RatingSource
from tests.beds.commands import Counter
from tests.beds.desk import words_of
from tests.beds.post import buyer, order_of
from tests.unit.state.examples import DAY, HOUR

HOSTILE = "<script>alert(1)</script>"
DAMAGED = "届いた商品の箱がつぶれていて、中身も割れていました。"
PAGE = "/report/2026-11"


@pytest.fixture
def busy(floor, browser):
    """Three buyers, of whom one is answered; a lesson with somebody's markup, and a rating."""
    for number in (1, 2, 3):
        floor.work(buyer(number, text=DAMAGED))
    floor.clock.advance(HOUR)
    with floor.database.write() as uow:
        work = Work(uow, floor.shop, floor.clock.now())
        answered(work, 1)
        close(work, 1, Cause.PACKING, f"箱を替える{HOSTILE}")
        rated = Rating(2, RatingSource.REPORT, order_of(2), rated_on=work.now.date(), case_id=2)
        uow.ratings.add(rated, work.now)
        uow.commit()
    floor.clock.advance(2 * DAY)
    return browser.sign_in()


def test_the_figures_are_those_of_the_command(floor, busy, tmp_path):
    """Every line of the command's page stands on this one, and the table is the very same."""
    counter = Counter(floor, tmp_path)
    page = words_of(busy.get("/report").text)
    told = counter.call("report").output
    # Punctuation and blanks stand between the figures there, and cells do here.
    missing = [word for word in re.findall(r"[\w%-]+", told) if word not in page]
    assert missing == []
    assert busy.get(f"{PAGE}.csv").text.splitlines() == counter.call("report", "--csv").output.splitlines()
    figures = counter.json("report")
    assert f"案件 {figures['cases']} " in page


def test_charts_have_words_and_nothing_runs_or_breaks_the_policy(busy):
    """Each chart is an image with a title, and its figures stand in a table; numbers of cases are links."""
    page = busy.get(PAGE).text
    assert page.count('role="img"') == page.count("<summary>表で見る</summary>") == 6
    assert page.count('-t">') == 6
    assert "style=" not in page
    assert "<style" not in page
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert 'href="/case/3"' in page


def test_months_lead_to_each_other_and_no_other_path_is_taken(busy):
    """Nothing newer than this month; what is no month is not there, whatever it looks like."""
    assert 'href="/report/2026-10"' in busy.get("/report").text
    assert 'href="/report/2026-12"' not in busy.get("/report").text
    assert 'href="/report/2026-11"' in busy.get("/report/2026-10").text
    assert busy.get("/report/2026-12").status_code == 409
    for path in (
        "2026-13",
        "26-1",
        "..%2f..%2fetc%2fpasswd",
        "..%2f2026-11.csv",
        "%2e%2e.html",
        "2026-11%0d%0aX.csv",
        "２０２６-11",
        "2026-11.html.csv",
    ):
        assert busy.get(f"/report/{path}").status_code == 404, path


def test_the_files_are_whole_and_safe(busy):
    """Saved and not opened; the page is whole in itself, the table is read as Japanese and no formula."""
    page = busy.get(f"{PAGE}.html")
    assert page.headers["content-disposition"] == 'attachment; filename="report-2026-11.html"'
    assert page.text.lstrip().startswith("<!doctype html>")
    assert HOSTILE not in page.text
    table = busy.get(f"{PAGE}.csv")
    assert table.headers["content-disposition"] == 'attachment; filename="report-2026-11.csv"'
    assert table.content.startswith("\ufeff".encode())
    rows = [row for row in csv.reader(io.StringIO(table.text)) if row]
    assert ["こちらの梱包", "1"] in rows
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "-"))]


def test_the_owner_gets_it_by_mail_once_for_each_wish(floor, busy):
    """The same button pressed twice queues one mail."""
    for told in ("report_queued", "nothing"):
        answer = busy.post(f"{PAGE}/send", wish="abc123")
        assert answer.headers["location"] == f"{PAGE}?done={told}"
    assert busy.post(f"{PAGE}/send", wish="../x").status_code == 400
    assert busy.post("/report/2026-13/send", wish="abc124").status_code == 404
    assert [one.kind for one in floor.outbox(None)] == [OutboxKind.ALERT]
