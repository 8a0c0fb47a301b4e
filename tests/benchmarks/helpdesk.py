"""django-helpdesk, a peer to compare with, in an environment of its own that is made when it is missing."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.beds.accounts import MailAccount

PACKAGE = "django-helpdesk==2.6.1"
_HOME = Path(sys.prefix) / "django-helpdesk"
_SITE = Path(__file__).with_name("helpdesk_site.py")
_INSTALLING = 240.0
_RUNNING = 120.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What its `get_email` took.

    Attributes:
        seconds: for all mails; 0 if it could not be measured.
        failure: why it could not be.
    """

    seconds: float = 0.0
    failure: str = ""


def measure(account: MailAccount, mails: int, database: Path) -> Measured:
    """Let it read so many mails of an account into a fresh database; it deletes what it read."""
    try:
        _install()
        shutil.copyfile(_HOME / "migrated.sqlite3", database)
        told = json.loads(_run("read", str(database), json.dumps(_queue(account))).splitlines()[-1])
        if told["tickets"] != mails:
            return Measured(failure=f"it made {told['tickets']} tickets of {mails} mails")
        return Measured(told["seconds"])
    except subprocess.SubprocessError as failure:
        said = getattr(failure, "stderr", None) or str(failure)
        return Measured(failure=str(said).strip().splitlines()[-1][:200])


def _queue(account: MailAccount) -> dict[str, object]:
    return {
        "host": account.endpoint.host,
        "port": account.endpoint.port,
        "user": account.credentials.username,
        "password": account.credentials.password,
    }


def _install() -> None:
    """Make the environment and a migrated database, once."""
    ready, wanted = _HOME / "ready", f"{PACKAGE} {hashlib.sha256(_SITE.read_bytes()).hexdigest()}"
    if ready.exists() and ready.read_text(encoding="utf-8") == wanted:
        return
    print(f"installing {PACKAGE} (once) …", file=sys.stderr, flush=True)
    shutil.rmtree(_HOME, ignore_errors=True)
    venv.create(_HOME, with_pip=True)
    _call("-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE, within=_INSTALLING)
    _run("migrate", str(_HOME / "migrated.sqlite3"))
    ready.write_text(wanted, encoding="utf-8")


def _run(*arguments: str) -> str:
    # -P: a module of ours beside the site is called as its package.
    return _call("-P", str(_SITE), *arguments, within=_RUNNING)


def _call(*arguments: str, within: float) -> str:
    python = str(_HOME / "bin" / "python")
    done = subprocess.run(
        [python, *arguments], capture_output=True, text=True, check=True, timeout=within, cwd=_HOME
    )
    return done.stdout
