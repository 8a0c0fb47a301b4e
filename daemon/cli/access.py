"""How the commands reach the shop's database: one transaction each, beside a running service or without."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from daemon.cli.present import now
from daemon.existing import database_told, existing_database
from daemon.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.config import Settings
    from state.unit_of_work import UnitOfWork


@contextmanager
def looking(settings: Settings) -> Iterator[UnitOfWork]:
    """A transaction that only looks, beside a running service or without one.

    Raises:
        NothingYet: there is no database.
        SokuresuError: it cannot be used.
    """
    with database_told(), closing(existing_database(settings)) as database, database.read() as uow:
        yield uow


@contextmanager
def considering(settings: Settings) -> Iterator[Work]:
    """A transaction that only looks, for what cannot be judged without the shop.

    Raises:
        NothingYet: there is no database.
        SokuresuError: it cannot be used.
    """
    from daemon.configured_shop import shop_of  # noqa: PLC0415 - knows DNS and calendars, which those that look do not need

    with looking(settings) as uow:
        yield Work(uow, shop_of(settings), now())


@contextmanager
def deciding(settings: Settings) -> Iterator[Work]:
    """A transaction for a person's decision; committed if the block ends without an error.

    Raises:
        NothingYet: there is no database.
        SokuresuError: it cannot be used.
    """
    from daemon.configured_shop import shop_of  # noqa: PLC0415 - knows DNS and calendars, which those that look do not need
    from daemon.log import quieten  # noqa: PLC0415 - its library is for the service

    quieten()
    with database_told(), closing(existing_database(settings)) as database, database.write() as uow:
        yield Work(uow, shop_of(settings), now())
        uow.commit()
