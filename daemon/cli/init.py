"""``sokuresu init``: from nothing to a configuration, and from a configuration to a first start."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.errors import ConfigurationError, SokuresuError

if TYPE_CHECKING:
    from daemon.cli import Context

_EXAMPLE = "sokuresu.example.toml"
_SYSTEM_DATABASE = '"sqlite:////var/lib/sokuresu/sokuresu.db"'
_DATABASE_BESIDE = '"sqlite:///sokuresu.db"'
_NEXT_STEPS = """\
{path} を書きました。次の項目を自分のものに書き換えてください。
  [shop]      name, owner_email
  [[mailbox]] address, username, password_file, imap, smtp, authserv_id
パスワードはこのファイルに書かず、1 行だけのファイルにして password_file で指します (chmod 600)。
次のコマンド: sokuresu check

{path} is written. Fill in what is listed above; the password goes into a file of its own, named as
password_file. The next command: sokuresu check"""


@click.command("init")
@click.option(
    "--look-back/--no-look-back",
    default=None,
    help="直近48時間のメッセージを案件にするか。受付は送りません (open cases for the last 48 hours or not).",
)
@click.option("--yes", is_flag=True, help="尋ねずに取り込みます (do not ask: look back).")
@click.pass_obj
def command(context: Context, *, look_back: bool | None, yes: bool) -> None:
    """設定ファイルを作ります。あれば確かめ、初めての見張りを準備します (make or try a configuration)."""
    path = _missing_configuration(context)
    if path is not None:
        _write_example(path)
        click.echo(_NEXT_STEPS.format(path=path))
        return
    from daemon.cli.first_start import prepare_first_start  # noqa: PLC0415 - the example does without all that

    prepare_first_start(context.settings, look_back=True if look_back is None and yes else look_back)


def _missing_configuration(context: Context) -> Path | None:
    """Where a configuration is to be written; None if there is one."""
    from daemon.config import find_config  # noqa: PLC0415 - costs half a second that --help saves

    try:
        path = find_config(context.config)
    except ConfigurationError:
        return Path("sokuresu.toml")
    return None if path.exists() else path


def _write_example(path: Path) -> None:
    """Write the commented example, with its database beside it; an existing file is never touched."""
    text = resources.files("daemon.cli").joinpath(_EXAMPLE).read_text("utf-8")
    here = text.replace(_SYSTEM_DATABASE, _DATABASE_BESIDE)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(here.encode())
    except OSError as error:
        raise SokuresuError(
            f"{path} に書けません ({error.strerror})。 / {path} cannot be written ({error.strerror})."
        ) from error
