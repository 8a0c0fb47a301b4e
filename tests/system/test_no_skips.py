"""The plugin of the integration machine that makes a skipped test a failure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PASSED = "def test_good():\n    assert 'a' in 'abc'\n"
SKIPPED = "import pytest\n\n\ndef test_later():\n    pytest.skip('no server here')\n"
SKIPPED_MODULE = "import pytest\n\npytest.skip('no such library', allow_module_level=True)\n"
EXPECTED_FAILURE = "import pytest\n\n\n@pytest.mark.xfail\ndef test_known():\n    assert 'z' in 'abc'\n"


def run_pytest(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of a folder, which has no configuration of its own, with the plugin."""
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.no_skips",
        "-p",
        "no:cacheprovider",
        *options,
        str(folder),
    ]
    return subprocess.run(
        command,
        cwd=ROOT,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=200,
    )


def put_tests(folder: Path, **modules: str) -> Path:
    """Write test modules into a folder."""
    for name, text in modules.items():
        (folder / f"test_{name}.py").write_text(text, encoding="utf-8")
    return folder


def test_run_without_skips_passes(tmp_path: Path) -> None:
    """Tests that ran, one of them failing as expected, are a success."""
    result = run_pytest(put_tests(tmp_path, good=PASSED, known=EXPECTED_FAILURE))
    assert result.returncode == 0
    assert "1 passed, 1 xfailed" in result.stdout


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "worker"])
def test_skipped_test_fails_the_run(tmp_path: Path, options: tuple[str, ...]) -> None:
    """One skipped test fails the run and is named with its reason, also when a worker ran it."""
    result = run_pytest(put_tests(tmp_path, good=PASSED, later=SKIPPED), *options)
    assert result.returncode == 1
    assert "test_later: Skipped: no server here" in result.stdout
    assert "1 passed, 1 skipped" in result.stdout


def test_skipped_module_fails_the_run(tmp_path: Path) -> None:
    """A module that skips itself while it is read counts as well."""
    result = run_pytest(put_tests(tmp_path, good=PASSED, whole=SKIPPED_MODULE))
    assert result.returncode == 1
    assert "no such library" in result.stdout
