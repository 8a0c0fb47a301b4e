"""``sokuresu refund N``: works a refund out and prepares it; the money goes back in Seller Central only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daemon.aftercare.refunds import keep, note_made, paid_for, prepare, steps_of
from daemon.case_lookup import known_case
from daemon.cli import asking
from daemon.cli.access import considering, deciding
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of, say_json
from daemon.showing.findings import finding_lines, records_of
from daemon.showing.reader import clean_lines, indented
from daemon.showing.refund_lines import ASKED, calculation, section_lines
from state.refunds import propose, read_amount
from templates.guidelines import is_blocked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.aftercare.refunds import Paid, Prepared
    from daemon.cli import Context
    from daemon.showing.reader import Reader
    from daemon.work import Work
    from state.model import Case
    from state.refunds import Refund


@click.command("refund")
@click.argument("number", metavar="N", type=NUMBER)
@click.option("--new", metavar="PRICE", help="新品の価格 (price of the new item).")
@click.option("--almost-new", metavar="PRICE", help="同じ商品の「ほぼ新品」の価格 (of an almost new one).")
@click.option("--paid", metavar="PRICE", help="支払われた商品代金 (what was paid for the item).")
@click.option("--shipping", metavar="PRICE", help="支払われた配送料 (what was paid for shipping).")
@click.option("--full", is_flag=True, help="全額を返金します (everything that was paid).")
@click.option("--order", metavar="ORDER", help="注文が複数ある案件で、どの注文か (which of several orders).")
@click.option("--draft", is_flag=True, help="文面を下書きにします。送るのは approve (keep it as the draft).")
@click.option("--note", is_flag=True, help="返金額を案件に記録します (note the amount).")
@click.option("--done", is_flag=True, help="返金した、と記録します (note that the refund was made).")
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")
@click.pass_obj
def command(context: Context, /, number: int, *, as_json: bool, **given: Any) -> None:
    """返金額を計算し、購入者への文面と手順を表示します。返金はしません (work out a refund; nothing is paid).

    一部返金の額は、新品の価格から「ほぼ新品」の価格を引いた差額で、支払われた商品代金を超えません。
    """
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    if given["done"] and not _has_figures(given):
        with deciding(settings) as work:
            lines = _note_done(work, number, reader)
        click.echo("\n".join(lines))
        return
    with considering(settings) as work:
        refund, order_id = _worked_out(work, known_case(work, number), given, reader)
    records = given["draft"] or given["note"] or given["done"]
    with deciding(settings) if records else considering(settings) as work:
        prepared = _prepared(work, number, refund, order_id, given)
    if as_json:
        say_json(_record(prepared, reader))
    else:
        click.echo("\n".join(_page(prepared, given, reader)))


def _has_figures(given: dict[str, Any]) -> bool:
    return given["full"] or any(given[name] is not None for name in ("new", "almost_new", "paid"))


def _note_done(work: Work, number: int, reader: Reader) -> tuple[str, ...]:
    """Note the refund that was proposed last as made."""
    case = known_case(work, number)
    if note_made(work, case):
        title = reader.say(f"案件 {number} の返金を記録しました。", f"The refund of case {number} is noted.")
    else:
        title = reader.say(
            f"案件 {number} の返金は、すでに記録してあります。"
            "別の返金なら、金額も付けてください (--full --done など)。",
            f"The refund of case {number} is on record; if you made another, say how much: --full --done",
        )
    return (title, *(f"  {line}" for line in section_lines(work, case, reader)))


def _worked_out(work: Work, case: Case, given: dict[str, Any], reader: Reader) -> tuple[Refund, str | None]:
    """The refund by what was given, what is known of the order, and what a person answers."""
    order_id = _order(case, given["order"])
    paid = paid_for(work, case, order_id)
    full = given["full"]
    prices = (
        {} if full else {name: _amount(given, name, None, paid, reader) for name in ("new", "almost_new")}
    )
    return (
        propose(
            prices.get("new"),
            prices.get("almost_new"),
            _amount(given, "paid", paid.items, paid, reader),
            _amount(given, "shipping", paid.shipping if full else 0, paid, reader),
            full=full,
            currency=paid.currency,
        ),
        order_id,
    )


def _order(case: Case, named: str | None) -> str | None:
    if named is not None and named not in case.order_ids:
        raise click.UsageError(
            f"案件 {case.id} に注文 {named} はありません。 / Case {case.id} has no order {named}."
        )
    if named is None and len(case.order_ids) > 1:
        raise click.UsageError(
            f"注文が複数あります。--order で選んでください: {' '.join(case.order_ids)}"
            f" / The case has several orders; choose one with --order: {' '.join(case.order_ids)}"
        )
    return named or next(iter(case.order_ids), None)


def _amount(given: dict[str, Any], name: str, known: int | None, paid: Paid, reader: Reader) -> int:
    """An amount from the line, else as it is known, else as a person at the terminal says."""
    if given[name] is not None:
        return _read(given[name], name, paid.currency)
    if known is not None:
        return known
    option = "--" + name.replace("_", "-")
    asking.need_a_person(f"{ASKED[name][0]}を {option} で書いてください", f"give {option}")
    return _read(click.prompt(reader.say(*ASKED[name])), name, paid.currency)


def _read(text: str, name: str, currency: str) -> int:
    amount = read_amount(text, currency)
    if amount is None:
        option = "--" + name.replace("_", "-")
        raise click.UsageError(
            f"{option} は 0 以上の {currency} の金額で書いてください (最小の単位まで)。"
            f" / {option} wants an amount of {currency}, at least 0 and no finer than its smallest unit."
        )
    return amount


def _prepared(
    work: Work, number: int, refund: Refund, order_id: str | None, given: dict[str, Any]
) -> Prepared:
    """Everything that goes with the refund; recorded and drafted as far as the person asked for it."""
    prepared = prepare(work, known_case(work, number), refund, order_id)
    return keep(work, prepared, draft=given["draft"], note=given["note"], done=given["done"])


def _steps(prepared: Prepared, reader: Reader) -> tuple[str, ...]:
    if not prepared.text:
        return ()
    return steps_of(prepared.case, prepared.refund, prepared.order_id, reader.language)


def _record(prepared: Prepared, reader: Reader) -> dict[str, Any]:
    names = ("amount", "currency", "paid", "shipping", "new_price", "almost_new_price", "full")
    return {
        "case": prepared.case.id,
        "order_id": prepared.order_id,
        **{name: getattr(prepared.refund, name) for name in names},
        "basis": prepared.refund.basis.value,
        "text": prepared.text,
        "findings": records_of(prepared.findings),
        "steps": list(_steps(prepared, reader)),
        "draft_version": prepared.draft,
    }


def _page(prepared: Prepared, given: dict[str, Any], reader: Reader) -> Iterator[str]:
    number, order = prepared.case.id, prepared.order_id or ""
    yield reader.say(f"案件 {number} の返金 {order}", f"Refund of case {number} {order}").rstrip()
    yield from (f"  {line}" for line in calculation(prepared.refund, reader))
    if prepared.text:
        yield from ("", reader.say("購入者への文面", "Message to the buyer"))
        yield indented(clean_lines(prepared.text))
        yield from (f"  {one}" for one in finding_lines(prepared.findings, reader))
        yield from ("", reader.say("セラーセントラルでの手順", "In Seller Central"))
        yield from (f"  {at}. {step}" for at, step in enumerate(_steps(prepared, reader), 1))
    yield from _afterwards(prepared, given, reader)


def _afterwards(prepared: Prepared, given: dict[str, Any], reader: Reader) -> Iterator[str]:
    """What was recorded, or how to record it."""
    number = prepared.case.id
    if prepared.draft is not None:
        ready = not is_blocked(prepared.findings)
        command_ = "approve" if ready else "edit"
        yield ""
        yield reader.say(
            f"下書き v{prepared.draft} にしました。まだ送っていません: sokuresu {command_} {number}",
            f"Kept as draft v{prepared.draft}; nothing was sent: sokuresu {command_} {number}",
        )
        if prepared.set_aside is not None:
            older = f"sokuresu draft {number} --version {prepared.set_aside}"
            yield reader.say(
                f"前の下書き v{prepared.set_aside} は残してあります: {older}",
                f"The draft before it, v{prepared.set_aside}, is on record: {older}",
            )
    elif given["done"] or given["note"]:
        yield from ("", reader.say(f"案件 {number} に記録しました。", f"Noted on case {number}."))
    elif prepared.text:
        yield ""
        yield reader.say(
            "まだ返金していません。文面を下書きにするには --draft、金額だけ記録するには --note を付けます。",
            "Nothing was refunded. Add --draft to keep the text as the draft, --note for the amount only.",
        )
