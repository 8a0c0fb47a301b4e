"""``python -m tests.benchmarks [names…] [--json FILE]``, which is ``./dev bench``."""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.figures import Figure, surroundings, table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

BENCHMARKS = {
    "acknowledgment": "from the wake-up to the SMTP server's 250",
    "catch-up": "5,000 of Amazon's mails after an outage",
    "skipping": "other people's mail",
    "idle-round": "a look at folders with nothing new, small and large",
    "memory": "of the running service, and of each further mailbox",
    "large-mail": "what a mail with a 25 MB attachment costs in memory",
    "start": "until the mailbox is watched, and until the help is shown",
    "guidelines": "what the check of texts to buyers misses and blocks without need",
    "intent": "how often the guess of what a buyer wants is right",
    "feedback": "how often it is told rightly whether Amazon may remove a comment on the seller",
    "imports": "a report of 100,000 order lines",
    "desk": "pages of the review desk at 20,000 cases: time, memory, weight",
}
"""Every benchmark and what it measures; its module has the same name and a function `measure`.

It may have a function `explain`, too, whose text is printed where the benchmark is asked for by name.
"""


def main(arguments: Sequence[str]) -> int:
    """Run the benchmarks and print their table.

    Returns:
        0 also if a bound is missed; 1 if a benchmark itself failed.
    """
    options = _options(arguments)
    begun = time.monotonic()
    figures: list[Figure] = []
    broken = []
    for name in options.names or BENCHMARKS:
        try:
            figures += _run(name)
        except Exception:  # noqa: BLE001 - the others are measured all the same
            traceback.print_exc()
            broken.append(name)
    for text in _explanations(set(options.names) - set(broken)):
        print(text)
    print(_report(figures, broken, time.monotonic() - begun))
    if options.json:
        told = {"surroundings": surroundings(), "figures": [figure.as_json() for figure in figures]}
        options.json.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 1 if broken else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    listed = "\n".join(f"  {name:16}{what}" for name, what in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="./dev bench",
        description="Measures the program, each figure beside its floor.",
        epilog=f"benchmarks:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    return options


def _run(name: str) -> list[Figure]:
    print(f"measuring {name}: {BENCHMARKS[name]} …", file=sys.stderr, flush=True)
    measured: list[Figure] = _module(name).measure()
    return measured


def _explanations(names: Collection[str]) -> Iterator[str]:
    """What those benchmarks have to say beyond their figures."""
    for name in BENCHMARKS:
        if name in names and hasattr(_module(name), "explain"):
            yield _module(name).explain()


def _module(name: str) -> Any:
    """A benchmark; what it offers is known by name only."""
    return import_module(f"tests.benchmarks.{name.replace('-', '_')}")


def _report(figures: Sequence[Figure], broken: Sequence[str], seconds: float) -> str:
    here = surroundings()
    lines = [table(figures)] if figures else []
    lines.append(
        f"\nPython {here['python']}, {here['processors']} processors, load {here['load']:.1f}, "
        f"{seconds:.0f} s in all."
    )
    lines += [f"BROKEN: {name}" for name in broken]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
