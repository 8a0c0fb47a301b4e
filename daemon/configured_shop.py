"""The shop as the use cases know it, made from the configuration; nothing here talks to the world."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from daemon.clock import SystemClock
from daemon.dns import DnsKeys
from daemon.holidays import public_holidays
from daemon.shop import Account, Agent, SaveSent, SecondPathUse, Shop
from state.alert_rules import AlertTimes
from state.business_calendar import BusinessCalendar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.config import Mailbox as MailboxSettings
    from daemon.config import Settings
    from daemon.ports import Clock
    from parsers.values import KeyLookup


def shop_of(settings: Settings, clock: Clock | None = None) -> Shop:
    """The configuration as the use cases know it.

    Args:
        settings: the configuration.
        clock: by which answers of DNS grow old; the machine's unless told otherwise.
    """
    keys = DnsKeys(clock or SystemClock())
    accounts = {one.name: account_of(settings, one, keys) for one in settings.mailboxes}
    return Shop(
        name=settings.shop.name,
        owner=settings.shop.owner_email,
        language=settings.shop.language,
        alert_times=AlertTimes(calendar_of(settings), settings.alerts.times, settings.alerts.quiet_hours),
        accounts=accounts,
        all_answered=settings.alerts.all_answered,
        second_paths=tuple(second_path_names(settings)),
        second_path_use=SecondPathUse(settings.alerts.second_path),
        raw_retention=settings.retention.raw,
        places_drafts=settings.drafts.in_mailbox,
        usual_fulfilment=settings.drafts.fulfilment,
        agents=tuple(
            Agent(one.address, one.name, one.language or settings.shop.language)
            for one in settings.shipping_agent
        ),
        weekly_line=settings.report.weekly,
        monthly_digest=settings.report.monthly,
        desk=settings.web.address,
    )


def account_of(settings: Settings, one: MailboxSettings, keys: KeyLookup) -> Account:
    """One mailbox as the use cases know it; where its host wrote no result, signatures are checked by DNS."""
    return Account(
        name=one.name,
        address=one.address,
        policy=settings.acknowledgment_policy(one),
        trust=replace(settings.trust(one), keys=keys),
        save_sent=SaveSent(one.save_sent),
        poll_interval=one.poll_interval,
        login=one.username,
    )


def calendar_of(settings: Settings) -> BusinessCalendar:
    """The shop's opening hours."""
    shop = settings.shop
    calendar = BusinessCalendar(
        zone=shop.timezone,
        opening=shop.opening_time,
        closing=shop.closing_time,
        closed_weekdays=shop.closed_weekdays,
        closed_ranges=shop.closed_ranges,
    )
    if not shop.closed_on_public_holidays:
        return calendar
    return calendar.with_holidays(public_holidays(shop.country))


def second_path_names(settings: Settings) -> Iterator[str]:
    """What the ways are called that short alerts take beside mail; no mailbox can have such a name."""
    alerts = settings.alerts
    if alerts.webhook_url is not None:
        yield "webhook"
    if alerts.chatwork is not None and alerts.chatwork.token is not None:
        yield "chatwork"
    yield from (f"apprise-{number}" for number, _ in enumerate(alerts.apprise(), start=1))
