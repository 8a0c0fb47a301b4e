"""Tells when a mailbox is not read any more, also when its own thread is what hangs (decision 15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from daemon.freshness import READ_WITHIN, is_read, unread
from daemon.log import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daemon.ports import Clock
    from daemon.shop import Shop
    from state.repository.bookkeeping import MailboxHealth, Run
    from state.unit_of_work import Database, UnitOfWork

LOOKED_EVERY = timedelta(seconds=60)

STEADY_FOR = timedelta(minutes=5)
"""Between the first pass and the last, before a mailbox is told to be read again: one that comes and goes is
one trouble, told once and daily."""

_SLEPT = timedelta(minutes=5)
"""Whoever looks every minute and finds so much time gone was suspended, or somebody set the clock."""

_RUNS_IN_A_ROW = 200

_TROUBLES = ("mailbox_silent", "login_refused")

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _News:
    """One thing to tell the owner; each key once."""

    key: str
    word: str
    detail: str


class ReadingWatch:
    """Judges every mailbox of the configuration; used by the timer's thread.

    Whoever has just started, or woken from a suspension, gets `READ_WITHIN` for the first pass.
    """

    def __init__(self, database: Database, shop: Shop, clock: Clock) -> None:
        self._database = database
        self._shop = shop
        self._clock = clock
        self._started = clock.now()
        self._awake_since: datetime | None = None
        self._looked_at: datetime | None = None
        self._read_since: dict[str, datetime] = {}
        self._steady = STEADY_FOR

    def turn(self) -> int:
        """Look once; tells how much the owner will hear of it."""
        now = self._clock.now()
        with self._database.read() as uow:
            self._note_sleep(uow, now)
            news = [one for name in self._shop.accounts if (one := self._news_of(uow, name, now)) is not None]
        return self._raise(news, now) if news else 0

    def turn_after_round(self) -> int:
        """The same after a single round of a program that then ends: every mailbox was tried just now."""
        self._awake_since = datetime.min.replace(tzinfo=UTC)
        self._steady = timedelta(0)
        return self.turn()

    def silent(self) -> tuple[str, ...]:
        """The mailboxes that are in trouble now; one that may yet have its first pass is not."""
        now = self._clock.now()
        with self._database.read() as uow:
            accounts = [(name, uow.mailboxes.get(name)) for name in self._shop.accounts]
        return tuple(name for name, health in accounts if self._is_silent(health, now))

    def _raise(self, news: list[_News], now: datetime) -> int:
        with self._database.write() as uow:
            fresh = [one for one in news if uow.notices.raise_once(one.key, one.word, now, detail=one.detail)]
            uow.commit()
        for one in fresh:
            _log.warning("mailbox judged", action=one.word, mailbox=one.detail)
        return len(fresh)

    def _note_sleep(self, uow: UnitOfWork, now: datetime) -> None:
        if self._awake_since is None:
            self._awake_since = awake_since(uow.runs.recent(_RUNS_IN_A_ROW), now)
        elif self._looked_at is not None and not timedelta(0) <= now - self._looked_at <= _SLEPT:
            self._awake_since = now
            self._read_since.clear()
        self._looked_at = now

    def _news_of(self, uow: UnitOfWork, name: str, now: datetime) -> _News | None:
        health = uow.mailboxes.get(name)
        if health is not None and health.failing_since is None and is_read(health, now):
            return self._recovery(uow, health)
        self._read_since.pop(name, None)
        return self._trouble(uow, name, health, now) if self._is_silent(health, now) else None

    def _is_silent(self, health: MailboxHealth | None, now: datetime) -> bool:
        if is_read(health, now) or self._awake_since is None:
            return False
        first_tried = self._awake_since
        if health is None:
            first_tried = self._started
        elif health.last_full_pass_at is None:
            first_tried = health.first_start_at
        return now - max(first_tried, self._awake_since) >= READ_WITHIN

    def _trouble(
        self, uow: UnitOfWork, name: str, health: MailboxHealth | None, now: datetime
    ) -> _News | None:
        """Once a spell and every day while it lasts; a refused login is told already, at once and daily."""
        if health is not None and health.failing_since is not None:
            told = f"login_refused:{name}:{health.failing_since.isoformat()}:"
            if uow.notices.latest(told) is not None:
                return None
        spell = self._open_spell(uow, name) or self._begin_of(health).isoformat()
        days = max(0, (now - _instant(spell)).days)
        failing = health is not None and health.failing_since is not None
        detail = f"{name}: {health.failure}" if failing and health is not None else name
        return _News(f"mailbox_silent:{name}:{spell}:{days}", "mailbox_silent", detail)

    def _begin_of(self, health: MailboxHealth | None) -> datetime:
        """Since when nothing was read; of what was never tried, since this program runs."""
        if health is None:
            return self._started
        return health.last_full_pass_at or health.first_start_at

    def _open_spell(self, uow: UnitOfWork, name: str) -> str | None:
        """When the trouble began that the owner was told of and that has not been told to be over."""
        told = uow.notices.latest(f"mailbox_silent:{name}:")
        over = uow.notices.latest(f"mailbox_back:{name}:")
        if told is None or (over is not None and over.id > told.id):
            return None
        return told.key.removeprefix(f"mailbox_silent:{name}:").rpartition(":")[0]

    def _recovery(self, uow: UnitOfWork, health: MailboxHealth) -> _News | None:
        """Once, after the owner heard of a trouble; the newest trouble is what it is the end of."""
        name, last = health.name, health.last_full_pass_at
        assert last is not None
        read_since = self._read_since.setdefault(name, last)
        if last - read_since < self._steady:
            return None
        told = [one for word in _TROUBLES if (one := uow.notices.latest(f"{word}:{name}:")) is not None]
        if not told:
            return None
        newest = max(one.id for one in told)
        since = read_since.astimezone(self._shop.calendar.zone)
        return _News(f"mailbox_back:{name}:{newest}", "mailbox_back", f"{name}: {since:%m/%d %H:%M}")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def awake_since(runs: Sequence[Run], now: datetime) -> datetime:
    """Since when the program has been at work, short breaks between its runs left out.

    A process that is started again and again, because something in it hangs, must not begin to count anew.

    Args:
        runs: the latest ones, newest first; the first is this one.
        now: the present, where there is none.
    """
    since = now
    for run in runs:
        if since - run.last_turn_at > _SLEPT and run is not runs[0]:
            break
        since = min(since, run.started_at)
    return since


def status_line(uow: UnitOfWork, shop: Shop, now: datetime) -> str:
    """What `systemctl status` shows of the shop, in its language; without anything that a buyer wrote."""
    late = unread(uow, shop.accounts, now)
    unanswered = len({message.case_id for message in uow.messages.unanswered()})
    since = _oldest_failure(uow, late)
    at = f"{since.astimezone(shop.calendar.zone):%m/%d %H:%M}" if since else ""
    return (
        _line_ja(shop, late, at, unanswered)
        if shop.language == "ja"
        else _line_en(shop, late, at, unanswered)
    )


def _oldest_failure(uow: UnitOfWork, names: Iterable[str]) -> datetime | None:
    """Since when the first of these mailboxes was not read to its end, as far as it ever was."""
    known = [health.last_full_pass_at for name in names if (health := uow.mailboxes.get(name)) is not None]
    return min((at for at in known if at is not None), default=None)


def _line_ja(shop: Shop, late: Sequence[str], at: str, unanswered: int) -> str:
    trouble = ""
    if late:
        since = f"{at}から" if at else "まだ"
        trouble = f"、うち{len(late)}件は{since}読めていません ({', '.join(late)})"
    return f"メールボックス{len(shop.accounts)}件を確認中{trouble}、未回答{unanswered}件"


def _line_en(shop: Shop, late: Sequence[str], at: str, unanswered: int) -> str:
    number = len(shop.accounts)
    watching = f"watching {number} mailbox" if number == 1 else f"watching {number} mailboxes"
    trouble = ""
    if late:
        since = f"not read since {at}" if at else "not read yet"
        trouble = f", {len(late)} {since} ({', '.join(late)})"
    return f"{watching}{trouble}, {unanswered} unanswered"
