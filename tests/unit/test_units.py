"""The units must be understood by systemd and leave next to nothing open to whoever breaks in."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "systemd"
UNITS = sorted(path.name for path in FOLDER.glob("*.service"))

MOST_EXPOSED = 1.5
"""By the measure of ``systemd-analyze security``, which goes from 0 (closed) to 10 (open)."""

MISSING = "systemd-analyze is missing: apt-get install systemd"

pytestmark = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason=MISSING)


@pytest.fixture(params=UNITS)
def unit(request, tmp_path):
    """A unit with a program that exists; of a template the one for a shop named tokyo."""
    text = (FOLDER / request.param).read_text("utf-8")
    path = tmp_path / request.param.replace("@.", "@tokyo.")
    path.write_text(text.replace("/opt/sokuresu/bin/sokuresu", sys.executable), "utf-8")
    return path


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    """What systemd says of a unit."""
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)


def test_systemd_understands_the_units(unit):
    """Without a warning."""
    done = analyze("verify", "--man=no", str(unit))
    assert (done.returncode, [line for line in done.stderr.splitlines() if unit.name in line]) == (0, [])


def test_the_units_are_closed(unit):
    """Whoever takes the service over reaches mail servers and its own folder, and little else."""
    done = analyze("security", "--offline=true", "--no-pager", str(unit))
    found = re.search(r"Overall exposure level[^:]*: ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout + done.stderr
    assert float(found[1]) <= MOST_EXPOSED


def test_an_open_unit_would_be_noticed(tmp_path):
    """The measure itself: a unit without any of the locks stands far above."""
    bare = tmp_path / "bare.service"
    bare.write_text("[Service]\nExecStart=/bin/true\n", "utf-8")
    done = analyze("security", "--offline=true", "--no-pager", str(bare))
    found = re.search(r"Overall exposure level[^:]*: ([0-9.]+)", done.stdout)
    assert found is not None
    assert float(found[1]) > 9
