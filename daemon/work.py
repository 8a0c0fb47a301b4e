"""What every use case works with: one transaction, one shop, one instant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.shop import Shop
    from state.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Work:
    """One step of the program.

    Attributes:
        uow: the transaction; whoever opened it commits it.
        shop: the configuration.
        now: the present of this step, aware, in UTC; it does not move while the step runs.
    """

    uow: UnitOfWork
    shop: Shop
    now: datetime
