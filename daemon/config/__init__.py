"""The configuration: one TOML file, read once, every fault told at once.

The one door to the tables behind it. Importing this costs pydantic, so only commands that need the
configuration import it.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from daemon.config.acknowledging import AcknowledgeHere
from daemon.config.faults import faults
from daemon.config.mailbox import Mailbox, Oauth
from daemon.config.sentences import both
from daemon.config.servers import Server
from daemon.config.settings import Orders, Settings
from daemon.config.surroundings import Surroundings
from daemon.config.table import Table
from daemon.config.times import ClosedOn
from daemon.config.web import Web
from daemon.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AcknowledgeHere",
    "ClosedOn",
    "Mailbox",
    "Oauth",
    "Orders",
    "Server",
    "Settings",
    "Table",
    "Web",
    "find_config",
    "load",
]

_NAME = "sokuresu.toml"
_SYSTEM_FOLDER = Path("/etc/sokuresu")
_POSITION = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")


def find_config(explicit: str | None) -> Path:
    """Where the configuration is: as asked for, else $SOKURESU_CONFIG, here, or the system's folder.

    Raises:
        ConfigurationError: there is none in any of these places.
    """
    asked = explicit or os.environ.get("SOKURESU_CONFIG")
    if asked:
        return Path(asked)
    places = (Path(_NAME), _SYSTEM_FOLDER / _NAME)
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise ConfigurationError((_nowhere(places),))
    return found


def _nowhere(places: tuple[Path, ...]) -> str:
    looked = ", ".join(str(place.absolute()) for place in places)
    return both(
        f"設定ファイルがありません ({looked})。--config で場所を指すか、sokuresu init で作ってください。",
        f"there is no configuration ({looked}); name it with --config or make one with sokuresu init.",
    )


def load(path: Path, *, secrets: bool = True, web: Mapping[str, Any] | None = None) -> Settings:
    """Read and check the configuration.

    Args:
        path: the TOML file; relative paths in it start at its folder.
        secrets: whether passwords are read and must be there. Commands that only look at the database
            are used by people who may not read them.
        web: settings of ``[web]`` that were given elsewhere and go before those of the file.

    Raises:
        ConfigurationError: with every fault at once.
    """
    document = _with_web(_read(path), web or {})
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    whole = path.absolute()
    here = Surroundings(whole.parent, Path(folder) if folder else None, secrets, file=whole)
    try:
        return Settings.model_validate(document, context=here)
    except ValidationError as error:
        raise ConfigurationError(faults(error, document)) from None


def _with_web(document: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    written = document.get("web", {})
    # What is no table is left as it is, so that its fault is told.
    return document | {"web": written | dict(given)} if given and isinstance(written, dict) else document


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        sentence = both(
            f"設定ファイルを読めません ({error.strerror})。場所と読み取り権限を確かめてください。",
            f"the configuration cannot be read ({error.strerror}); check where it is and who may read it.",
        )
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        sentence = both(
            f"{line} 行目が UTF-8 ではありません。UTF-8 で保存してください。",
            f"line {line} is not UTF-8; save the file as UTF-8.",
        )
    except tomllib.TOMLDecodeError as error:
        sentence = _broken(str(error))
    raise ConfigurationError((f"{path}: {sentence}",))


def _broken(message: str) -> str:
    found = _POSITION.fullmatch(message)
    if found is None or found["line"] is None:
        return both("ファイルが途中で終わっています。", f"the file ends too early ({message}).")
    line, column = found["line"], found["column"]
    return both(
        f"{line} 行目 {column} 文字目が TOML として読めません。",
        f"line {line}, column {column} is not TOML ({found['what']}).",
    )
