"""What others wrote lies here as they published it, with its version, digest and licence."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "daemon" / "web" / "static" / "vendor"
ROW = re.compile(
    r"^\| `(?P<file>[^`]+)` \|.*\| (?P<version>\d[\d.]+) \|.*`(?P<digest>[0-9a-f]{64})` \|$", re.MULTILINE
)


def test_vendored_files_are_unchanged() -> None:
    """Every file stands in the table with the digest that it has, and nothing else lies there."""
    told = {row["file"]: row["digest"] for row in ROW.finditer((VENDOR / "README.md").read_text("utf-8"))}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "README.md"
    }
    assert told == found


def test_vendored_code_says_its_version() -> None:
    """The table's versions are those that the files themselves name."""
    table = {row["file"]: row["version"] for row in ROW.finditer((VENDOR / "README.md").read_text("utf-8"))}
    for name in ("htmx.min.js", "pico.min.css"):
        assert table[name] in (VENDOR / name).read_text("utf-8"), name
