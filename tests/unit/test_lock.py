"""The lock of a shop: one holder, whatever path leads to the database."""

from __future__ import annotations

import pytest

from daemon.errors import AlreadyRunning
from daemon.lock import take_lock


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


@pytest.mark.postgres
def test_postgresql_keeps_it_too(postgres_url):
    """There it is a lock of the database, and as long as its connection lives it is held."""
    first = take_lock(postgres_url, "pid 1 on here")
    assert first.held()
    with pytest.raises(AlreadyRunning, match="pid 1 on here"):
        take_lock(postgres_url, "pid 2")
    first.release()
    take_lock(postgres_url, "pid 2").release()
