"""``sokuresu backfill``: old mail as history, without a word to anybody."""

from __future__ import annotations

import sys
from contextlib import closing, contextmanager
from datetime import date
from typing import TYPE_CHECKING

import click

from daemon.backfill import Backfill, Found, Progress, start_of
from daemon.bootstrap import connector
from daemon.cli.beginning import beginning_told
from daemon.cli.showing import reader_of
from daemon.clock import SystemClock
from daemon.configured_shop import shop_of
from daemon.errors import MailboxUnavailable, SokuresuError
from daemon.lock import LockLost, describe_run, take_lock
from daemon.log import quieten
from daemon.oauth.keyring import Keyring
from daemon.past_mail import Fate
from daemon.showing.reader import clean
from daemon.storage import open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from daemon.cli import Context
    from daemon.config import Mailbox, Settings
    from daemon.lock import ShopLock
    from daemon.showing.reader import Reader
    from state.unit_of_work import Database


@click.command("backfill")
@click.option("--since", required=True, metavar="YYYY-MM-DD", help="この日から (from this local day on).")
@click.option("--mailbox", "only", metavar="NAME", help="このメールボックスだけ (only this mailbox).")
@click.pass_obj
def command(context: Context, *, since: str, only: str | None) -> None:
    """過去のメールを対応済みの記録として取り込みます。何も送りません (take old mail in; nothing is sent)."""
    settings = context.settings
    reader = reader_of(settings)
    day = _day_of(since, reader)
    boxes = _chosen(settings, only)
    quieten()
    with beginning_told():
        clock = SystemClock()
        lock = take_lock(settings.database, describe_run(clock))
        try:
            with closing(open_database(settings)) as database:
                past = _Past(settings, database, lock, start_of(day, reader.zone), reader)
                past.read(boxes)
        finally:
            lock.release()


def _day_of(since: str, reader: Reader) -> date:
    """The day that is meant.

    Raises:
        click.BadParameter: it is none, or it has yet to come.
    """
    try:
        day = date.fromisoformat(since)
    except ValueError as error:
        raise click.BadParameter(
            f"{clean(since)!r} は日付ではありません (例 2026-04-01) / is no date, such as 2026-04-01",
            param_hint="--since",
        ) from error
    today = reader.now.astimezone(reader.zone).date()
    if day > today:
        raise click.BadParameter(
            f"{day} はまだ来ていません (今日は {today}) / {day} has yet to come (today is {today})",
            param_hint="--since",
        )
    return day


def _chosen(settings: Settings, only: str | None) -> list[Mailbox]:
    """The mailboxes to look through.

    Raises:
        click.BadParameter: none has that name.
    """
    found = [one for one in settings.mailboxes if only in {None, one.name}]
    if not found:
        names = ", ".join(one.name for one in settings.mailboxes)
        raise click.BadParameter(
            f"{clean(only)} はありません。あるのは: {names} / there is no such mailbox, only: {names}",
            param_hint="--mailbox",
        )
    return found


class _Past:
    """One call of the command."""

    def __init__(
        self, settings: Settings, database: Database, lock: ShopLock, since: datetime, reader: Reader
    ) -> None:
        self._settings = settings
        self._database = database
        self._lock = lock
        self._since = since
        self._reader = reader
        self._found = Found()

    def read(self, boxes: Sequence[Mailbox]) -> None:
        """Look through the mailboxes one after the other, and tell what was found.

        Raises:
            SokuresuError: a mailbox failed; the others were looked through all the same.
        """
        try:
            with _progress_shown() as show:
                failures = [told for one in boxes if (told := self._failure_of(one, show)) is not None]
        except KeyboardInterrupt:
            stopped = (
                "中断しました。もう一度実行すれば続きから取り込みます。",
                "Stopped; repeat to go on.",
            )
            click.echo(self._reader.say(*stopped))
            self._tell()
            raise
        self._tell()
        if failures:
            raise SokuresuError("\n".join(failures))

    def _failure_of(self, one: Mailbox, show: Callable[[Progress], None]) -> str | None:
        clock = SystemClock()
        shop = shop_of(self._settings)
        past = Backfill(
            self._database,
            shop,
            shop.accounts[one.name],
            clock,
            connect=connector(one, Keyring(self._settings, clock).credentials(one)),
            since=self._since,
            on_progress=lambda progress: self._go_on(progress, show),
        )
        try:
            past.run(self._found)
        except MailboxUnavailable as error:
            return f"{one.name}: {error}"
        return None

    def _go_on(self, progress: Progress, show: Callable[[Progress], None]) -> None:
        """Show it, and go on only while nobody else may be writing."""
        show(progress)
        if not self._lock.held():
            raise LockLost("The database connection that held the lock is gone; repeat the command.")

    def _tell(self) -> None:
        found, fates = self._found, self._found.fates
        say = self._reader.say
        click.echo(
            say(
                f"メール {found.mails:,} 通、新しい案件の記録 {len(found.cases):,} 件 "
                f"(うち返信が見つかったもの {len(found.answered):,} 件)、注文 {len(found.orders):,} 件。",
                f"{found.mails:,} mails, {len(found.cases):,} cases "
                f"({len(found.answered):,} with their answer), {len(found.orders):,} orders.",
            )
        )
        for fate, ja, en in _REMARKS:
            if fates[fate]:
                click.echo(f"  {say(ja, en)}: {fates[fate]:,}")


_REMARKS = (
    (Fate.STORED, "取り込んだメール", "taken in"),
    (Fate.KNOWN, "すでに知っているメール", "known already"),
    (
        Fate.LEFT,
        "そのままにしたメール (見張り開始後の分は run が、開始前48時間の分は init が扱います)",
        "left alone (run sees to mail since its start, init to the 48 hours before)",
    ),
    (Fate.ASIDE, "本物と言えない、または読めないメール", "perhaps forged, or of an unknown kind"),
    (Fate.FAILED, "取り出せなかったメール", "could not be had"),
)


@contextmanager
def _progress_shown() -> Iterator[Callable[[Progress], None]]:
    """A bar on a terminal, else a line for each folder once it is done."""
    if not sys.stdout.isatty():
        yield _say_folder
        return
    from rich.markup import escape  # noqa: PLC0415 - costs a tenth of a second, only for terminals
    from rich.progress import Progress as Bars  # noqa: PLC0415 - as above
    from rich.progress import TaskID  # noqa: PLC0415 - as above

    with Bars() as bars:
        tasks: dict[str, TaskID] = {}

        def show(progress: Progress) -> None:
            place = f"{progress.mailbox} {clean(progress.folder)}"
            if place not in tasks:
                tasks[place] = bars.add_task(escape(place))
            bars.update(tasks[place], completed=progress.done, total=progress.total)

        yield show


def _say_folder(progress: Progress) -> None:
    if progress.done == progress.total:
        click.echo(f"{progress.mailbox} {clean(progress.folder)}: {progress.total:,}")
