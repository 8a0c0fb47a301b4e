"""``sokuresu quarantine``: mail that was put aside, and what a person decides about it."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.access import looking
from daemon.cli.numbers import NUMBER
from daemon.cli.quarantine_decisions import accept, drop, retry
from daemon.cli.showing import reader_of, say_json, say_table
from daemon.errors import SokuresuError
from daemon.showing.reader import NOTHING, clean, indented
from daemon.showing.reasons import say_proof
from daemon.words import KINDS, PROOFS, QUARANTINE
from state.private_files import folder_of
from state.repository.quarantine import UNRECOGNISED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daemon.cli import Context
    from daemon.config import Settings
    from daemon.showing.reader import Reader
    from state.private_files import PrivateFolder
    from state.repository.quarantine import Entry, Format
    from state.unit_of_work import UnitOfWork


@click.group("quarantine", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> None:
    """保留したメールを表示します (list mail that was put aside)."""
    if context.invoked_subcommand is not None:
        return
    settings = context.obj.settings_without_secrets
    with looking(settings) as uow:
        entries, formats = uow.quarantine.unsettled(), uow.quarantine.formats()
    reader = reader_of(settings)
    if as_json:
        by_fingerprint = {one.fingerprint: one for one in formats}
        say_json([_record(entry, by_fingerprint) for entry in entries])
    elif entries:
        say_table(_headings(reader), [_row(entry, reader) for entry in entries])
        _say_formats(formats, reader)
        click.echo(_advice(reader))
    else:
        click.echo(reader.say("保留しているメールはありません。", "Nothing is in quarantine."))


for _decision in (accept, drop, retry):
    command.add_command(_decision)


@command.command("show")
@click.argument("number", metavar="N", type=NUMBER)
@click.pass_obj
def show(context: Context, number: int) -> None:
    """保留したメールの内容を、リンクを無効にして表示します (show a mail, its links made harmless)."""
    settings = context.settings_without_secrets
    entry = _entry(settings, number)
    click.echo("\n".join(_page(entry, settings)))


@command.command("export")
@click.argument("number", metavar="[N]", type=NUMBER, required=False)
@click.argument("file", metavar="[FILE]", type=click.Path(dir_okay=False, allow_dash=True), required=False)
@click.option(
    "--all",
    "folder",
    metavar="FOLDER",
    type=click.Path(),
    help="保留のすべてを新しいフォルダーへ (all of the quarantine into a new folder).",
)
@click.pass_obj
def export(context: Context, number: int | None, file: str | None, folder: str | None) -> None:
    """メールをそのままファイルに書き出します。- は標準出力 (write mail as it came to new files)."""
    settings = context.settings_without_secrets
    if folder is not None and number is None:
        _export_all(settings, folder)
    elif folder is None and number is not None and file is not None:
        _export_one(settings, number, file)
    else:
        raise click.UsageError(
            "export N FILE か export --all FOLDER です。 / Say: export N FILE, or: export --all FOLDER"
        )


def _export_one(settings: Settings, number: int, file: str) -> None:
    content = _entry(settings, number).content
    if file == "-":
        sys.stdout.buffer.write(content)
        return
    _write_private(file, content)
    say = reader_of(settings).say
    click.echo(say(f"保留 {number} を {file} に書き出しました。", f"Quarantined mail {number} is in {file}."))


def _export_all(settings: Settings, folder: str) -> None:
    with looking(settings) as uow:
        numbers = [entry.id for entry in uow.quarantine.unsettled()]
        _make_private(folder)
        with _held(folder) as held:
            written = [_export_entry(uow, number, held) for number in numbers].count(True)
    say = reader_of(settings).say
    click.echo(say(f"{written}通を {folder} に書き出しました。", f"{written} mails are in {folder}."))


@contextmanager
def _held(folder: str) -> Iterator[PrivateFolder]:
    """The folder that was just made, and not what somebody else puts in its place meanwhile."""
    try:
        with folder_of(Path(folder) / "any") as held:
            yield held
    except OSError as error:
        raise _unwritable(folder, error) from error


def _export_entry(uow: UnitOfWork, number: int, folder: PrivateFolder) -> bool:
    """Write one mail; its name is its number, for nothing that a stranger wrote names a file."""
    entry = uow.quarantine.get(number)
    if entry is None:
        return False
    with os.fdopen(folder.create(f"{number}.eml"), "wb") as target:
        target.write(entry.content)
    return True


def _make_private(folder: str) -> None:
    """A folder that is there already may be open to others, or lead elsewhere."""
    try:
        Path(folder).mkdir(0o700)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _write_private(file: str, content: bytes) -> None:
    """A buyer's mail is nobody else's business, and no other file is lost to it."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            target.write(content)
    except OSError as error:
        raise _unwritable(file, error) from error


