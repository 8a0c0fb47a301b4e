"""The one place that builds real adapters from the configuration; tests build with it too."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from daemon import heartbeat, mailbox
from daemon.alerts import AlertDesk
from daemon.clock import SystemClock
from daemon.completeness import DailyLook
from daemon.configured_shop import shop_of
from daemon.delivery import Delivery, Route
from daemon.drafting import Drafter
from daemon.drafts_folder import DraftsFolder
from daemon.filing import Filing
from daemon.liveness import LOOKED_EVERY, ReadingWatch, status_line
from daemon.lock import describe_run, take_lock
from daemon.mailbox.abridging import Ordeals
from daemon.oauth.keyring import Keyring
from daemon.oauth.providers import known_provider
from daemon.outside.apprise_path import AppriseSubmission
from daemon.outside.chatwork import ChatworkSubmission
from daemon.outside.ping import OutsidePing, Wellbeing
from daemon.outside.webhook import WebhookSubmission
from daemon.ports import FolderRole
from daemon.reading.folder_reader import FolderReader
from daemon.reading.rereading import Rereading
from daemon.reading.watcher import MailboxWatcher
from daemon.reporting.digests import DigestDesk
from daemon.service import Service, new_run_id
from daemon.smtp import SmtpSubmission
from daemon.storage import open_database
from templates.drafting import DraftTemplates

if TYPE_CHECKING:
    from collections.abc import Callable

    from daemon.config import Mailbox as MailboxSettings
    from daemon.config import Settings
    from daemon.lock import ShopLock
    from daemon.oauth.keyring import ProviderOf
    from daemon.ports import Clock, Credentials, Mailbox, Submission
    from daemon.reading.arrivals import Arrival, Taken
    from daemon.shop import Shop
    from state.unit_of_work import Database


def _unheard(_arrival: Arrival, _taken: Taken) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What tests and the demonstration put in the place of the real world.

    Attributes:
        clock: the time.
        on_taken: told of every mail that was taken in.
        waker_seconds: how often the timer asks what is due.
        provider_of: finds the provider of a mailbox with OAuth2.
    """

    clock: Clock = field(default_factory=SystemClock)
    on_taken: Callable[[Arrival, Taken], None] = _unheard
    waker_seconds: float = 5
    provider_of: ProviderOf = known_provider


def connector(one: MailboxSettings, credentials: Credentials) -> Callable[[], Mailbox]:
    """How to connect to one mailbox; a `Keyring` knows the credentials."""
    named = {
        FolderRole.SENT: one.sent_folder,
        FolderRole.DRAFTS: one.drafts_folder,
        FolderRole.JUNK: one.junk_folder,
    }
    known = {role: name for role, name in named.items() if name is not None}
    ordeals = Ordeals()

    def connect() -> Mailbox:
        return mailbox.connect(
            one.imap.endpoint(), credentials, watched=one.folders, named=known, ordeals=ordeals
        )

    return connect


def delivery_of(
    settings: Settings, shop: Shop, database: Database, clock: Clock, run_id: str, *, keyring: Keyring
) -> Delivery:
    """The sender with all its ways out."""
    allowed = settings.allow_list().allows
    routes = {
        one.name: Route(
            one.name, one.address, SmtpSubmission(one.smtp.endpoint(), keyring.credentials(one), allowed)
        )
        for one in settings.mailboxes
    }
    first = routes[shop.first_account.name]
    return Delivery(
        database,
        shop,
        routes,
        clock,
        run_id,
        alert_routes=(first, *_second_path(settings, allowed)),
        second_paths=second_paths(settings),
    )


def _second_path(settings: Settings, allowed: Callable[[str], bool]) -> tuple[Route, ...]:
    server = settings.alerts.smtp
    if server is None:
        return ()
    return (
        Route(
            "alerts smtp", server.address, SmtpSubmission(server.endpoint(), server.credentials(), allowed)
        ),
    )


def second_paths(settings: Settings) -> dict[str, Route]:
    """The ways that short alerts take beside mail, each by its name."""
    alerts = settings.alerts
    ways: dict[str, Submission] = {}
    url, chatwork = alerts.webhook(), alerts.chatwork
    if url is not None:
        ways["webhook"] = WebhookSubmission(url)
    if chatwork is not None and chatwork.token is not None:
        ways["chatwork"] = ChatworkSubmission(chatwork.room, chatwork.token.get_secret_value())
    for number, address in enumerate(alerts.apprise(), start=1):
        ways[f"apprise-{number}"] = AppriseSubmission(address)
    # No mailbox can have such a name, so that the trouble of the one is not taken for that of the other.
    return {name: Route(f"second path {name}", "", way) for name, way in ways.items()}


