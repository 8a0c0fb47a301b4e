"""What time alone brings about: answered cases are closed, raw mail, old calls and old alerts are let go."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.aftercare.returns import remind
from daemon.work import Work
from state.model import CaseState

if TYPE_CHECKING:
    from daemon.ports import Clock
    from daemon.shop import Shop
    from state.unit_of_work import Database

CLOSED_AFTER = timedelta(days=30)
"""An answered case is closed after this; later mail opens a linked new one (decision 10 of the design)."""

OFFERS_KEPT = timedelta(days=30)
"""For this long whoever follows an old link hears that it is too old; later, that it is unknown."""


def tidy(database: Database, shop: Shop, clock: Clock) -> None:
    """Close what was answered long ago, drop raw mail and calls past their retention; identities stay."""
    now = clock.now()
    with database.write() as uow:
        for case in uow.cases.answered_before(now - CLOSED_AFTER):
            uow.cases.change(case.id, state=CaseState.CLOSED, closed_at=now)
            uow.events.note(case.id, "closed", now)
        uow.raw_mail.drop_before(now - shop.raw_retention)
        uow.calls.forget_before(now - shop.raw_retention)
        uow.offers.drop_before(now - OFFERS_KEPT)
        uow.outbox.forget_words_before(now - shop.raw_retention)
        remind(Work(uow, shop, now))
        uow.commit()
