"""The report of a month in words, for the terminal, the page, the mail and the file alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

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
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from daemon.shop import Shop
    from state.reporting import Answering, Late, MonthOfRatings, MonthReport, Promise, Returned, Share, Spans

ROWS_SHOWN = 30
"""So many rows of a list are told, the rest as a number."""

_NUMBERS_SHOWN = 10
_NOTHING = "—"
_HOURS_A_COLUMN = 3
_MINUTE = timedelta(minutes=1)
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


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Says things in the owner's language and zone."""

    language: str
    zone: ZoneInfo

    def say(self, ja: str, en: str) -> str:
        return ja if self.language == "ja" else en

    def word(self, words: Mapping[str, tuple[str, str]], word: str) -> str:
        return self.say(*words.get(word, (word, word)))

    def moment(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%m-%d %H:%M}"

    def span(self, span: timedelta | None) -> str:
        """A length of time; below a minute in seconds, for acknowledgments are quick."""
        if span is None:
            return _NOTHING
        if span < _MINUTE:
            return self.say(f"{span.seconds}秒", f"{span.seconds} s")
        minutes = span // _MINUTE
        if minutes < 60:
            return self.say(f"{minutes}分", f"{minutes} min")
        return self.say(f"{minutes // 60}時間{minutes % 60}分", f"{minutes // 60} h {minutes % 60} min")

    def share(self, share: Share) -> str:
        return _NOTHING if share.percent is None else f"{share.percent:.0f}%"

    def of(self, share: Share) -> str:
        """The numbers behind a share."""
        return self.say(f"{share.whole}件中{share.part}件", f"{share.part} of {share.whole}")


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
    speaker = _Speaker(language or shop.language, shop.calendar.zone)
    return ReportPage(
        language=speaker.language,
        title=_title(report, speaker),
        subtitle=_subtitle(report, shop.name, speaker),
        tiles=_tiles(report, speaker),
        sections=tuple(_sections(report, speaker, private=private)),
        as_table=speaker.say("表で見る", "as a table"),
        ending=speaker.say(
            "Amazonの24時間は購入者からのメッセージだけに当てはまり、受付確認は回答に数えません。",
            "Amazon's 24 hours hold for buyer messages only, and an acknowledgment is no answer.",
        ),
    )


def _title(report: MonthReport, speaker: _Speaker) -> str:
    month = report.month
    return speaker.say(f"{month.year}年{month.month}月のまとめ", f"Report of {month}")


def _subtitle(report: MonthReport, name: str, speaker: _Speaker) -> str:
    if report.complete:
        return name
    until = report.until.astimezone(speaker.zone)
    ja = f"{until.month}月{until.day}日 {until:%H:%M}"
    return speaker.say(
        f"{name} (今月の途中、{ja} まで)", f"{name} (the month so far, up to day {until.day}, {until:%H:%M})"
    )


def _tiles(report: MonthReport, speaker: _Speaker) -> tuple[Tile, ...]:
    answering, ratings = report.answering, report.ratings[-1]
    stars = sum(ratings.stars)
    return (
        Tile(
            speaker.say("案件", "cases"),
            str(report.cases),
            speaker.say(f"うち原因が未記録 {report.unlearnt}", f"{report.unlearnt} without a cause yet"),
        ),
        Tile(
            speaker.say("24時間以内の回答", "answered within 24 h"),
            speaker.share(answering.within_24h),
            speaker.of(answering.within_24h),
        ),
        Tile(
            speaker.say("その日のうちの回答", "answered the same day"),
            speaker.share(answering.same_day),
            speaker.of(answering.same_day),
        ),
        Tile(
            speaker.say("高い評価 (4と5)", "ratings of 4 and 5"),
            speaker.share(ratings.positive),
            speaker.say(f"評価 {stars} 件", f"{stars} ratings"),
        ),
    )


def _sections(report: MonthReport, speaker: _Speaker, *, private: bool) -> Iterable[Section]:
    yield _answers(report.answering, speaker)
    yield _ratings(report.ratings, speaker)
    yield _causes(report, speaker)
    yield _arrivals(report, speaker)
    yield _promises(report.promises, speaker, private=private)
    yield _returned(report.returned, speaker, private=private)
    yield _kinds(report, speaker)
    yield _situations(report, speaker)
    yield _late(report.answering.late, speaker)
    yield _acknowledged(report, speaker)
    yield _won_back(report, speaker)


def _counted(
    key: str, title: str, what: str, speaker: _Speaker, *, bars: Sequence[Bar], note: str = ""
) -> Section:
    """Numbers of something as bars and as a table."""
    rows = tuple((bar.label, bar.value) for bar in bars)
    sheet = Sheet((what, speaker.say("件数", "number")), rows)
    empty = speaker.say("ありません。", "None.")
    return Section(key, title, sheet, empty, note, Bars(tuple(bars)))


