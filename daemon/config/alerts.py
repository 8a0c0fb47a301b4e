"""How the owner is reached: alerts by mail, the second paths beside it, and the watch outside."""

# Pydantic reads the annotations of this module while the program runs, so they are not postponed.

from datetime import time, timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, PlainValidator, SecretStr, ValidationInfo, field_validator

from daemon.config.addresses import Address
from daemon.config.readers import Flag, Line, List, around, one_of, whole_number
from daemon.config.secret_sources import SecretLine, SecretLines, credentials_of, find_password, find_secret
from daemon.config.sentences import fault
from daemon.config.servers import SmtpServer
from daemon.config.table import Table
from daemon.config.times import QuietHours, TimeOfDay, duration
from daemon.loopback import is_loopback
from daemon.ports import Credentials

ALERTS_CREDENTIAL = "sokuresu_alerts_smtp_password"
WEBHOOK_CREDENTIAL = "sokuresu_webhook_url"
CHATWORK_CREDENTIAL = "sokuresu_chatwork_token"
APPRISE_CREDENTIAL = "sokuresu_apprise_urls"
PING_CREDENTIAL = "sokuresu_ping_url"

_PingInterval = Annotated[timedelta, PlainValidator(duration(timedelta(minutes=1), timedelta(days=1)))]


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
        return find_password(given, info, ALERTS_CREDENTIAL)

    def credentials(self) -> Credentials | None:
        """Who logs in, if anybody does."""
        return None if self.username is None else credentials_of(self.username, self.password)


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
        found = find_secret(given, info, "token_file", CHATWORK_CREDENTIAL)
        if found is None and around(info).secrets and "token_file" in info.data:
            raise fault(
                "ChatworkのAPIトークンがありません。token_file で指すか、systemd の"
                f" {CHATWORK_CREDENTIAL} で渡してください。",
                f"there is no token of Chatwork; name its file as token_file or pass {CHATWORK_CREDENTIAL}.",
            )
        return found


class Alerts(Table):
    """When and how the owner is told what is unanswered."""

    times: Annotated[tuple[TimeOfDay, ...], List] = (time(12), time(17), time(19, 30))
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
        found = find_secret(given, info, "webhook_url_file", WEBHOOK_CREDENTIAL)
        return _checked_address(found, "Webhook の URL", "the webhook's URL")

    @field_validator("apprise_urls", mode="plain")
    @classmethod
    def _find_apprise(cls, given: object, info: ValidationInfo) -> SecretStr | None:
        found = find_secret(given, info, "apprise_urls_file", APPRISE_CREDENTIAL, lines=True)
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
    interval: _PingInterval = timedelta(minutes=5)

    @field_validator("url", mode="plain")
    @classmethod
    def _find_url(cls, given: object, info: ValidationInfo) -> SecretStr | None:
        found = find_secret(given, info, "url_file", PING_CREDENTIAL)
        return _checked_address(found, "ping の URL", "the ping's URL")

    def address(self) -> str | None:
        """Where the pings go; a secret."""
        return None if self.url is None else self.url.get_secret_value()


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
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
