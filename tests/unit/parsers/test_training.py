"""The sentences that the classifier learns from, and its table."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from parsers import phrases
from parsers.rules import load_text
from parsers.training import TABLE, main, make_phrases, make_table, read_sentences
from parsers.values import Intent
from tests.benchmarks.intent import HELD_OUT, read_messages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SENTENCES = read_sentences()


def is_english(text: str) -> bool:
    """Whether it is written in Latin letters."""
    return not re.search("[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]", text) and bool(
        re.search("[A-Za-z]", text)
    )


@pytest.mark.no_cover
def test_tables_are_in_step() -> None:
    """After a change of the sentences or the rules `python -m parsers.training` must have been run."""
    assert load_text(TABLE) == make_table(SENTENCES)
    assert load_text(phrases.TABLE) == make_phrases(SENTENCES)


@pytest.mark.no_cover
def test_table_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The command writes beside the rules what training gives."""
    monkeypatch.setattr("parsers.training.rules.__file__", str(tmp_path / "__init__.py"))
    assert main() == 0
    for table in (TABLE, phrases.TABLE):
        assert (tmp_path / table).read_text(encoding="utf-8") == load_text(table)


def test_every_file_is_an_intent() -> None:
    """A misspelt file would never be learnt from."""
    names = {file.name for file in resources.files("parsers.rules").joinpath("intent").iterdir()}
    assert names == {f"{intent}.txt" for intent in Intent}


@pytest.mark.parametrize("intent", Intent)
def test_sentences_are_many_and_of_both_languages(intent: Intent) -> None:
    """At least sixty of each intent, and at least a quarter of them English."""
    texts = SENTENCES[intent]
    assert len(texts) >= 60
    assert sum(map(is_english, texts)) / len(texts) >= 0.25


def test_no_sentence_stands_twice() -> None:
    """Twice the same sentence, or one under two intents, teaches nothing."""
    everything = [text for texts in SENTENCES.values() for text in texts]
    assert len(set(everything)) == len(everything)


@pytest.mark.parametrize("name", [*HELD_OUT, "untrained"])
def test_measured_messages_are_not_learnt(name: str) -> None:
    """What is measured with must not have been trained on."""
    learnt = {shape(text) for texts in SENTENCES.values() for text in texts}
    measured = [example.text for examples in read_messages(name).values() for example in examples]
    assert not [text for text in measured if shape(text) in learnt and len(shape(text)) > 12]


def test_nobody_is_named() -> None:
    """The sentences hold no addresses, links or telephone numbers."""
    personal = re.compile(r"@|https?:|www\.|\b0\d{1,3}-?\d{2,4}-?\d{4}\b")
    assert not [text for texts in everything() for text in texts if personal.search(text)]


def everything() -> Sequence[Sequence[str]]:
    """Training and measuring messages."""
    parts = [read_messages(name) for name in (*HELD_OUT, "untrained")]
    measured = [[example.text for example in examples] for part in parts for examples in part.values()]
    return [*SENTENCES.values(), *measured]


def shape(text: str) -> str:
    """The letters of a text."""
    return re.sub(r"[\W_]+", "", text).lower()
