"""A text on a private sheet in the person's own editor, with a part below that is never taken for text."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from daemon.cli.texts import decoded
from daemon.errors import SokuresuError
from templates.cleaning import several_lines

CUT = "----- 以下は送られません / Nothing below this line is sent -----"
"""Everything from this line on is for the person who writes."""

_EDITORS = ("nano", "vi")
_SIZE_LIMIT = 1_000_000


class EditingFailed(SokuresuError):  # noqa: N818 - reads as what it is
    """The text could not be edited, or what was saved cannot be told from the guidance."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file in a folder of its own that nobody else may read.

    Attributes:
        path: the file.
        text: what it began with.
        guidance: the lines below the cut.
    """

    path: Path
    text: str
    guidance: tuple[str, ...]

    @classmethod
    def write(cls, name: str, text: str, guidance: tuple[str, ...]) -> Sheet:
        """Make the file.

        Args:
            name: of the file, harmless.
            text: to be edited.
            guidance: printable lines for the person, told apart from any text by how they begin.

        Raises:
            EditingFailed: there is no place for it.
        """
        try:
            # The folder is made for its owner alone.
            path = Path(tempfile.mkdtemp(prefix="sokuresu-")) / name
            sheet = cls(path, text, guidance)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
                target.write(sheet._content())
        except OSError as error:
            raise EditingFailed(
                f"一時ファイルを作れません ({error.strerror})。"
                f" / The temporary file cannot be made ({error.strerror})."
            ) from error
        return sheet

    def edit(self) -> str:
        """Open the editor and wait for its end; tells what stands above the cut.

        Raises:
            EditingFailed: there is no editor, it failed, or the cut was lost.
        """
        _run([*editor_command(), str(self.path)])
        return self._above_cut(several_lines(decoded(self._saved())))

    @property
    def changed(self) -> bool:
        """Something was saved that must not be lost."""
        try:
            return self._saved() != self._content()
        except EditingFailed:
            return False

    def remove(self) -> None:
        """Nothing of it stays, backups of the editor included."""
        shutil.rmtree(self.path.parent, ignore_errors=True)

    def _content(self) -> bytes:
        return "\n".join((self.text.rstrip("\n"), "", CUT, *self.guidance, "")).encode()

    def _saved(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                return file.read(_SIZE_LIMIT)
        except OSError as error:
            raise EditingFailed(
                f"保存したファイルを読めません ({error.strerror})。"
                f" / What was saved cannot be read ({error.strerror})."
            ) from error

    def _above_cut(self, saved: str) -> str:
        lines = saved.split("\n")
        stripped = [line.strip() for line in lines]
        if CUT in stripped:
            return "\n".join(lines[: stripped.index(CUT)]).strip()
        if {line.strip() for line in self.guidance if line.strip()} & set(stripped):
            raise EditingFailed(
                "「以下は送られません」の行がなく、送る文の終わりが分かりません。"
                " / The line that says 'Nothing below this line is sent' is gone, so the text has no end."
            )
        return saved.strip()


def editor_command() -> list[str]:
    """The editor that the person chose, or one that is there.

    Raises:
        EditingFailed: there is none, or its name cannot be read.
    """
    chosen = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    found = next(filter(None, map(shutil.which, _EDITORS)), None)
    try:
        command = shlex.split(chosen or "") or ([found] if found else [])
    except ValueError:
        command = []
    if not command:
        raise EditingFailed(
            "エディターがありません。環境変数 EDITOR で指定してください (例: EDITOR=nano)。"
            " / There is no editor; name one in the environment variable EDITOR."
        )
    return command


def _run(command: list[str]) -> None:
    try:
        with subprocess.Popen(command) as process:  # noqa: S603 - the person's own editor, without a shell
            status = _wait(process)
    except OSError as error:
        raise EditingFailed(
            f"エディター {command[0]} を起動できません ({error.strerror})。EDITOR を確かめてください。"
            f" / The editor {command[0]} cannot be started ({error.strerror}); see the variable EDITOR."
        ) from error
    if status:
        raise EditingFailed(
            f"エディター {command[0]} が異常終了しました ({status})。"
            f" / The editor {command[0]} failed ({status})."
        )


def _wait(process: subprocess.Popen[bytes]) -> int:
    """The editor's exit status; Ctrl-C is the editor's, which most of them take for a command."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
