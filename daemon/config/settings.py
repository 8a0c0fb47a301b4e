"""What can be configured: the tables of the TOML file, each key with its default. Immutable."""

# Pydantic reads the annotations of this module while the program runs, so they are not postponed.

from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import (
    BeforeValidator,
    Field,
    PlainValidator,
    PrivateAttr,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from daemon.config.readers import (
    SQLITE,
    Address,
    CaFile,
    ClientId,
    ClosedEntry,
    DatabaseUrl,
    Flag,
    Folder,
    Host,
    Line,
    MailboxName,
    Pattern,
    Port,
    Protection,
    QuietHours,
    SecretLine,
    SecretLines,
    Sender,
    Tenant,
    TimeOfDay,
    TokenPlace,
    Zone,
    around,
    duration,
    one_of,
    read_authserv_id,
    read_country,
    read_list,
    whole_number,
)
from daemon.config.sentences import fault
from daemon.config.surroundings import Surroundings
from daemon.config.table import Table
from daemon.config.web import Web
from daemon.errors import ConfigurationError
from daemon.loopback import is_loopback
from daemon.ports import Credentials, Endpoint, Security
from daemon.recipients import AllowList
from parsers.values import BuyerAlias, FeedbackRule, Trust
from state.acknowledgment_rules import AcknowledgmentPolicy

ALERTS_CREDENTIAL = "sokuresu_alerts_smtp_password"
WEBHOOK_CREDENTIAL = "sokuresu_webhook_url"
CHATWORK_CREDENTIAL = "sokuresu_chatwork_token"
APPRISE_CREDENTIAL = "sokuresu_apprise_urls"
PING_CREDENTIAL = "sokuresu_ping_url"

_BROKEN = object()
"""Stands for a table that has a fault of its own: it is there, so nothing besides is missed."""

_List = BeforeValidator(read_list)
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_DAYS_OF_A_WEEK = 7
_MaxAge = Annotated[timedelta, PlainValidator(duration(timedelta(minutes=1), 2 * _DAY))]
_CoolDown = Annotated[timedelta, PlainValidator(duration(timedelta(0), 30 * _DAY))]
_HourlyCap = Annotated[int, PlainValidator(whole_number(1, 1000))]


class Server(Table):
    """A mail server of one mailbox. The port depends on the protection where it is not given."""

    usual_ports: ClassVar[dict[Security, int]]

    host: Host
    port: Port | None = None
    security: Protection = Security.TLS
    ca_file: CaFile | None = None

    def endpoint(self) -> Endpoint:
        """Where it listens and how the connection is protected."""
        port = self.port or self.usual_ports[self.security]
        return Endpoint(self.host, port, self.security, self.ca_file)


class ImapServer(Server):
    """Where mail is read."""

    usual_ports: ClassVar[dict[Security, int]] = {
        Security.TLS: 993,
        Security.STARTTLS: 143,
        Security.NONE: 143,
    }


class SmtpServer(Server):
    """Where mail is handed in."""

    usual_ports: ClassVar[dict[Security, int]] = {
        Security.TLS: 465,
        Security.STARTTLS: 587,
        Security.NONE: 25,
    }


class AlertServer(SmtpServer):
    """Another way for alerts to leave, so that a dead mail account can be told of.

    Attributes:
        address: what stands in From.
        username: who logs in; nobody does where it is not given.
    """

    address: Address
    username: Line | None = None
    password_file: SecretLine = None
    password: SecretStr | None = Field(default=None, exclude=True, repr=False, validate_default=True)

    @field_validator("password", mode="plain")
    @classmethod
    def _find_password(cls, given: object, info: ValidationInfo) -> SecretStr | None:
        if info.data.get("username") is None:
            return None
        return _password(given, info, ALERTS_CREDENTIAL)

    def credentials(self) -> Credentials | None:
        """Who logs in, if anybody does."""
        return None if self.username is None else _credentials(self.username, self.password)


class Shop(Table):
    """Whose shop it is and when somebody is there."""

    name: Line
    owner_email: Address
    timezone: Zone = Field(default="Asia/Tokyo", validate_default=True)
    country: Annotated[str, PlainValidator(read_country)] = "JP"
    language: Annotated[str, PlainValidator(one_of("ja", "en"))] = "ja"
    opening_time: TimeOfDay = time(10)
    closing_time: TimeOfDay = time(20)
    closed_on: Annotated[tuple[ClosedEntry, ...], _List] = Field(
        default=["sat", "sun", "public"], validate_default=True
    )

    @field_validator("closing_time")
    @classmethod
    def _check_order(cls, closing: time, info: ValidationInfo) -> time:
        opening = info.data.get("opening_time")
        if opening is not None and closing <= opening:
            raise fault(
                f"閉店 {closing:%H:%M} は開店 {opening:%H:%M} より後にしてください。",
                f"closing {closing:%H:%M} must be later than opening {opening:%H:%M}.",
            )
        return closing

    @field_validator("closed_on")
    @classmethod
    def _check_some_day_open(cls, entries: tuple[ClosedEntry, ...]) -> tuple[ClosedEntry, ...]:
        if len({entry.weekday for entry in entries} - {None}) == _DAYS_OF_A_WEEK:
            raise fault(
                "すべての曜日が休みです。1 日は開けてください。", "every weekday is closed; open one."
            )
        return entries

    @property
    def closed_weekdays(self) -> frozenset[int]:
        """Weekdays without anybody, 0 for Monday to 6 for Sunday."""
        return frozenset(entry.weekday for entry in self.closed_on if entry.weekday is not None)

    @property
    def closed_ranges(self) -> tuple[tuple[date, date], ...]:
        """First and last local date of each closed time, both included."""
        return tuple(entry.days for entry in self.closed_on if entry.days is not None)

    @property
    def closed_on_public_holidays(self) -> bool:
        """Whether nobody is there on public holidays."""
        return any(entry.public for entry in self.closed_on)


class Acknowledge(Table):
    """When the buyer is told at once that somebody looks into it."""

    enabled: Flag = True
    max_age: _MaxAge = timedelta(hours=24)
    cool_down: _CoolDown = timedelta(hours=12)
    hourly_cap: _HourlyCap = 20


class AcknowledgeHere(Table):
    """The same for one mailbox; what is not given is as for all."""

    enabled: Flag | None = None
    max_age: _MaxAge | None = None
    cool_down: _CoolDown | None = None
    hourly_cap: _HourlyCap | None = None


class Chatwork(Table):
    """A room of Chatwork that short alerts are written into.

    Attributes:
        room: the number after ``#!rid`` in the room's address.
    """

    room: Annotated[int, PlainValidator(whole_number(1, 10**15))]
    token_file: SecretLine = None
    token: SecretStr | None = Field(default=None, exclude=True, repr=False, validate_default=True)

    @field_validator("token", mode="plain")
    @classmethod
    def _find_token(cls, given: object, info: ValidationInfo) -> SecretStr | None:
        found = _secret(given, info, "token_file", CHATWORK_CREDENTIAL)
        if found is None and around(info).secrets and "token_file" in info.data:
            raise fault(
                "ChatworkのAPIトークンがありません。token_file で指すか、systemd の"
                f" {CHATWORK_CREDENTIAL} で渡してください。",
                f"there is no token of Chatwork; name its file as token_file or pass {CHATWORK_CREDENTIAL}.",
            )
        return found


class Alerts(Table):
    """When and how the owner is told what is unanswered."""

    times: Annotated[tuple[TimeOfDay, ...], _List] = (time(12), time(17), time(19, 30))
    quiet_hours: QuietHours = (time(23), time(7))
    all_answered: Flag = True
    second_path: Annotated[str, PlainValidator(one_of("always", "when_mail_fails"))] = "always"
    smtp: AlertServer | None = None
    chatwork: Chatwork | None = None
    webhook_url_file: SecretLine = None
    webhook_url: SecretStr | None = Field(default=None, exclude=True, repr=False, validate_default=True)

    apprise_urls_file: SecretLines = None
    apprise_urls: SecretStr | None = Field(default=None, exclude=True, repr=False, validate_default=True)

    @field_validator("webhook_url", mode="plain")
    @classmethod
    def _find_webhook(cls, given: object, info: ValidationInfo) -> SecretStr | None:
        found = _secret(given, info, "webhook_url_file", WEBHOOK_CREDENTIAL)
        return _checked_address(found, "Webhook の URL", "the webhook's URL")

    @field_validator("apprise_urls", mode="plain")
    @classmethod
    def _find_apprise(cls, given: object, info: ValidationInfo) -> SecretStr | None:
        found = _secret(given, info, "apprise_urls_file", APPRISE_CREDENTIAL, lines=True)
        if found is not None:
            _check_apprise(found.get_secret_value().split("\n"))
        return found

    def webhook(self) -> str | None:
        """The address of the second path for alerts; a secret, for whoever knows it can write there."""
        return None if self.webhook_url is None else self.webhook_url.get_secret_value()

    def apprise(self) -> tuple[str, ...]:
        """The addresses that apprise notifies; secrets."""
        return () if self.apprise_urls is None else tuple(self.apprise_urls.get_secret_value().split("\n"))


class Ping(Table):
    """A service outside that is told regularly that all is well, and that raises the alarm when it is not."""

    url_file: SecretLine = None
    url: SecretStr | None = Field(default=None, exclude=True, repr=False, validate_default=True)
    interval: Annotated[timedelta, PlainValidator(duration(60 * _SECOND, _DAY))] = timedelta(minutes=5)

    @field_validator("url", mode="plain")
    @classmethod
    def _find_url(cls, given: object, info: ValidationInfo) -> SecretStr | None:
        found = _secret(given, info, "url_file", PING_CREDENTIAL)
        return _checked_address(found, "ping の URL", "the ping's URL")

    def address(self) -> str | None:
        """Where the pings go; a secret."""
        return None if self.url is None else self.url.get_secret_value()


class Drafts(Table):
    """What is drafted for a person to review, and where."""

    in_mailbox: Flag = True
    fulfilment: Annotated[str, PlainValidator(one_of("fba", "own"))] | None = None
    templates: Folder | None = None


class Retention(Table):
    """How long things are kept."""

    raw: Annotated[timedelta, PlainValidator(duration(7 * _DAY, 4000 * _DAY))] = timedelta(days=400)


class Oauth(Table):
    """How a mailbox logs in without a password of its own.

    Attributes:
        provider: ``google`` or ``microsoft``.
        client_id: the name under which the provider knows this program.
        tenant: the organisation at Microsoft.
        token_file: where the token of the login is kept; see `Settings.token_file`.
    """

    provider: Annotated[str, PlainValidator(one_of("google", "microsoft"))]
    client_id: ClientId
    client_secret_file: SecretLine = None
    tenant: Tenant | None = None
    token_file: TokenPlace | None = None

    @field_validator("tenant")
    @classmethod
    def _check_provider(cls, tenant: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("provider") == "google":
            raise fault(
                "tenant は microsoft だけの項目です。消してください。",
                "tenant is for microsoft only; remove it.",
            )
        return tenant


class Mailbox(Table):
    """One mail account that is registered with Amazon."""

    name: MailboxName
    address: Address
    username: Line | None = None
    password_file: SecretLine = None
    oauth: Oauth | None = Field(default=None, validate_default=True)
    password: SecretStr | None = Field(default=None, exclude=True, repr=False, validate_default=True)
    client_secret: SecretStr | None = Field(default=None, exclude=True, repr=False, validate_default=True)
    imap: ImapServer
    smtp: SmtpServer
    poll_interval: Annotated[timedelta, PlainValidator(duration(_SECOND, timedelta(hours=1)))] = 60 * _SECOND
    folders: Annotated[tuple[Line, ...], _List] = ("INBOX",)
    sent_folder: Line | None = None
    drafts_folder: Line | None = None
    junk_folder: Line | None = None
    save_sent: Annotated[str, PlainValidator(one_of("auto", "always", "never"))] = "auto"
    authserv_id: Annotated[str, PlainValidator(read_authserv_id)] | None = None
    acknowledge: AcknowledgeHere = AcknowledgeHere()

    @field_validator("password", mode="plain")
    @classmethod
    def _find_password(cls, given: object, info: ValidationInfo) -> SecretStr | None:
        if given is None and info.data.get("oauth", _BROKEN) is not None:
            return None
        return _password(given, info, f"sokuresu_{info.data.get('name')}_password")

    @field_validator("oauth")
    @classmethod
    def _check_one_way_in(cls, oauth: Oauth | None, info: ValidationInfo) -> Oauth | None:
        if oauth is not None and info.data.get("password_file") is not None:
            raise fault(
                "password_file と oauth の両方は使えません。どちらかを消してください。",
                "password_file and oauth exclude each other; remove one of them.",
            )
        return oauth

    @field_validator("client_secret", mode="plain")
    @classmethod
    def _find_client_secret(cls, given: object, info: ValidationInfo) -> SecretStr | None:
        oauth = info.data.get("oauth")
        credential = f"sokuresu_{info.data.get('name')}_client_secret"
        if given is not None:
            return _secret(given, info, "client_secret_file", credential)
        if oauth is None:
            return None
        found = oauth.client_secret_file or _secret(None, info, "client_secret_file", credential)
        if found is None and oauth.provider == "google" and around(info).secrets:
            raise fault(
                f"client_secret_file で秘密のファイルを指すか、systemd の {credential} で渡してください。",
                f"name the secret's file as oauth.client_secret_file or pass systemd's {credential}.",
            )
        return found

    @field_validator("folders")
    @classmethod
    def _check_some_folder(cls, folders: tuple[str, ...]) -> tuple[str, ...]:
        if not folders:
            raise fault(
                '見るフォルダーを書いてください (例 ["INBOX"])。',
                'name a folder to watch, such as ["INBOX"].',
            )
        return folders

    def credentials(self) -> Credentials:
        """Who logs in at both servers with a password; with ``oauth`` a `Keyring` knows.

        Raises:
            ConfigurationError: the configuration was loaded without its secrets.
        """
        return _credentials(self.login, self.password)

    @property
    def login(self) -> str:
        """Who logs in."""
        return self.username or self.address


class FeedbackRuleTable(Table):
    """An extra sender of feedback notices and how they are read."""

    sender: Sender
    subject: Pattern | None = None
    rating: Pattern | None = None

    def rule(self) -> FeedbackRule:
        """The same as the parsers want it."""
        return FeedbackRule(self.sender, self.subject, self.rating)


class ShippingAgent(Table):
    """Somebody who ships for the shop and may be written to."""

    address: Address
    name: Line | None = None
    language: Annotated[str, PlainValidator(one_of("ja", "en"))] | None = None


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
    mailbox: Annotated[tuple[Mailbox, ...], _List] = Field(default_factory=list, validate_default=True)
    feedback_rule: Annotated[tuple[FeedbackRuleTable, ...], _List] = ()
    shipping_agent: Annotated[tuple[ShippingAgent, ...], _List] = ()

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

    def mailbox_named(self, name: str) -> Mailbox:
        """The mailbox of that name.

        Raises:
            KeyError: there is none.
        """
        return {mailbox.name: mailbox for mailbox in self.mailbox}[name]

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


def _credentials(username: str, password: SecretStr | None) -> Credentials:
    if password is None:
        raise ConfigurationError(
            ("パスワードを読まずに設定を読みました。 / The configuration was read without its passwords.",)
        )
    return Credentials(username, password.get_secret_value())


def _password(given: object, info: ValidationInfo, credential: str) -> SecretStr | None:
    found = _secret(given, info, "password_file", credential)
    if found is None and around(info).secrets and "password_file" in info.data:
        raise fault(
            f"パスワードがありません。password_file で指すか、systemd の {credential} で渡してください。",
            f"there is no password; name its file as password_file or pass systemd's {credential}.",
        )
    return found


def _secret(
    given: object, info: ValidationInfo, key: str, credential: str, *, lines: bool = False
) -> SecretStr | None:
    """A secret from the file named beside it, else from systemd; None where none is named or wanted."""
    if given is not None:
        raise fault(
            f"秘密は設定ファイルに書かず、別のファイルに書いて {key} で指してください。",
            f"do not write secrets here; write it into a file of its own and name that as {key}.",
        )
    here = around(info)
    named = info.data.get(key)
    if isinstance(named, SecretStr):
        return named
    path = here.credential(credential)
    read = here.secret_lines if lines else here.secret
    return SecretStr(read(path)) if path and here.secrets else None


def _checked_address(found: SecretStr | None, ja: str, en: str) -> SecretStr | None:
    if found is not None and not _is_web_address(found.get_secret_value()):
        raise fault(
            f"{ja} は https:// で始まるものにしてください。",
            f"{en} must begin with https://.",
        )
    return found


def _check_apprise(urls: list[str]) -> None:
    from daemon.outside import apprise_path  # noqa: PLC0415 - few shops use it

    if not apprise_path.is_installed():
        raise fault(
            "apprise が入っていません。pip install 'sokuresu[apprise]' で入れてください。",
            "apprise is not installed; run: pip install 'sokuresu[apprise]'",
        )
    unknown = [str(number) for number, url in enumerate(urls, start=1) if not apprise_path.understands(url)]
    if unknown:
        raise fault(
            f"{'、'.join(unknown)} 番目の URL は apprise の知らない形です。",
            f"apprise does not know the form of URL number {', '.join(unknown)}.",
        )


def _is_web_address(url: str) -> bool:
    from urllib.parse import urlsplit  # noqa: PLC0415 - few shops have a webhook

    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
