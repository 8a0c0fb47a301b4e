"""Prepares a first start: everything can be reached, and the last 48 hours are taken along if wanted."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from daemon.bootstrap import connector
from daemon.cli.asking import need_a_person
from daemon.cli.beginning import beginning_told
from daemon.cli.showing import reader_of
from daemon.clock import SystemClock
from daemon.errors import MailboxUnavailable, SokuresuError
from daemon.lock import describe_run, take_lock
from daemon.oauth.keyring import Keyring
from daemon.storage import open_database

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.config import Mailbox, Settings
    from state.unit_of_work import Database

LOOK_BACK = timedelta(hours=48)
"""How far back buyers' messages may become cases at a first start (decision 7 of the design)."""


def prepare_first_start(settings: Settings, *, look_back: bool | None) -> None:
    """Try every mailbox, and write the look-back down as the first start if it is wanted.

    Without a look-back nothing is written: the first run is then the first start.

    Args:
        settings: the configuration with its passwords.
        look_back: whether to open cases for the last 48 hours; None asks the person.

    Raises:
        AlreadyRunning: the service runs, so it was started before.
        SokuresuError: it was started before, or something cannot be reached.
    """
    clock = SystemClock()
    with beginning_told():
        lock = take_lock(settings.database, describe_run(clock))
        try:
            with closing(open_database(settings)) as database:
                fresh = _never_started(settings, database)
                _connect_all(settings)
                if _wants_look_back(settings, asked=look_back):
                    _start_with_look_back(fresh, database, clock.now())
        finally:
            lock.release()
    say = reader_of(settings).say
    click.echo(say("準備ができました。次のコマンド: sokuresu run", "Ready. The next command: sokuresu run"))


def _never_started(settings: Settings, database: Database) -> list[Mailbox]:
    """The mailboxes whose past may still be offered."""
    with database.read() as uow:
        started = {health.name: health.first_start_at for health in uow.mailboxes.all()}
    fresh = [one for one in settings.mailboxes if one.name not in started]
    if not fresh:
        first = min(started.values())
        raise SokuresuError(
            f"{first:%Y-%m-%d %H:%M} UTC から見張っています。過去のメールはもう取り込めません。"
            f" / These mailboxes have been watched since {first:%Y-%m-%d %H:%M} UTC; nothing was changed."
        )
    return fresh


def _connect_all(settings: Settings) -> None:
    """Connect to every mailbox; all failures are told together."""
    failures = []
    keyring = Keyring(settings, SystemClock())
    for one in settings.mailboxes:
        try:
            connector(one, keyring.credentials(one))().close()
            click.echo(f"{one.name}: OK")
        except MailboxUnavailable as error:
            failures.append(f"{one.name}: {error}")
    if failures:
        raise SokuresuError("\n".join(failures))


def _wants_look_back(settings: Settings, *, asked: bool | None) -> bool:
    if asked is not None:
        return asked
    need_a_person("--look-back か --no-look-back を付けてください", "say --look-back or --no-look-back")
    question = reader_of(settings).say(
        "直近48時間の購入者からのメッセージを案件にしますか? (受付は送りません)",
        "Open cases for the buyers' messages of the last 48 hours? (nothing is acknowledged)",
    )
    return click.confirm(question)


def _start_with_look_back(mailboxes: list[Mailbox], database: Database, now: datetime) -> None:
    with database.write() as uow:
        for one in mailboxes:
            uow.mailboxes.start(one.name, now, now - LOOK_BACK)
        uow.commit()
