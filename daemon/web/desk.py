"""What every page of the desk works with: the shop, its database, the clock, and how people reach it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daemon.existing import database_told
from daemon.web.throttle import Throttle
from daemon.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from daemon.config import Settings
    from daemon.ports import Clock
    from daemon.shop import Shop
    from state.unit_of_work import Database


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk, for one shop and one person.

    Attributes:
        settings: the configuration, without secrets.
        shop: the same as the use cases know it.
        database: the one that the service made.
        clock: tells the present.
        origins: by which scheme, host and port people reach it, such as ``http://127.0.0.1:8725``; requests
            by any other name are refused.
        secure: it is reached by HTTPS alone, so that its cookies are never sent in the clear.
        throttle: slows down whoever guesses the password.
    """

    settings: Settings = field(repr=False)
    shop: Shop
    database: Database = field(repr=False)
    clock: Clock
    origins: frozenset[str]
    secure: bool = False
    throttle: Throttle = field(default_factory=Throttle, repr=False, compare=False)

    @contextmanager
    def considering(self, now: datetime | None = None) -> Iterator[Work]:
        """A transaction that only looks.

        Raises:
            SokuresuError: the database cannot be used.
        """
        with database_told(), self.database.read() as uow:
            yield Work(uow, self.shop, now or self.clock.now())

    @contextmanager
    def deciding(self) -> Iterator[Work]:
        """A transaction for a person's decision; committed if the block ends without an error.

        Raises:
            SokuresuError: the database cannot be used.
        """
        with database_told(), self.database.write() as uow:
            yield Work(uow, self.shop, self.clock.now())
            uow.commit()
