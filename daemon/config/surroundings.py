"""What is around a configuration file while it is read: its folder, the credentials, what was seen before."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daemon.config.sentences import both, fault

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_SECRET = 4096


@dataclass(slots=True)
class Surroundings:
    """What the readers of single settings need to know besides the setting.

    Attributes:
        folder: where relative paths start.
        credentials: systemd's folder of credentials, if there is one.
        secrets: whether passwords are wanted; commands that only look at the database have no right to them.
        names: mailbox names that were read so far.
        warnings: what is not forbidden, only unwise.
        file: the configuration file itself.
    """

    folder: Path
    credentials: Path | None = None
    secrets: bool = True
    names: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)
    file: Path | None = None

    def path(self, text: str) -> Path:
        """A path as meant in the configuration."""
        return self.folder / os.path.expanduser(text)  # noqa: PTH111 - Path.expanduser raises on unknown users

    def credential(self, name: str) -> Path | None:
        """The file of a systemd credential, if it was handed to us."""
        if self.credentials is None:
            return None
        path = self.credentials / name
        return path if path.is_file() else None

    def secret(self, path: Path) -> str:
        """The one line in a secret's file, without its line end.

        Raises:
            PydanticCustomError: the file cannot be read or holds anything but one line. Neither its name
                nor its content is shown: people write a password where its file's name belongs.
        """
        text = self._content(path).removesuffix("\n").removesuffix("\r")
        if not text or len(text) > _LONGEST_SECRET or not text.isprintable():
            raise fault(
                "ファイルには 1 行だけを書いてください (空、複数行、制御文字は使えません)。",
                "the file must hold exactly one line and no control characters.",
            )
        return text

    def secret_lines(self, path: Path) -> str:
        """The lines in a secret's file, one under the other; empty ones and those that begin with # are none.

        Raises:
            PydanticCustomError: the file cannot be read or holds no line. Nothing of it is shown.
        """
        lines = [line.strip() for line in self._content(path).splitlines()]
        said = [line for line in lines if line and not line.startswith("#")]
        if not said or not all(line.isprintable() and len(line) <= _LONGEST_SECRET for line in said):
            raise fault(
                "ファイルには 1 行に 1 つずつ書いてください (制御文字は使えません)。",
                "the file must hold one entry a line and no control characters.",
            )
        return "\n".join(said)

    def _content(self, path: Path) -> str:
        try:
            self._warn_if_open(path)
            return path.read_text("utf-8-sig")
        except UnicodeDecodeError:
            raise fault(
                "ファイルを UTF-8 で保存してください。",
                "save the file as UTF-8.",
            ) from None
        except (OSError, ValueError) as error:
            raise self.unreadable(error) from None

    def unreadable(self, error: Exception) -> Exception:
        """The fault for a file that cannot be read, without its name."""
        why = error.strerror if isinstance(error, OSError) else "bad name"
        return fault(
            f"指定のファイルを読めません ({why})。ファイルの場所 (相対パスの起点は {self.folder})"
            " と読み取り権限を確かめてください。",
            f"the file named here cannot be read ({why}); check where it is (relative paths start at"
            f" {self.folder}) and who may read it.",
        )

    def _warn_if_open(self, path: Path) -> None:
        if path.stat().st_mode & stat.S_IROTH:
            self.warnings.append(
                both(
                    f"{path.name} は誰でも読めます。chmod 600 を勧めます。",
                    f"{path.name} can be read by everybody; chmod 600 is advised.",
                )
            )
