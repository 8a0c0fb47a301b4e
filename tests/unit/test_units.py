"""The units must be understood by systemd and leave next to nothing open to whoever breaks in."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.config import load

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


DESKS = ["sokuresu-web.service", "sokuresu-web@.service"]


def said(name: str, key: str) -> list[str]:
    """What a unit says under a key, a line each; comments say nothing."""
    return re.findall(rf"(?m)^{key}=(.*)$", (FOLDER / name).read_text("utf-8"))


@pytest.mark.parametrize("name", DESKS)
def test_the_desk_reads_no_credential_of_the_service(name):
    """Neither the files that systemd hands to the service, nor the tokens that it renews."""
    service = name.replace("-web", "")
    closed = [path.removeprefix("-") for path in said(name, "InaccessiblePaths")]
    handed = re.findall(r"LoadCredential=\w+:(\S+)", (FOLDER / service).read_text("utf-8"))
    assert handed
    assert all(any(Path(path).is_relative_to(one) for one in closed) for path in handed)
    place = "/var/lib/" + said(service, "StateDirectory")[0].split()[-1]
    assert (place in closed, place.endswith("/tokens")) == (True, True)
    assert said(name, "LoadCredential") == []
    # Another user namespace: not even a process of the same user looks into the service's memory.
    assert said(name, "PrivateUsers") == said(service, "PrivateUsers") == ["true"]


def test_the_example_keeps_all_that_is_secret_where_the_desk_cannot_look():
    """Every file of a secret lies in the folder that is closed to it, and tokens in theirs."""
    text = re.sub(r"(?m)^#(?=[a-z\[])", "", (FOLDER / "sokuresu.example.toml").read_text("utf-8"))
    before_the_desk = text.partition("\n[web]")[0]
    named = re.findall(r'\b(?!ca_file|buyer_key_file)(\w+_file) = "([^"]+)"', before_the_desk)
    assert len(named) >= 8
    for key, path in named:
        assert path.startswith(("secrets/", "/var/lib/sokuresu/tokens/")), key
    with_tokens = load_example()
    assert with_tokens.token_file(with_tokens.mailboxes[0]).parent == Path("/var/lib/sokuresu/tokens")


def load_example():
    """The example as it is."""
    return load(FOLDER / "sokuresu.example.toml", secrets=False)


@pytest.mark.parametrize("name", DESKS)
def test_the_desk_speaks_to_this_machine_alone(name):
    """And it writes to the state folder alone, as the one user who may."""
    assert (said(name, "IPAddressDeny"), said(name, "IPAddressAllow")) == (["any"], ["localhost"])
    service = name.replace("-web", "")
    assert said(name, "User") == said(service, "User") == ["sokuresu"]
    assert said(name, "StateDirectory") == [said(service, "StateDirectory")[0].split()[0]]
    assert said(name, "ReadWritePaths") == []


def test_the_desk_of_a_shop_sees_no_other_shop():
    """All of them run as one user, so the state of the others is covered, and its own alone is put back."""
    name = "sokuresu-web@.service"
    (covered,) = said(name, "TemporaryFileSystem")
    assert covered.partition(":")[0] == "/var/lib/sokuresu"
    assert said(name, "BindPaths") == ["/var/lib/" + said(name, "StateDirectory")[0]]
    assert (said(name, "BindReadOnlyPaths"), said(name, "ReadWritePaths")) == ([], [])
