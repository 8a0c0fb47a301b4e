"""Taking in a report of 100,000 order lines: time and memory, beside the bare reader of Python's library."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from daemon.ports import Credentials, Endpoint, Security
from tests.benchmarks.figures import Bound, Figure
from tests.benchmarks.programs import ROOT
from tests.benchmarks.shops import working_folder, write_configuration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINES = 100_000
FEW = 1_000
_HEADER = (
    "amazon-order-id\torder-item-id\tpurchase-date\tbuyer-email\tsku\tasin\tproduct-name\tquantity\tcurrency\t"
    "item-price\titem-tax\tshipping-price\tfulfillment-channel\tship-city\n"
)
_END = """
import json
from pathlib import Path
seconds = time.process_time() - begun
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
print(json.dumps({"lines": count, "seconds": seconds, "peak": int(peak.split()[1]) / 1000}))
"""
_BARE = f"""
import csv, sys, time
begun = time.process_time()
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    count = sum(1 for _ in csv.reader(file, delimiter="\\t", quoting=csv.QUOTE_NONE)) - 1
{_END}
"""
_READ = f"""
import sys, time
from functools import partial
from zoneinfo import ZoneInfo
from parsers.reports.orders import OrderLine, read_orders
begun = time.process_time()
with open(sys.argv[1], "rb") as file:
    pieces = iter(partial(file.read, 65536), b"")
    count = sum(isinstance(one, OrderLine) for one in read_orders(pieces, ZoneInfo("Asia/Tokyo")))
{_END}
"""
_IMPORT = f"""
import sys, time
from functools import partial
from pathlib import Path
from daemon.configured_shop import shop_of
from daemon.clock import SystemClock
from daemon.config import load
from daemon.imports import import_orders
from daemon.storage import open_database
settings = load(Path(sys.argv[2]))
database, shop = open_database(settings), shop_of(settings)
begun = time.process_time()
with open(sys.argv[1], "rb") as file:
    pieces = iter(partial(file.read, 65536), b"")
    count = import_orders(database, shop, SystemClock(), pieces, key=b"k" * 32).taken
{_END}
"""


def measure() -> list[Figure]:
    """Read a report, and take it in, each in a process of its own; fails if a line is lost."""
    with working_folder() as folder:
        many, few = _report(folder / "many.txt", LINES), _report(folder / "few.txt", FEW)
        bare = _run(_BARE, LINES, many)
        read = _run(_READ, LINES, many)
        small = _run(_IMPORT, FEW, few, _configuration(folder / "small"))
        whole = _run(_IMPORT, LINES, many, _configuration(folder / "whole"))
    beside = "csv.reader, cells as text"
    return [
        Figure(
            "100,000 order lines read and judged, processor time",
            "s",
            read["seconds"],
            bare["seconds"],
            beside,
            note="header, encoding, every cell as a date, an amount or a number, faults named",
        ),
        Figure(
            "100,000 order lines, taken in",
            "s",
            whole["seconds"],
            bare["seconds"],
            beside,
            note="into SQLite",
        ),
        Figure("… peak of memory while reading", "MB", read["peak"], bare["peak"], beside),
        Figure(
            "… peak of memory, more than for 1,000 lines",
            "MB",
            whole["peak"] - small["peak"],
            bound=Bound(20, of_floor=False),
            note=f"{whole['peak']:.0f} MB with the database's libraries",
        ),
    ]


def _report(path: Path, lines: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEADER)
        file.writelines(_lines(lines))
    return path


def _lines(count: int) -> Iterator[str]:
    """Orders of one line each over a year; every third buyer comes again."""
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(count):
        at = begun + timedelta(seconds=300 * number)
        cells = (
            f"250-{number // 10**7:07}-{number % 10**7:07}", f"{5 * 10**12 + number}", at.isoformat(),
            f"b{number % (2 * count // 3)}@marketplace.amazon.co.jp", f"SKU-{number % 500}",
            f"B{number % 500:09}", f'充電式LEDランタン {number % 500}号 "防水" 調光', "1", "JPY",
            str(980 + number % 9000), "0", "600", "Merchant" if number % 2 else "Amazon", "千代田区",
        )  # fmt: skip
        yield "\t".join(cells) + "\n"


def _configuration(folder: Path) -> Path:
    folder.mkdir()
    nowhere = Endpoint("127.0.0.1", 1, Security.NONE)
    return write_configuration(folder, [(nowhere, Credentials("shop", "secret"))], nowhere)


def _run(program: str, lines: int, *arguments: Path) -> dict[str, float]:
    """What a program measured of itself.

    Raises:
        RuntimeError: it did not read every line.
    """
    line = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    if told["lines"] != lines:
        raise RuntimeError(f"{told['lines']} of {lines} lines were read")
    return told
