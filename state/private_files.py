"""Opens and makes private files in a folder that somebody else may own, and is led nowhere else.

Root may run a command on the files of the service. Whoever owns their folder could put a link, a second name
of another file or a pipe where root is about to read, write or give something away. So the folder is held
open, the files in it are reached through it alone, and what was opened is looked at before it is used.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_LINKS = 40
"""As many as Linux follows on one way."""

_LOOK = getattr(os, "O_PATH", os.O_RDONLY) | os.O_NOFOLLOW | os.O_CLOEXEC
"""Only to look: closing such a descriptor drops no locks, and it needs no right to read."""

_USE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
"""A pipe would make us wait for somebody who never comes."""

_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_REMOVE_JA = "。誰が置いたかを確かめ、取り除いてからもう一度どうぞ"
_REMOVE_EN = "; find out who put it there, remove it, then try again"


class UnsafeFile(OSError):  # noqa: N818 - reads as what it is
    """Something lies where our file should be, and it was left alone.

    Attributes:
        ja: what lies there and what to do, in Japanese.
        en: the same in English.
    """

    def __init__(self, path: Path, ja: str, en: str) -> None:
        super().__init__(errno.EPERM, f"{ja} / {en}", str(path))
        self.ja = ja
        self.en = en

    def __str__(self) -> str:
        return f"{self.filename} を使えません: {self.ja}。 / {self.filename} cannot be used: {self.en}."


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a path leads.

    Attributes:
        end: the same place, without any link.
        strangers: who, other than root, owns a link on the way.
    """

    end: Path
    strangers: frozenset[int]

    def require_owner(self, folder: int) -> None:
        """Let nobody lead root into a folder that is not their own.

        Raises:
            UnsafeFile: somebody does.
        """
        owner = os.fstat(folder).st_uid
        if os.geteuid() == 0 and not self.strangers <= {owner}:
            raise UnsafeFile(
                self.end,
                "ほかの利用者のリンクが、その利用者のものでないフォルダーへ導いています。"
                "フォルダーの持ち主として実行してください (sudo -u)",
                "a link of another user leads into a folder that is not theirs;"
                " run this as the folder's owner (sudo -u)",
            )


class PrivateFolder:
    """A folder that is held open: whatever becomes of its name, this one is used."""

    def __init__(self, path: Path, handle: int) -> None:
        """Use `folder_of` or `folder_behind`.

        Args:
            path: its name, for sentences.
            handle: it, open.
        """
        self._path = path
        self._handle = handle

    def open(self, name: str, flags: int = os.O_RDONLY) -> int:
        """A descriptor of a file that is there.

        Raises:
            UnsafeFile: it is no ordinary file, has a second name, or is neither ours nor the folder owner's.
            OSError: it is not there, or we may not open it.
        """
        try:
            handle = os.open(name, flags | _USE, dir_fd=self._handle)
        except OSError:
            # What cannot be opened this way is told as what it is, as far as that is the reason.
            self._require_file(name, os.stat(name, dir_fd=self._handle, follow_symlinks=False))
            raise
        return self._checked(name, handle)

    def create(self, name: str) -> int:
        """A descriptor of a new file with the mode 0600; what root makes belongs to the folder's owner.

        Raises:
            FileExistsError: there is something of that name, be it a link that leads nowhere.
            OSError: it cannot be made.
        """
        handle = os.open(name, _NEW, 0o600, dir_fd=self._handle)
        try:
            if os.geteuid() == 0:
                self._give_to_owner(handle)
        except BaseException:
            os.close(handle)
            raise
        return handle

    def open_or_create(self, name: str) -> int:
        """A descriptor for reading and writing; raises what `open` and `create` raise."""
        with suppress(FileExistsError):
            return self.create(name)
        return self.open(name, os.O_RDWR)

    def make_private(self, name: str) -> None:
        """Take all rights of others from a file that is ours, without opening it.

        Raises:
            UnsafeFile: for root alone, as in `open`; anybody else can only reach what is theirs.
        """
        handle = os.open(name, _LOOK, dir_fd=self._handle)
        try:
            found = os.fstat(handle)
            if os.geteuid() == 0:
                self._require_ours(name, found)
            if found.st_uid == os.geteuid() and found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                self._take_rights(name, handle)
        finally:
            os.close(handle)

    def replace(self, name: str, by: str) -> None:
        """Give the file ``by`` the name of another, which is gone; a link of that name is not followed."""
        os.replace(by, name, src_dir_fd=self._handle, dst_dir_fd=self._handle)

    def remove(self, name: str) -> None:
        """Remove a name.

        Raises:
            OSError: it cannot be removed.
        """
        os.unlink(name, dir_fd=self._handle)

    def settle(self) -> None:
        """Make new names durable; some file systems cannot, and they are there all the same."""
        with suppress(OSError):
            handle = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self._handle)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def _give_to_owner(self, handle: int) -> None:
        """Only what was made just now; where it is theirs already, root may lack the right to give."""
        owner, found = os.fstat(self._handle), os.fstat(handle)
        if (owner.st_uid, owner.st_gid) != (found.st_uid, found.st_gid):
            os.fchown(handle, owner.st_uid, owner.st_gid)

    def _take_rights(self, name: str, handle: int) -> None:
        if os.geteuid() == 0 and hasattr(os, "O_PATH"):
            # The name may be another file's by now; this is the one that was looked at.
            os.chmod(f"/proc/self/fd/{handle}", 0o600)  # noqa: PTH101 - a descriptor has no other name
        else:
            os.chmod(name, 0o600, dir_fd=self._handle)

    def _checked(self, name: str, handle: int) -> int:
        try:
            self._require_ours(name, os.fstat(handle))
        except BaseException:
            os.close(handle)
            raise
        return handle

    def _require_file(self, name: str, found: os.stat_result) -> None:
        if stat.S_ISLNK(found.st_mode):
            raise self._unsafe(name, "シンボリックリンクです", "it is a symbolic link")
        if stat.S_ISDIR(found.st_mode):
            raise self._unsafe(name, "フォルダーです", "it is a folder")
        if not stat.S_ISREG(found.st_mode):
            raise self._unsafe(name, "普通のファイルではありません", "it is no ordinary file")

    def _require_ours(self, name: str, found: os.stat_result) -> None:
        self._require_file(name, found)
        # A file that was replaced since it was opened has no name at all, and is as good as it was.
        if found.st_nlink > 1:
            raise self._unsafe(
                name, "ほかの名前もあるファイルです (ハードリンク)", "it has a second name (a hard link)"
            )
        if found.st_uid not in self._owners():
            raise self._unsafe(
                name,
                f"ほかの利用者 (uid {found.st_uid}) のファイルです",
                f"it belongs to another user (uid {found.st_uid})",
            )

    def _owners(self) -> frozenset[int]:
        """Whose files may be used: ours, and for root the folder owner's."""
        us = os.geteuid()
        return frozenset({us} if us else {us, os.fstat(self._handle).st_uid})

    def _unsafe(self, name: str, ja: str, en: str) -> UnsafeFile:
        return UnsafeFile(self._path / name, ja + _REMOVE_JA, en + _REMOVE_EN)


