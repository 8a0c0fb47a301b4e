"""A refund as its page shows it: the figures, the sum line by line, the message and the steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daemon.aftercare.refund_figures import FIGURES, Fault, known_figures, read_figures
from daemon.aftercare.refunds import paid_for, prepare, steps_explained
from daemon.errors import SokuresuError
from daemon.review import blank_draft, standing_of
from daemon.showing.refund_lines import ASKED, calculation, said
from daemon.web.case_heads import head_of
from daemon.web.refusals import say_error, say_refusal
from state.approval_rules import refusal_of
from state.refunds import RefundWord, decimals_of, noted_amount, say_amount
from state.steps import Matter
from templates.wording import LONG_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daemon.aftercare.refund_figures import Figures
    from daemon.aftercare.refunds import Paid, Prepared
    from daemon.showing.reader import Reader
    from daemon.web.case_heads import CaseHead
    from daemon.web.forms import Form
    from daemon.work import Work
    from state.model import Case
    from state.refunds import Refund
    from state.steps import Step

PARTIAL, FULL = "partial", "full"


@dataclass(frozen=True, slots=True)
class Figure:
    """One field of the calculator.

    Attributes:
        name: of the field.
        label: what is asked.
        value: as it was typed, else as it is known.
        fault: why it cannot be used; empty where it can, and before anything was typed.
        full, partial: for which refunds it is needed.
    """

    name: str
    label: str
    value: str
    fault: str
    full: bool
    partial: bool


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """A refund that is worked out.

    Attributes:
        lines: how the amount came about; the one that begins with ``=`` is the result.
        amount: in words.
        text: the message to the buyer; empty where nothing is given back.
        steps: what to do in Seller Central.
        noted: this very amount was noted before, and not given back since.
        drafted: the draft that waits is this very message.
        prepared: the same for the use cases.
    """

    lines: tuple[str, ...]
    amount: str
    text: str = field(repr=False)
    steps: tuple[str, ...]
    noted: bool
    drafted: bool
    prepared: Prepared


@dataclass(frozen=True, slots=True)
class RefundView:
    """The refund of a case.

    Attributes:
        head: the case.
        order_id: which order; None where none is known, or where it has to be chosen first.
        choosing: the case has several orders and none is chosen.
        currency: what is paid in.
        kind: ``partial`` or ``full``.
        figures: the fields.
        result: None while a figure is missing.
        missing: what is missing, in words; empty where nothing is.
        history: what was noted before, each with its day.
        waiting: the amount that was noted and not given back yet, in words; empty where none is.
        made: the last refund was given back.
        seen: number of the last step that was noted, 0 if there is none; a form brings it back.
        hindrance: why the message cannot become the draft; empty where it can.
    """

    head: CaseHead
    order_id: str | None
    choosing: bool
    currency: str
    kind: str
    figures: tuple[Figure, ...]
    result: WorkedOut | None
    missing: str
    history: tuple[tuple[str, str], ...]
    waiting: str
    made: bool
    seen: int
    hindrance: str

    @property
    def fields(self) -> dict[str, str]:
        """What its forms bring back: the figures as they were typed."""
        typed = {one.name: one.value for one in self.figures}
        return typed | {"kind": self.kind, "order": self.order_id or ""}


def refund_view(work: Work, case: Case, form: Form, reader: Reader) -> RefundView:
    """The refund that a form asks for; of an empty form what is known, and nothing at fault."""
    order_id, kind = _order(case, form), FULL if form.line("kind") == FULL else PARTIAL
    paid = paid_for(work, case, order_id)
    typed = _typed(form, paid)
    read = read_figures(typed, paid.currency, full=kind == FULL)
    steps = work.uow.steps.of_case(case.id, Matter.REFUND)
    choosing = order_id is None and len(case.order_ids) > 1
    refund = None if choosing else read.refund
    return RefundView(
        head_of(case),
        order_id,
        choosing,
        paid.currency,
        kind,
        tuple(_figures(typed, read, paid, reader, begun=any(map(form.has, FIGURES)))),
        None if refund is None else _worked_out(work, case, refund, order_id, steps, reader=reader),
        _missing(read, reader),
        tuple((LONG_DAYS[reader.language](one.done_on), said(one, reader)) for one in steps),
        _waiting(steps, reader),
        bool(steps) and steps[-1].word == RefundWord.REFUNDED,
        steps[-1].id if steps else 0,
        _hindrance(work, case, reader),
    )


def _order(case: Case, form: Form) -> str | None:
    """The order that a form names, else the only one."""
    if form.line("order") in case.order_ids:
        return form.line("order")
    return case.order_ids[0] if len(case.order_ids) == 1 else None


def _typed(form: Form, paid: Paid) -> dict[str, str]:
    known = {name: _plain(amount, paid.currency) for name, amount in known_figures(paid).items()}
    return {name: form.line(name, 40) if form.has(name) else known.get(name, "") for name in FIGURES}


def _plain(amount: int, currency: str) -> str:
    """An amount as it stands in a field, without its currency."""
    return say_amount(amount, currency, "en").partition(" ")[2]


def _figures(
    typed: Mapping[str, str], read: Figures, paid: Paid, reader: Reader, *, begun: bool
) -> Iterator[Figure]:
    for name in FIGURES:
        fault = read.faults.get(name) if begun else None
        yield Figure(
            name,
            reader.word(ASKED, name),
            typed[name],
            "" if fault is None else _faulty(fault, paid.currency, reader),
            full=name not in ("new", "almost_new"),
            partial=name != "shipping",
        )


def _faulty(fault: Fault, currency: str, reader: Reader) -> str:
    if fault is Fault.MISSING:
        return reader.say("金額を書いてください。", "Write the amount.")
    example = _plain(39_90 if decimals_of(currency) else 9_800, currency)
    unit = reader.say("1円", "yen") if currency == "JPY" else f"{currency} 0.01"
    return reader.say(
        f"0以上の金額を{unit}単位で書いてください。例: {example}",
        f"Write an amount of at least 0, in steps of {unit}, such as {example}.",
    )


def _missing(read: Figures, reader: Reader) -> str:
    return reader.say("、", ", ").join(reader.word(ASKED, name) for name in read.faults)


def _worked_out(
    work: Work, case: Case, refund: Refund, order_id: str | None, steps: Sequence[Step], *, reader: Reader
) -> WorkedOut:
    prepared = prepare(work, case, refund, order_id)
    return WorkedOut(
        tuple(calculation(refund, reader, typed=False)),
        say_amount(refund.amount, refund.currency, reader.language),
        prepared.text,
        steps_explained(case, refund, order_id, reader.language) if prepared.text else (),
        _noted(steps) == (refund.amount, refund.currency),
        _is_drafted(work, prepared),
        prepared,
    )


def _is_drafted(work: Work, prepared: Prepared) -> bool:
    waiting = work.uow.drafts.open_of(prepared.case.id)
    return waiting is not None and waiting.text.strip() == prepared.text.strip()


def _noted(steps: Sequence[Step]) -> tuple[int, str] | None:
    """The amount that was noted and not given back yet."""
    waits = bool(steps) and steps[-1].word == RefundWord.PROPOSED
    return noted_amount(steps[-1].detail) if waits else None


def _waiting(steps: Sequence[Step], reader: Reader) -> str:
    noted = _noted(steps)
    return "" if noted is None else say_amount(*noted, reader.language)


def _hindrance(work: Work, case: Case, reader: Reader) -> str:
    try:
        refusal = refusal_of(blank_draft(work, case.id), standing_of(work, case))
    except SokuresuError as error:
        return say_error(error, reader)
    return "" if refusal is None else say_refusal(refusal, reader)
