"""The report of a month from what happened in the shop, its mails, its page and its files."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest

import daemon.reporting.digests
from daemon.aftercare.closing import close
from daemon.cli.new_files import write_text
from daemon.commands import answered, no_reply_needed
from daemon.errors import SokuresuError
from daemon.reporting.csv_lines import csv_line
from daemon.reporting.digests import DigestDesk
from daemon.reporting.report_sheets import report_page
from daemon.reporting.reports import month_report
from daemon.work import Work
from state.calls import Call
from state.lessons import Cause
from state.periods import Month
from state.ratings import Rating, RatingSource
from state.reporting import Share
from state.repository.orders import OrderFacts
from state.steps import Matter, Step
from templates.report_pages import render_page
from tests.beds.commands import Counter
from tests.beds.post import buyer, order_of
from tests.unit.state.examples import DAY, HOUR, TOKYO, local

NOVEMBER = Month(2026, 11)
HOSTILE = '</table><script>alert(1)</script><img src="http://evil.example/x" onerror="x">'
DAMAGED = "届いた商品の箱がつぶれていて、中身も割れていました。"


@pytest.fixture
def counter(floor, tmp_path):
    """Where the seller types."""
    return Counter(floor, tmp_path)


def change(floor, what):
    """Something is done in one transaction."""
    with floor.database.write() as uow:
        what(Work(uow, floor.shop, floor.clock.now()))
        uow.commit()


def report(floor, month=NOVEMBER):
    """The report as of now."""
    with floor.database.read() as uow:
        return month_report(Work(uow, floor.shop, floor.clock.now()), month)


def busy(floor, line="箱を替える"):
    """Three buyers: one is answered, one needs no answer, one is late; a lesson, ratings, an order again."""
    for number in (1, 2, 3):
        floor.work(buyer(number, text=DAMAGED))
    floor.clock.advance(HOUR)
    change(floor, lambda work: answered(work, 1))
    change(floor, lambda work: no_reply_needed(work, 2))
    change(floor, lambda work: close(work, 1, Cause.PACKING, line))
    at = floor.clock.now()

    def beside(work):
        work.uow.orders.note(OrderFacts(order_of(1), ordered_on=date(2026, 11, 10), buyer_print="p"), at)
        work.uow.orders.note(OrderFacts(order_of(8), ordered_on=date(2026, 11, 18), buyer_print="p"), at)
        for stars, case in ((1, 2), (5, None), (2, 3)):
            rating = Rating(
                stars, RatingSource.REPORT, order_of(stars), rated_on=date(2026, 11, 3), case_id=case
            )
            work.uow.ratings.add(rating, at)
        work.uow.steps.add(Step(2, Matter.REMOVAL, "struck", date(2026, 11, 5)), at)
        work.uow.steps.add(Step(2, Matter.REMOVAL, "bought_label_on_time", date(2026, 11, 6)), at)

    change(floor, beside)
    floor.clock.advance(2 * DAY)


def test_the_report_is_what_happened(floor):
    """Every figure comes from the rows that the shop's own work left behind."""
    busy(floor)
    found = report(floor)
    assert (found.cases, found.complete) == (3, False)
    assert dict(found.situations) == {"damaged": 3}
    assert (found.acknowledged, found.acknowledged_within.worst) == (Share(3, 3), timedelta(0))
    answering = found.answering
    assert (answering.messages, answering.no_reply_needed, answering.within_24h) == (3, 1, Share(1, 2))
    assert (answering.spans.median, [one.case_id for one in answering.late]) == (HOUR, [3])
    assert found.arrivals[1][10] == 3
    assert (found.ratings[-1].stars, found.ratings[-1].lifted) == ((0, 1, 0, 0, 1), 1)
    assert (found.causes, found.unlearnt) == (((Cause.PACKING, 1),), 2)
    assert [(one.cases, one.again) for one in found.promises] == [((1,), ())]
    assert (found.troubled_buyers, found.won_back) == (1, (1,))
    assert report(floor, Month(2026, 10)).cases == 0


class _Seen(HTMLParser):
    """The elements of a page, and where they lead."""

    def __init__(self):
        super().__init__()
        self.tags, self.leads = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.leads += [value for name, value in attrs if name in {"src", "href", "action", "onerror"}]


