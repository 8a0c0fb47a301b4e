"""Days and times on the command line: what cannot be meant is a fault of its option."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from daemon.moments import MomentRefused

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def told_of(hint: str | None = None) -> Iterator[None]:
    """Turn what is wrong with a day or a time into click's refusal of an option.

    Args:
        hint: the option that it was typed for; None where click knows it.

    Raises:
        click.BadParameter: the block was told no usable day or time.
    """
    try:
        yield
    except MomentRefused as error:
        raise click.BadParameter(str(error), param_hint=hint) from None
