"""Read where files, folders and the database are; relative ones start at the configuration's folder."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from pydantic import PlainValidator, SecretStr, ValidationInfo

from daemon.config.readers import around, read_text
from daemon.config.sentences import fault

if TYPE_CHECKING:
    from daemon.config.surroundings import Surroundings

DATABASE_CREDENTIAL = "sokuresu_database_url"
SQLITE = "sqlite:///"
_POSTGRES = "postgresql+psycopg://"


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


def read_token_place(value: object, info: ValidationInfo) -> Path:
    """Where a token is to be kept; the file need not be there yet."""
    return around(info).path(read_text(value))


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


CaFile = Annotated[str, PlainValidator(read_ca_file)]
Folder = Annotated[Path, PlainValidator(read_folder)]
TokenPlace = Annotated[Path, PlainValidator(read_token_place)]
DatabaseUrl = Annotated[SecretStr, PlainValidator(read_database_url)]
