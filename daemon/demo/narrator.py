"""Tells on the terminal what happens: Japanese first, a short English beside it; colour only adds to it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from daemon.cli.showing import plain_table
from daemon.demo.abridging import Abridgment, first_lines
from daemon.demo.letters import Writer
from daemon.demo.telephone import unfold_links, veil
from daemon.demo.words import ACKNOWLEDGED, NOT_ACKNOWLEDGED, NOT_READ, OUTCOMES, PLACED, POSTED, Line
from daemon.demo.wrapping import shorten, wrap
from daemon.words import REFUSALS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from typing import TextIO

    from daemon.demo.letters import LaidDraft, Letter
    from daemon.reading.arrivals import Taken

WIDTH = 100

_INDENT = " " * 7
_BAR = "┃ "
_WEEKDAYS = "月火水木金土日"


class Narrator:
    """Everything that the demonstration prints goes through here, from one thread."""

    def __init__(self, file: TextIO | None = None) -> None:
        """Set up the voice.

        Args:
            file: where to; standard output unless told otherwise.
        """
        self._console = Console(file=file, highlight=False, markup=False, emoji=False)
        self._abridgment = Abridgment()
        self._console.width = min(self._console.width, WIDTH) if self._console.is_terminal else WIDTH

    def title(self, what: Line) -> None:
        """A heading."""
        self._console.print()
        self._console.print(Rule(_both(what), style="cyan", align="left"))

    def remark(self, what: Line) -> None:
        """Something beside the story."""
        self._say(Text(what.ja))
        self._say(Text(what.en, style="dim"))

    def day(self, at: datetime, what: Line) -> None:
        """A new day begins."""
        date = f"{at.month}月{at.day}日({_WEEKDAYS[at.weekday()]})"
        self.title(Line(f"{date} {what.ja}", f"{at:%a %d %b}, {what.en}"))

    def arrives(self, at: datetime, what: Line, subject: str, words: str) -> None:
        """A mail came."""
        self._console.print()
        self._head(at, "届く", what)
        if subject:
            room = self._console.width - len(_INDENT) - 2
            self._say(Text(shorten(f"件名 {subject}", room), style="dim"), _INDENT)
        if words:
            self._say(Text(f"「{' '.join(words.split())}」"), _INDENT)

    def not_read(self) -> None:
        """The mail was none of the service's business."""
        self._decides(NOT_READ)

    def taken(self, taken: Taken, reason: str) -> None:
        """What became of a mail.

        Args:
            taken: the service's decision.
            reason: why, in the service's own words; empty where the decision says it all.
        """
        outcome = OUTCOMES[taken.outcome].filled(case=taken.case_id)
        self._decides(Line(outcome.ja, f"{outcome.en} ({reason})" if reason else outcome.en))
        if taken.acknowledged:
            self._decides(ACKNOWLEDGED)
        elif taken.refusal is not None:
            ja, en = REFUSALS[taken.refusal]
            self._decides(NOT_ACKNOWLEDGED.filled(ja=ja, en=en))

    def posts(self, at: datetime, text: str) -> None:
        """What the owner's chat got."""
        self._console.print()
        self._head(at, "送る", POSTED, "yellow")
        for line in text.strip("\n").split("\n"):
            self._say(Text(line), _INDENT + _BAR, "yellow")

    def drafts(self, at: datetime, draft: LaidDraft) -> None:
        """A draft as it lies in the Drafts folder of the mail app; only its beginning."""
        self._console.print()
        self._head(at, "下書き", PLACED, "magenta")
        self._block(draft.recipient, draft.subject, first_lines(draft.text), "magenta")

    def taps(self, at: datetime, what: Line, subject: str, text: str) -> None:
        """The owner sent a mail to the service from the telephone."""
        self._console.print()
        self._head(at, "店主", what)
        self._say(Text(f"件名 {veil(subject)}", style="dim"), _INDENT)
        if text:
            self._say(Text(f"「{' '.join(text.split())}」"), _INDENT)

    def replies(self, at: datetime, what: Line, text: str) -> None:
        """The owner answered from another mail program."""
        self._console.print()
        self._head(at, "店主", what)
        self._say(Text(f"「{' '.join(text.split())}」"), _INDENT)

    def decides(self, at: datetime, command: str, why: Line) -> None:
        """The owner settled a case with a command."""
        self._console.print()
        self._head(at, "店主", why)
        self._say(Text(f"$ {command}", style="bold"), _INDENT)

    def runs(self, at: datetime, why: Line, command: Sequence[str], lines: Sequence[str]) -> None:
        """The owner ran a command, and it printed this."""
        self._console.print()
        self._head(at, "店主", why)
        self._say(Text(f"$ {shlex.join(command)}", style="bold"), _INDENT)
        for line in lines:
            self._say(Text(line), _INDENT + _BAR)

    def becomes(self, what: Line) -> None:
        """What came of what happened."""
        self._decides(what)

    def letter(self, letter: Letter, what: Line, style: str) -> None:
        """A mail that left: to buyers in full, to the owner without what was explained before."""
        self._console.print()
        self._head(letter.at, "送る", what, style)
        if letter.writer in {Writer.ALERT, Writer.REPORT}:
            lines = self._abridgment.shorten(unfold_links(letter.text))
        else:
            lines = letter.text.split("\n")
        self._block(letter.recipient, letter.subject, lines, style)

    def table(
        self, headings: Sequence[str], rows: Sequence[Sequence[str]], expendable: Sequence[str] = ()
    ) -> None:
        """A table with plain columns.

        Args:
            headings: of the columns.
            rows: what stands in them.
            expendable: headings of the columns that are left out, one after the other, where it is too wide.
        """
        lines = plain_table(headings, rows).split("\n")
        if expendable and max(map(cell_len, lines)) + 2 > self._console.width:
            kept = [at for at, heading in enumerate(headings) if heading != expendable[0]]
            narrow = [[row[at] for at in kept] for row in (headings, *rows)]
            self.table(narrow[0], narrow[1:], expendable[1:])
            return
        for line in lines:
            self._print(Text(f"  {line}"))

    def item(self, what: Line, details: str) -> None:
        """One of several things, with what belongs to it."""
        self._tell(what, "  ・", "    ")
        self._say(Text(details, style="dim"), "    ")

    def success(self, what: Line) -> None:
        """All is well."""
        self._console.print()
        self._tell(what, "✓ ", "  ", "green")

    def problem(self, sentence: str) -> None:
        """Something that was expected did not happen."""
        self._say(Text(f"✗ {sentence}", style="bold red"))

    def _block(self, recipient: str, subject: str, lines: Iterable[str], style: str) -> None:
        """A mail behind a bar."""
        to = shorten(f"宛先 {recipient}", self._console.width - cell_len(_INDENT + _BAR))
        for line in (to, f"件名 {subject}", "", *lines):
            self._say(Text(line), _INDENT + _BAR, style)

    def _head(self, at: datetime, verb: str, what: Line, style: str = "cyan") -> None:
        self._tell(what, f"{at:%H:%M}  {verb}  ", _INDENT, style, strong=True)

    def _decides(self, what: Line) -> None:
        self._tell(what, _INDENT + "→ ", _INDENT + "  ", "green")

    def _tell(self, what: Line, before: str, below: str, style: str = "dim", *, strong: bool = False) -> None:
        """Both languages in one line, or the English one in the line below."""
        ja = Text(what.ja, style="bold" if strong else "")
        beside = f"{before}{what.ja}  {what.en}"
        if cell_len(beside) <= self._console.width:
            self._say(Text.assemble(ja, (f"  {what.en}", "dim")), before, style)
        else:
            self._say(ja, before, style, below)
            self._say(Text(what.en, style="dim"), below)

    def _say(self, text: Text, before: str = "", style: str = "dim", below: str | None = None) -> None:
        """Print a text behind a prefix; what is too long goes on in the next line, behind it as well."""
        lines = wrap(text.plain, self._console.width - cell_len(before))
        if len(lines) == 1:
            self._print(Text.assemble((before, style), text))
            return
        for number, line in enumerate(lines):
            prefix = before if number == 0 or below is None else below
            self._print(Text.assemble((prefix, style), (line, text.style)))

    def _print(self, text: Text) -> None:
        text.rstrip()
        # Lines are broken here and nowhere else.
        self._console.print(text, soft_wrap=True)


def _both(what: Line) -> str:
    return f"{what.ja}  {what.en}" if what.en else what.ja
