"""What was found when a returned item was looked at: written as one line for people, and read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.showing.reader import clean
from daemon.words import CHECKS as CHECK_WORDS
from state.item_conditions import CHECKS, Checked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.showing.reader import Reader
    from daemon.words import Words

FINDINGS: dict[str, Words] = {
    "box": {
        "intact": ("傷みなし", "intact"),
        "damaged": ("傷みあり", "damaged"),
        "missing": ("箱なし", "missing"),
    },
    "accessories": {
        "complete": ("そろっている", "complete"),
        "missing": ("足りないものがある", "something is missing"),
    },
    "scratches": {
        "none": ("なし", "none"),
        "slight": ("少しある", "slight"),
        "clear": ("はっきりある", "clear"),
    },
    "tested": {"works": ("動作する", "works"), "fails": ("動作しない", "does not work")},
}
"""What each finding of a check is called."""

NOTE_LIMIT = 300
"""Characters of the note that a person writes beside the checks."""

_BETWEEN = " / "
_READ = {
    f"{label}: {finding}": (name, value)
    for name, values in FINDINGS.items()
    for value, findings in values.items()
    for label, finding in zip(CHECK_WORDS[name], findings, strict=True)
}


def write_inspection(checked: Checked, note: str, reader: Reader) -> str:
    """The findings and the note as one line; empty if there is neither.

    Args:
        checked: what was looked at.
        note: a person's words besides.
        reader: in whose language it is written down.
    """
    return _BETWEEN.join(_pieces(checked, note, reader))


def _pieces(checked: Checked, note: str, reader: Reader) -> Iterator[str]:
    for name in CHECKS:
        value = getattr(checked, name)
        if value is not None:
            yield f"{reader.word(CHECK_WORDS, name)}: {reader.word(FINDINGS[name], value)}"
    if note.strip():
        yield reader.say("メモ: ", "note: ") + clean(note, NOTE_LIMIT)


def read_inspection(detail: str, *, opened: bool | None) -> Checked:
    """What such a line says was found; of anything else nothing is known."""
    found: dict[str, str] = {}
    for piece in detail.split(_BETWEEN):
        known = _READ.get(piece)
        if known is None:
            # Behind the findings come a person's own words, and those prove nothing.
            break
        found.setdefault(*known)
    return Checked(opened, **found)
