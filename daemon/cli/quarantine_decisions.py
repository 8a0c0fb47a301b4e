"""What a person decides about mail that was put aside: genuine, to be read again, or settled."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from daemon.cli.access import considering, deciding, looking
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of
from daemon.errors import SokuresuError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from daemon.cli import Context
    from daemon.config import Settings
    from daemon.reading.arrivals import Arrival, Taken
    from daemon.showing.reader import Reader

_SHAPE_HELP = "同じ形のメールすべて。一覧の「形」の文字 (all mails of one shape, as listed)."


@click.command("accept")
@click.argument("numbers", metavar="N…", type=NUMBER, nargs=-1, required=True)
@click.pass_context
def accept(context: click.Context, numbers: tuple[int, ...]) -> None:
    """本物と判断し、案件にします。受付は送りません (open cases from mails that looked forged)."""
    settings = context.obj.settings_without_secrets
    decide = partial(_accept_one, settings, reader_of(settings))
    if _decide_each(numbers, decide):
        context.exit(1)


def _accept_one(settings: Settings, reader: Reader, number: int) -> str:
    from daemon.quarantined_mail import accept_quarantined  # noqa: PLC0415 - the listing does without what it imports

    arrival = _read(settings, number)
    with deciding(settings) as work:
        case_id = accept_quarantined(work, number, arrival)
    return reader.say(
        f"保留 {number} は案件 {case_id} になりました。受付は送りません。",
        f"Quarantined mail {number} is in case {case_id}; nothing is acknowledged.",
    )


@click.command("drop")
@click.argument("numbers", metavar="[N…]", type=NUMBER, nargs=-1)
@click.option("--fingerprint", metavar="F", help=_SHAPE_HELP)
@click.pass_obj
def drop(context: Context, numbers: tuple[int, ...], fingerprint: str | None) -> None:
    """見たことにして、一覧から外します (settle mails without doing anything)."""
    from daemon.quarantined_mail import drop_quarantined  # noqa: PLC0415 - as above

    settings = context.settings_without_secrets
    wanted = _wanted(settings, numbers, fingerprint)
    with deciding(settings) as work:
        # All or none: whoever mistypes one number has to look again.
        for number in wanted:
            drop_quarantined(work, number)
    reader = reader_of(settings)
    for number in wanted:
        click.echo(reader.say(f"保留 {number} を片付けました。", f"Quarantined mail {number} is settled."))


@click.command("retry")
@click.argument("numbers", metavar="[N…]", type=NUMBER, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="保留のすべて (all of the quarantine).")
@click.option("--fingerprint", metavar="F", help=_SHAPE_HELP)
@click.pass_context
def retry(
    context: click.Context, numbers: tuple[int, ...], fingerprint: str | None, *, everything: bool
) -> None:
    """更新や設定変更の後に、もう一度読みます (read mails again after an update)."""
    settings = context.obj.settings_without_secrets
    reader = reader_of(settings)
    wanted = _wanted(settings, numbers, fingerprint, everything=everything)
    stayed = _decide_each(wanted, partial(_retry_one, settings, reader))
    if len(wanted) != 1:
        click.echo(_summary(reader, len(wanted), stayed))
    if stayed and numbers:
        context.exit(1)


def _retry_one(settings: Settings, reader: Reader, number: int) -> str:
    from daemon.quarantined_mail import retry_quarantined  # noqa: PLC0415 - as above

    arrival = _read(settings, number)
    with deciding(settings) as work:
        taken = retry_quarantined(work, number, arrival)
    return _read_again(reader, number, taken)


def _read(settings: Settings, number: int) -> Arrival:
    """What a mail says, read while no transaction is open: the service need not wait for name servers."""
    from daemon.log import quieten  # noqa: PLC0415 - its library is for the service
    from daemon.quarantined_mail import find_quarantined, read_quarantined  # noqa: PLC0415 - as above

    quieten()
    with considering(settings) as work:
        entry, shop = find_quarantined(work, number), work.shop
    return read_quarantined(shop, entry)


def _read_again(reader: Reader, number: int, taken: Taken) -> str:
    if taken.case_id is None:
        ja, en = f"{number} を読み取りました。案件はありません。", f"{number} was read; it concerns no case."
    else:
        ja, en = f"{number} は案件 {taken.case_id} のものです。", f"{number} belongs to case {taken.case_id}."
    return reader.say(f"保留 {ja}", f"Quarantined mail {en}")


def _summary(reader: Reader, number: int, stayed: int) -> str:
    if not number:
        return reader.say("保留しているメールはありません。", "Nothing is in quarantine.")
    return reader.say(
        f"{number}通のうち{number - stayed}通を読み取りました。{stayed}通が保留のままです。",
        f"{number - stayed} of {number} were read; {stayed} stay in quarantine.",
    )


def _wanted(
    settings: Settings, numbers: tuple[int, ...], fingerprint: str | None, *, everything: bool = False
) -> tuple[int, ...]:
    """The numbers that are meant, each once.

    Raises:
        click.UsageError: nothing is named, or in two ways at once.
        SokuresuError: no mail has this fingerprint.
    """
    if [bool(numbers), fingerprint is not None, everything].count(True) != 1:
        raise click.UsageError(
            "番号 N か --fingerprint など、どれか一つで指定してください。"
            " / Name the mails in one way: by numbers, by --fingerprint, or (retry only) with --all."
        )
    if numbers:
        return tuple(dict.fromkeys(numbers))
    with looking(settings) as uow:
        entries = uow.quarantine.unsettled()
    if fingerprint is None:
        return tuple(entry.id for entry in entries)
    found = tuple(entry.id for entry in entries if entry.fingerprint == fingerprint)
    if not found:
        raise SokuresuError(
            "その形のメールは保留にありません。一覧: sokuresu quarantine"
            " / No mail in quarantine has this fingerprint; list them with: sokuresu quarantine"
        )
    return found


def _decide_each(numbers: Iterable[int], decide: Callable[[int], str]) -> int:
    """Decide on each mail by itself and tell the outcome; how many were refused."""
    refused = 0
    for number in numbers:
        try:
            told = decide(number)
        except SokuresuError as error:
            refused += 1
            click.echo(str(error), err=True)
        else:
            click.echo(told)
    return refused
