"""An inquiry of the shipping agent as its pages show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daemon.aftercare.agents import agent_at, agents_of
from daemon.aftercare.inquiries import draft, inquiries_of, refusal_of
from daemon.aftercare.inquiry_refusals import REFUSALS
from daemon.order_facts import shipping_of
from daemon.showing.reader import clean
from daemon.web.case_heads import head_of
from daemon.words import OUTBOX_STATES
from parsers.values import Fulfilment
from templates.inquiring import ABOUT

if TYPE_CHECKING:
    from daemon.aftercare.inquiries import Inquiry
    from daemon.aftercare.inquiry_refusals import InquiryRefusal
    from daemon.shop import Agent
    from daemon.showing.reader import Reader
    from daemon.web.case_heads import CaseHead
    from daemon.web.forms import Form
    from daemon.work import Work
    from state.model import Case

_NAME_LIMIT = 100


@dataclass(frozen=True, slots=True)
class InquiryView:
    """An inquiry before it goes.

    Attributes:
        head: the case.
        agents: whom one may ask: each address with what it is called.
        about: what is asked, one of `ABOUT`.
        shown: the mail as it would leave; None where nobody is configured to be asked.
        refusal: why it may not go as it stands; None if it may.
        reason: the same in words.
        asked: how many inquiries the case has had; a form brings it back.
        before: the inquiries before: when, to whom, and how each stands.
        by_amazon: Amazon shipped the order, so that the agent knows nothing of it.
    """

    head: CaseHead
    agents: tuple[tuple[str, str], ...]
    about: str
    shown: Inquiry | None = field(repr=False)
    refusal: InquiryRefusal | None
    reason: str
    asked: int
    before: tuple[tuple[str, str, str], ...]
    by_amazon: bool


def inquiry_view(work: Work, case: Case, form: Form, reader: Reader, *, again: bool = False) -> InquiryView:
    """The inquiry that a form asks for; of an empty form the one that is proposed.

    Raises:
        SokuresuError: the case is closed, or its mailbox is not configured any more.
    """
    about = form.line("about") if form.line("about") in ABOUT else "both"
    agent = agent_meant(work, form)
    text = form.text("text") if form.has("text") else None
    shown = None if agent is None else draft(work, case.id, agent, about=about, text=text)
    refusal = None if shown is None else refusal_of(work, shown, again=again)
    before = inquiries_of(work, case.id)
    return InquiryView(
        head_of(case),
        tuple((one.address, _called(one)) for one in agents_of(work.shop)),
        about,
        shown,
        refusal,
        "" if refusal is None else reader.say(*REFUSALS[refusal]),
        len(before),
        tuple(
            (reader.moment(one.created_at), clean(one.recipient, _NAME_LIMIT), _stands(one.state, reader))
            for one in before
        ),
        shipping_of(work, case).fulfilment == Fulfilment.FBA,
    )


def agent_meant(work: Work, form: Form) -> Agent | None:
    """The configured agent that a form names, else the first; None where none is configured or named."""
    if form.has("agent"):
        return agent_at(work.shop, form.line("agent", 400))
    return next(iter(agents_of(work.shop)), None)


def _called(agent: Agent) -> str:
    name = clean(agent.name, _NAME_LIMIT)
    return f"{name} <{agent.address}>" if name else agent.address


def _stands(state: str, reader: Reader) -> str:
    return reader.word(OUTBOX_STATES, state)
