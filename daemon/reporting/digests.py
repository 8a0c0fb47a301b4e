"""The report of the month and the line of the week, mailed to the owner when they come due.

Nothing in these mails was written by a buyer, and no name stands in them: cases are numbers there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon import letters
from daemon.identifiers import fresh_token
from daemon.log import get_logger
from daemon.reporting.report_sheets import report_page
from daemon.reporting.reports import month_report
from daemon.reporting.week_lines import week_letter
from daemon.work import Work
from state.digest_rules import existed_in, latest_month, latest_week
from state.engine import DATABASE_TROUBLE
from state.periods import Month
from templates.report_pages import render_mail_page, render_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.ports import Clock
    from daemon.shop import Shop
    from state.digest_rules import Due
    from state.model import OutboxItem
    from state.unit_of_work import Database, UnitOfWork

_log = get_logger(__name__)


class DigestDesk:
    """Decides which digests are due and puts them into the outbox; each once."""

    def __init__(self, database: Database, shop: Shop, clock: Clock) -> None:
        self._database = database
        self._shop = shop
        self._clock = clock

    def turn(self) -> int:
        """Queue every digest that is due now; tells how many."""
        with self._database.read() as uow:
            due = list(self._due(uow))
        return sum(self._told(one) for one in due)

    def _told(self, due: Due) -> bool:
        """One that cannot be made must not keep the other back; it is tried again."""
        try:
            return self._tell(due)
        except DATABASE_TROUBLE:
            raise
        except Exception:  # noqa: BLE001 - the other digest must go
            _log.exception("digest could not be made", action="retry_later", occasion=due.key)
            return False

    def _due(self, uow: UnitOfWork) -> Iterator[Due]:
        now, plan = self._clock.now(), self._shop.alert_times
        starts = [health.first_start_at for health in uow.mailboxes.all()]
        wanted = [latest_month(now, plan)] if self._shop.monthly_digest else []
        wanted += [latest_week(now, plan)] if self._shop.weekly_line else []
        decided = uow.alerts.decided([one.key for one in wanted])
        for one in wanted:
            if starts and existed_in(one.period, min(starts), plan) and one.key not in decided:
                yield one

    def _tell(self, due: Due) -> bool:
        with self._database.write() as uow:
            if uow.alerts.decided([due.key]):
                return False
            work = Work(uow, self._shop, self._clock.now())
            if isinstance(due.period, Month):
                queued = _queue_report(work, due.period, due.key)
            else:
                subject, text = week_letter(work, due.period)
                queued = letters.queue(work, due.key, subject, text, ())
            uow.alerts.decide([due.key], work.now, None if queued is None else queued.id)
            uow.commit()
        _log.info("digest queued", action="queued", occasion=due.key)
        return queued is not None


def send_report(work: Work, month: Month, wish: str | None = None) -> bool:
    """Put the report of a month into the outbox because a person wants it now.

    Args:
        work: the transaction.
        month: which one.
        wish: names this very wish, so that saying it twice sends one mail; letters and digits.

    Returns:
        False if that wish was fulfilled before.
    """
    return _queue_report(work, month, f"month:{month}:{wish or fresh_token()}") is not None


def _queue_report(work: Work, month: Month, purpose: str) -> OutboxItem | None:
    page = report_page(month_report(work, month), work.shop, private=True)
    subject = f"【即レス】{page.title}" if page.language == "ja" else f"[sokuresu] {page.title}"
    return letters.queue(work, purpose, subject, render_text(page), (), page=render_mail_page(page))
