"""A person's hands on the drafts of a shop, for use cases: read, approve, and look at what left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon import commands, review
from daemon.work import Work
from state.drafts import DraftSource
from state.outbox_rules import OutboxKind
from tests.beds.post import answer_mail, buyer

if TYPE_CHECKING:
    from state.drafts import Draft, FolderCopy
    from state.model import Answer, OutboxItem
    from tests.beds.fake_mailbox import FakeMail
    from tests.beds.fake_submission import Handed
    from tests.beds.shopfloor import Shopfloor
    from tests.unit.parsers.mails import BuyerMail

DAMAGED = "届いた商品の箱がつぶれていて、中身も割れていました。交換してください。"
"""What makes a draft without blanks where it is known who ships."""

QUESTION = "この商品は屋外でも使えますか?"
"""What makes a draft that a person has to complete."""

OWN_WORDS = "お詫び申し上げます。本日、新しい品をお送りいたします。"
"""What a person writes."""


def complaint(number: int = 1, **changes: object) -> BuyerMail:
    """A buyer whose draft is ready as it is, in a shop whose orders Amazon ships."""
    return buyer(number, **({"text": DAMAGED} | changes))


def day_goes_on(floor: Shopfloor, mail: bytes | BuyerMail | None = None, **how: object) -> None:
    """A mail arrives, if any, and every loop of the service turns until nothing is left to do."""
    if mail is not None:
        floor.receive(mail, **how)  # type: ignore[arg-type]
    for _ in range(2):
        floor.read()
        floor.delivery.turn()
        floor.drafter.turn()


def drafts(floor: Shopfloor, case: int = 1) -> list[Draft]:
    """Every version of a case."""
    with floor.database.read() as uow:
        return list(uow.drafts.of_case(case))


def states(floor: Shopfloor, case: int = 1) -> list[str]:
    """Where every version of a case stands, oldest first."""
    return [one.state.value for one in drafts(floor, case)]


def open_draft(floor: Shopfloor, case: int = 1) -> Draft:
    """The version that waits for a person."""
    with floor.database.read() as uow:
        found = uow.drafts.open_of(case)
    assert found is not None
    return found


def approve(floor: Shopfloor, draft: Draft | None = None, *, case: int = 1) -> OutboxItem:
    """A person approves a version, the one that waits if not said otherwise."""
    chosen = draft or open_draft(floor, case)
    with floor.database.write() as uow:
        item = review.approve(
            Work(uow, floor.shop, floor.clock.now()), chosen.id, despite_warnings=True, how="command"
        )
        uow.commit()
    return item


def write_anew(floor: Shopfloor, text: str, draft: Draft | None = None, *, case: int = 1) -> Draft:
    """A person writes a version of their own."""
    based_on = draft or open_draft(floor, case)
    with floor.database.write() as uow:
        fresh = review.revise(Work(uow, floor.shop, floor.clock.now()), based_on, text, DraftSource.COMMAND)
        uow.commit()
    return fresh


def say_answered(floor: Shopfloor, case: int = 1) -> None:
    """A person says that a case was answered another way."""
    with floor.database.write() as uow:
        commands.answered(Work(uow, floor.shop, floor.clock.now()), case)
        uow.commit()


def settle_uncertain(floor: Shopfloor, how: str, item: int) -> None:
    """A person settles an uncertain mail: ``sent``, ``resend`` or ``drop``."""
    decide = {
        "sent": commands.outbox_sent,
        "resend": commands.outbox_resend,
        "drop": commands.outbox_drop,
    }[how]
    with floor.database.write() as uow:
        decide(Work(uow, floor.shop, floor.clock.now()), item)
        uow.commit()


def approvals_of(floor: Shopfloor, case: int = 1) -> list[OutboxItem]:
    """Every approved mail of a case."""
    return [item for item in floor.outbox(case) if item.kind is OutboxKind.APPROVED]


def answers_of(floor: Shopfloor, case: int = 1) -> list[Answer]:
    """How a case was answered."""
    with floor.database.read() as uow:
        return list(uow.answers.of_case(case))


def left(floor: Shopfloor) -> list[Handed]:
    """The approved mails that reached a server, over all accounts."""
    return [mail for mail in floor.acknowledgments() if mail.message["Auto-Submitted"] is None]


def copies(floor: Shopfloor, case: int = 1) -> list[FolderCopy | None]:
    """What is known of the copies of every version of a case in the Drafts folder."""
    with floor.database.read() as uow:
        return [uow.folder_copies.of_draft(one.id) for one in uow.drafts.of_case(case)]


def in_drafts(floor: Shopfloor, mailbox: str = "main") -> list[FakeMail]:
    """What lies in the Drafts folder."""
    return floor.accounts[mailbox].mails("Drafts")


def voids(floor: Shopfloor) -> list[str]:
    """Why approved mails were taken back, as the person is told."""
    return [one.detail for one in floor.notices() if one.word == "approval_void"]


def answer_in_app(floor: Shopfloor, text: str = OWN_WORDS, number: int = 1) -> None:
    """A person answers a buyer from a mail program; it lies in the Sent folder."""
    floor.receive(answer_mail(buyer(number).address, text), folder="Sent")