def test_the_page_is_whole_in_itself_and_inert(floor):
    """What people wrote is text in it; it runs nothing and loads nothing; every chart has its table."""
    busy(floor, HOSTILE)
    floor.start(name=f"まい{HOSTILE}")
    with floor.database.read() as uow:
        found = month_report(Work(uow, floor.shop, floor.clock.now()), NOVEMBER)
    page = render_page(report_page(found, floor.shop))
    seen = _Seen()
    seen.feed(page)
    assert (seen.tags & {"script", "img", "link", "iframe", "object", "foreignobject"}, seen.leads) == (
        set(),
        [],
    )
    assert "&lt;script&gt;" in page
    assert "url(" not in page
    assert page.count('role="img"') == page.count("<details>") == 6
    assert "prefers-color-scheme:dark" in page


# Mails


def digest(floor, when, **shop):
    """The mails that the digests make at a local time."""
    floor.start(**shop)
    floor.clock.set(local(when))
    DigestDesk(floor.database, floor.shop, floor.clock).turn()
    before = len(floor.alerts())
    floor.delivery.turn()
    return floor.alerts()[before:]


def parts(mail):
    """Its plain text and its page."""
    return [part.get_content() for part in mail.message.walk() if part.get_content_maintype() == "text"]


def test_the_month_is_told_once_at_the_first_alert_of_the_first(floor):
    """Not before noon, not twice; tables in text and page, cases by number, nobody's words or name."""
    busy(floor, "山田様の箱を替える")
    wanted = {"monthly_digest": True}
    assert digest(floor, "2026-12-01 11:59", **wanted) == []
    (mail,) = digest(floor, "2026-12-01 12:00", **wanted)
    text, page = parts(mail)
    assert str(mail.message["Subject"]) == "【即レス】2026年11月のまとめ"
    assert "こちらの梱包" in text
    assert "<td" in page
    for shown in (text, page):
        assert "山田" not in shown
        assert "つぶれ" not in shown
        assert order_of(1) not in shown
    assert not re.search("<(?:img|svg|script|link)", page)
    assert digest(floor, "2026-12-01 12:01", **wanted) == []


@pytest.mark.parametrize(
    ("when", "subjects"),
    [
        ("2026-11-18 12:00", []),
        ("2026-11-23 11:59", []),
        ("2026-11-23 12:00", ["11-16 - 11-22"]),
        ("2027-02-10 12:00", ["2027年1月", "02-01 - 02-07"]),
    ],
)
def test_after_an_outage_only_the_latest_goes(floor, when, subjects):
    """Nothing for a time before the first start; weeks and months that were missed are not made up for."""
    mails = digest(floor, when, monthly_digest=True, weekly_line=True)
    told = [str(mail.message["Subject"]) for mail in mails]
    assert len(told) == len(subjects)
    assert all(words in subject for words, subject in zip(subjects, told, strict=True))


def test_who_wants_no_digest_gets_none(floor):
    """Both are switched off in the shop of the tests."""
    assert digest(floor, "2027-02-10 12:00") == []


def test_the_line_of_the_week_tells_that_the_service_lives_and_what_it_may_have_missed(floor):
    """Numbers, kinds and the number of the oldest case; that no notice of a rating ever came."""
    busy(floor)
    (mail,) = digest(floor, "2026-11-23 12:00", weekly_line=True)
    text = parts(mail)[0]
    for words in (
        "main: 最後に読み終えたのは",
        "お問い合わせ: 3",
        "開いた案件 3、回答した案件 2",
        "未回答の案件: 1 (最も古いのは案件 3",
        "評価のお知らせメールは一度も届いていません",
        "評価レポートの取り込み: まだありません",
        "保留したメール: 0",
    ):
        assert words in text
    assert "山田" not in text


def test_a_report_that_cannot_be_made_keeps_nothing_else_back(floor, monkeypatch):
    """The line of the week goes; the report is tried again and then goes too."""
    with monkeypatch.context() as broken:
        broken.setattr(daemon.reporting.digests, "month_report", lambda *_: 1 / 0)
        mails = digest(floor, "2027-02-10 12:00", monthly_digest=True, weekly_line=True)
    assert ["先週の動き" in str(mail.message["Subject"]) for mail in mails] == [True]
    (mail,) = digest(floor, "2027-02-10 12:01")
    assert "2027年1月" in str(mail.message["Subject"])


# Commands


def test_the_command_shows_mails_and_files_the_same_report(counter, tmp_path):
    """Terminal, JSON, CSV, page and mail; a page is private and not overwritten; the future has no report."""
    busy(counter.floor)
    shown = counter.call("report").stdout
    assert "2026年11月のまとめ" in shown
    assert "今月の途中" in shown
    assert counter.json("report")["answers"]["late"] == [3]
    assert counter.call("report", "--csv").stdout.startswith("\ufeff2026年11月のまとめ")
    file = tmp_path / "report.html"
    line = ("report", "--month", "2026-11", "--html", str(file))
    assert [counter.call(*line).exit_code for _ in range(2)] == [0, 1]
    assert counter.call(*line, "--force").exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert counter.call("report", "--send").exit_code == 0
    counter.floor.delivery.turn()
    assert "2026年11月のまとめ" in str(counter.floor.alerts()[-1].message["Subject"])
    assert [counter.call("report", "--month", one).exit_code for one in ("2026-12", "12")] == [1, 2]


