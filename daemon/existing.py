"""The shop's database as the service left it: looking never creates it, and trouble is one sentence."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from daemon.errors import SokuresuError
from state import tables
from state.engine import open_engine
from state.private_files import UnsafeFile
from state.schema_version import unknown_version
from state.unit_of_work import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from daemon.config import Settings

_LONGEST_REASON = 160

_DAMAGED = (
    "ファイルが壊れています。消さずに別の名前にし、sokuresu restore でバックアップから戻してください。",
    "Its file is damaged: move it away, delete nothing, and fill a new one with sokuresu restore.",
)
_FULL = (
    "ディスクに空きがあるかを確かめ、空きを作ってからもう一度どうぞ。",
    "See whether the disk is full, make room and try again.",
)
_REMEDIES = {
    "malformed": _DAMAGED,
    "not a database": _DAMAGED,
    "disk is full": _FULL,
    "disk I/O error": _FULL,
}
"""What to do, by what SQLite says."""
_AFTER_AN_UPDATE = (
    "sokuresu を更新した後なら、サービスを再起動してください。",
    "After an update of sokuresu, restart the service.",
)


class NothingYet(SokuresuError):  # noqa: N818 - reads as what it is
    """The service never ran with this configuration."""


class WrittenByNewer(SokuresuError):  # noqa: N818 - reads as what it is
    """A newer program wrote the database; what this one would read or write there might be wrong."""


def existing_database(settings: Settings) -> Database:
    """The database that the service made.

    Raises:
        NothingYet: there is none.
        WrittenByNewer: this program does not know its version.
    """
    return Database(existing_engine(settings))


def existing_engine(settings: Settings) -> Engine:
    """The same, below its transactions.

    Raises:
        NothingYet: there is none.
        WrittenByNewer: this program does not know its version.
    """
    path = sqlite_file(settings)
    if path is not None and not path.is_file():
        raise _nothing_yet(settings)
    engine = open_engine(settings.database)
    if not inspect(engine).has_table(tables.run.name):
        engine.dispose()
        raise _nothing_yet(settings)
    version = unknown_version(engine)
    if version is not None:
        engine.dispose()
        raise _newer(version)
    return engine


def _newer(version: str) -> WrittenByNewer:
    return WrittenByNewer(
        "データベースはより新しい sokuresu が書いたものです。新しい版を入れ直してください。"
        f" / A newer sokuresu wrote the database (version {version}); install the newer one again."
    )


def _nothing_yet(settings: Settings) -> NothingYet:
    place = sqlite_file(settings) or make_url(settings.database).database
    return NothingYet(
        f"まだ記録がありません ({place})。sokuresu run で始めてください。"
        f" / There is nothing yet ({place}); run `sokuresu run`."
    )


def sqlite_file(settings: Settings) -> Path | None:
    """Where the SQLite file is, or will be; None with PostgreSQL."""
    url = make_url(settings.database)
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


@contextmanager
def database_told() -> Iterator[None]:
    """Tell trouble with the database in one sentence that repeats nothing of what is stored there.

    Raises:
        SokuresuError: in the place of what the database, its driver or its file raised in the block.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise _without_driver(error) from error
    except UnsafeFile as error:
        raise SokuresuError(str(error)) from error
    except SQLAlchemyError as error:
        reason = _reason_of(error)
        ja, en = next((what for word, what in _REMEDIES.items() if word in reason), _AFTER_AN_UPDATE)
        raise SokuresuError(
            f"データベースを使えません ({reason})。{ja} / The database cannot be used ({reason}). {en}"
        ) from error


def _without_driver(error: ModuleNotFoundError) -> SokuresuError:
    return SokuresuError(
        f"PostgreSQL のための {error.name} がありません。pip install 'sokuresu[postgres]' で入れてください。"
        f" / {error.name} is missing; install it with: pip install 'sokuresu[postgres]'"
    )


def _reason_of(error: SQLAlchemyError) -> str:
    """The driver's first line; the rest may quote rows."""
    said = str(getattr(error, "orig", None) or "").strip().partition("\n")[0]
    words = "".join(sign for sign in said if sign.isprintable())
    return words[:_LONGEST_REASON] or type(error).__name__
