"""Private files in a folder of somebody else: nothing of ours is read from or written to another place."""

from __future__ import annotations

import os

import pytest

from state.engine import open_engine
from state.private_files import UnsafeFile, folder_behind, folder_of
from tests.beds.traps import STRANGER, give_away, lay

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root could be led astray")


@pytest.fixture
def folder(tmp_path):
    """A folder of the service, which is not root's."""
    path = tmp_path / "state"
    path.mkdir()
    give_away(path)
    return path


def owner_of(path):
    found = path.lstat()
    return found.st_uid, found.st_gid


@as_root
def test_what_root_makes_belongs_to_the_owner_of_the_folder(folder):
    """The service could else not open its own lock after a command of root."""
    with folder_of(folder / "new") as held:
        os.close(held.open_or_create("new"))
        os.close(held.open_or_create("new"))
    assert owner_of(folder / "new") == (STRANGER, STRANGER)


@as_root
def test_a_file_of_a_third_user_is_refused(folder):
    """It is told whose it is; neither root nor the service made it."""
    (folder / "file").write_text("x")
    os.chown(folder / "file", 12345, 12345)
    with folder_of(folder / "file") as held, pytest.raises(UnsafeFile, match="uid 12345"):
        held.open("file")
    assert owner_of(folder / "file") == (12345, 12345)


@as_root
def test_a_link_of_the_service_leads_root_into_no_folder_of_root(folder, tmp_path):
    """Not to make a file there, and not to make a folder there."""
    (tmp_path / "roots").mkdir()
    (folder / "sub").symlink_to(tmp_path / "roots")
    give_away(folder / "sub")
    for path in (folder / "sub" / "file", folder / "sub" / "deep" / "file"):
        with pytest.raises(UnsafeFile, match="link of another user"), folder_of(path, create=True):
            pytest.fail("root was led astray")
    assert list((tmp_path / "roots").iterdir()) == []


@pytest.mark.parametrize("target", ["../elsewhere/shop.db", "{}/elsewhere/shop.db"])
def test_a_link_to_the_own_database_may_be_followed(folder, tmp_path, target):
    """Its owner may keep it on another disk; what lies beside it lies beside the true file."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    give_away(elsewhere)
    (folder / "link.db").symlink_to(target.format(tmp_path))
    give_away(folder / "link.db")
    with folder_behind(folder / "link.db") as (held, name):
        os.close(held.create(name))
    assert (elsewhere / "shop.db").stat().st_mode & 0o777 == 0o600


def test_links_in_a_circle_are_told(folder):
    """They are not followed for ever."""
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    with pytest.raises(OSError, match="Too many levels"), folder_behind(folder / "a"):
        pytest.fail("there is no end")


def test_a_folder_that_is_swapped_is_not_used(folder, tmp_path):
    """What is written goes into the folder that was opened, whatever has its name by now."""
    with folder_of(folder / "file") as held:
        folder.rename(tmp_path / "moved")
        folder.symlink_to(tmp_path)
        os.close(held.create("file"))
    assert (tmp_path / "moved" / "file").exists()
    assert not (tmp_path / "file").exists()


@as_root
@pytest.mark.parametrize("kind", ["link", "link to nothing", "hard link"])
def test_root_opens_no_database_that_the_service_made_lead_elsewhere(folder, tmp_path, kind):
    """Nor are the rights to the other file changed, as they are for a database."""
    trap = lay(kind, folder / "shop.db", tmp_path / "victim")
    give_away(folder / "shop.db") if kind != "hard link" else None
    with pytest.raises(UnsafeFile):
        open_engine(f"sqlite:///{folder / 'shop.db'}")
    assert trap.untouched()


def test_a_database_that_others_may_read_becomes_private(tmp_path):
    """It may have come from a backup."""
    path = tmp_path / "shop.db"
    path.touch()
    path.chmod(0o644)
    open_engine(f"sqlite:///{path}").dispose()
    assert path.stat().st_mode & 0o777 == 0o600
