"""From an intent and the days gone to a situation, and the advice that goes with it."""

from itertools import product

import pytest

from templates.advising import advice
from templates.contexts import FULFILMENTS, SITUATIONS
from templates.guidelines import check
from templates.situations import situation_of

ALWAYS_THE_SAME = sorted(
    SITUATIONS - {"after_30_days", "how_to_use", "damaged", "defective", "return_or_exchange"}
)


@pytest.mark.playbook("asks months later")
@pytest.mark.parametrize("intent", ["how_to_use", "damaged", "defective", "return_or_exchange"])
@pytest.mark.parametrize(
    ("delivered", "bought", "late"),
    [
        (30, 400, False),
        (31, 33, True),
        (31, None, True),
        (0, None, False),
        (None, 45, False),
        (None, 46, True),
        (None, None, False),
    ],
)
def test_what_comes_after_the_time_for_returns_has_its_own_answer(intent, delivered, bought, late):
    """Thirty days from the delivery count; where that is unknown, only what is clearly later."""
    assert situation_of(intent, delivered, bought) == ("after_30_days" if late else intent)


@pytest.mark.parametrize("intent", ALWAYS_THE_SAME)
def test_what_time_does_not_change_stays(intent):
    """A receipt, a parcel that never came or the shop's own mistake is answered as ever."""
    assert situation_of(intent, 300, 310) == intent


@pytest.mark.parametrize("intent", [None, "", "unheard_of"])
def test_what_is_not_understood_is_other(intent):
    """A person writes the answer."""
    assert situation_of(intent, 300, 310) == "other"


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("fulfilment", sorted(FULFILMENTS))
@pytest.mark.parametrize("situation", sorted(SITUATIONS))
def test_there_is_advice_for_every_case(situation, fulfilment, language):
    """At least one sentence, none twice, each on one line."""
    lines = advice(situation, fulfilment, language)
    assert lines
    assert len(set(lines)) == len(lines)
    assert not [line for line in lines if "\n" in line or line != line.strip()]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_advice_for_both_languages_says_as_much(language):
    """No sentence is missing in one of them."""
    for situation, fulfilment in product(SITUATIONS, FULFILMENTS):
        counts = {len(advice(situation, fulfilment, one)) for one in ("ja", "en")}
        assert len(counts) == 1, (situation, fulfilment, language)


def test_an_unknown_channel_comes_first_and_both_channels_follow():
    """How to find out who delivered, then what holds for each."""
    lines = advice("not_delivered", "unknown", "ja")
    assert "だれが発送した注文か" in lines[0]
    assert any(line.startswith("Amazonが発送した場合: ") for line in lines)
    assert any(line.startswith("自社発送の場合: ") for line in lines)


@pytest.mark.parametrize(
    ("situation", "fulfilment", "word"),
    [
        ("cancel", "own", "キャンセル"),
        ("not_delivered", "own", "送り状の住所"),
        ("not_delivered", "fba", "出品者サポート"),
        ("receipt", "own", "添付"),
        ("damaged", "fba", "倉庫"),
        ("thanks", "fba", "返信不要"),
        ("escalation", "own", "出品者サポート"),
    ],
)
def test_the_playbook_is_in_the_advice(situation, fulfilment, word):
    """What only a person can do is named."""
    assert any(word in line for line in advice(situation, fulfilment, "ja"))


@pytest.mark.parametrize("word", [("x", "fba", "ja"), ("damaged", "x", "ja"), ("damaged", "fba", "x")])
def test_unknown_words_are_refused(word):
    """A misspelt word would find no advice in silence."""
    with pytest.raises(ValueError, match="'x'"):
        advice(*word)


@pytest.mark.playbook("First principles / Never ask for a rating to be changed")
def test_advice_never_proposes_what_amazon_forbids():
    """Nothing in it asks for a rating or offers a present, should somebody copy it into a mail."""
    rules = {"rating_change", "good_rating", "rating_request", "incentive", "promotion"}
    for situation, language in product(sorted(SITUATIONS), ("ja", "en")):
        text = "\n".join(advice(situation, "unknown", language))
        assert not [one for one in check(text, language=language) if one.rule in rules], situation
