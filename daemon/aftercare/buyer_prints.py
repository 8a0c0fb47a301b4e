"""Tells buyers apart without keeping who they are: a keyed digest in the place of an address.

Without its key a digest could be compared with those of guessed addresses; the key is the shop's own, lies
beside the database in a file that only its owner reads, and is in no backup of the database.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from typing import TYPE_CHECKING

from daemon.errors import SokuresuError
from parsers.folding import fold
from state.private_files import UnsafeFile, folder_of

if TYPE_CHECKING:
    from pathlib import Path

    from state.private_files import PrivateFolder

_BYTES = 32
_LARGEST = 1_024
_MARKETPLACE = "marketplace.amazon."


class BuyerKeyUnavailable(SokuresuError):  # noqa: N818 - reads as what it is
    """The key cannot be read or made, so that repeat buyers are not recognised; everything else goes on."""


def buyer_key(path: Path) -> bytes:
    """The shop's key, made when it is first needed.

    Args:
        path: where it lies, or will lie with the mode 0600.

    Raises:
        BuyerKeyUnavailable: it cannot be read or written; the sentence says why.
    """
    try:
        with folder_of(path, create=True) as folder:
            try:
                return _made(folder, path.name)
            except FileExistsError:
                return _read(folder, path.name)
    except UnsafeFile as error:
        raise BuyerKeyUnavailable(str(error)) from error
    except OSError as error:
        raise _unavailable(path, error.strerror or type(error).__name__) from error
    except ValueError:
        # What is wrong may be a secret all the same: it goes no further.
        raise _unavailable(path, "鍵ではありません / it is no key") from None


def _made(folder: PrivateFolder, name: str) -> bytes:
    key = secrets.token_bytes(_BYTES)
    with os.fdopen(folder.create(name), "wb") as file:
        file.write(key.hex().encode("ascii") + b"\n")
        file.flush()
        os.fsync(file.fileno())
    folder.settle()
    return key


def _read(folder: PrivateFolder, name: str) -> bytes:
    folder.make_private(name)
    with os.fdopen(folder.open(name), "rb") as file:
        key = bytes.fromhex(file.read(_LARGEST).decode("ascii").strip())
    if len(key) < _BYTES:
        raise ValueError("too short")
    return key


def _unavailable(path: Path, why: str) -> BuyerKeyUnavailable:
    return BuyerKeyUnavailable(
        f"リピーターを見分けるための鍵 {path} を使えません ({why})。"
        f" / The key that recognises repeat buyers cannot be used: {path} ({why})."
    )


def print_of(buyer: str | None, key: bytes | None) -> str | None:
    """The digest of a buyer's address; None without an address or without a key.

    Case and width do not count, nor the part of an alias of Amazon's that names the conversation. What is no
    address, such as a name, "N/A" or "***@…", may be many buyers': they would be erased together.
    """
    local, at, domain = fold(buyer or "").strip().partition("@")
    if not (any(map(str.isalnum, local)) and domain) or key is None:
        return None
    if domain.startswith(_MARKETPLACE):
        local = local.partition("+")[0]
    return hmac.digest(key, f"{local}{at}{domain}".encode("utf-8", "replace"), hashlib.sha256).hex()
