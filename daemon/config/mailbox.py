"""One mail account that is registered with Amazon: where it is, and how the program logs in."""

# Pydantic reads the annotations of this module while the program runs, so they are not postponed.

import re
from datetime import timedelta
from typing import Annotated

from pydantic import Field, PlainValidator, SecretStr, ValidationInfo, field_validator

from daemon.config.acknowledging import AcknowledgeHere
from daemon.config.addresses import Address, read_authserv_id
from daemon.config.places import TokenPlace
from daemon.config.readers import Line, List, around, one_of
from daemon.config.secret_sources import SecretLine, credentials_of, find_password, find_secret
from daemon.config.sentences import fault, not_usable
from daemon.config.servers import ImapServer, SmtpServer
from daemon.config.table import Table
from daemon.config.times import duration
from daemon.ports import Credentials

_CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
_NAME = re.compile(r"\w[\w-]{0,39}")

_BROKEN = object()
"""Stands for a table that has a fault of its own: it is there, so nothing besides is missed."""

_SECOND = timedelta(seconds=1)


def read_mailbox_name(value: object, info: ValidationInfo) -> str:
    """A name that no mailbox before has; capital letters make no difference."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise not_usable(
            value, "40 字までの文字、数字、- と _ の名前", "a name of up to 40 letters, digits, - and _"
        )
    names = around(info).names
    if value.casefold() in names:
        raise fault(
            f'"{value}" という名前が重なっています。別の名前にしてください。',
            f'the name "{value}" is used twice; choose another one.',
        )
    names.add(value.casefold())
    return value


def read_client_id(value: object) -> str:
    """The name under which a provider knows this program."""
    if not isinstance(value, str) or not _CLIENT_ID.fullmatch(value):
        raise not_usable(
            value, "提供元の画面に表示されたクライアント ID", "the client id that the provider's page shows"
        )
    return value


def read_tenant(value: object) -> str:
    """An organisation at Microsoft."""
    if not isinstance(value, str) or not _TENANT.fullmatch(value):
        raise not_usable(
            value,
            '"common" か、組織の ID かドメイン',
            'the id or the domain of the organisation, or "common"',
        )
    return value


MailboxName = Annotated[str, PlainValidator(read_mailbox_name)]
ClientId = Annotated[str, PlainValidator(read_client_id)]
Tenant = Annotated[str, PlainValidator(read_tenant)]


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
    folders: Annotated[tuple[Line, ...], List] = ("INBOX",)
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
        return find_password(given, info, f"sokuresu_{info.data.get('name')}_password")

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
            return find_secret(given, info, "client_secret_file", credential)
        if oauth is None:
            return None
        found = oauth.client_secret_file or find_secret(None, info, "client_secret_file", credential)
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
        return credentials_of(self.login, self.password)

    @property
    def login(self) -> str:
        """Who logs in."""
        return self.username or self.address
