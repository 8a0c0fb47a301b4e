"""The lock of a shop: one holder, whatever path leads to the database."""

from __future__ import annotations

import pytest

from daemon.errors import AlreadyRunning
from daemon.lock import take_lock
from state.private_files import UnsafeFile
from tests.beds.traps import KINDS, give_away, lay


def test_a_second_one_is_refused_and_told_who_holds_it(tmp_path):
    """The sentence names the first; once that one lets go the lock is free."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    first = take_lock(url, "pid 1 on here")
    with pytest.raises(AlreadyRunning, match="pid 1 on here"):
        take_lock(url, "pid 2")
    first.release()
    assert not first.held()
    take_lock(url, "pid 2").release()


def test_a_link_to_the_database_is_the_same_database(tmp_path):
    """Two paths to one database would else be two senders."""
    (tmp_path / "shop.db").touch()
    (tmp_path / "link.db").symlink_to(tmp_path / "shop.db")
    held = take_lock(f"sqlite:///{tmp_path / 'shop.db'}", "the first")
    with pytest.raises(AlreadyRunning):
        take_lock(f"sqlite:///{tmp_path / 'link.db'}", "the second")
    held.release()


def test_the_lock_file_is_private(tmp_path):
    """It names a process, which is nobody else's business."""
    take_lock(f"sqlite:///{tmp_path / 'shop.db'}", "pid 1").release()
    assert (tmp_path / "shop.db.lock").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", KINDS)
def test_what_lies_in_the_place_of_the_lock_is_left_alone(tmp_path, kind):
    """The service's user could else have root empty any file, or make one anywhere."""
    folder = tmp_path / "state"
    folder.mkdir()
    give_away(folder)
    trap = lay(kind, folder / "shop.db.lock", tmp_path / "victim")
    with pytest.raises(UnsafeFile, match=r"shop\.db\.lock cannot be used: .*remove it"):
        take_lock(f"sqlite:///{folder / 'shop.db'}", "pid 1")
    assert trap.untouched()


def test_the_holder_is_shown_without_control_characters(tmp_path):
    """Somebody else may have written the file, and it is shown on a terminal."""
    first = take_lock(f"sqlite:///{tmp_path / 'shop.db'}", "pid 1")
    (tmp_path / "shop.db.lock").write_bytes(b"pid\x1b[2J \xff2")
    with pytest.raises(AlreadyRunning, match=r"pid\[2J \ufffd2"):
        take_lock(f"sqlite:///{tmp_path / 'shop.db'}", "pid 3")
    first.release()


@pytest.mark.postgres
def test_postgresql_keeps_it_too(postgres_url):
    """There it is a lock of the database, and as long as its connection lives it is held."""
    first = take_lock(postgres_url, "pid 1 on here")
    assert first.held()
    with pytest.raises(AlreadyRunning, match="pid 1 on here"):
        take_lock(postgres_url, "pid 2")
    first.release()
    take_lock(postgres_url, "pid 2").release()
