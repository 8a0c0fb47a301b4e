"""A refund as people read it: how it was worked out, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.words import REFUND_STEPS
from state.refunds import BY_NOTICE, Basis, RefundWord, noted_amount, say_amount
from state.steps import Matter
from templates.instructions import instruct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.showing.reader import Reader
    from daemon.words import Words
    from daemon.work import Work
    from state.model import Case
    from state.refunds import Refund
    from state.steps import Step


def section_lines(work: Work, case: Case, reader: Reader) -> tuple[str, ...]:
    """What `case N` shows of a refund; nothing where none was proposed or made."""
    steps = work.uow.steps.of_case(case.id, Matter.REFUND)
    lines = [f"{step.done_on:%Y-%m-%d} {said(step, reader)}" for step in steps]
    if steps and steps[-1].word == RefundWord.PROPOSED:
        lines.append(instruct("refund", "waiting", reader.language, n=case.id))
    return tuple(lines)


ASKED: Words = {
    "new": ("新品の価格", "price of the new item"),
    "almost_new": ("ほぼ新品の価格", "price of it in almost new condition"),
    "paid": ("支払額 (配送料を除く)", "paid for the item, without shipping"),
    "shipping": ("支払われた配送料 (無料なら 0)", "paid for shipping (0 if nothing)"),
}
"""The figures that a refund is worked out from."""


def said(step: Step, reader: Reader) -> str:
    """A step of a refund in words, with its amount where that is known."""
    word = reader.word(REFUND_STEPS, step.word)
    amount = noted_amount(step.detail)
    told = f"{word}: {say_amount(*amount, reader.language)}" if amount else word
    by_amazon = step.detail.endswith(BY_NOTICE)
    return told + (reader.say(" (Amazonのお知らせ)", " (Amazon's notice)") if by_amazon else "")


def calculation(refund: Refund, reader: Reader, *, typed: bool = True) -> Iterator[str]:
    """How the amount came about, one line a step.

    Args:
        refund: the figures.
        reader: who reads it.
        typed: the reader types commands, so that options are named.
    """
    hint = ": --full" if typed else reader.say("。", "")
    yield from _sum(refund, reader) if refund.full else _difference(refund, reader, hint)
    yield reader.say(
        "端数: ありません (最小の通貨単位どうしの足し算と引き算です)",
        "Rounding: none (whole numbers of the smallest unit are added and subtracted)",
    )


def _sum(refund: Refund, reader: Reader) -> Iterator[str]:
    yield reader.say(
        f"商品代金 {_money(refund.paid, refund, reader)} + 配送料 {_money(refund.shipping, refund, reader)}",
        f"item {_money(refund.paid, refund, reader)} + shipping {_money(refund.shipping, refund, reader)}",
    )
    yield _result(refund, reader)


def _difference(refund: Refund, reader: Reader, hint: str) -> Iterator[str]:
    new = _money(refund.new_price or 0, refund, reader)
    almost = _money(refund.almost_new_price or 0, refund, reader)
    yield reader.say(
        f"新品 {new} − ほぼ新品 {almost}",
        f"new {new} - almost new {almost}",
    )
    paid = _money(refund.paid, refund, reader)
    if refund.basis is Basis.CAPPED:
        yield reader.say(
            f"差額が支払額より大きいため、{paid} まで (配送料を除く支払額)。全額返金もご検討ください{hint}",
            f"more than was paid, so no more than {paid} (without shipping);"
            f" consider a return and a full refund{hint}",
        )
    elif refund.basis is Basis.NO_DIFFERENCE:
        yield reader.say(
            f"ほぼ新品のほうが高いか同じで、差額がありません。返品と全額返金をご検討ください{hint}",
            "The almost new one costs as much or more, so there is no difference to refund;"
            f" consider a full refund{hint}",
        )
    else:
        yield reader.say(f"上限 (支払額、配送料を除く): {paid}", f"at most what was paid for it: {paid}")
    yield _result(refund, reader)


def _result(refund: Refund, reader: Reader) -> str:
    amount = _money(refund.amount, refund, reader)
    kind = reader.say("全額", "full") if refund.full else reader.say("一部", "partial")
    return reader.say(f"= 返金額 ({kind}): {amount}", f"= refund ({kind}): {amount}")


def _money(amount: int, refund: Refund, reader: Reader) -> str:
    return say_amount(amount, refund.currency, reader.language)
