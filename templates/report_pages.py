"""The report of a month as a page with charts, as the page of a mail, and as text.

What goes in is words and numbers that are ready to be shown. The templates are our own and escape everything
that is put into them; nothing is loaded from anywhere, and nothing runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from templates.cleaning import one_line
from templates.tables import even_table

if TYPE_CHECKING:
    from collections.abc import Iterator

Cell = str | int
"""A number is set to the right and stays a number wherever the table goes."""

_FOLDER = Path(__file__).parent / "report"
_CELL_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure that is seen first."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table; without rows there is nothing to tell."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Attributes:
        label: what it stands for.
        value: its length.
        tone: ``plain``, ``good``, ``fair`` or ``bad``.
    """

    label: str
    value: int
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars that lie under each other."""

    bars: tuple[Bar, ...]

    @property
    def longest(self) -> int:
        """The longest one, at least one."""
        return max((one.value for one in self.bars), default=1) or 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how many were bad, fair and good."""

    label: str
    bad: int
    fair: int
    good: int

    @property
    def whole(self) -> int:
        """Its height."""
        return self.bad + self.fair + self.good


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns that stand beside each other, with what their colours mean: bad, fair, good."""

    columns: tuple[Column, ...]
    legend: tuple[str, str, str]

    @property
    def highest(self) -> int:
        """The highest one, at least one."""
        return max((one.whole for one in self.columns), default=1) or 1


@dataclass(frozen=True, slots=True)
class Heat:
    """A field for each hour of each weekday.

    Attributes:
        days: names from Monday.
        fields: for each of them 24 numbers.
        unit: what follows an hour, such as ``時``.
    """

    days: tuple[str, ...]
    fields: tuple[tuple[int, ...], ...]
    unit: str

    @property
    def hottest(self) -> int:
        """The greatest number, at least one."""
        return max((number for row in self.fields for number in row), default=1) or 1


Chart = Bars | Columns | Heat


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report.

    Attributes:
        key: names it in links and files; letters only.
        title: its heading.
        sheet: its figures.
        empty: what stands in the place of a table without rows.
        note: what one has to know to read it.
        chart: the same figures as a picture; None where the table says it better.
        is_wide: it takes the whole width of the page.
    """

    key: str
    title: str
    sheet: Sheet
    empty: str
    note: str = ""
    chart: Chart | None = None
    is_wide: bool = False

    @property
    def shape(self) -> str:
        """Which chart it has: ``bars``, ``columns``, ``heat``, or nothing."""
        return "" if self.chart is None else type(self.chart).__name__.lower()


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Everything that is shown.

    Attributes:
        language: ``ja`` or ``en``.
        title: of the page, and the subject of the mail.
        subtitle: of which shop, and up to when.
        tiles: the figures that are seen first.
        sections: the parts.
        as_table: what opens the table under a chart.
        ending: the last line.
    """

    language: str
    title: str
    subtitle: str
    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]
    as_table: str
    ending: str


def render_page(page: ReportPage) -> str:
    """One HTML file that is whole in itself, with charts and the tables behind them."""
    return _environment().get_template("page.j2").render(page=page)


def render_mail_page(page: ReportPage) -> str:
    """The same for mail programs: tables, no charts, no styles but those on the elements."""
    return _environment().get_template("mail.j2").render(page=page)


def render_text(page: ReportPage) -> str:
    """The same as plain text, its tables in columns of even width."""
    return "\n".join(_lines(page)) + "\n"


def _lines(page: ReportPage) -> Iterator[str]:
    mark = "■ " if page.language == "ja" else "## "
    yield page.subtitle
    yield ""
    for tile in page.tiles:
        yield f"{tile.label}: {tile.value}" + (f" ({tile.note})" if tile.note else "")
    for section in page.sections:
        yield from ("", mark + section.title)
        if section.sheet.rows:
            yield even_table(section.sheet.headings, text_rows(section.sheet))
        else:
            yield section.empty
        if section.note:
            yield section.note
    yield from ("", page.ending)


def text_rows(sheet: Sheet) -> list[list[str]]:
    """Its rows as words of one line each."""
    return [[one_line(str(cell), _CELL_LIMIT) for cell in row] for row in sheet.rows]


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
