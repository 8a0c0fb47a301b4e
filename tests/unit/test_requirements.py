"""The requirements files must follow pyproject.toml and say nothing about where packages come from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
BESIDE = ("requirements-build.txt", "tests/browser/requirements.txt")
"""What is installed into the same environment as the requirements of the tests."""
FILES = ("requirements.txt", "requirements-dev.txt", *BESIDE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(name: str) -> dict[str, str]:
    """The version that a requirements file pins for each package."""
    found = re.findall(
        r"^([A-Za-z0-9._-]+)==([^\s;]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE
    )
    return {canonicalize_name(package): version for package, version in found}


def runtime() -> list[str]:
    """What the service needs, with every extra."""
    project = PROJECT["project"]
    extras: dict[str, list[str]] = project["optional-dependencies"]
    return [*project["dependencies"], *(one for extra in extras.values() for one in extra)]


def unmet(wanted: list[str], name: str) -> list[str]:
    """The requirements that a file does not pin within their bounds."""
    pinned = pins(name)
    requirements = [Requirement(line) for line in wanted]
    return [
        str(requirement)
        for requirement in requirements
        if not requirement.specifier.contains(
            pinned.get(canonicalize_name(requirement.name), "0"), prereleases=True
        )
    ]


def test_runtime_requirements_are_pinned() -> None:
    """Every dependency and extra of pyproject.toml is pinned within its bounds."""
    assert unmet(runtime(), "requirements.txt") == []


def test_development_requirements_are_pinned() -> None:
    """The file for the tests pins the development group and all that the service needs."""
    assert unmet(runtime() + PROJECT["dependency-groups"]["dev"], "requirements-dev.txt") == []


def test_build_requirements_are_pinned() -> None:
    """What builds the package is pinned as well, since builds run without isolation."""
    assert unmet(PROJECT["build-system"]["requires"], "requirements-build.txt") == []


def test_files_agree() -> None:
    """A package has the same version in every file that names it, and the tests have all of the runtime."""
    development = pins("requirements-dev.txt")
    assert pins("requirements.txt").items() <= development.items()
    beside = [pin for name in BESIDE for pin in pins(name).items()]
    assert [(one, version) for one, version in beside if development.get(one, version) != version] == []


def test_browser_driver_is_pinned() -> None:
    """The browser's driver and axe-core are pinned in a file of their own; some systems cannot have them."""
    wanted = {"playwright", "axe-playwright-python"}
    assert wanted <= pins("tests/browser/requirements.txt").keys()
    assert not wanted & pins("requirements-dev.txt").keys()


@pytest.mark.parametrize("name", FILES)
def test_every_pin_has_a_hash(name: str) -> None:
    """A pin without a hash would make pip refuse the file."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / name).read_text(encoding="utf-8"))
    pinned = [entry for entry in entries if not entry.startswith("#")]
    assert pinned
    assert [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", FILES)
def test_no_place_is_named(name: str) -> None:
    """No address, no index option and no path of a machine: packages come from where the user's pip looks."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert (
        re.findall(r"https?:|file:|--(?:extra-)?index-url|--find-links|^-[a-z] | /\S+", text, re.MULTILINE)
        == []
    )
