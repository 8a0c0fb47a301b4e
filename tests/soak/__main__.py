"""Soaks the program in faults: ``python -m tests.soak --seed N [--faults 1000] [--mails 2000]``."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.soak.plan import Scale
from tests.soak.run import soak
from tests.soak.sabotage import SABOTAGES
from tests.soak.table import tell

_MEMORY = Path("/dev/shm")


def main() -> int:
    """Play a seed and tell what it showed; 1 if anything is wrong."""
    asked = _arguments()
    # The test server's library complains of its own old names.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    scale = Scale(asked.seed, asked.mails, asked.faults)
    folder = Path(tempfile.mkdtemp(prefix=f"sokuresu-soak-{asked.seed}-", dir=_quick_place()))
    outcome = soak(scale, folder, minutes=asked.minutes, sabotage=tuple(asked.sabotage))
    sys.stdout.write(tell(outcome) + "\n")
    if outcome.violations or asked.keep:
        sys.stdout.write(f"the journal, the log and the database are kept in {folder}\n")
    else:
        shutil.rmtree(folder)
    return 1 if outcome.violations else 0


def _quick_place() -> str | None:
    """Memory, where there is some: a killed process loses nothing of it, and no disk has to keep up."""
    return str(_MEMORY) if os.access(_MEMORY, os.W_OK) else None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="decides everything that happens")
    parser.add_argument("--mails", type=int, default=2000, help="how many arrive")
    parser.add_argument("--faults", type=int, default=1000, help="how many are met at the least")
    parser.add_argument("--minutes", type=float, default=9.0, help="after so many no further step begins")
    parser.add_argument("--keep", action="store_true", help="keep the journal even if all is well")
    parser.add_argument(
        "--sabotage", action="append", default=[], choices=SABOTAGES, help="break the program on purpose"
    )
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
