"""Where inputs come from: committed ones, sample mails, and what earlier runs found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parents[1] / "data"
COMMITTED = DATA / "fuzz"
MAIL_TARGETS = frozenset(("mime", "recognisers", "authenticity", "commands", "agents"))
"""Those whose inputs are mails, so that every sample is one."""


def committed_inputs(target: str) -> list[Path]:
    """The inputs of one target that are part of the checkout: regressions and what covers most."""
    return sorted(path for path in (COMMITTED / target).iterdir() if path.is_file())


def seed_folders(target: str) -> Iterator[Path]:
    """The folders that a run starts from."""
    yield COMMITTED / target
    if target in MAIL_TARGETS:
        yield DATA / "samples"


def dictionary(target: str) -> Path:
    """The file of words that matter to one target."""
    return COMMITTED / f"{target}.dict"
