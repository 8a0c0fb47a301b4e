"""The report of a month in words, for the terminal, the page, the mail and the file alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.reporting.figures import case_numbers, moment_of, proportion, share_of, span_of, whole_share
from daemon.showing.reader import Reader
from daemon.words import CAUSES, KINDS, SITUATIONS
from templates.report_pages import (
    Bar,
    Bars,
    Cell,
    Column,
    Columns,
    Heat,
    ReportPage,
    Section,
    Sheet,
    Tile,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daemon.shop import Shop
    from state.reporting import Answering, Late, MonthOfRatings, MonthReport, Promise, Returned, Spans

ROWS_SHOWN = 30
"""So many rows of a list are told, the rest as a number."""

_HOURS_A_COLUMN = 3
_DAYS = (
    ("月", "Mon"),
    ("火", "Tue"),
    ("水", "Wed"),
    ("木", "Thu"),
    ("金", "Fri"),
    ("土", "Sat"),
    ("日", "Sun"),
)
_BUCKETS = (
    ("1時間以内", "within 1 h", "good"),
    ("1〜4時間", "1 to 4 h", "good"),
    ("4〜12時間", "4 to 12 h", "plain"),
    ("12〜24時間", "12 to 24 h", "fair"),
    ("24時間を超えた", "later than 24 h", "bad"),
    ("まだ回答していない", "not answered yet", "bad"),
)


def report_page(
    report: MonthReport, shop: Shop, *, private: bool = False, language: str | None = None
) -> ReportPage:
    """The report in words.

    Args:
        report: the figures.
        shop: whose it is; its language and time zone are spoken.
        private: leave out what people wrote, the owner too: only figures and numbers of cases go into mail.
        language: ``ja`` or ``en``, for a reader who chose another than the shop's.
    """
    reader = Reader(language or shop.language, shop.calendar.zone, report.until)
    return ReportPage(
        language=reader.language,
        title=_title(report, reader),
        subtitle=_subtitle(report, shop.name, reader),
        tiles=_tiles(report, reader),
        sections=tuple(_sections(report, reader, private=private)),
        as_table=reader.say("表で見る", "as a table"),
        ending=reader.say(
            "Amazonの24時間は購入者からのメッセージだけに当てはまり、受付確認は回答に数えません。",
            "Amazon's 24 hours hold for buyer messages only, and an acknowledgment is no answer.",
        ),
    )


def _title(report: MonthReport, reader: Reader) -> str:
    month = report.month
    return reader.say(f"{month.year}年{month.month}月のまとめ", f"Report of {month}")


def _subtitle(report: MonthReport, name: str, reader: Reader) -> str:
    if report.complete:
        return name
    until = report.until.astimezone(reader.zone)
    ja = f"{until.month}月{until.day}日 {until:%H:%M}"
    return reader.say(
        f"{name} (今月の途中、{ja} まで)", f"{name} (the month so far, up to day {until.day}, {until:%H:%M})"
    )


def _tiles(report: MonthReport, reader: Reader) -> tuple[Tile, ...]:
    answering, ratings = report.answering, report.ratings[-1]
    stars = sum(ratings.stars)
    return (
        Tile(
            reader.say("案件", "cases"),
            str(report.cases),
            reader.say(f"うち原因が未記録 {report.unlearnt}", f"{report.unlearnt} without a cause yet"),
        ),
        Tile(
            reader.say("24時間以内の回答", "answered within 24 h"),
            share_of(answering.within_24h),
            proportion(answering.within_24h, reader),
        ),
        Tile(
            reader.say("その日のうちの回答", "answered the same day"),
            share_of(answering.same_day),
            proportion(answering.same_day, reader),
        ),
        Tile(
            reader.say("高い評価 (4と5)", "ratings of 4 and 5"),
            share_of(ratings.positive),
            reader.say(f"評価 {stars} 件", f"{stars} ratings"),
        ),
    )


def _sections(report: MonthReport, reader: Reader, *, private: bool) -> Iterable[Section]:
    yield _answers(report.answering, reader)
    yield _ratings(report.ratings, reader)
    yield _causes(report, reader)
    yield _arrivals(report, reader)
    yield _promises(report.promises, reader, private=private)
    yield _returned(report.returned, reader, private=private)
    yield _kinds(report, reader)
    yield _situations(report, reader)
    yield _late(report.answering.late, reader)
    yield _acknowledged(report, reader)
    yield _won_back(report, reader)


def _counted(
    key: str, title: str, what: str, reader: Reader, *, bars: Sequence[Bar], note: str = ""
) -> Section:
    """Numbers of something as bars and as a table."""
    rows = tuple((bar.label, bar.value) for bar in bars)
    sheet = Sheet((what, reader.say("件数", "number")), rows)
    empty = reader.say("ありません。", "None.")
    return Section(key, title, sheet, empty, note, Bars(tuple(bars)))


def _kinds(report: MonthReport, reader: Reader) -> Section:
    bars = [Bar(reader.word(KINDS, kind), number) for kind, number in report.kinds]
    title = reader.say("案件の種類", "What came")
    return _counted("kinds", title, reader.say("種類", "kind"), reader, bars=bars)


def _situations(report: MonthReport, reader: Reader) -> Section:
    bars = [Bar(reader.word(SITUATIONS, word), number) for word, number in report.situations]
    title = reader.say("お問い合わせの内容", "What it was about")
    return _counted("situations", title, reader.say("内容", "situation"), reader, bars=bars)


def _span_rows(spans: Spans, reader: Reader) -> tuple[tuple[Cell, ...], ...]:
    return (
        (reader.say("中央値", "median"), span_of(spans.median, reader)),
        (reader.say("20件中19件はこれ以内", "19 of 20 within"), span_of(spans.p95, reader)),
        (reader.say("最も遅い", "worst"), span_of(spans.worst, reader)),
    )


def _answers(answering: Answering, reader: Reader) -> Section:
    names = [(reader.say(ja, en), tone) for ja, en, tone in _BUCKETS]
    bars = [Bar(name, number, tone) for (name, tone), number in zip(names, answering.buckets, strict=True)]
    rows: tuple[tuple[Cell, ...], ...] = (
        (reader.say("24時間以内", "within 24 h"), whole_share(answering.within_24h, reader)),
        (reader.say("その日のうち", "the same day"), whole_share(answering.same_day, reader)),
        *_span_rows(answering.spans, reader),
        *((bar.label, str(bar.value)) for bar in bars),
        (reader.say("返信不要とした", "said to need no answer"), str(answering.no_reply_needed)),
    )
    median, worst = span_of(answering.spans.median, reader), span_of(answering.spans.worst, reader)
    note = reader.say(f"中央値 {median}、最も遅い {worst}。", f"Median {median}, worst {worst}.")
    return Section(
        "answers",
        reader.say("購入者への回答", "Answers to buyers"),
        Sheet((reader.say("項目", "figure"), reader.say("値", "value")), rows if answering.messages else ()),
        reader.say("購入者からのメッセージはありません。", "No buyer wrote."),
        note if answering.spans.number else "",
        Bars(tuple(bars)),
    )


def _late(late: Sequence[Late], reader: Reader) -> Section:
    waits = reader.say("まだ", "not yet")
    rows = tuple(
        (
            one.case_id,
            moment_of(one.received_at, reader),
            waits if one.took is None else span_of(one.took, reader),
        )
        for one in late[:ROWS_SHOWN]
    )
    headings = reader.say("案件|届いた時刻|回答まで", "case|received|answered after").split("|")
    return Section(
        "late",
        reader.say("24時間を過ぎた案件", "Later than 24 hours"),
        Sheet(tuple(headings), rows),
        reader.say("ありません。", "None."),
        _untold(len(late), reader),
    )


def _untold(number: int, reader: Reader) -> str:
    more = number - ROWS_SHOWN
    return reader.say(f"ほか {more} 件。", f"And {more} more.") if more > 0 else ""


def _ratings(ratings: Sequence[MonthOfRatings], reader: Reader) -> Section:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (str(one.month), *reversed(one.stars), share_of(one.positive), one.lifted)
        for one in ratings
        if sum(one.stars) or one.lifted
    )
    headings = reader.say("月|5|4|3|2|1|4と5の割合|取り消し", "month|5|4|3|2|1|4 and 5|lifted").split("|")
    columns = tuple(
        Column(str(one.month.month), one.stars[0] + one.stars[1], one.stars[2], one.stars[3] + one.stars[4])
        for one in ratings
    )
    low, high = reader.say("1・2|4・5", "1, 2|4, 5").split("|")
    return Section(
        "ratings",
        reader.say("出品者への評価 (12か月)", "Ratings of the seller (12 months)"),
        Sheet(tuple(headings), rows),
        reader.say("この12か月、評価はありません。", "No rating in these twelve months."),
        reader.say("Amazonが削除・取り消した評価は数えません。", "What Amazon lifted does not count."),
        Columns(columns, (low, "3", high)),
    )


def _causes(report: MonthReport, reader: Reader) -> Section:
    bars = [Bar(reader.word(CAUSES, cause), number) for cause, number in report.causes]
    note = reader.say(
        f"問題なし {report.without_cause} 件、原因が未記録のトラブル {report.unlearnt} 件。",
        f"{report.without_cause} without trouble, {report.unlearnt} troubles without a cause yet.",
    )
    title = reader.say("原因", "Causes")
    return _counted("causes", title, reader.say("原因", "cause"), reader, bars=bars, note=note)


def _promises(promises: Sequence[Promise], reader: Reader, *, private: bool) -> Section:
    rows = [_promise_row(one, reader) for one in promises[:ROWS_SHOWN]]
    headings = reader.say(
        "約束したこと|原因|約束した案件|また起きた案件", "what was promised|cause|for cases|again in cases"
    ).split("|")
    shown = slice(1, None) if private else slice(None)
    return Section(
        "promises",
        reader.say("再発防止", "Prevention"),
        Sheet(tuple(headings[shown]), tuple(row[shown] for row in rows)),
        reader.say("約束したことはまだありません。", "Nothing was promised yet."),
        _untold(len(promises), reader),
        is_wide=True,
    )


def _promise_row(promise: Promise, reader: Reader) -> tuple[Cell, ...]:
    again = case_numbers(promise.again) or reader.say("なし", "none")
    return promise.prevention, reader.word(CAUSES, promise.cause), case_numbers(promise.cases), again


def _returned(returned: Sequence[Returned], reader: Reader, *, private: bool) -> Section:
    rows: list[tuple[str | int, ...]] = [
        (one.item, reader.word(SITUATIONS, one.situation), len(one.cases), case_numbers(one.cases))
        for one in returned[:ROWS_SHOWN]
    ]
    headings = reader.say("商品|トラブル|件数|案件", "item|fault|times|cases").split("|")
    shown = slice(1, None) if private else slice(None)
    note = reader.say(
        "自社発送で同じ配送トラブルが180日に2件以上ありました。FBAに切り替えると、配送はAmazonの責任になります。",
        "With own shipping the same delivery fault came again in 180 days; with FBA, Amazon answers for it.",
    )
    return Section(
        "fba",
        reader.say("FBAへの切り替えを検討する商品", "Items to move to FBA"),
        Sheet(tuple(headings[shown]), tuple(row[shown] for row in rows)),
        reader.say("ありません。", "None."),
        note if rows else "",
        is_wide=True,
    )


def _arrivals(report: MonthReport, reader: Reader) -> Section:
    days = tuple(reader.say(*day) for day in _DAYS)
    starts = range(0, 24, _HOURS_A_COLUMN)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (day, *(sum(hours[start : start + _HOURS_A_COLUMN]) for start in starts))
        for day, hours in zip(days, report.arrivals, strict=True)
    )
    headings = (reader.say("曜日", "day"), *(f"{start}-{start + _HOURS_A_COLUMN}" for start in starts))
    came = any(map(any, report.arrivals))
    return Section(
        "arrivals",
        reader.say("届いた曜日と時刻", "When they came"),
        Sheet(headings, rows if came else ()),
        reader.say("対応の要るものは届いていません。", "Nothing came that wanted an answer."),
        reader.say("対応の要るもの。店の時刻です。", "What wanted an answer, by the shop's clock.")
        if came
        else "",
        Heat(days, report.arrivals, reader.say("時", ":00")),
    )


def _acknowledged(report: MonthReport, reader: Reader) -> Section:
    rows: tuple[tuple[Cell, ...], ...] = (
        (reader.say("受付確認を送った案件", "cases acknowledged"), whole_share(report.acknowledged, reader)),
        *_span_rows(report.acknowledged_within, reader),
    )
    return Section(
        "acknowledged",
        reader.say("受付確認", "Acknowledgments"),
        Sheet(
            (reader.say("項目", "figure"), reader.say("値", "value")),
            rows if report.acknowledged.whole else (),
        ),
        reader.say("購入者からのメッセージはありません。", "No buyer wrote."),
    )


def _won_back(report: MonthReport, reader: Reader) -> Section:
    numbers = case_numbers(report.won_back)
    rows = ((report.troubled_buyers, numbers),) if report.won_back else ()
    headings = (reader.say("人数", "buyers"), reader.say("以前の案件", "the earlier cases"))
    return Section(
        "returned",
        reader.say("戻ってきてくれたお客様", "Buyers won back"),
        Sheet(headings, rows),
        reader.say(
            "該当する注文はありません (注文レポートの取り込みが要ります)。", "None (order reports tell)."
        ),
        reader.say(
            "トラブルか低い評価の後に、今月また注文した方。",
            "Who ordered this month after a trouble or a low rating.",
        )
        if rows
        else "",
    )
