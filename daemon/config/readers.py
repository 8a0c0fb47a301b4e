"""Read single settings: durations, times of day, closed days, addresses, files. Each says what it wants."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import PlainSerializer, PlainValidator, SecretStr, ValidationInfo

from daemon.config.sentences import fault, not_usable
from daemon.config.surroundings import Surroundings
from daemon.loopback import is_loopback
from daemon.ports import Security
from daemon.recipients import is_plain_address
from parsers.authenticity import NO_AUTHSERV_ID
from parsers.values import FeedbackRule

if TYPE_CHECKING:
    from collections.abc import Callable

_DURATION = re.compile(r"([0-9]{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?")
_NAME = re.compile(r"\w[\w-]{0,39}")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PUBLIC = "public"
DATABASE_CREDENTIAL = "sokuresu_database_url"
SQLITE = "sqlite:///"
_POSTGRES = "postgresql+psycopg://"


@dataclass(frozen=True, slots=True)
class ClosedOn:
    """One entry of ``closed_on``: a weekday, the public holidays, or a range of days.

    Attributes:
        weekday: 0 for Monday to 6 for Sunday.
        public: every public holiday.
        days: first and last local date, both closed.
    """

    weekday: int | None = None
    public: bool = False
    days: tuple[date, date] | None = None


def around(info: ValidationInfo) -> Surroundings:
    """What the file being read stands in."""
    assert isinstance(info.context, Surroundings)
    return info.context


def read_text(value: object) -> str:
    """One line of text that is not empty."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise not_usable(value, "引用符で囲んだ 1 行の文字", "one line of text in quotation marks")
    return value.strip()


def read_flag(value: object) -> bool:
    """A truth value."""
    if not isinstance(value, bool):
        raise not_usable(value, "true か false", "true or false")
    return value


def whole_number(least: int, most: int) -> Callable[[object], int]:
    """Make a reader of whole numbers between two bounds, both included."""

    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise not_usable(
                value, f"{least} から {most} までの整数", f"a whole number from {least} to {most}"
            )
        return value

    return read


def one_of(*words: str) -> Callable[[object], str]:
    """Make a reader of one of some words."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise not_usable(value, f"{'、'.join(words)} のどれか", f"one of {', '.join(words)}")
        return value

    return read


def duration(least: timedelta, most: timedelta) -> Callable[[object], timedelta]:
    """Make a reader of durations such as ``60s``, ``15m``, ``12h`` and ``400d`` between two bounds."""

    def read(value: object) -> timedelta:
        found = _DURATION.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise not_usable(
                value,
                '"60s"、"15m"、"12h"、"400d" のような長さ',
                'a duration such as "60s", "15m", "12h" or "400d"',
            )
        length = timedelta(**{_UNITS[found[2]]: int(found[1])})
        if not least <= length <= most:
            raise not_usable(value, f"{least} から {most} までの長さ", f"a duration from {least} to {most}")
        return length

    return read


def read_time(value: object) -> time:
    """A local time of day from 00:00 to 23:59; TOML's own times are taken too."""
    if isinstance(value, time) and value.tzinfo is None:
        return value.replace(second=0, microsecond=0)
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise not_usable(value, '"00:00" から "23:59" までの時刻', 'a time from "00:00" to "23:59"')
    return time(int(found[1]), int(found[2]))


def read_quiet_hours(value: object) -> tuple[time, time] | None:
    """Two times with a hyphen between them; empty text means no quiet hours."""
    if value == "":
        return None
    start, _, end = value.partition("-") if isinstance(value, str) else ("", "", "")
    if not (_TIME.fullmatch(start) and _TIME.fullmatch(end)):
        raise not_usable(
            value,
            '"23:00-07:00" のような時間帯 (なしは "")',
            'hours such as "23:00-07:00" ("" for none)',
        )
    return read_time(start), read_time(end)


def read_closed_on(value: object) -> ClosedOn:
    """A weekday, ``public``, a date or a range of dates."""
    if value in _WEEKDAYS:
        return ClosedOn(weekday=_WEEKDAYS.index(str(value)))
    if value == _PUBLIC:
        return ClosedOn(public=True)
    if isinstance(value, date) and not isinstance(value, datetime):
        return ClosedOn(days=(value, value))
    return ClosedOn(days=_read_days(value))