def _kinds(report: MonthReport, speaker: _Speaker) -> Section:
    bars = [Bar(speaker.word(KINDS, kind), number) for kind, number in report.kinds]
    title = speaker.say("案件の種類", "What came")
    return _counted("kinds", title, speaker.say("種類", "kind"), speaker, bars=bars)


def _situations(report: MonthReport, speaker: _Speaker) -> Section:
    bars = [Bar(speaker.word(SITUATIONS, word), number) for word, number in report.situations]
    title = speaker.say("お問い合わせの内容", "What it was about")
    return _counted("situations", title, speaker.say("内容", "situation"), speaker, bars=bars)


def _span_rows(spans: Spans, speaker: _Speaker) -> tuple[tuple[Cell, ...], ...]:
    return (
        (speaker.say("中央値", "median"), speaker.span(spans.median)),
        (speaker.say("20件中19件はこれ以内", "19 of 20 within"), speaker.span(spans.p95)),
        (speaker.say("最も遅い", "worst"), speaker.span(spans.worst)),
    )


def _answers(answering: Answering, speaker: _Speaker) -> Section:
    names = [(speaker.say(ja, en), tone) for ja, en, tone in _BUCKETS]
    bars = [Bar(name, number, tone) for (name, tone), number in zip(names, answering.buckets, strict=True)]
    rows: tuple[tuple[Cell, ...], ...] = (
        (speaker.say("24時間以内", "within 24 h"), _both(answering.within_24h, speaker)),
        (speaker.say("その日のうち", "the same day"), _both(answering.same_day, speaker)),
        *_span_rows(answering.spans, speaker),
        *((bar.label, str(bar.value)) for bar in bars),
        (speaker.say("返信不要とした", "said to need no answer"), str(answering.no_reply_needed)),
    )
    median, worst = speaker.span(answering.spans.median), speaker.span(answering.spans.worst)
    note = speaker.say(f"中央値 {median}、最も遅い {worst}。", f"Median {median}, worst {worst}.")
    return Section(
        "answers",
        speaker.say("購入者への回答", "Answers to buyers"),
        Sheet(
            (speaker.say("項目", "figure"), speaker.say("値", "value")), rows if answering.messages else ()
        ),
        speaker.say("購入者からのメッセージはありません。", "No buyer wrote."),
        note if answering.spans.number else "",
        Bars(tuple(bars)),
    )


def _both(share: Share, speaker: _Speaker) -> str:
    return f"{speaker.share(share)} ({speaker.of(share)})"


def _late(late: Sequence[Late], speaker: _Speaker) -> Section:
    waits = speaker.say("まだ", "not yet")
    rows = tuple(
        (one.case_id, speaker.moment(one.received_at), waits if one.took is None else speaker.span(one.took))
        for one in late[:ROWS_SHOWN]
    )
    headings = speaker.say("案件|届いた時刻|回答まで", "case|received|answered after").split("|")
    return Section(
        "late",
        speaker.say("24時間を過ぎた案件", "Later than 24 hours"),
        Sheet(tuple(headings), rows),
        speaker.say("ありません。", "None."),
        _untold(len(late), speaker),
    )


def _untold(number: int, speaker: _Speaker) -> str:
    more = number - ROWS_SHOWN
    return speaker.say(f"ほか {more} 件。", f"And {more} more.") if more > 0 else ""


def _ratings(ratings: Sequence[MonthOfRatings], speaker: _Speaker) -> Section:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (str(one.month), *reversed(one.stars), speaker.share(one.positive), one.lifted)
        for one in ratings
        if sum(one.stars) or one.lifted
    )
    headings = speaker.say("月|5|4|3|2|1|4と5の割合|取り消し", "month|5|4|3|2|1|4 and 5|lifted").split("|")
    columns = tuple(
        Column(str(one.month.month), one.stars[0] + one.stars[1], one.stars[2], one.stars[3] + one.stars[4])
        for one in ratings
    )
    legend = ("1・2", "3", "4・5")
    return Section(
        "ratings",
        speaker.say("出品者への評価 (12か月)", "Ratings of the seller (12 months)"),
        Sheet(tuple(headings), rows),
        speaker.say("この12か月、評価はありません。", "No rating in these twelve months."),
        speaker.say("Amazonが削除・取り消した評価は数えません。", "What Amazon lifted does not count."),
        Columns(columns, legend),
    )


def _causes(report: MonthReport, speaker: _Speaker) -> Section:
    bars = [Bar(speaker.word(CAUSES, cause), number) for cause, number in report.causes]
    note = speaker.say(
        f"問題なし {report.without_cause} 件、原因が未記録のトラブル {report.unlearnt} 件。",
        f"{report.without_cause} without trouble, {report.unlearnt} troubles without a cause yet.",
    )
    title = speaker.say("原因", "Causes")
    return _counted("causes", title, speaker.say("原因", "cause"), speaker, bars=bars, note=note)


