"""``sokuresu support N``: the text for Amazon's seller support, with all facts of the case, to be copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.aftercare.outside_help import situation_of_case
from daemon.aftercare.support import note_prepared, write_support
from daemon.case_lookup import known_case
from daemon.cli.access import considering, deciding
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of, say_json
from daemon.showing.reader import clean_lines
from parsers.values import Fulfilment
from templates.escalating import MATTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli import Context
    from daemon.showing.reader import Reader
    from daemon.work import Work
    from state.model import Case
    from templates.escalating import RenderedSupport


_FBA_ONLY = (
    (
        "注意: この注文は自社発送です。この文は、FBA倉庫に納めた商品のためのものです。"
        "配送中の破損は運送会社か発送の委託先へ。Amazonへのほかの相談は --about other で作れます。"
    ),
    (
        "Note: your shop shipped this order, and this text is for items that went to an FBA warehouse. Ask"
        " the carrier or the shipping agent; for another question to Amazon there is --about other."
    ),
)
"""Who asks Amazon about a box that never was in its warehouse is told, in both languages."""


@click.command("support")
@click.argument("number", metavar="N", type=NUMBER)
@click.option(
    "--about", type=click.Choice(MATTERS), help="何について (what it is about; guessed without it)."
)
@click.option(
    "--note", is_flag=True, help="相談したことを案件に記録します (note on the case that it was asked)."
)
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")
@click.pass_obj
def command(context: Context, number: int, *, about: str | None, note: bool, as_json: bool) -> None:
    """出品者サポートに貼り付ける文を、案件の事実から作ります (the text for seller support, to be copied).

    どこにも送りません。 / Nothing is sent.
    """
    settings = context.settings_without_secrets
    opened = deciding if note else considering
    with opened(settings) as work:
        # Of any state: Amazon may be asked about what is long answered.
        case = known_case(work, number)
        matter, rendered = write_support(work, case, about)
        misplaced = matter == "crushed" and _ships_itself(work, case)
        if note:
            note_prepared(work, case, matter)
    if as_json:
        record = {"case": number, "about": matter, "text": rendered.text, "path": rendered.path}
        facts = {"blanks": rendered.text.count("〔"), "noted": note, "for_fba_only": misplaced}
        say_json(record | facts)
        return
    reader = reader_of(settings)
    if misplaced:
        click.echo(reader.say(*_FBA_ONLY), err=True)
    click.echo("\n".join(_page(number, rendered, reader, noted=note)))


def _ships_itself(work: Work, case: Case) -> bool:
    """The shop shipped what the case is about, as far as is known."""
    _, fulfilment = situation_of_case(work, case, work.uow.messages.of_case(case.id))
    return fulfilment == Fulfilment.OWN


def _page(number: int, rendered: RenderedSupport, reader: Reader, *, noted: bool) -> Iterator[str]:
    line = "-" * 40
    yield reader.say("開くところ: ", "Where to go: ") + rendered.path
    yield reader.say(
        "次の線の間をコピーして貼り付けてください。どこにも送っていません。",
        "Copy what stands between the lines. Nothing was sent.",
    )
    yield from (line, clean_lines(rendered.text), line)
    if "〔" in rendered.text:
        yield reader.say(
            "〔 〕は分からなかったところです。埋めてからお出しください。",
            "〔 〕 marks what is not known; fill it in before you hand it in.",
        )
    if noted:
        yield reader.say(f"案件 {number} に記録しました。", f"Noted on case {number}.")
    else:
        ja, en = "出したら記録できます", "Once it is handed in, note it with"
        yield reader.say(ja, en) + f": sokuresu support {number} --note"
