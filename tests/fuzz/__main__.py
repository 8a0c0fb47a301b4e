"""``python -m tests.fuzz [--seconds N] [TARGET…]`` attacks; ``--replay TARGET FILE`` repeats one input."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz.session import ROOT, Session, run_target

if TYPE_CHECKING:
    from collections.abc import Sequence

TARGETS = (
    "mime", "charset", "quoting", "recognisers", "authenticity", "commands", "guidelines", "html",
    "agents", "signatures", "orders", "ratings", "comments",
)  # fmt: skip
_MISSING = "The fuzzer is not installed; install it with: pip install --require-hashes -r {file}"
_LINE = "{:13}{:>11}{:>9}{:>8}{:>16}{:>8}  {}"
_LOG_LINES = 60


def main(arguments: Sequence[str]) -> int:
    """Run the targets one after the other.

    Returns:
        0 if nothing was found; 1 for any finding, or if a fuzzer could not run; 2 without a fuzzer.
    """
    options = _options(arguments)
    if options.replay:
        return replay(options.replay[0], Path(options.replay[1]))
    if find_spec("atheris") is None:
        print(_MISSING.format(file=Path(__file__).with_name("requirements.txt").relative_to(ROOT)))
        return 2
    print(
        _LINE.format("target", "executions", "exec/s", "CPU s", "coverage", "inputs", "finding"), flush=True
    )
    sessions = [_attack(target, options.seconds, options.corpus) for target in options.targets or TARGETS]
    return int(any(session.failed for session in sessions))


def _attack(target: str, seconds: int, corpus: Path) -> Session:
    session = run_target(target, seconds, corpus)
    print(_row(session), flush=True)
    if session.failed:
        told = [line for line in session.log.splitlines() if not line.startswith("#")]
        print("\n".join(told[-_LOG_LINES:]))
    if session.finding:
        print(f"Repeat it with: python -m tests.fuzz --replay {target} {session.finding}", flush=True)
    return session


def _row(session: Session) -> str:
    finding = session.finding.name if session.finding else "broken" if session.failed else "none"
    return _LINE.format(
        session.target,
        session.executions,
        round(session.executions / max(session.cpu_seconds, 1.0)),
        round(session.cpu_seconds),
        f"{session.covered_before} -> {session.covered}",
        session.new_inputs,
        finding,
    )


def replay(target: str, file: Path) -> int:
    """Give one saved input to its target, without any fuzzer; an exception tells what is wrong with it."""
    # Only here: the listing and the sessions do without the parsers.
    from tests.fuzz import targets

    targets.TARGETS[target](file.read_bytes())
    print(f"{target} reads {file} as it should.")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; else all")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument(
        "--corpus", type=Path, default=ROOT / ".fuzz-corpus", help="keeps new inputs and findings"
    )
    parser.add_argument("--replay", nargs=2, metavar=("TARGET", "FILE"), help="repeat one input")
    options = parser.parse_args(arguments)
    named = (*options.targets, *(options.replay or ())[:1])
    if unknown := set(named) - set(TARGETS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(TARGETS)}")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
