"""``sokuresu outbox``: outgoing mail that is not settled, and what a person decides about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daemon.cli.access import deciding, looking
from daemon.cli.conversation import mail_lines
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of, say_json, say_table
from daemon.showing.liveness import is_alive
from daemon.showing.outbox_lines import unsettled
from daemon.showing.reader import NOTHING
from daemon.showing.reasons import say_reason
from daemon.words import OUTBOX_KINDS, OUTBOX_STATES
from state.outbox_rules import OutboxKind, OutboxState

if TYPE_CHECKING:
    from daemon.cli import Context
    from daemon.config import Settings
    from daemon.showing.reader import Reader
    from state.model import OutboxItem


@click.group("outbox", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> None:
    """送信が済んでいないメールと、すべきことを表示します (list outgoing mail that is not settled)."""
    if context.invoked_subcommand is not None:
        return
    settings = context.obj.settings_without_secrets
    reader = reader_of(settings)
    with looking(settings) as uow:
        items = unsettled(uow, reader.now)
        alive = is_alive(uow.runs.last(), reader.now)
    if as_json:
        say_json([_record(item, reader, alive=alive) for item in items])
    elif items:
        say_table(_headings(reader), [_row(item, reader) for item in items])
        click.echo(reader.say("すること:", "What to do:"))
        for item in items:
            click.echo(f"  {item.id}: {_todo(item, reader, alive=alive)}")
    else:
        click.echo(reader.say("未処理の送信はありません。", "No outgoing mail is unsettled."))


@command.command("sent")
@click.argument("number", metavar="N", type=NUMBER)
@click.pass_obj
def sent(context: Context, number: int) -> None:
    """送れていた、と記録します (an uncertain mail did leave)."""
    from daemon.commands import outbox_sent  # noqa: PLC0415 - the listing does without what it imports

    settings = context.settings_without_secrets
    with deciding(settings) as work:
        outbox_sent(work, number)
    click.echo(reader_of(settings).say(f"送信 {number} を送信済みにしました。", f"Mail {number} is sent."))


@command.command("drop")
@click.argument("number", metavar="N", type=NUMBER)
@click.pass_obj
def drop(context: Context, number: int) -> None:
    """送り直さず、取り下げます (give an uncertain mail up)."""
    from daemon.commands import outbox_drop  # noqa: PLC0415 - as above

    settings = context.settings_without_secrets
    with deciding(settings) as work:
        outbox_drop(work, number)
    say = reader_of(settings).say
    click.echo(say(f"送信 {number} を取り下げました。", f"Mail {number} is withdrawn."))


@command.command("resend")
@click.argument("number", metavar="N", type=NUMBER)
@click.option("--yes", is_flag=True, help="尋ねずに送り直します (do not ask).")
@click.pass_obj
def resend(context: Context, number: int, *, yes: bool) -> None:
    """宛先と本文を見せて尋ね、もう一度送ります (show an uncertain mail, ask, and send it once more)."""
    from daemon.commands import outbox_resend  # noqa: PLC0415 - as above

    settings = context.settings_without_secrets
    say = reader_of(settings).say
    _show_before_resend(settings, number)
    if not yes:
        question = say(
            "届いていれば、相手には 2 通目になります。送り直しますか?",
            "If it did arrive, they get it twice. Send it again?",
        )
        click.confirm(question, abort=True)
    with deciding(settings) as work:
        outbox_resend(work, number)
    click.echo(say(f"送信 {number} をもう一度送ります。", f"Mail {number} is sent once more."))


def _show_before_resend(settings: Settings, number: int) -> None:
    with looking(settings) as uow:
        item = uow.outbox.get(number)
    if item is None:
        # The decision itself says that there is no such mail.
        return
    say = reader_of(settings).say
    shown = mail_lines(
        sender="", recipient=item.recipient, subject=item.subject, text=item.text, reader=reader_of(settings)
    )
    click.echo("\n".join(shown))
    if item.kind is OutboxKind.ACKNOWLEDGMENT:
        click.echo(
            say(
                "(回答予定の時刻は、送るときに書き直します)",
                "(the time by which you answer is written anew when it leaves)",
            )
        )


def _record(item: OutboxItem, reader: Reader, *, alive: bool) -> dict[str, Any]:
    names = (
        "kind", "state", "mailbox", "recipient", "subject", "text", "created_at", "next_attempt_at",
        "claimed_at", "attempts", "reason",
    )  # fmt: skip
    values = {name: getattr(item, name) for name in names}
    return {"outbox": item.id, "case": item.case_id} | values | {"todo": _todo(item, reader, alive=alive)}


def _headings(reader: Reader) -> list[str]:
    if reader.language == "ja":
        return ["送信", "状態", "種類", "案件", "時刻", "理由"]
    return ["outbox", "state", "kind", "case", "since", "reason"]


def _row(item: OutboxItem, reader: Reader) -> list[str]:
    return [
        str(item.id),
        reader.word(OUTBOX_STATES, item.state),
        reader.word(OUTBOX_KINDS, item.kind),
        str(item.case_id or NOTHING),
        reader.moment(item.claimed_at or item.created_at),
        say_reason(item.reason, reader) if item.reason else NOTHING,
    ]


def _todo(item: OutboxItem, reader: Reader, *, alive: bool) -> str:
    """One sentence of advice for each state."""
    if item.state is OutboxState.UNCERTAIN:
        return reader.say(
            f"送信済みフォルダーなどで確かめ、sokuresu outbox sent {item.id} (または resend、drop)",
            f"look in the Sent folder, then: sokuresu outbox sent {item.id} (or resend, drop)",
        )
    if item.state is OutboxState.REFUSED:
        return _todo_refused(item, reader)
    if not alive:
        return reader.say(
            "サービスが止まっています。sokuresu run で送ります", "start the service: sokuresu run"
        )
    if item.state is OutboxState.DEFERRED:
        at = reader.moment(item.next_attempt_at)
        return reader.say(f"なし。{at} にもう一度試します", f"nothing; tried again {at}")
    return reader.say("なし。まもなく送ります", "nothing; it leaves in a moment")


def _todo_refused(item: OutboxItem, reader: Reader) -> str:
    if item.kind.to_buyer:
        return reader.say(
            f"メールソフトかセラーセントラルで案件 {item.case_id} に回答する",
            f"answer case {item.case_id} in your mail program or in Seller Central",
        )
    if item.kind is OutboxKind.INQUIRY:
        return reader.say(
            f"電話などで問い合わせるか、書き直して送る: sokuresu inquiry {item.case_id}",
            f"ask by telephone, or write anew: sokuresu inquiry {item.case_id}",
        )
    return reader.say("sokuresu check で接続を確かめる", "test the connection with: sokuresu check")