def _read_days(value: object) -> tuple[date, date]:
    first, slash, last = value.partition("/") if isinstance(value, str) else ("", "", "")
    try:
        days = date.fromisoformat(first), date.fromisoformat(last if slash else first)
    except ValueError:
        raise not_usable(
            value,
            'mon tue wed thu fri sat sun、public、"2026-12-29"、"2026-12-29/2027-01-03" のどれか',
            'mon tue wed thu fri sat sun, public, "2026-12-29" or "2026-12-29/2027-01-03"',
        ) from None
    if days[1] < days[0]:
        raise not_usable(value, "初日、最終日の順", "the first day before the last")
    return days


def read_zone(value: object) -> ZoneInfo:
    """A time zone of the IANA list."""
    try:
        return ZoneInfo(str(value))
    except (OSError, ValueError, KeyError):
        near = _near_zone(str(value))
        raise not_usable(value, f'"{near}" のような時間帯名', f'a time zone such as "{near}"') from None


def _near_zone(text: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - needed only for a fault

    return next(iter(get_close_matches(text, available_timezones(), n=1, cutoff=0.7)), "Asia/Tokyo")


def read_country(value: object) -> str:
    """A country whose public holidays are known, by its two letters."""
    if value == "JP":
        return "JP"
    from holidays import list_supported_countries  # noqa: PLC0415 - slow, and most shops are in Japan

    if not isinstance(value, str) or value not in list_supported_countries():
        raise not_usable(value, '国の 2 文字 (例 "JP")', 'the two letters of a country, such as "JP"')
    return value


def read_address(value: object) -> str:
    """One plain mail address."""
    if not isinstance(value, str) or not is_plain_address(value):
        raise not_usable(
            value, '"name@shop.example" の形のメールアドレス', 'a mail address such as "name@shop.example"'
        )
    return value


def read_sender(value: object) -> str:
    """A mail address to compare with, in lower case."""
    return read_address(value).lower()


def read_host(value: object) -> str:
    """A host's name or address, without port or scheme."""
    if not isinstance(value, str) or not _HOST.fullmatch(value):
        raise not_usable(value, '"mail.shop.example" のようなホスト名', 'a host such as "mail.shop.example"')
    return value


def read_authserv_id(value: object) -> str:
    """Whose Authentication-Results is believed; ``(none)`` for Microsoft 365, which names nobody."""
    return NO_AUTHSERV_ID if value == NO_AUTHSERV_ID else read_host(value)


def read_security(value: object, info: ValidationInfo) -> Security:
    """How a connection is protected; unprotected only on this machine."""
    if value not in tuple(Security):
        raise not_usable(value, "tls、starttls、none のどれか", "one of tls, starttls, none")
    host = info.data.get("host")
    if value == Security.NONE and host is not None and not is_loopback(host):
        raise fault(
            f"{host} へ暗号化せずにログインすることはできません。tls か starttls にしてください。",
            f"logging in to {host} without encryption is not allowed; write tls or starttls.",
        )
    return Security(str(value))


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


def read_pattern(value: object, info: ValidationInfo) -> str:
    """A regular expression of a feedback rule that may be run on a stranger's text."""
    from parsers.recognisers.feedback import check_feedback_rule  # noqa: PLC0415 - few shops have such rules

    if not isinstance(value, str) or not value:
        raise not_usable(value, "引用符で囲んだ正規表現", "a regular expression in quotation marks")
    try:
        check_feedback_rule(FeedbackRule("any@shop.example", **{str(info.field_name): value}))
    except ValueError as error:
        raise not_usable(value, f"別の正規表現 ({error}) ", f"another pattern: {error}") from None
    return value


def read_ca_file(value: object, info: ValidationInfo) -> str:
    """A file of certificates that this machine can use."""
    path = around(info).path(read_text(value))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:
        why = error.strerror
        raise fault(
            f"{path} は証明書として読めません ({why})。PEM 形式のファイルを指してください。",
            f"{path} holds no usable certificates ({why}); name a file in PEM format.",
        ) from None
    return str(path)


def read_folder(value: object, info: ValidationInfo) -> Path:
    """A folder that is there."""
    path = around(info).path(read_text(value))
    if not path.is_dir():
        raise fault(f"{path} というフォルダーはありません。", f"there is no folder {path}.")
    return path


def read_secret_file(value: object, info: ValidationInfo) -> SecretStr | None:
    """The one line in a secret's file; None where secrets are not wanted.

    What stands in the configuration is never shown, for it may be the secret itself by mistake.
    """
    path = _secret_path(value, info)
    return SecretStr(around(info).secret(path)) if around(info).secrets else None


def read_secret_lines(value: object, info: ValidationInfo) -> SecretStr | None:
    """The lines in a secret's file that say something; None where secrets are not wanted."""
    path = _secret_path(value, info)
    return SecretStr(around(info).secret_lines(path)) if around(info).secrets else None


def _secret_path(value: object, info: ValidationInfo) -> Path:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise fault("ファイルの場所を書いてください。", "write where the file is.")
    if "://" in value:
        raise fault(
            "ここには URL を書かず、URL を 1 行だけ書いたファイルの場所を書いてください。",
            "do not write the URL here; write it into a file and name that file.",
        )
    return around(info).path(value)


def read_database_url(value: object, info: ValidationInfo) -> SecretStr:
    """Where the database is; a relative SQLite file starts at the configuration's folder.

    Systemd's credential goes before what is written, for a URL may hold a password.
    """
    here = around(info)
    handed_over = here.credential(DATABASE_CREDENTIAL)
    text = str(value) if handed_over is None else here.secret(handed_over)
    if text.startswith(SQLITE):
        return SecretStr(SQLITE + _sqlite_file(text.removeprefix(SQLITE), here))
    if text.startswith(_POSTGRES) and _names_database(text):
        return SecretStr(text)
    raise fault(
        f'使えない database_url です。"{SQLITE}sokuresu.db" か "{_POSTGRES}user@host/database" の形で'
        "書いてください。",
        f'this database_url cannot be used; write "{SQLITE}sokuresu.db" or "{_POSTGRES}user@host/database".',
    )


def _sqlite_file(rest: str, here: Surroundings) -> str:
    name, mark, options = rest.partition("?")
    if not name or not name.isprintable() or name == ":memory:":
        raise fault(
            f'ファイル名を書いてください (例 "{SQLITE}sokuresu.db")。記録がないと二重に送ってしまいます。',
            f'name a file, such as "{SQLITE}sokuresu.db"; without a record mail would go out twice.',
        )
    return f"{here.path(name)}{mark}{options}"


def _names_database(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.path.strip("/")) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


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


def read_token_place(value: object, info: ValidationInfo) -> Path:
    """Where a token is to be kept; the file need not be there yet."""
    return around(info).path(read_text(value))


def read_list(value: object) -> Any:
    """A list becomes a tuple, so that nothing can be added to it later."""
    if isinstance(value, dict):
        raise fault(
            "ここは [[…]] と二重の括弧で書いてください。", "write this table as [[…]], in double brackets."
        )
    if not isinstance(value, list):
        raise not_usable(value, '["…", "…"] のような一覧', 'a list such as ["…", "…"]')
    return tuple(value)


Line = Annotated[str, PlainValidator(read_text)]
Flag = Annotated[bool, PlainValidator(read_flag)]
TimeOfDay = Annotated[time, PlainValidator(read_time)]
QuietHours = Annotated[tuple[time, time] | None, PlainValidator(read_quiet_hours)]
ClosedEntry = Annotated[ClosedOn, PlainValidator(read_closed_on), PlainSerializer(lambda entry: entry)]
Zone = Annotated[ZoneInfo, PlainValidator(read_zone)]
Address = Annotated[str, PlainValidator(read_address)]
Sender = Annotated[str, PlainValidator(read_sender)]
Host = Annotated[str, PlainValidator(read_host)]
Protection = Annotated[Security, PlainValidator(read_security)]
MailboxName = Annotated[str, PlainValidator(read_mailbox_name)]
Pattern = Annotated[str, PlainValidator(read_pattern)]
Folder = Annotated[Path, PlainValidator(read_folder)]
CaFile = Annotated[str, PlainValidator(read_ca_file)]
ClientId = Annotated[str, PlainValidator(read_client_id)]
Tenant = Annotated[str, PlainValidator(read_tenant)]
TokenPlace = Annotated[Path, PlainValidator(read_token_place)]
SecretLines = Annotated[SecretStr | None, PlainValidator(read_secret_lines)]
SecretLine = Annotated[SecretStr | None, PlainValidator(read_secret_file)]
DatabaseUrl = Annotated[SecretStr, PlainValidator(read_database_url)]
Port = Annotated[int, PlainValidator(whole_number(1, 65535))]