def build_service(
    settings: Settings,
    surroundings: Surroundings | None = None,
    *,
    lock: ShopLock | None = None,
    keyring: Keyring | None = None,
) -> Service:
    """The whole service, with the lock taken.

    Args:
        settings: the configuration with its passwords.
        surroundings: what takes the place of the real world.
        lock: held already by this process; else it is taken, and given back if the rest fails.
        keyring: of these settings, with what an earlier one left; else a new one.

    Raises:
        AlreadyRunning: another process serves this shop.
        DatabaseTooNew: a newer program wrote the database.
    """
    around = surroundings or Surroundings()
    held = lock or take_lock(settings.database, describe_run(around.clock))
    try:
        return _built(settings, around, held, keyring)
    except BaseException:
        if lock is None:
            held.release()
        raise


def _built(settings: Settings, around: Surroundings, lock: ShopLock, keys: Keyring | None) -> Service:
    database = open_database(settings)
    shop = shop_of(settings)
    keyring = keys or Keyring(settings, around.clock, around.provider_of)
    run_id = new_run_id()
    service = Service(
        database=database,
        shop=shop,
        clock=around.clock,
        lock=lock,
        run_id=run_id,
        delivery=delivery_of(settings, shop, database, around.clock, run_id, keyring=keyring),
        alerts=AlertDesk(database, shop, around.clock),
        drafter=Drafter(database, shop, DraftTemplates(settings.drafts.templates), around.clock),
        waker_seconds=around.waker_seconds,
    )
    _watch_over(service, settings, _WatchedShop(database, shop, around.clock))
    parts = _Parts(database, shop, around, Lock(), service, keyring)
    for one in settings.mailboxes:
        service.watch(_watcher_of(one, parts))
    return service


@dataclass(frozen=True, slots=True)
class _WatchedShop:
    """What those work with who look after the loops."""

    database: Database
    shop: Shop
    clock: Clock


def _watch_over(service: Service, settings: Settings, watched: _WatchedShop) -> None:
    """Have it judged every minute whether the mailboxes are read, shown to systemd and told outside."""
    watch = ReadingWatch(watched.database, watched.shop, watched.clock)
    seconds = LOOKED_EVERY.total_seconds()
    service.repeat(watch.turn, name="reading", seconds=seconds, once=watch.turn_after_round)
    digests = DigestDesk(watched.database, watched.shop, watched.clock)
    service.repeat(digests.turn, name="digests", seconds=seconds, once=digests.turn)
    service.repeat(partial(_tell_systemd, service, watched), name="status", seconds=seconds)
    url = settings.ping.address()
    if url is not None:
        wellbeing = Wellbeing(watched.database, watched.shop, watched.clock, pulse=service.pulse, watch=watch)
        service.accompany(OutsidePing(url, settings.ping.interval, wellbeing.look))


def _tell_systemd(service: Service, watched: _WatchedShop) -> None:
    if service.pulse.alive():
        with watched.database.read() as uow:
            line = status_line(uow, watched.shop, watched.clock.now())
        heartbeat.status(line)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the watchers of one service share."""

    database: Database
    shop: Shop
    around: Surroundings
    intake_lock: Lock
    service: Service
    keyring: Keyring


def _watcher_of(one: MailboxSettings, parts: _Parts) -> MailboxWatcher:
    database, clock = parts.database, parts.around.clock
    account = parts.shop.accounts[one.name]
    turned = partial(parts.service.pulse.turned, f"mailbox {one.name}")
    reader = FolderReader(
        database,
        parts.shop,
        account,
        clock,
        intake_lock=parts.intake_lock,
        on_taken=_listener(parts.service, parts.around),
        on_turn=turned,
    )
    return MailboxWatcher(
        account,
        connector(one, parts.keyring.credentials(one)),
        reader=reader,
        filing=Filing(database, account, clock),
        drafts=DraftsFolder(database, parts.shop, account, clock, on_cleared=parts.service.mail_waits),
        database=database,
        clock=clock,
        on_turn=turned,
        chores=(
            DailyLook(database, parts.shop, account, clock, reader=reader, intake_lock=parts.intake_lock),
            Rereading(database, parts.shop, account, clock),
        ),
    )


def _listener(service: Service, around: Surroundings) -> Callable[[Arrival, Taken], None]:
    """Lets the sender act as soon as an acknowledgment is queued."""

    def taken(arrival: Arrival, result: Taken) -> None:
        around.on_taken(arrival, result)
        if result.acknowledged:
            service.let_sender_go_first()

    return taken
