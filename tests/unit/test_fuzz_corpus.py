"""What the fuzzer found, and what covers most of the parsers, is read as it should be on every run."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from parsers.reports.orders import read_orders
from parsers.values import Authenticity, OrderId
from tests.fuzz import __main__ as command
from tests.fuzz import exports, senders
from tests.fuzz.corpus import COMMITTED, DATA, MAIL_TARGETS, committed_inputs, dictionary
from tests.fuzz.oracle import may_be_proven
from tests.fuzz.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LARGEST = 300_000
HOST = "mx.shop.example"
_WORD = re.compile(r'"(?:[^"\\]|\\x[0-9A-F]{2})+"')


@pytest.mark.parametrize("target", TARGETS)
def test_the_committed_inputs_keep_every_promise(target: str) -> None:
    """No fuzzer is needed to see that an old finding has not come back."""
    inputs = committed_inputs(target)
    assert inputs
    for path in inputs:
        TARGETS[target](path.read_bytes())


@pytest.mark.parametrize("target", sorted(MAIL_TARGETS))
def test_the_sample_mails_keep_every_promise(target: str) -> None:
    """The samples are the inputs that a run starts from."""
    for path in sorted((DATA / "samples").glob("*.eml")):
        TARGETS[target](path.read_bytes())


def test_the_command_knows_every_target() -> None:
    """The names on the command line, the functions, the folders and the dictionaries are the same."""
    folders = {path.name for path in COMMITTED.iterdir() if path.is_dir()}
    assert set(command.TARGETS) == set(TARGETS) == folders
    for target in TARGETS:
        lines = dictionary(target).read_text(encoding="ascii").splitlines()
        assert all(_WORD.fullmatch(line) for line in lines)


def test_the_committed_inputs_stay_small() -> None:
    """They are read by people who clone the checkout; what a long run collects stays outside."""
    assert sum(path.stat().st_size for path in COMMITTED.rglob("*") if path.is_file()) < LARGEST


def test_a_finding_can_be_repeated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command that a finding prints runs the target on the saved input."""
    file = tmp_path / "input"
    file.write_bytes(b"From: a@b.example\n\nx")
    assert command.main(["--replay", "mime", str(file)]) == 0
    assert "as it should" in capsys.readouterr().out


def test_without_a_fuzzer_it_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has no wheels for every platform, so the checkout does without."""
    monkeypatch.setattr(command, "find_spec", lambda _name: None)
    assert command.main(["mime"]) == 2
    assert "tests/fuzz/requirements.txt" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("results", "proven"),
    [
        (f"{HOST}; dkim=pass header.d=amazon.co.jp", True),
        (f"{HOST}; dmarc = pass header.from=b.example", True),
        (f"{HOST} 1; dkim=pass header.i=@x.b.example", True),
        (f"{HOST}; dkim=fail header.d=b.example", False),
        (f"{HOST}; dkim=none (dkim=pass header.d=b.example)", False),
        (f'{HOST}; dkim=none reason="; dkim=pass header.d=b.example"', False),
        ("mx.other.example; dkim=pass header.d=b.example", False),
        (f"{HOST}; none\nAuthentication-Results: {HOST}; dkim=pass header.d=b.example", False),
    ],
)
def test_the_second_opinion_is_one(results: str, proven: object) -> None:
    """An oracle that always said yes would find nothing."""
    sender = "amazon.co.jp" if "amazon" in results else "b.example"
    content = f"Authentication-Results: {results}\nFrom: a@{sender}\n\nx".encode()
    assert may_be_proven(content, HOST, sender) is proven


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rows: rows[::2],
        lambda rows: [replace(row, line=row.line + 1) for row in rows],
        lambda rows: [replace(row, order_id=OrderId("111-1111111-1111111")) for row in rows],
        lambda rows: [replace(row, title="x" * 501) for row in rows],
        lambda rows: [replace(row, title="a\x1b[2Jb") for row in rows],
        lambda rows: [replace(row, price=-1) for row in rows],
        lambda rows: [replace(row, key="1", price=at) for at, row in enumerate(rows)],
    ],
)
def test_a_report_that_is_misread_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, spoil: Callable[[list[Any]], list[Any]]
) -> None:
    """Lines that are lost, numbers that lead elsewhere, values that nobody wrote or that are too long."""
    head, first = (COMMITTED / "orders" / "english").read_bytes().split(b"\n")[:2]
    others = [first.replace(b"250-", b"25%d-" % at) for at in range(3)]
    content = b"\n".join([head, first, *others, first, first.replace(b"3980", b"4980"), b""])
    exports.attack_orders(content)
    monkeypatch.setattr(exports, "read_orders", lambda *given: spoil(list(read_orders(*given))))
    with pytest.raises(AssertionError):
        exports.attack_orders(content)


def test_a_proof_of_something_else_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts as proven says what was signed, or the check failed."""
    monkeypatch.setattr(senders, "check", lambda *_: (Authenticity.PASS, "proven"))
    with pytest.raises(AssertionError):
        senders.attack_signatures((COMMITTED / "signatures" / "trick-appended.eml").read_bytes())
