"""Writes all that is stored into one file while the service runs, and fills a new database from such a file.

The file is an SQLite database of its own, whichever database the shop uses, so a backup also moves a shop
from one kind to the other.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager, suppress
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect
from sqlalchemy.exc import DatabaseError

from daemon.errors import SokuresuError
from state import tables
from state.copying import NEVER_COPIED, NotEmpty, copy_everything
from state.engine import open_engine
from state.migrations import DatabaseTooNew, is_current, newest_version, upgrade
from state.unit_of_work import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import Engine


_MARK = """
    INSERT INTO run (id, started_at, last_turn_at, ended_at, described)
    SELECT 'backup', :at, :at, :at, 'kept before an upgrade'
    WHERE NOT EXISTS (SELECT 1 FROM run WHERE id = 'backup')
"""
"""What `Runs.mark_backup` does, for a file whose tables are of an older version."""


class BackupFailed(SokuresuError):  # noqa: N818 - reads as what it is
    """Nothing was written, or nothing that anybody may use."""


def write_backup(source: Engine, file: Path, now: datetime, on_rows: Callable[[str, int], None]) -> None:
    """Copy the shop's database into a new private file; it appears under its name only when it is whole.

    Args:
        source: the shop's database, at this program's version; the service may be running.
        file: where to; its folder exists, it does not.
        now: stands in the copy, so that a service which is started with it knows what it is.
        on_rows: told of the progress.

    Raises:
        BackupFailed: the file exists, cannot be written, or the database has another version.
    """
    _require_current(source)
    if file.exists():
        raise BackupFailed(
            f"{file} はもうあります。別の名前にしてください。 / {file} exists already; choose another name."
        )
    with _private_folder(file.parent) as folder:
        unfinished = folder / "backup.db"
        _fill(source, unfinished, now, on_rows)
        _publish(unfinished, file)


def keep_before_upgrade(engine: Engine, path: Path, now: datetime) -> Path | None:
    """Copy an SQLite database that is about to be changed by a newer program; tells where to, if it did.

    A copy of the same version that is there already is left alone: it is the older one. It is a backup like
    any other, whether it is restored or put back in the place of the database.

    Raises:
        DatabaseTooNew: a newer program wrote it.
        BackupFailed: the copy cannot be made or written.
    """
    if is_current(engine) or not inspect(engine).has_table(tables.run.name):
        return None
    kept = path.with_name(f"{path.name}.before-{newest_version()}")
    if not kept.exists():
        with _private_folder(path.parent) as folder:
            unfinished = folder / "before.db"
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("VACUUM INTO ?", (str(unfinished),))
            with closing(sqlite3.connect(unfinished)) as connection, connection:
                at = now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
                connection.execute(_MARK, {"at": at})
                _shut_the_desk(connection)
            unfinished.chmod(0o600)
            _publish(unfinished, kept)
    return kept


def _shut_the_desk(connection: sqlite3.Connection) -> None:
    """Whoever was shut out after the copy was made stays out when it is put back."""
    connection.execute("PRAGMA secure_delete = ON")
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in NEVER_COPIED:
        if table.name in there:
            connection.execute(f"DELETE FROM {table.name}")  # noqa: S608 - a name of our own tables


def restore(file: Path, target: Engine, on_rows: Callable[[str, int], None]) -> datetime:
    """Fill an empty database from a backup; tells when the backup was made.

    Raises:
        BackupFailed: the file is no backup, is of a newer program, or the database is not empty.
    """
    with _private_folder(None) as folder, _opened_copy(file, folder) as source:
        taken_at = _taken_at(source, file)
        upgrade(target)
        try:
            copy_everything(source, target, on_rows)
        except NotEmpty as error:
            raise BackupFailed(
                "データベースが空ではありません。今のファイルを別の名前にするか、新しいデータベースを"
                "指定してから、もう一度どうぞ。 / The database is not empty. Move the present one away, or "
                "name a new one in the configuration, then try again."
            ) from error
    return taken_at


def _require_current(source: Engine) -> None:
    if not is_current(source):
        raise BackupFailed(
            "データベースがこの版の sokuresu のものではありません。一度 sokuresu once を実行するか、"
            "更新前の版でバックアップしてください。 / The database is of an older version: run "
            "`sokuresu once` first, or make the backup with the version before the update."
        )


def _fill(source: Engine, path: Path, now: datetime, on_rows: Callable[[str, int], None]) -> None:
    engine = open_engine(f"sqlite:///{path}")
    try:
        upgrade(engine)
        copy_everything(source, engine, on_rows)
        with Database(engine).write() as uow:
            uow.runs.mark_backup(now, f"backup of {now:%Y-%m-%d %H:%M:%S} UTC")
            uow.commit()
    finally:
        engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        # One file and no log beside it: that is what people copy.
        connection.execute("PRAGMA journal_mode = DELETE")


def _publish(unfinished: Path, file: Path) -> None:
    """Give the whole file its name, unless somebody took that meanwhile, and make both durable."""
    try:
        with unfinished.open("rb") as whole:
            os.fsync(whole.fileno())
        try:
            os.link(unfinished, file)
        except FileExistsError:
            raise
        except OSError:
            # Some file systems have no hard links: exFAT, and many that lie on another machine.
            _write_anew(unfinished, file)
    except OSError as error:
        raise BackupFailed(
            f"{file} に書けません ({error.strerror})。 / {file} cannot be written ({error.strerror})."
        ) from error
    _settle(file.parent)


def _write_anew(unfinished: Path, file: Path) -> None:
    """Copy it under its name, which nobody may hold; a copy that fails is taken away again."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as copy, unfinished.open("rb") as whole:
            shutil.copyfileobj(whole, copy)
            copy.flush()
            os.fsync(copy.fileno())
    except BaseException:
        with suppress(OSError):
            file.unlink()
        raise


