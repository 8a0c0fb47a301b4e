"""The classifier: counting, loading, weighing."""

from __future__ import annotations

import os
import subprocess
import sys
from math import log

import pytest

from parsers.ngrams import Model, count, load, weigh

SENTENCES = {
    "late": ["まだ届きません", "荷物が来ない", "my parcel is late", "where is my order"],
    "thanks": ["ありがとうございました", "助かりました", "thank you so much", "thanks a lot"],
}


@pytest.fixture(scope="module")
def model() -> Model:
    """A model of eight sentences."""
    return load(count(SENTENCES))


def test_training_sentences_are_found_again(model: Model) -> None:
    """What was learnt is known."""
    for label, texts in SENTENCES.items():
        for text in texts:
            assert weigh(model, text).best == label


def test_a_misspelt_word_still_counts(model: Model) -> None:
    """Most runs of a word survive a slip of the finger."""
    assert weigh(model, "ありがとうごさいました").best == "thanks"
    assert weigh(model, "まだとどきません届きませ").best == "late"


def test_gain_is_what_the_others_lack() -> None:
    """A run in one sentence of one label: two against one, smoothed."""
    model = load(count({"a": ["あ"], "b": ["い"]}))
    scores = weigh(model, "あ").scores
    assert scores["a"] - scores["b"] == pytest.approx(sum(log(2) for run in ("あ", "|あ", "あ|")))


def test_words_are_runs_alone_and_in_pairs() -> None:
    """What two sentences share is kept whole, across whatever stands between the words."""
    table = count({"a": ["wrong colour", "Wrong, colour!"], "b": ["missing"]})
    assert {"wrong", "colour", "wrong_colour"} <= set(table.split())


def test_one_sentence_makes_no_long_run() -> None:
    """Runs of three that only one sentence has are not kept."""
    table = count({"a": ["かきく", "かきけ"], "b": ["さしす"]})
    assert " |かき" in table
    assert "さしす" not in table


def test_order_of_sentences_means_nothing() -> None:
    """The table depends on the sentences only."""
    turned = {label: list(reversed(SENTENCES[label])) for label in reversed(SENTENCES)}
    assert count(turned) == count(SENTENCES)


@pytest.mark.parametrize("seed", ["0", "7"])
def test_every_process_counts_alike(seed: str) -> None:
    """Python's random order of sets leaves no trace in the table."""
    code = f"from parsers.ngrams import count; print(count({SENTENCES!r}), end='')"
    told = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
        timeout=200,
    )
    assert told.stdout == count(SENTENCES)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ﾏﾀﾞ届ｷﾏｾﾝ", "まだ届きません"),
        ("ＴＨＡＮＫ　ＹＯＵ", "thank you"),
        ("don’t", "dont"),
        ("1,000円", "5円"),
        ("まだ 届きません", "まだ届きません"),
        ("まだ届きません!!!!", "まだ届きません!"),
        ("  late \n\n order ", "late\norder"),
        ("a|b", "a b"),
    ],
)
def test_spellings_are_one(model: Model, one: str, other: str) -> None:
    """Width, kana, case, numbers and spaces make no difference."""
    assert weigh(model, one) == weigh(model, other)


@pytest.mark.parametrize("text", ["", " \n ", "。。", "🙏"])
def test_nothing_is_unknown(model: Model, text: str) -> None:
    """A text without letters is weighed without opinion."""
    weighed = weigh(model, text)
    assert (weighed.runs, weighed.known) == (0, 0.0)


def test_only_the_beginning_is_read(model: Model) -> None:
    """However long a text is, the effort is bounded."""
    beginning = "まだ届きません。" * 150
    assert weigh(model, beginning + "ありがとう" * 200_000) == weigh(model, beginning)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("where is my parcel", True),
        ("wo ist mein Paket", False),
        ("où est mon colis", False),
        ("안녕하세요", False),
    ],
)
def test_words_tell_the_language(model: Model, text: str, known: bool) -> None:
    """Neighbours of English share its letters, not its words."""
    assert (weigh(model, text).known > 0.5) is known


def test_a_brand_name_does_not_make_japanese_foreign() -> None:
    """Where Japanese letters prevail the runs tell, not the words."""
    model = load(count({"late": ["荷物がまだ届きません"], "thanks": ["荷物がまだ届きません"]}))
    assert weigh(model, "Zxqwの荷物がまだ届きません").known > 0.5
