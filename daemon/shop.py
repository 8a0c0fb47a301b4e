"""What the use cases know of the configuration: plain frozen values, whatever file they came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from parsers.values import Trust
from state.acknowledgment_rules import AcknowledgmentPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from state.alert_rules import AlertTimes
    from state.business_calendar import BusinessCalendar


class SecondPathUse(StrEnum):
    """When short alerts leave beside mail."""

    ALWAYS = "always"
    WHEN_MAIL_FAILS = "when_mail_fails"


class SaveSent(StrEnum):
    """Whether a copy of what we sent is put into the Sent folder."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Account:
    """One watched mailbox.

    Attributes:
        name: as configured.
        address: registered with Amazon; replies leave from it.
        login: who logs in at its server, where that is configured apart.
        policy: when acknowledgments may go.
        trust: what its mail may be believed.
        save_sent: auto files a copy only if the provider did not within a minute.
        poll_interval: at the latest after this the folders are searched again.
    """

    name: str
    address: str
    policy: AcknowledgmentPolicy = field(default_factory=AcknowledgmentPolicy)
    trust: Trust = field(default_factory=Trust)
    save_sent: SaveSent = SaveSent.AUTO
    poll_interval: timedelta = timedelta(seconds=60)
    login: str | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who ships for the shop.

    Attributes:
        address: the one address that inquiries go to and answers come from.
        name: how they are addressed; None where nobody said.
        language: ``ja`` or ``en``; of the inquiries.
    """

    address: str
    name: str | None = None
    language: str = "ja"


@dataclass(frozen=True, slots=True)
class Shop:
    """The one shop of this process.

    Attributes:
        name: signs what buyers read.
        owner: address of the person who is alerted.
        language: ``ja`` or ``en``; of the alerts, and of acknowledgments on the home marketplace.
        alert_times: opening hours and the times of the alerts.
        accounts: the watched mailboxes by name, in the order of the configuration.
        all_answered: the last alert of a day says so when nothing is open.
        second_paths: names of the ways that short alerts may take beside mail, each with its own fate.
        second_path_use: when they do.
        raw_retention: how long raw mail is kept.
        places_drafts: ready drafts are put into the Drafts folder.
        usual_fulfilment: who ships where nothing tells: ``fba`` or ``own``; None in a shop that does both.
        agents: who ships for the shop, as configured; nobody else is inquired of.
        weekly_line: once a week the owner hears that the service lives and what it saw.
        monthly_digest: once a month the owner gets the report of the month before.
        desk: the address by which people reach the review desk, where one is configured; alerts link to it.
    """

    name: str
    owner: str
    language: str
    alert_times: AlertTimes
    accounts: Mapping[str, Account]
    all_answered: bool = True
    second_paths: tuple[str, ...] = ()
    second_path_use: SecondPathUse = SecondPathUse.ALWAYS
    raw_retention: timedelta = timedelta(days=400)
    places_drafts: bool = True
    usual_fulfilment: str | None = None
    agents: tuple[Agent, ...] = ()
    weekly_line: bool = False
    monthly_digest: bool = False
    desk: str | None = None

    @property
    def calendar(self) -> BusinessCalendar:
        """The opening hours."""
        return self.alert_times.calendar

    @property
    def first_account(self) -> Account:
        """The account that alerts leave by."""
        return next(iter(self.accounts.values()))

    def language_for(self, marketplace: str | None) -> str:
        """The language that a buyer of a marketplace is written to in.

        Amazon asks for the buyer's language; two are written, so it is Japanese in Japan, else English.
        """
        if marketplace is None:
            return self.language
        return "ja" if marketplace == "co.jp" else "en"