def _unwritable(name: str, error: OSError) -> SokuresuError:
    return SokuresuError(
        f"{name} に書けません ({error.strerror})。 / {name} cannot be written ({error.strerror})."
    )


def _entry(settings: Settings, number: int) -> Entry:
    with looking(settings) as uow:
        entry = uow.quarantine.get(number)
    if entry is None:
        raise SokuresuError(
            f"保留 {number} はありません。一覧: sokuresu quarantine"
            f" / There is no unsettled mail {number}; list them with: sokuresu quarantine"
        )
    return entry


def _record(entry: Entry, formats: Mapping[str, Format]) -> dict[str, Any]:
    names = (
        "word", "reason", "fingerprint", "mailbox", "folder", "sender", "subject", "internal_date",
        "stored_at",
    )  # fmt: skip
    alike = formats.get(entry.fingerprint or "") if entry.word == UNRECOGNISED else None
    values = {name: getattr(entry, name) for name in names}
    return {"quarantine": entry.id} | values | {"format": None if alike is None else _format_record(alike)}


def _format_record(one: Format) -> dict[str, Any]:
    names = ("fingerprint", "waiting", "seen", "first_at", "last_at", "subject", "may_have_changed")
    return {name: getattr(one, name) for name in names}


def _say_formats(formats: Sequence[Format], reader: Reader) -> None:
    """What no rule reads, by its shape: many of one shape are hardly a chance."""
    if not formats:
        return
    click.echo("")
    say_table(_format_headings(reader), [_format_row(one, reader) for one in formats])
    if any(one.may_have_changed for one in formats):
        click.echo(
            reader.say(
                "※ Amazonのメールの書式が変わった可能性があります。sokuresu の更新後に retry --all を。",
                "* The format may have changed. After an update of sokuresu, read them again: retry --all.",
            )
        )


def _format_headings(reader: Reader) -> list[str]:
    if reader.language == "ja":
        return ["形", "保留", "これまで", "最初", "最後", "件名の例"]
    return ["fingerprint", "waiting", "seen", "first", "last", "example's subject"]


def _format_row(one: Format, reader: Reader) -> list[str]:
    return [
        clean(one.fingerprint),
        str(one.waiting),
        f"{one.seen}" + (reader.say(" ※", " *") if one.may_have_changed else ""),
        reader.moment(one.first_at),
        reader.moment(one.last_at),
        clean(one.subject) or NOTHING,
    ]


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
        say_proof(entry.reason, reader),
    ]


def _advice(reader: Reader) -> str:
    return reader.say(
        "内容: sokuresu quarantine show N ／ 本物なら accept N ／ 不要なら drop N ／ 更新後は retry --all",
        "Look: sokuresu quarantine show N; genuine: accept N; needless: drop N; after an update: retry --all",
    )


def _page(entry: Entry, settings: Settings) -> Iterator[str]:
    from daemon.showing.quarantine_lines import quarantine_sheet  # noqa: PLC0415 - only this needs the parsers

    reader = reader_of(settings)
    known = {one.name: settings.trust(one) for one in settings.mailboxes}
    sheet = quarantine_sheet(entry, known.get(entry.mailbox))
    yield f"{reader.say('保留', 'Quarantined mail')} {entry.id}: {reader.word(QUARANTINE, entry.word)}"
    if sheet.kind is not None and sheet.authenticity is not None:
        yield f"  {reader.say('種類', 'kind')}: {reader.word(KINDS, sheet.kind)}"
        yield f"  {reader.say('証明', 'proof')}: {reader.word(PROOFS, sheet.authenticity)}"
    facts = (
        (("差出人", "from"), sheet.sender),
        (("件名", "subject"), sheet.subject),
        (("メールボックス", "mailbox"), sheet.place),
        (("届いた時刻", "received"), reader.moment(sheet.received_at)),
        (("理由", "reason"), say_proof(sheet.reason, reader)),
    )
    yield from (f"  {reader.say(*label)}: {value or NOTHING}" for label, value in facts)
    yield ""
    yield indented(sheet.text or reader.say("(本文なし)", "(no text)"))
