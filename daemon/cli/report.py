"""``sokuresu report``: what a month brought, how soon buyers were answered, and what was learnt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.access import considering, deciding
from daemon.cli.new_files import write_text
from daemon.cli.showing import reader_of, say_json, say_table
from daemon.reporting.digests import send_report
from daemon.reporting.report_files import report_lines
from daemon.reporting.report_sheets import report_page
from daemon.reporting.reports import report_so_far
from state.periods import parse_month
from templates.report_pages import render_page, text_rows

if TYPE_CHECKING:
    from daemon.cli import Context
    from daemon.showing.reader import Reader
    from state.periods import Month
    from state.reporting import Answering, MonthOfRatings, MonthReport, Promise, Spans
    from templates.report_pages import ReportPage


_STANDARD_OUTPUT = Path("-")


class _MonthType(click.ParamType[Any]):
    """A month such as ``2026-10``."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return parse_month(value)
        except ValueError:
            self.fail(f"2026-10 のように書いてください。 / Write it like 2026-10: {value!r}", param, ctx)


@click.command("report")
@click.option(
    "--month", type=_MonthType(), metavar="2026-10", help="どの月か、なければ今月 (else this month)."
)
@click.option(
    "--html",
    "page_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="グラフ付きの一つのファイルに (one HTML file with charts).",
)
@click.option("--csv", "as_csv", is_flag=True, help="CSV で出力します (print CSV).")
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")
@click.option("--send", is_flag=True, help="店主にメールで送ります (mail it to the owner).")
@click.option("--force", is_flag=True, help="あるファイルを置き換えます (replace an existing file).")
@click.pass_obj
def command(
    context: Context,
    *,
    month: Month | None,
    page_file: Path | None,
    as_csv: bool,
    as_json: bool,
    send: bool,
    force: bool,
) -> None:
    """月のまとめ: 案件、回答の早さ、評価、原因 (cases, answer times, ratings and causes of a month)."""
    if sum((page_file is not None, as_csv, as_json)) > 1:
        raise click.UsageError(
            "--html、--csv、--json は、どれか一つです / only one of --html, --csv and --json"
        )
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    with considering(settings) as work:
        report = report_so_far(work, month)
        page = report_page(report, work.shop)
    if send:
        with deciding(settings) as work:
            send_report(work, report.month)
        # What a script reads stays clean.
        told = reader.say("店主へのメールを送信待ちにしました。", "The mail to the owner is queued.")
        click.echo(told, err=as_csv or as_json or page_file == _STANDARD_OUTPUT)
    if page_file is not None:
        _write(page, page_file, reader, force=force)
    elif as_csv:
        click.echo("".join(report_lines(page, reader.zone)), nl=False)
    elif as_json:
        say_json(_record(report))
    elif not send:
        _say(page, reader)


def _write(page: ReportPage, file: Path, reader: Reader, *, force: bool) -> None:
    if file == _STANDARD_OUTPUT:
        click.echo(render_page(page), nl=False)
        return
    write_text(file, [render_page(page)], force=force)
    click.echo(reader.say(f"{file} に書きました。", f"Written to {file}."))


def _say(page: ReportPage, reader: Reader) -> None:
    click.echo(f"{page.title}  {page.subtitle}\n")
    for tile in page.tiles:
        click.echo(f"{tile.label}: {tile.value}" + (f" ({tile.note})" if tile.note else ""))
    for section in page.sections:
        click.echo(f"\n{reader.say('■', '##')} {section.title}")
        if section.sheet.rows:
            say_table(section.sheet.headings, text_rows(section.sheet))
        else:
            click.echo(section.empty)
        if section.note:
            click.echo(section.note)
    click.echo(f"\n{page.ending}")


def _record(report: MonthReport) -> dict[str, Any]:
    """The figures for scripts; lengths of time in seconds, shares in percent."""
    return {
        "month": str(report.month),
        "complete": report.complete,
        "until": report.until,
        "cases": report.cases,
        "kinds": dict(report.kinds),
        "situations": dict(report.situations),
        "acknowledged": _acknowledged(report),
        "answers": _answers(report.answering),
        "arrivals": report.arrivals,
        "ratings": [_ratings(one) for one in report.ratings],
        "causes": dict(report.causes),
        "without_trouble": report.without_cause,
        "without_cause_yet": report.unlearnt,
        "promises": [_promise(one) for one in report.promises],
        "move_to_fba": [
            {"item": one.item, "fault": one.situation, "cases": one.cases} for one in report.returned
        ],
        "won_back": {"buyers": report.troubled_buyers, "cases": report.won_back},
    }


def _acknowledged(report: MonthReport) -> dict[str, Any]:
    share = report.acknowledged
    return {
        "cases": share.part,
        "of": share.whole,
        "percent": share.percent,
        **_spans(report.acknowledged_within),
    }


def _answers(answering: Answering) -> dict[str, Any]:
    return {
        "messages": answering.messages,
        "no_reply_needed": answering.no_reply_needed,
        "within_24h_percent": answering.within_24h.percent,
        "same_day_percent": answering.same_day.percent,
        **_spans(answering.spans),
        "late": [one.case_id for one in answering.late],
    }


def _ratings(month: MonthOfRatings) -> dict[str, Any]:
    return {
        "month": str(month.month),
        "stars": month.stars,
        "positive_percent": month.positive.percent,
        "lifted": month.lifted,
    }


def _promise(promise: Promise) -> dict[str, Any]:
    return {
        "cause": promise.cause,
        "prevention": promise.prevention,
        "cases": promise.cases,
        "noted_at": promise.noted_at,
        "again": promise.again,
    }


def _spans(spans: Spans) -> dict[str, float | None]:
    names = ("median", "p95", "worst")
    found = {name: getattr(spans, name) for name in names}
    return {name: None if span is None else span.total_seconds() for name, span in found.items()}
