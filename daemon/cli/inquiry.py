"""``sokuresu inquiry N``: shows what the shipping agent is asked, and sends it when a person says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import click

from daemon.aftercare.agents import agent_at, agents_of, choose_agent
from daemon.aftercare.inquiries import draft, queue, refusal_of
from daemon.aftercare.inquiry_refusals import InquiryRefused, refusal_typed
from daemon.cli.access import considering, deciding
from daemon.cli.asking import agree, at_terminal, need_a_person
from daemon.cli.conversation import mail_lines
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of, say_json
from daemon.cli.texts import decoded
from daemon.order_facts import shipping_of
from daemon.review import case_of
from daemon.showing.liveness import is_alive
from daemon.showing.reader import clean
from parsers.values import Fulfilment
from templates.inquiring import ABOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.aftercare.inquiries import Inquiry
    from daemon.aftercare.inquiry_refusals import InquiryRefusal
    from daemon.cli import Context
    from daemon.config import Settings
    from daemon.shop import Agent, Shop
    from daemon.showing.reader import Reader

_SIZE_LIMIT = 100_000


@click.command("inquiry")
@click.argument("number", metavar="N", type=NUMBER)
@click.option(
    "--about",
    type=click.Choice(ABOUT),
    default="both",
    help="送り状の宛先、荷物の所在、その両方 (the label's address, the parcel's whereabouts, or both).",
)
@click.option(
    "--text",
    "source",
    metavar="FILE",
    type=click.File("rb"),
    help="自分で書いた本文 (own words; - reads them).",
)
@click.option(
    "--agent", "address", metavar="ADDRESS", help="設定にある委託先のどれか (one of the configured agents)."
)
@click.option("--send", is_flag=True, help="見せて尋ね、送ります (show it, ask, and send it).")
@click.option("--again", is_flag=True, help="同じ文面でももう一度送ります (send the same text once more).")
@click.option("--draft", "seen", metavar="CODE", help="見た文面の番号 (the code of the text that you read).")
@click.option("--yes", is_flag=True, help="尋ねずに送ります。--draft が要ります (do not ask; needs --draft).")
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")
@click.pass_obj
def command(
    context: Context,
    number: int,
    *,
    about: str,
    source: BinaryIO | None,
    address: str | None,
    send: bool,
    again: bool,
    seen: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """発送の委託先への問い合わせを作り、--send で送ります (ask the shipping agent about a parcel).

    購入者の名前、アドレス、電話番号、文章は送りません。 / Nothing of the buyer's goes to the agent.
    """
    _refuse_odd(yes=yes, seen=seen, send=send, as_json=as_json)
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    text = None if source is None else decoded(source.read(_SIZE_LIMIT))
    agent = _agent(settings, address, reader)
    with considering(settings) as work:
        shown = draft(work, number, agent, about=about, text=text)
        refusal = refusal_of(work, shown, again=again)
        by_amazon = shipping_of(work, case_of(work, number)).fulfilment == Fulfilment.FBA
    if not as_json:
        click.echo("\n".join(_page(shown, refusal, reader, sending=send)))
    elif not send:
        say_json(_record(shown, refusal))
    if by_amazon:
        click.echo(_asks_the_wrong(number, reader), err=True)
    if not send:
        return
    if refusal is not None:
        raise InquiryRefused(refusal, number)
    _agreed(shown, reader, seen=seen if yes else None)
    record = _send(settings, shown, again=again)
    if as_json:
        say_json(record)
    else:
        click.echo(_afterwards(number, reader, alive=record["service_alive"]))


def _asks_the_wrong(number: int, reader: Reader) -> str:
    return reader.say(
        f"【注意】Amazonが発送した注文 (FBA) です。荷物のことはAmazonへ: sokuresu support {number}",
        f"CAREFUL: Amazon shipped this order (FBA); ask Amazon about it: sokuresu support {number}",
    )


def _send(settings: Settings, shown: Inquiry, *, again: bool) -> dict[str, Any]:
    """Hand exactly what was shown to the service; told as the record of it."""
    with deciding(settings) as work:
        item = queue(work, shown, again=again)
        alive = is_alive(work.uow.runs.last(), work.now)
    return _record(shown, None) | {"outbox": item.id, "service_alive": alive}


def _refuse_odd(*, yes: bool, seen: str | None, send: bool, as_json: bool) -> None:
    if yes and seen is None:
        raise click.UsageError(
            "--yes には --draft CODE が要ります。番号は、--send を付けずに実行すると出ます。"
            " / --yes needs --draft CODE; the command shows it without --send."
        )
    if as_json and send and not yes:
        raise click.UsageError(
            "--json --send には --draft CODE --yes が要ります。 / --json --send needs --draft CODE --yes."
        )


def _agent(settings: Settings, address: str | None, reader: Reader) -> Agent:
    """The agent that is meant; asked for where there are several."""
    with considering(settings) as work:
        shop = work.shop
    known = agents_of(shop)
    if address is not None and known and agent_at(shop, address) is None:
        listed = ", ".join(one.address for one in known)
        raise click.UsageError(
            f"--agent は設定にある宛先から選びます: {listed} / --agent names one of: {listed}"
        )
    return choose_agent(shop, address) or _ask_which(shop, reader)


def _ask_which(shop: Shop, reader: Reader) -> Agent:
    known = agents_of(shop)
    if not at_terminal():
        listed = ", ".join(one.address for one in known)
        raise click.UsageError(
            f"--agent で委託先を選んでください: {listed} / choose one with --agent: {listed}"
        )
    for place, one in enumerate(known, start=1):
        click.echo(f"  {place}  {clean(one.name)} {clean(one.address)}")
    question = reader.say("どの委託先に問い合わせますか", "Which agent do you want to ask")
    return known[click.prompt(question, type=click.IntRange(1, len(known))) - 1]


def _page(shown: Inquiry, refusal: InquiryRefusal | None, reader: Reader, *, sending: bool) -> Iterator[str]:
    number = shown.case_id
    yield reader.say(
        f"案件 {number} について、発送の委託先への問い合わせ", f"Case {number}: inquiry of the shipping agent"
    )
    yield from mail_lines(
        sender=shown.sender,
        recipient=f"{shown.agent.name} <{shown.agent.address}>" if shown.agent.name else shown.agent.address,
        subject=shown.subject,
        text=shown.text,
        reader=reader,
    )
    if refusal is not None:
        yield reader.say("まだ送れません: ", "It may not go yet: ") + reader.say(*refusal_typed(refusal))
    elif not sending:
        ja, en = (
            "まだ送っていません。送るには --send を付けてください",
            "Nothing was sent; add --send to send it",
        )
        yield reader.say(f"{ja} (この文面の番号: {shown.code})。", f"{en} (code of this text: {shown.code}).")


def _record(shown: Inquiry, refusal: InquiryRefusal | None) -> dict[str, Any]:
    return {
        "case": shown.case_id,
        "to": shown.agent.address,
        "agent": shown.agent.name,
        "from": shown.sender,
        "subject": shown.subject,
        "text": shown.text,
        "code": shown.code,
        "refusal": None if refusal is None else refusal.value,
        "outbox": None,
    }


def _agreed(shown: Inquiry, reader: Reader, *, seen: str | None) -> None:
    """A person agrees to this very mail.

    Raises:
        NotAgreed: the person said no.
        click.UsageError: nobody is there to ask, or the text is another than the one that was read.
    """
    if seen is None:
        line = f"sokuresu inquiry {shown.case_id} … --send --draft {shown.code} --yes"
        need_a_person(
            f"尋ねる相手がいません。読んだうえで: {line}", f"nobody can be asked; after reading it: {line}"
        )
        agree(reader.say("この内容で委託先へ送りますか?", "Send this to the shipping agent?"), reader)
    elif seen != shown.code:
        raise click.UsageError(
            f"文面が変わりました。今の番号は {shown.code} です。読んでからもう一度どうぞ。"
            f" / The text is not the one that you read; its code is {shown.code} now."
        )


def _afterwards(number: int, reader: Reader, *, alive: bool) -> str:
    if alive:
        return reader.say(
            f"案件 {number} の問い合わせを送ります。返事は案件に加わり、すぐにお知らせします。",
            f"The inquiry of case {number} leaves now; the answer joins the case, and you are told at once.",
        )
    return reader.say(
        "サービスが止まっているので、まだ送られません。sokuresu run で動かすと送ります。",
        "The service is NOT RUNNING, so nothing leaves until you start it: sokuresu run",
    )
