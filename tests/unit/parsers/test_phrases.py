"""Lists of alternatives, and the letters that each needs: the whole list would find nothing else."""

from __future__ import annotations

import re
import time
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

import pytest

from parsers.needs import make_needs, split
from parsers.phrases import Phrases, load_phrases, sift
from parsers.rules import load_rules
from parsers.training import list_patterns, read_sentences
from parsers.wording import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = tuple(dict.fromkeys(list_patterns(load_rules("intent"))))
SENTENCES = [prepare(text) for texts in read_sentences().values() for text in texts]


def mixed_texts() -> Iterator[str]:
    """Sentences, several together, and their letters shaken."""
    chance = Random(11)
    yield from SENTENCES[::9]
    for _ in range(60):
        several = chance.sample(SENTENCES, 4)
        yield "\n".join(several)
        yield "".join(chance.choices("".join(several), k=200))


@pytest.mark.no_cover
def test_every_list_finds_what_the_whole_pattern_finds() -> None:
    """The same matches in the same order, and nothing else removed."""
    lists = load_phrases(SOURCES)
    wholes = [re.compile(source, re.MULTILINE) for source in SOURCES]
    assert all(one.listed for one in lists)
    for words in mixed_texts():
        sifted = sift(words)
        for one, whole in zip(lists, wholes, strict=True):
            assert one.find(words, sifted) == [match[0] for match in islice(whole.finditer(words), 3)]
            assert one.occur(words, sifted) == bool(whole.search(words))
            assert one.remove(words, sifted) == whole.sub(" ", words)


def test_what_is_left_of_a_text_needs_no_second_look() -> None:
    """After something was removed no alternative matches that could not match before."""
    for words in SENTENCES[::40]:
        rest = words
        for one in load_phrases(SOURCES[-20:]):
            rest = one.remove(rest, sift(words))
        for source, phrases in sift(rest).items():
            assert set(phrases) <= set(sift(words)[source])


def test_a_list_outside_the_table_is_matched_as_a_whole() -> None:
    """New rules work before the table is made again."""
    (fresh,) = load_phrases(["まったく新しい|(?:b|c)rand new"])
    assert fresh == Phrases("まったく新しい|(?:b|c)rand new", listed=False)
    assert fresh.find("brand new, まったく新しい", {}) == ["brand new", "まったく新しい"]


@pytest.mark.parametrize(
    ("source", "alternatives"),
    [
        ("ab|cd", ["ab", "cd"]),
        ("a(?:b|c)|d", ["a(?:b|c)", "d"]),
        (r"\b(?:ab|c(?:d|e))s?\b|f", [r"\b(?:ab)s?\b", r"\b(?:c(?:d|e))s?\b", "f"]),
        (r"(?<!x)(?:a|b)c", ["(?<!x)(?:a)c", "(?<!x)(?:b)c"]),
        (r"[|)]|\||\)", ["[|)]", r"\|", r"\)"]),
        ("(?:a|b)+", ["(?:a|b)+"]),
    ],
)
def test_lists_are_split_at_their_bars(source: str, alternatives: list[str]) -> None:
    """Neither in groups that are repeated nor in sets, nor where a bar is meant."""
    assert split(source) == alternatives


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("abcd", ["abc"]),
        ("ab(?:c|de)", ["ab"]),
        ("x?(?:動|うご)か", ["か"]),
        ("[あい]x?", ["あ", "い"]),
        ("[^a]b*", []),
        ("a b", ["a"]),
        ("(?=ab)", []),
    ],
)
def test_rare_letters_are_needed(source: str, needed: list[str]) -> None:
    """What every match holds, never with a space, and nothing where nothing is certain."""
    assert make_needs([source], []).splitlines() == [f"= {source}", "\t".join((source, *needed))]


def test_hostile_texts_take_no_time() -> None:
    """The whole length that is ever looked at, of what the rules look for most."""
    started = time.process_time()
    for text in ("住所が間違" * 600, "cancel the order " * 180, "\n" * 3000, "は" * 3000):
        for one in load_phrases(SOURCES):
            one.find(text, sift(text))
    assert time.process_time() - started < 20
