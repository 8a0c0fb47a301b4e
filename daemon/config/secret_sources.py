"""Where secrets come from: a file that the configuration names, else a credential of systemd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import PlainValidator, SecretStr, ValidationInfo

from daemon.config.readers import around
from daemon.config.sentences import fault
from daemon.errors import ConfigurationError
from daemon.ports import Credentials

if TYPE_CHECKING:
    from pathlib import Path


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


def find_secret(
    given: object, info: ValidationInfo, key: str, credential: str, *, lines: bool = False
) -> SecretStr | None:
    """A secret from the file named beside it, else from systemd; None where none is named or wanted.

    Args:
        given: what the configuration says in its place, which is a fault: secrets stand in other files.
        info: of the table that is being read; the setting of the file's name was read before.
        key: the setting that names the file.
        credential: the name under which systemd hands it over.
        lines: the file holds one a line instead of exactly one.

    Raises:
        PydanticCustomError: it stands in the configuration itself, or its file cannot be used.
    """
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


def find_password(given: object, info: ValidationInfo, credential: str) -> SecretStr | None:
    """The password beside ``password_file``; None only where secrets are not wanted.

    Raises:
        PydanticCustomError: there is none, it stands in the configuration itself, or its file cannot be used.
    """
    found = find_secret(given, info, "password_file", credential)
    if found is None and around(info).secrets and "password_file" in info.data:
        raise fault(
            f"パスワードがありません。password_file で指すか、systemd の {credential} で渡してください。",
            f"there is no password; name its file as password_file or pass systemd's {credential}.",
        )
    return found


def credentials_of(username: str, password: SecretStr | None) -> Credentials:
    """Who logs in with what.

    Raises:
        ConfigurationError: the configuration was loaded without its secrets.
    """
    if password is None:
        raise ConfigurationError(
            ("パスワードを読まずに設定を読みました。 / The configuration was read without its passwords.",)
        )
    return Credentials(username, password.get_secret_value())


SecretLine = Annotated[SecretStr | None, PlainValidator(read_secret_file)]
SecretLines = Annotated[SecretStr | None, PlainValidator(read_secret_lines)]
