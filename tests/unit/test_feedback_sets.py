"""The judged comments: what the assessment must reach on them."""

from __future__ import annotations

import pytest

from state.feedback_policy import Ground
from tests.benchmarks import feedback as benchmark


@pytest.mark.parametrize("name", benchmark.SETS)
def test_most_grounds_are_right_and_no_mixed_comment_is_surely_removable(name):
    """The promise, on comments at hand and on those that the rules were never tuned on."""
    score = benchmark.judge(name)
    assert score.accuracy >= benchmark.RIGHT
    assert score.mixed_removable == 0


def test_our_own_comments_are_many_and_of_every_kind():
    """Both languages, every ground, mixed ones, and all who ship."""
    examples = list(benchmark.read_examples("comments"))
    assert len(examples) >= 200
    assert {example.ground for example in examples} == set(Ground)
    assert sum(example.mixed for example in examples) >= 30
    assert sum(example.text.isascii() for example in examples) >= 60
    assert len({example.fulfilment for example in examples}) == 3
    assert len({example.text for example in examples}) >= len(examples) - 3


def test_the_figures_are_those_of_both_sets():
    """What ./dev bench prints, and no comment among it."""
    told = benchmark.explain()
    assert all(what in told for what in benchmark.SETS.values())
    assert {figure.verdict for figure in benchmark.measure() if figure.bound} == {"holds"}
