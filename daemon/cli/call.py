"""``sokuresu call``: writes a telephone call down, during it or after it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from daemon.aftercare.call_log import log_lines
from daemon.aftercare.call_times import read_call_time, read_promise
from daemon.aftercare.calls import (
    CallEntry,
    CallRefused,
    log_call,
    read_address,
    read_number,
    read_order,
    script_for,
    usual_promise,
)
from daemon.cli.access import considering, deciding
from daemon.cli.asking import at_terminal
from daemon.cli.moments import told_of
from daemon.cli.showing import reader_of, say_json, say_table
from daemon.showing.call_lines import headings, record_of, row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from daemon.aftercare.call_log import LogLine
    from daemon.aftercare.calls import Logged
    from daemon.cli import Context
    from daemon.showing.reader import Reader
    from daemon.work import Work

_WITHOUT_A_PERSON = (
    "尋ねる相手がいません。--wishes にご用件を入れてください"
    " / nobody can be asked; put what the caller wants into --wishes"
)
_QUESTIONS = (
    ("wishes", "ご用件 (必須)", "What the caller wants (needed)"),
    ("caller", "お名前", "Caller"),
    ("number", "折り返しの電話番号", "Number to call back"),
    ("hours", "つながる時間", "Hours in which to call"),
    (
        "promised",
        "いつまでにとお約束しましたか (18:30、2026-11-30 など)",
        "Promised by (18:30, 2026-11-30 …)",
    ),
    ("order", "注文番号", "Order number"),
    ("address", "メールアドレス", "Mail address"),
)
"""In the order in which a call goes; what is not known is skipped with Enter."""


@click.command("call")
@click.option("--wishes", metavar="TEXT", help="ご用件 (what the caller wants).")
@click.option("--caller", metavar="NAME", help="お名前 (who called).")
@click.option("--number", metavar="NUMBER", help="折り返しの番号。メールには載りません (to call back).")
@click.option("--hours", metavar="TEXT", help="つながる時間 (when to call back).")
@click.option(
    "--promised",
    metavar="WHEN",
    help='お約束の日時。"18:30"、"2026-11-30"、"2026-11-30 09:00" (what was promised).',
)
@click.option("--order", metavar="ID", help="注文番号。その案件に加わります (joins the order's case).")
@click.option("--address", metavar="ADDRESS", help="メールアドレス (the caller's mail address).")
@click.option("--at", metavar="WHEN", help="着信の日時。なければ今 (when it came, if not now).")
@click.option("--script", is_flag=True, help="話し方だけを表示します (only show what to say).")
@click.option("--language", type=click.Choice(["ja", "en"]), help="話し方の言語 (of what to say).")
@click.option("--list", "listing", is_flag=True, help="折り返しを待つ電話の一覧 (calls that wait).")
@click.option("--all", "everything", is_flag=True, help="--list で、済んだ電話も (settled ones too).")
@click.option("--json", "as_json", is_flag=True, help="--list を JSON で出力します (print JSON).")
@click.pass_obj
def command(
    context: Context,
    /,
    *,
    script: bool,
    language: str | None,
    listing: bool,
    everything: bool,
    as_json: bool,
    **given: str | None,
) -> None:
    """電話を記録します。番号はメールに載りません (write a telephone call down; no mail shows its number)."""
    if (everything or as_json) and not listing:
        raise click.UsageError("--all と --json は --list と使います / --all and --json go with --list")
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    with considering(settings) as work:
        shown = log_lines(work, everything=everything) if listing else ()
        desk = _Desk(work, reader)
        words = script_for(work, language or reader.language, desk.told(given["promised"]))
    if listing:
        _say_list(shown, reader, as_json=as_json)
    elif script:
        click.echo(words)
    else:
        entry = desk.entry_from(given, words)
        with deciding(settings) as work:
            logged = log_call(work, entry)
        click.echo("\n".join(_told(logged, reader)))


class _Desk:
    """Reads what a person types, and asks for what is missing where somebody can answer."""

    def __init__(self, work: Work, reader: Reader) -> None:
        self._usual_promise = usual_promise(work)
        self._reader = reader
        self._readers: dict[str, Callable[[str], Any]] = {
            "number": read_number,
            "address": read_address,
            "order": read_order,
            "promised": partial(read_promise, work),
            "at": partial(read_call_time, work),
        }

    def entry_from(self, given: dict[str, str | None], script: str) -> CallEntry:
        """The call as it was told on the line, and then at the terminal.

        Raises:
            click.UsageError: something cannot be meant, or is needed and nobody can be asked.
        """
        told = {name: self._read(name, text) for name, text in given.items() if text is not None}
        if at_terminal():
            told |= self._asked([question for question in _QUESTIONS if question[0] not in told], script)
        elif not told.get("wishes"):
            raise click.UsageError(_WITHOUT_A_PERSON)
        return CallEntry(
            wishes=told["wishes"],
            caller=told.get("caller") or "",
            number=told.get("number") or "",
            address=told.get("address") or "",
            hours=told.get("hours") or "",
            order_id=told.get("order"),
            called_at=told.get("at"),
            promised_by=told.get("promised"),
        )

    def told(self, promised: str | None) -> datetime | None:
        """What was promised on the line; None if nothing was."""
        found: datetime | None = None if promised is None else self._read("promised", promised)
        return found

    def _asked(self, questions: list[tuple[str, str, str]], script: str) -> dict[str, Any]:
        if not questions:
            return {}
        skip = self._reader.say("分からないことは Enter で飛ばせます。", "Enter skips what is not known.")
        click.echo(f"{script}\n\n{skip}")
        return {name: self._ask(name, self._reader.say(ja, en)) for name, ja, en in questions}

    def _ask(self, name: str, question: str) -> Any:
        def read(text: str) -> Any:
            if name == "wishes" and not text.strip():
                needed = "ご用件だけは入れてください", "this one is needed"
                raise click.UsageError(self._reader.say(*needed))
            return self._read(name, text) if text.strip() else unsaid

        # Whoever read the script aloud has promised what stands in it.
        unsaid = self._usual_promise if name == "promised" else None
        hint = "" if unsaid is None else f" [{self._reader.moment(unsaid)}]"
        return click.prompt(f"{question}{hint}", default="", show_default=False, value_proc=read)

    def _read(self, name: str, text: str) -> Any:
        read = self._readers.get(name)
        if read is None or not text.strip():
            return text.strip() if read is None else None
        try:
            with told_of(f"--{name}"):
                return read(text)
        except CallRefused as error:
            raise click.BadParameter(str(error), param_hint=f"--{name}") from None


def _say_list(lines: tuple[LogLine, ...], reader: Reader, *, as_json: bool) -> None:
    if as_json:
        say_json([record_of(line) for line in lines])
    elif lines:
        say_table(headings(reader), [row_of(line, reader) for line in lines])
    else:
        click.echo(reader.say("電話の記録はありません。", "There are no calls."))


def _told(logged: Logged, reader: Reader) -> Iterator[str]:
    number, by = logged.case.id, logged.message.respond_by
    where = reader.say("お持ちの案件に加えました", "it joined the case that was there")
    fresh = reader.say("新しい案件です", "a new case")
    yield reader.say(
        f"電話を案件 {number} に記録しました ({where if logged.joined else fresh})。",
        f"The call is written down in case {number} ({where if logged.joined else fresh}).",
    )
    yield reader.say(
        f"  期限: {reader.moment(by)} ({reader.left(by)})",
        f"  respond by: {reader.moment(by)} ({reader.left(by)})",
    )
    yield reader.say(f"  番号を見る: sokuresu case {number}", f"  the number: sokuresu case {number}")
    yield reader.say(
        f"  済んだら: sokuresu answered {number}", f"  when it is settled: sokuresu answered {number}"
    )