def _promises(promises: Sequence[Promise], speaker: _Speaker, *, private: bool) -> Section:
    rows = [_promise_row(one, speaker) for one in promises[:ROWS_SHOWN]]
    headings = speaker.say(
        "約束したこと|原因|約束した案件|また起きた案件", "what was promised|cause|for cases|again in cases"
    ).split("|")
    shown = slice(1, None) if private else slice(None)
    return Section(
        "promises",
        speaker.say("再発防止", "Prevention"),
        Sheet(tuple(headings[shown]), tuple(row[shown] for row in rows)),
        speaker.say("約束したことはまだありません。", "Nothing was promised yet."),
        _untold(len(promises), speaker),
        is_wide=True,
    )


def _promise_row(promise: Promise, speaker: _Speaker) -> tuple[Cell, ...]:
    again = _numbers(promise.again) or speaker.say("なし", "none")
    return promise.prevention, speaker.word(CAUSES, promise.cause), _numbers(promise.cases), again


def _returned(returned: Sequence[Returned], speaker: _Speaker, *, private: bool) -> Section:
    rows: list[tuple[str | int, ...]] = [
        (one.item, speaker.word(SITUATIONS, one.situation), len(one.cases), _numbers(one.cases))
        for one in returned[:ROWS_SHOWN]
    ]
    headings = speaker.say("商品|トラブル|件数|案件", "item|fault|times|cases").split("|")
    shown = slice(1, None) if private else slice(None)
    note = speaker.say(
        "自社発送で同じ配送トラブルが180日に2件以上ありました。FBAに切り替えると、配送はAmazonの責任になります。",
        "With own shipping the same delivery fault came again in 180 days; with FBA, Amazon answers for it.",
    )
    return Section(
        "fba",
        speaker.say("FBAへの切り替えを検討する商品", "Items to move to FBA"),
        Sheet(tuple(headings[shown]), tuple(row[shown] for row in rows)),
        speaker.say("ありません。", "None."),
        note if rows else "",
        is_wide=True,
    )


def _numbers(cases: Sequence[int]) -> str:
    """Numbers of cases; of many the latest."""
    more = "… " if len(cases) > _NUMBERS_SHOWN else ""
    return more + " ".join(map(str, cases[-_NUMBERS_SHOWN:]))


def _arrivals(report: MonthReport, speaker: _Speaker) -> Section:
    days = tuple(speaker.say(*day) for day in _DAYS)
    starts = range(0, 24, _HOURS_A_COLUMN)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (day, *(sum(hours[start : start + _HOURS_A_COLUMN]) for start in starts))
        for day, hours in zip(days, report.arrivals, strict=True)
    )
    headings = (speaker.say("曜日", "day"), *(f"{start}-{start + _HOURS_A_COLUMN}" for start in starts))
    came = any(map(any, report.arrivals))
    return Section(
        "arrivals",
        speaker.say("届いた曜日と時刻", "When they came"),
        Sheet(headings, rows if came else ()),
        speaker.say("対応の要るものは届いていません。", "Nothing came that wanted an answer."),
        speaker.say("対応の要るもの。店の時刻です。", "What wanted an answer, by the shop's clock.")
        if came
        else "",
        Heat(days, report.arrivals, speaker.say("時", ":00")),
    )


def _acknowledged(report: MonthReport, speaker: _Speaker) -> Section:
    rows: tuple[tuple[Cell, ...], ...] = (
        (speaker.say("受付確認を送った案件", "cases acknowledged"), _both(report.acknowledged, speaker)),
        *_span_rows(report.acknowledged_within, speaker),
    )
    return Section(
        "acknowledged",
        speaker.say("受付確認", "Acknowledgments"),
        Sheet(
            (speaker.say("項目", "figure"), speaker.say("値", "value")),
            rows if report.acknowledged.whole else (),
        ),
        speaker.say("購入者からのメッセージはありません。", "No buyer wrote."),
    )


def _won_back(report: MonthReport, speaker: _Speaker) -> Section:
    numbers = _numbers(report.won_back)
    rows = ((report.troubled_buyers, numbers),) if report.won_back else ()
    headings = (speaker.say("人数", "buyers"), speaker.say("以前の案件", "the earlier cases"))
    return Section(
        "returned",
        speaker.say("戻ってきてくれたお客様", "Buyers won back"),
        Sheet(headings, rows),
        speaker.say(
            "該当する注文はありません (注文レポートの取り込みが要ります)。", "None (order reports tell)."
        ),
        speaker.say(
            "トラブルか低い評価の後に、今月また注文した方。",
            "Who ordered this month after a trouble or a low rating.",
        )
        if rows
        else "",
    )
