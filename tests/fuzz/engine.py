"""One target under the fuzzer, in a process of its own: ``python -m tests.fuzz.engine TARGET OPTIONS…``.

The options are libFuzzer's. The parsers are loaded here and nowhere before, for they are instrumented while
they are loaded.
"""

from __future__ import annotations

import logging
import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SLOW = 5.0
"""Seconds of processor time that no input of a few thousand bytes may take, instrumentation included."""

_INSTRUMENTED = ["parsers", "templates", "state.feedback_policy"]


def main(arguments: Sequence[str]) -> None:
    """Attack one target until libFuzzer ends the process.

    Args:
        arguments: the target's name, then options and folders for libFuzzer.
    """
    logging.disable()
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=_INSTRUMENTED):
        targets = import_module("tests.fuzz.targets").TARGETS
    atheris.Setup([sys.argv[0], *arguments[1:]], _timed(targets[arguments[0]]))
    atheris.Fuzz()


def _timed(attack: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """The same attack, which also fails if one input takes long; a busy machine makes none slow."""

    def attack_in_time(content: bytes) -> None:
        begun = time.process_time()
        attack(content)
        taken = time.process_time() - begun
        assert taken < SLOW, f"one input took {taken:.1f} seconds of processor time"

    return attack_in_time


if __name__ == "__main__":
    main(sys.argv[1:])
