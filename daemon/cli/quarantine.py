"""``sokuresu quarantine``: mail that was put aside, and what a person decides about it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.access import deciding, looking
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import NOTHING, clean, clean_lines, indented, reader_of, say_json, say_table
from daemon.cli.words import KINDS, PROOFS, QUARANTINE
from daemon.errors import SokuresuError
from templates.cleaning import inert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli import Context
    from daemon.cli.showing import Reader
    from daemon.config import Settings
    from state.repository.quarantine import Entry

_LONG_CELL = 200
_LONGEST_TEXT = 4_000


@click.group("quarantine", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> None:
    """保留したメールを表示します (list mail that was put aside)."""
    if context.invoked_subcommand is not None:
        return
    settings = context.obj.settings_without_secrets
    with looking(settings) as uow:
        entries = uow.quarantine.unsettled()
    reader = reader_of(settings)
    if as_json:
        say_json([_record(entry) for entry in entries])
    elif entries:
        say_table(_headings(reader), [_row(entry, reader) for entry in entries])
        click.echo(_advice(reader))
    else:
        click.echo(reader.say("保留しているメールはありません。", "Nothing is in quarantine."))


@command.command("show")
@click.argument("number", metavar="N", type=NUMBER)
@click.pass_obj
def show(context: Context, number: int) -> None:
    """保留したメールの内容を、リンクを無効にして表示します (show a mail, its links made harmless)."""
    settings = context.settings_without_secrets
    entry = _entry(settings, number)
    click.echo("\n".join(_page(entry, settings)))


@command.command("accept")
@click.argument("number", metavar="N", type=NUMBER)
@click.pass_obj
def accept(context: Context, number: int) -> None:
    """本物と判断し、案件にします。受付は送りません (open a case from a mail that looked forged)."""
    from daemon.commands import accept_quarantined  # noqa: PLC0415 - the listing does without what it imports

    settings = context.settings_without_secrets
    with deciding(settings) as work:
        case_id = accept_quarantined(work, number)
    say = reader_of(settings).say
    click.echo(
        say(
            f"保留 {number} は案件 {case_id} になりました。受付は送りません。",
            f"Quarantined mail {number} is in case {case_id}; nothing is acknowledged.",
        )
    )


@command.command("drop")
@click.argument("number", metavar="N", type=NUMBER)
@click.pass_obj
def drop(context: Context, number: int) -> None:
    """見たことにして、一覧から外します (settle a mail without doing anything)."""
    from daemon.commands import drop_quarantined  # noqa: PLC0415 - as above

    settings = context.settings_without_secrets
    with deciding(settings) as work:
        drop_quarantined(work, number)
    say = reader_of(settings).say
    click.echo(say(f"保留 {number} を片付けました。", f"Quarantined mail {number} is settled."))


@command.command("retry")
@click.argument("number", metavar="N", type=NUMBER)
@click.pass_obj
def retry(context: Context, number: int) -> None:
    """更新や設定変更の後に、もう一度読みます (read a mail again after an update)."""
    from daemon.commands import retry_quarantined  # noqa: PLC0415 - as above

    settings = context.settings_without_secrets
    with deciding(settings) as work:
        taken = retry_quarantined(work, number)
    say = reader_of(settings).say
    if taken.case_id is None:
        ja, en = f"{number} を読み取りました。案件はありません。", f"{number} was read; it concerns no case."
    else:
        ja, en = f"{number} は案件 {taken.case_id} のものです。", f"{number} belongs to case {taken.case_id}."
    click.echo(say(f"保留 {ja}", f"Quarantined mail {en}"))


@command.command("export")
@click.argument("number", metavar="N", type=NUMBER)
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True))
@click.pass_obj
def export(context: Context, number: int, file: str) -> None:
    """メールをそのままファイルに書き出します。- は標準出力 (write the mail as it came to a new file)."""
    settings = context.settings_without_secrets
    content = _entry(settings, number).content
    if file == "-":
        sys.stdout.buffer.write(content)
        return
    _write_private(file, content)
    say = reader_of(settings).say
    click.echo(say(f"保留 {number} を {file} に書き出しました。", f"Quarantined mail {number} is in {file}."))


def _write_private(file: str, content: bytes) -> None:
    """A buyer's mail is nobody else's business, and no other file is lost to it."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            target.write(content)
    except OSError as error:
        raise SokuresuError(
            f"{file} に書けません ({error.strerror})。 / {file} cannot be written ({error.strerror})."
        ) from error


def _entry(settings: Settings, number: int) -> Entry:
    with looking(settings) as uow:
        entry = uow.quarantine.get(number)
    if entry is None:
        raise SokuresuError(
            f"保留 {number} はありません。一覧: sokuresu quarantine"
            f" / There is no unsettled mail {number}; list them with: sokuresu quarantine"
        )
    return entry


def _record(entry: Entry) -> dict[str, Any]:
    names = (
        "word", "reason", "fingerprint", "mailbox", "folder", "sender", "subject", "internal_date",
        "stored_at",
    )  # fmt: skip
    return {"quarantine": entry.id} | {name: getattr(entry, name) for name in names}


def _headings(reader: Reader) -> list[str]:
    if reader.language == "ja":
        return ["保留", "区分", "届いた時刻", "差出人", "件名", "理由"]
    return ["number", "why", "received", "sender", "subject", "reason"]


def _row(entry: Entry, reader: Reader) -> list[str]:
    return [
        str(entry.id),
        reader.word(QUARANTINE, entry.word),
        reader.moment(entry.internal_date),
        clean(entry.sender) or NOTHING,
        clean(entry.subject) or NOTHING,
        clean(entry.reason, _LONG_CELL),
    ]


def _advice(reader: Reader) -> str:
    return reader.say(
        "内容: sokuresu quarantine show N ／ 本物なら accept N ／ 不要なら drop N ／ 更新後は retry N",
        "Look: sokuresu quarantine show N. Genuine: accept N. Not needed: drop N. After an update: retry N.",
    )


def _page(entry: Entry, settings: Settings) -> Iterator[str]:
    from parsers.reading import read  # noqa: PLC0415 - only this needs the parsers
    from parsers.sent import read_sent  # noqa: PLC0415 - as above

    reader = reader_of(settings)
    yield f"{reader.say('保留', 'Quarantined mail')} {entry.id}: {reader.word(QUARANTINE, entry.word)}"
    known = {one.name: settings.trust(one) for one in settings.mailboxes}
    if (trust := known.get(entry.mailbox)) is not None:
        reading = read(entry.content, trust)
        yield f"  {reader.say('種類', 'kind')}: {reader.word(KINDS, reading.kind)}"
        yield f"  {reader.say('証明', 'proof')}: {reader.word(PROOFS, reading.authenticity)}"
    mail = read_sent(entry.content)
    facts = (
        (("差出人", "from"), mail.envelope.from_address),
        (("件名", "subject"), mail.envelope.subject),
        (("メールボックス", "mailbox"), f"{entry.mailbox} / {entry.folder}"),
        (("届いた時刻", "received"), reader.moment(entry.internal_date)),
        (("理由", "reason"), entry.reason),
    )
    yield from (f"  {reader.say(*label)}: {clean(value, _LONG_CELL) or NOTHING}" for label, value in facts)
    yield ""
    yield indented(inert(clean_lines(mail.text[:_LONGEST_TEXT])) or reader.say("(本文なし)", "(no text)"))
