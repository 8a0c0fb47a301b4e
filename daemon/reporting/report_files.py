"""The report of a month as a file for spreadsheet programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.reporting.csv_lines import MARK, csv_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from templates.report_pages import ReportPage


def report_lines(page: ReportPage, zone: ZoneInfo) -> Iterator[str]:
    """Every table under its title, one after the other.

    Args:
        page: the report in words.
        zone: the shop's time zone.
    """
    yield MARK + csv_line([page.title, page.subtitle], zone)
    for section in page.sections:
        if section.sheet.rows:
            yield csv_line([], zone)
            yield csv_line([section.title], zone)
            yield csv_line(section.sheet.headings, zone)
            yield from (csv_line(row, zone) for row in section.sheet.rows)