def _settle(folder: Path) -> None:
    """Make the new name itself durable; some file systems cannot, and it is there all the same."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _private_folder(parent: Path | None) -> Iterator[Path]:
    """A folder that nobody else may look into and that is gone afterwards."""
    try:
        holder = tempfile.TemporaryDirectory(prefix=".sokuresu-", dir=parent)
    except OSError as error:
        raise BackupFailed(
            f"{parent} に書けません ({error.strerror})。 / {parent} cannot be written ({error.strerror})."
        ) from error
    with holder as folder:
        yield Path(folder)


@contextmanager
def _opened_copy(file: Path, folder: Path) -> Iterator[Engine]:
    """A copy of the backup, brought to this program's version; the backup itself is left as it is."""
    copy = folder / "backup.db"
    try:
        shutil.copyfile(file, copy)
        copy.chmod(0o600)
    except OSError as error:
        raise BackupFailed(
            f"{file} を読めません ({error.strerror})。 / {file} cannot be read ({error.strerror})."
        ) from error
    engine = open_engine(f"sqlite:///{copy}")
    try:
        yield engine
    finally:
        engine.dispose()


def _taken_at(source: Engine, file: Path) -> datetime:
    """When the backup was made.

    Raises:
        BackupFailed: it is none, or one that this program cannot read.
    """
    no_backup = BackupFailed(
        f"{file} は sokuresu のバックアップではありません。 / {file} is no backup of sokuresu."
    )
    try:
        upgrade(source)
        with Database(source).read() as uow:
            taken_at = uow.runs.backup_taken_at()
    except DatabaseTooNew as error:
        raise BackupFailed(
            f"{file} はより新しい版のバックアップです。 / {file} was made by a newer version: {error}"
        ) from error
    except (DatabaseError, sqlite3.DatabaseError) as error:
        raise no_backup from error
    if taken_at is None:
        raise no_backup
    return taken_at