def test_an_export_is_safe_for_a_spreadsheet(counter, tmp_path):
    """A formula stays text, times are the shop's, the newest comes last, and days limit it."""
    floor = counter.floor
    busy(floor, '=HYPERLINK("http://evil.example")')
    call = Call(1, floor.clock.now(), caller="+Taro", wishes="@a\nb", number="090-1234-5678")
    change(floor, lambda work: work.uow.calls.add(call, work.now))
    file = tmp_path / "cases.csv"
    assert counter.call("export", "cases", str(file)).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = list(csv.reader(io.StringIO(file.read_text("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["1", "2", "3"]
    assert rows[1][1:3] + rows[1][6:7] == ["お問い合わせ", "終了", "2026-11-17 10:30"]
    assert rows[1][-1] == '\'=HYPERLINK("http://evil.example")'
    assert counter.call("export", "cases", str(file)).exit_code == 1
    calls = counter.call("export", "calls", "--since", "2026-11-01")
    assert "'+Taro,'@a" in calls.stdout.replace('"', "")
    assert "個人情報" in calls.stderr
    assert len(counter.call("export", "calls", "--until", "2026-11-18").stdout.splitlines()) == 1
    ratings = counter.call("export", "feedback").stdout.splitlines()
    assert [len(ratings), len(counter.call("export", "orders").stdout.splitlines())] == [4, 3]


def test_numbers_stay_numbers_and_formulas_do_not():
    """Only what a spreadsheet would carry out gets an apostrophe."""
    cells = [-5, 1.5, None, "-5", "=1", "\t1", "\r1", "@x", "+1", "a=1", date(2026, 11, 1)]
    assert csv_line(cells, TOKYO) == "-5,1.5,,'-5,'=1,'\t1,\"'\r1\",'@x,'+1,a=1,2026-11-01\r\n"
    hostile = ["＝1", " =1", "\v=1", "\x1b[31m\u202eabc"]
    assert csv_line(hostile, TOKYO) == "'＝1,' =1,'=1,[31mabc\r\n"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    """What fails halfway leaves the old one; another name of it, and where a link leads, stay as they are."""
    file, second, link = (tmp_path / name for name in ("a.csv", "b.csv", "c.csv"))
    file.write_text("old", "utf-8")
    second.hardlink_to(file)
    link.symlink_to(file)
    with pytest.raises(ZeroDivisionError):
        write_text(file, (str(1 // number) for number in (1, 0)), force=True)
    with pytest.raises(SokuresuError, match="no ordinary file"):
        write_text(link, ["new"], force=True)
    assert (file.read_text("utf-8"), len(list(tmp_path.iterdir()))) == ("old", 3)
    write_text(file, ["new"], force=True)
    assert (file.read_text("utf-8"), second.read_text("utf-8")) == ("new", "old")


def test_the_json_of_a_report_is_plain(counter):
    """A shop without a single case has a report too."""
    told = counter.json("report", "--month", "2026-10")
    assert (told["cases"], told["answers"]["within_24h_percent"], told["ratings"][0]["stars"]) == (
        0,
        None,
        [0, 0, 0, 0, 0],
    )
    assert json.dumps(told)


def test_what_a_script_reads_is_nothing_but_the_report(counter):
    """Beside JSON, and a page on standard output, what else is told goes to the error output."""
    sent = counter.call("report", "--send", "--json")
    assert (json.loads(sent.stdout)["cases"], "送信待ち" in sent.stderr) == (0, True)
    assert counter.call("report", "--html", "-").stdout.startswith("<!doctype html>")
    assert counter.call("report", "--csv", "--json").exit_code == 2


def test_days_of_an_export_are_real_and_in_order(counter):
    """The end of the calendar and days the wrong way round are usage errors; words are not machine's."""
    busy(counter.floor)
    for days in (("--until", "9999-12-31"), ("--since", "2026-11-18", "--until", "2026-11-17")):
        assert counter.call("export", "cases", *days).exit_code == 2
    assert counter.call("export", "cases", "--since", "0001-01-02", "--until", "9999-12-30").exit_code == 0
    assert ",評価レポート" in counter.call("export", "feedback").stdout
