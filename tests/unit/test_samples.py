"""Every sample mail is read as the file beside it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from daemon.cli.parse import record_of
from parsers.reading import read
from parsers.values import Trust

SAMPLES = sorted((Path(__file__).parents[1] / "data" / "samples").glob("*.eml"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_sample_is_read_as_expected(sample: Path) -> None:
    """Each listed field has the listed value."""
    expected = json.loads(sample.with_suffix(".json").read_text(encoding="utf-8"))
    record = record_of(sample.name, read(sample.read_bytes(), Trust(authserv_id="mx.shop.example")))
    assert {name: record[name] for name in expected} == expected


def test_there_are_samples() -> None:
    """An empty folder would make the test above pass for nothing."""
    assert len(SAMPLES) >= 29
