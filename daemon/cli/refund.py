"""``sokuresu refund N``: works a refund out and prepares it; the money goes back in Seller Central only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from daemon.case_lookup import known_case
from daemon.cli import asking
from daemon.cli.access import considering, deciding
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of, say_json
from daemon.errors import SokuresuError
from daemon.refunds import draft_refund, note_step, paid_for, steps_of, word_refund
from daemon.showing.findings import finding_lines, records_of
from daemon.showing.reader import clean_lines, indented
from daemon.showing.refund_lines import calculation, section_lines
from state.refunds import Refund, RefundWord, noted_amount, propose, read_amount
from state.steps import Matter
from templates.guidelines import check, is_blocked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli import Context
    from daemon.refunds import Paid
    from daemon.showing.reader import Reader
    from daemon.work import Work
    from state.model import Case
    from templates.guidelines import Finding

_ASKED = {
    "new": ("新品の価格", "price of the new item"),
    "almost_new": ("ほぼ新品の価格", "price of it in almost new condition"),
    "paid": ("支払われた商品代金 (配送料を除く)", "what was paid for the item, without shipping"),
    "shipping": ("支払われた配送料 (無料なら 0)", "what was paid for shipping (0 if nothing)"),
}


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A refund that is worked out, with all that goes with it."""

    case: Case
    refund: Refund
    text: str
    findings: tuple[Finding, ...]
    steps: tuple[str, ...]
    order_id: str | None
    draft: int | None = None
    set_aside: int | None = None


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
        say_json(_record(prepared))
    else:
        click.echo("\n".join(_page(prepared, given, reader)))


def _has_figures(given: dict[str, Any]) -> bool:
    return given["full"] or any(given[name] is not None for name in ("new", "almost_new", "paid"))


def _note_done(work: Work, number: int, reader: Reader) -> tuple[str, ...]:
    """Note the refund that was proposed last as made."""
    case = known_case(work, number)
    steps = work.uow.steps.of_case(case.id, Matter.REFUND)
    if steps and steps[-1].word == RefundWord.REFUNDED:
        # Typed twice, or after Amazon's notice came: one refund is not two.
        title = reader.say(
            f"案件 {number} の返金は、すでに記録してあります。"
            "別の返金なら、金額も付けてください (--full --done など)。",
            f"The refund of case {number} is on record; if you made another, say how much: --full --done",
        )
    else:
        proposed = [noted_amount(one.detail) for one in steps if one.word == RefundWord.PROPOSED]
        note_step(work, case, RefundWord.REFUNDED, proposed[-1] if proposed else None)
        title = reader.say(f"案件 {number} の返金を記録しました。", f"The refund of case {number} is noted.")
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
    asking.need_a_person(f"{_ASKED[name][0]}を {option} で書いてください", f"give {option}")
    return _read(click.prompt(reader.say(*_ASKED[name])), name, paid.currency)


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
) -> _Prepared:
    """Everything that goes with the refund; recorded and drafted as far as the person asked for it."""
    case = known_case(work, number)
    if refund.amount == 0 and (given["draft"] or given["note"] or given["done"]):
        raise SokuresuError(
            "返金額が0なので、記録も下書きもしません。 / The refund is 0; nothing is noted or drafted."
        )
    text = word_refund(work, case, refund, order_id) if refund.amount else ""
    findings = check(text, order_id=order_id, language=work.shop.language) if text else ()
    before = work.uow.drafts.open_of(number) if given["draft"] else None
    draft = draft_refund(work, case, text).version if given["draft"] else None
    if given["draft"] or given["note"]:
        note_step(work, case, RefundWord.PROPOSED, (refund.amount, refund.currency))
    if given["done"]:
        note_step(work, case, RefundWord.REFUNDED, (refund.amount, refund.currency))
    steps = steps_of(work, case, refund, order_id) if refund.amount else ()
    set_aside = None if before is None else before.version
    return _Prepared(case, refund, text, tuple(findings), steps, order_id, draft, set_aside)


def _record(prepared: _Prepared) -> dict[str, Any]:
    names = ("amount", "currency", "paid", "shipping", "new_price", "almost_new_price", "full")
    return {
        "case": prepared.case.id,
        "order_id": prepared.order_id,
        **{name: getattr(prepared.refund, name) for name in names},
        "basis": prepared.refund.basis.value,
        "text": prepared.text,
        "findings": records_of(prepared.findings),
        "steps": list(prepared.steps),
        "draft_version": prepared.draft,
    }


def _page(prepared: _Prepared, given: dict[str, Any], reader: Reader) -> Iterator[str]:
    number, order = prepared.case.id, prepared.order_id or ""
    yield reader.say(f"案件 {number} の返金 {order}", f"Refund of case {number} {order}").rstrip()
    yield from (f"  {line}" for line in calculation(prepared.refund, reader))
    if prepared.text:
        yield from ("", reader.say("購入者への文面", "Message to the buyer"))
        yield indented(clean_lines(prepared.text))
        yield from (f"  {one}" for one in finding_lines(prepared.findings, reader))
        yield from ("", reader.say("セラーセントラルでの手順", "In Seller Central"))
        yield from (f"  {at}. {step}" for at, step in enumerate(prepared.steps, 1))
    yield from _afterwards(prepared, given, reader)


def _afterwards(prepared: _Prepared, given: dict[str, Any], reader: Reader) -> Iterator[str]:
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
