"""The whole configuration: its tables, what holds between them, and what follows from them. Immutable."""

# Pydantic reads the annotations of this module while the program runs, so they are not postponed.

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, PlainValidator, PrivateAttr, ValidationInfo, field_validator

from daemon.config.acknowledging import Acknowledge
from daemon.config.alerts import Alerts, Ping
from daemon.config.correspondents import FeedbackRuleTable, ShippingAgent
from daemon.config.mailbox import Mailbox
from daemon.config.places import SQLITE, DatabaseUrl, Folder, TokenPlace
from daemon.config.readers import Flag, List, one_of
from daemon.config.sentences import fault
from daemon.config.shop import Shop
from daemon.config.surroundings import Surroundings
from daemon.config.table import Table
from daemon.config.times import duration
from daemon.config.web import Web
from daemon.recipients import AllowList
from parsers.values import BuyerAlias, FeedbackRule, Trust
from state.acknowledgment_rules import AcknowledgmentPolicy

_Kept = Annotated[timedelta, PlainValidator(duration(timedelta(days=7), timedelta(days=4000)))]


class Drafts(Table):
    """What is drafted for a person to review, and where."""

    in_mailbox: Flag = True
    fulfilment: Annotated[str, PlainValidator(one_of("fba", "own"))] | None = None
    templates: Folder | None = None


class Retention(Table):
    """How long things are kept."""

    raw: _Kept = timedelta(days=400)


class Orders(Table):
    """What is kept of the orders that are imported.

    Attributes:
        buyer_key_file: the key by which buyers are told apart without being named; see
            `Settings.buyer_key_file`.
    """

    buyer_key_file: TokenPlace | None = None


class Report(Table):
    """What the owner is told from time to time, besides the alerts."""

    weekly: Flag = True
    monthly: Flag = True


class Settings(Table):
    """The whole configuration."""

    database_url: DatabaseUrl = Field(default="sqlite:///sokuresu.db", validate_default=True)
    shop: Shop
    acknowledge: Acknowledge = Acknowledge()
    alerts: Alerts = Field(default_factory=dict, validate_default=True)
    ping: Ping = Field(default_factory=dict, validate_default=True)
    retention: Retention = Retention()
    drafts: Drafts = Drafts()
    orders: Orders = Orders()
    report: Report = Report()
    web: Web = Web()
    mailbox: Annotated[tuple[Mailbox, ...], List] = Field(default_factory=list, validate_default=True)
    feedback_rule: Annotated[tuple[FeedbackRuleTable, ...], List] = ()
    shipping_agent: Annotated[tuple[ShippingAgent, ...], List] = ()

    _warnings: tuple[str, ...] = PrivateAttr(default=())
    _folder: Path = PrivateAttr(default=Path())
    _file: Path | None = PrivateAttr(default=None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is not forbidden, only unwise; one sentence each."""
        return self._warnings

    @property
    def file(self) -> Path | None:
        """Where the configuration was read from."""
        return self._file

    def model_post_init(self, context: object, /) -> None:
        """Keep what was noticed while the settings were read."""
        if isinstance(context, Surroundings):
            self._warnings = tuple(context.warnings)
            self._folder = context.folder
            self._file = context.file

    @field_validator("mailbox")
    @classmethod
    def _check_some_mailbox(cls, mailboxes: tuple[Mailbox, ...]) -> tuple[Mailbox, ...]:
        if not mailboxes:
            raise fault(
                "メールボックスがありません。[[mailbox]] を 1 つは書いてください。",
                "there is no mailbox; write at least one [[mailbox]].",
            )
        return mailboxes

    @field_validator("shipping_agent")
    @classmethod
    def _check_agents(
        cls, agents: tuple[ShippingAgent, ...], info: ValidationInfo
    ) -> tuple[ShippingAgent, ...]:
        """Mail has one meaning: what is read as a rating or as a buyer's never joins a case as an agent's."""
        rules: tuple[FeedbackRuleTable, ...] = info.data.get("feedback_rule", ())
        for address in (agent.address for agent in agents):
            if address.lower() in {rule.sender for rule in rules}:
                raise fault(
                    f"{address} は [[feedback_rule]] にもあります。どちらか一方にしてください。",
                    f"{address} is the sender of a [[feedback_rule]] too; choose one of the two.",
                )
            if BuyerAlias.parse(address.lower()) is not None:
                raise fault(
                    f"{address} は購入者のアドレスです。委託先のアドレスを書いてください。",
                    f"{address} is a buyer's address; write the agent's own.",
                )
        return agents

    @property
    def database(self) -> str:
        """The database's URL; it may hold a password."""
        return self.database_url.get_secret_value()

    @property
    def feedback_rules(self) -> tuple[FeedbackRule, ...]:
        """The seller's own rules for feedback notices."""
        return tuple(table.rule() for table in self.feedback_rule)

    @property
    def mailboxes(self) -> tuple[Mailbox, ...]:
        """Every mail account, as configured."""
        return self.mailbox

    def token_file(self, mailbox: Mailbox) -> Path:
        """Where the token of a mailbox with ``oauth`` lies.

        As configured, else in a folder beside the SQLite database, else beside the configuration; a folder of
        its own, so that it can be closed to the desk, which reads the database.
        """
        if mailbox.oauth is not None and mailbox.oauth.token_file is not None:
            return mailbox.oauth.token_file
        return self._state_folder / "tokens" / f"sokuresu-{mailbox.name}.token"

    @property
    def buyer_key_file(self) -> Path:
        """Where the key lies by which buyers are told apart, made when it is first needed.

        As configured, else beside the SQLite database, else beside the configuration.
        """
        return self.orders.buyer_key_file or self._state_folder / "sokuresu-buyers.key"

    @property
    def _state_folder(self) -> Path:
        """The folder that the service certainly writes to, if there is one."""
        place, _, _ = self.database.removeprefix(SQLITE).partition("?")
        return Path(place).parent if self.database.startswith(SQLITE) else self._folder

    def trust(self, mailbox: Mailbox) -> Trust:
        """What the parsers may believe of this mailbox's mail."""
        return Trust(mailbox.authserv_id, self.feedback_rules)

    def allow_list(self) -> AllowList:
        """Whom we may write to besides buyers."""
        agents = frozenset(agent.address for agent in self.shipping_agent)
        return AllowList(self.shop.owner_email, agents)

    def acknowledgment_policy(self, mailbox: Mailbox) -> AcknowledgmentPolicy:
        """When this mailbox acknowledges: its own values, else those for all."""
        own = mailbox.acknowledge.model_dump(exclude_none=True)
        return AcknowledgmentPolicy(**{**self.acknowledge.model_dump(), **own})