@contextmanager
def folder_of(path: Path, *, create: bool = False) -> Iterator[PrivateFolder]:
    """Hold the folder in which a file lies; the file itself is not looked at.

    Args:
        path: the file's.
        create: make the folder, for its owner alone, if it is not there.

    Raises:
        UnsafeFile: somebody leads root into a folder that is not theirs.
        OSError: there is no such folder.
    """
    way = _follow(path.parent)
    with _held(way, create=create) as folder:
        yield folder


@contextmanager
def folder_behind(path: Path) -> Iterator[tuple[PrivateFolder, str]]:
    """Hold the folder in which a file lies in truth, and tell its name there; the folder is made if needed.

    Raises:
        UnsafeFile: somebody leads root into a folder that is not theirs.
        OSError: there is no such folder.
    """
    way = _follow(path)
    with _held(_Way(way.end.parent, way.strangers), create=True) as folder:
        yield folder, way.end.name


@contextmanager
def _held(way: _Way, *, create: bool) -> Iterator[PrivateFolder]:
    handle = _walk(way, create=create)
    try:
        yield PrivateFolder(way.end, handle)
    finally:
        os.close(handle)


def _walk(way: _Way, *, create: bool) -> int:
    """Go there step by step: a link that came since then is not followed."""
    here = os.open(way.end.anchor, _LOOK | os.O_DIRECTORY)
    try:
        for part in way.end.parts[1:]:
            below = _enter(here, part, way, create=create)
            os.close(here)
            here = below
        way.require_owner(here)
    except BaseException:
        os.close(here)
        raise
    return here


def _enter(folder: int, name: str, way: _Way, *, create: bool) -> int:
    try:
        return os.open(name, _LOOK | os.O_DIRECTORY, dir_fd=folder)
    except FileNotFoundError:
        if not create:
            raise
    way.require_owner(folder)
    with suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=folder)
    return os.open(name, _LOOK | os.O_DIRECTORY, dir_fd=folder)


def _follow(path: Path) -> _Way:
    """Where the links of a path lead; what is not there is taken as it is written.

    Raises:
        OSError: they lead in a circle.
    """
    absolute = path.absolute()
    here, rest = Path(absolute.anchor), list(reversed(absolute.parts[1:]))
    strangers: set[int] = set()
    links = 0
    while rest:
        step = _step(here, rest.pop())
        owner = _owner_of_link(step)
        if owner is None:
            here = step
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        strangers |= {owner} - {0}
        target = step.readlink()
        here = Path(target.anchor) if target.is_absolute() else here
        rest += reversed(target.parts[1:] if target.is_absolute() else target.parts)
    return _Way(here, frozenset(strangers))


def _step(here: Path, part: str) -> Path:
    return here.parent if part == ".." else here / part


def _owner_of_link(path: Path) -> int | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_uid if stat.S_ISLNK(found.st_mode) else None
