"""The folder of templates that the user wrote: read within narrow bounds, and what is wrong with it said."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

from jinja2 import BaseLoader, TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError

from templates.cleaning import one_line
from templates.sandbox import SOURCE_LIMIT, OutputTooLarge, TooManySteps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jinja2 import Environment

BYTES_LIMIT = 4 * SOURCE_LIMIT
REASON_LIMIT = 300
ENTRIES_LIMIT = 1_000
"""Entries of a folder that are looked at; nobody has more by intent."""


class NothingPrinted(ValueError):  # noqa: N818 - reads as what it is
    """A template printed nothing at all."""


_REASONS: tuple[tuple[type[Exception], str, str], ...] = (
    (
        TooManySteps,
        "繰り返しや呼び出しが終わらないか、多すぎます",
        "loops or calls do not end, or are too many",
    ),
    (OutputTooLarge, "文章が長すぎます(4,000文字まで)", "prints too much, at most 4,000 characters"),
    (NothingPrinted, "何も書き出しません", "prints nothing"),
    (TemplateNotFound, "読み込むテンプレートがありません", "there is no such template"),
    (UndefinedError, "使えない名前があります", "an unknown name"),
    (TemplateError, "書き方に誤りがあります", "not allowed here"),
)
"""How an error is said, the first that fits."""


class _Unreadable(Exception):  # noqa: N818 - reads as what it is
    """A file of the user's cannot be taken as a template; carries why, in both languages."""

    def __init__(self, path: Path, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason
        self.line = line


@dataclass(frozen=True, slots=True)
class TemplateFault:
    """What is wrong with a file in the user's folder.

    Attributes:
        file: the folder as it was given, and the file's name in it.
        line: where; None where no line is to blame.
        reason: one line in Japanese and English.
    """

    file: str
    line: int | None
    reason: str


class OwnTemplates(BaseLoader):
    """One language of the user's folder before ours; nothing outside the two, and no other names.

    Args:
        folder: the user's.
        language: the folder inside it.
        builtin: where ours are.
        names: the files that can be there.
    """

    def __init__(self, folder: Path, language: str, builtin: Path, names: frozenset[str]) -> None:
        self._folder = folder / language
        self._builtin = builtin / language
        self._names = names

    def concerns(self, name: str) -> bool:
        """Whether a text may come out otherwise than with our own templates alone."""
        return any(os.path.lexists(self._folder / one) for one in (name, "parts.j2"))

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """The user's file if there is one, else ours."""
        del environment
        if template not in self._names:
            raise TemplateNotFound(template)
        own = self._folder / template
        if os.path.lexists(own):
            return _read(own), str(own), None
        path = self._builtin / template
        return path.read_text(encoding="utf-8"), str(path), None

    def fault(self, error: Exception, name: str) -> TemplateFault:
        """Put into words what went wrong while a text was rendered, and in which of the user's files."""
        if isinstance(error, _Unreadable):
            return TemplateFault(str(error.path), error.line, error.reason)
        path, line = self._place(error)
        return TemplateFault(path or str(self._blamed(name)), line, one_line(_reason(error), REASON_LIMIT))

    def _place(self, error: Exception) -> tuple[str | None, int | None]:
        """The deepest line of the user's own files on the way to the error."""
        own = {str(self._folder / one) for one in self._names}
        if isinstance(error, TemplateSyntaxError) and error.filename in own:
            return error.filename, error.lineno
        path, line, frame = None, None, error.__traceback__
        while frame is not None:
            if frame.tb_frame.f_code.co_filename in own:
                path, line = frame.tb_frame.f_code.co_filename, frame.tb_lineno
            frame = frame.tb_next
        return path, line

    def _blamed(self, name: str) -> Path:
        """The file that must be at fault where no line is: the letter's own, else what it shares."""
        own = self._folder / name
        return own if os.path.lexists(own) else self._folder / "parts.j2"


def strange_names(folder: Path, languages: frozenset[str], names: frozenset[str]) -> Iterator[TemplateFault]:
    """What lies in the user's folder and is never read, for a misspelt name would do nothing in silence."""
    yield from _strange(folder, languages)
    for language in sorted(languages):
        if os.path.isdir(folder / language):  # noqa: PTH112 - Path.is_dir raises on what may not be looked at
            yield from _strange(folder / language, names)
        elif os.path.lexists(folder / language):
            yield TemplateFault(str(folder / language), None, "フォルダーではありません / is not a folder")


def _strange(folder: Path, known: frozenset[str]) -> Iterator[TemplateFault]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(entry.name for entry in islice(entries, ENTRIES_LIMIT))
    except OSError as error:
        yield TemplateFault(str(folder), None, f"フォルダーを読めません / cannot be read: {error.strerror}")
        return
    for name in found:
        # Hidden files and an editor's copies are nobody's templates.
        if name not in known and not name.startswith(".") and not name.endswith("~"):
            yield TemplateFault(str(folder / name), None, _unknown_name(name, known))


def _unknown_name(name: str, known: frozenset[str]) -> str:
    near = "".join(get_close_matches(name[:100], sorted(known), 1))
    japanese, english = (f"。{near} ですか", f", is it {near}?") if near else ("", "")
    return f"この名前のテンプレートはありません{japanese} / no template has this name{english}"


def _read(path: Path) -> str:
    """The text of a user's file.

    Raises:
        _Unreadable: it is no ordinary file, cannot be opened, is too large, or is no UTF-8.
    """
    content = _read_bytes(path)
    if len(content) > BYTES_LIMIT:
        raise _Unreadable(path, f"ファイルが大きすぎます / too large, at most {SOURCE_LIMIT} characters")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _Unreadable(path, "文字コードがUTF-8ではありません / is not UTF-8", line) from None


def _read_bytes(path: Path) -> bytes:
    """As much of a file as could be of use; never waits for a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _Unreadable(path, "ふつうのファイルではありません / is no ordinary file")
            return file.read(BYTES_LIMIT + 1)
    except OSError as error:
        raise _Unreadable(path, f"読み込めません / cannot be read: {error.strerror}") from None


def _reason(error: Exception) -> str:
    for kind, japanese, english in _REASONS:
        if isinstance(error, kind):
            return f"{japanese} / {english}" + _detail(error)
    return f"文章にできません / cannot be rendered: {type(error).__name__}"


def _detail(error: Exception) -> str:
    """What Jinja2 says of the template itself; it names no value, for that may be what a buyer wrote."""
    if isinstance(error, TooManySteps) or not isinstance(error, TemplateError):
        return ""
    return f": {error.message}"
