"""What is written after a return: to the buyer, into the listing, and to the owner."""

from __future__ import annotations

import itertools

import pytest

from state.item_conditions import CHECKS
from templates.guidelines import check
from templates.instructions import _table, explain, instruct
from templates.refunding import RefundContext, render_refund
from templates.relisting import ConditionContext, render_condition

ORDER = "250-1234567-1234567"


@pytest.mark.playbook("Situations and what the draft says / Partial refund")
@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize(
    ("name", "order"), [("佐藤 花子", ORDER), (None, None), ("レビュー削除で500円", ORDER)]
)
def test_the_message_names_the_amount_and_breaks_no_rule(language, full, name, order):
    """It apologises first, and says nothing of ratings."""
    context = RefundContext("まい商店", name, order, "3,000円", full=full, paid="2,500円", shipping="500円")
    text = render_refund(context, language)
    assert check(text, order_id=order, language=language) == ()
    assert "3,000円" in text
    assert ("500円" in text.replace("2,500円", "").replace("3,000円", "")) is full
    sorry = {"ja": "申し訳", "en": "sorry"}[language]
    assert text.index(sorry) < text.index("3,000円")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_description_says_only_what_was_checked(language):
    """What nobody looked at stands there as not checked, and nowhere else."""
    words = {
        "ja": {"box": "外箱", "accessories": "付属品", "scratches": "傷や汚れ", "tested": "動作"},
        "en": {"box": "box", "accessories": "ccessories", "scratches": "scratches", "tested": "tested"},
    }[language]
    for findings in itertools.product(*((None, *values) for values in CHECKS.values())):
        found = dict(zip(CHECKS, findings, strict=True))
        if found["tested"] == "fails":
            continue
        unchecked = tuple(name for name, value in found.items() if value is None)
        text = render_condition(ConditionContext(opened=True, **found, unchecked=unchecked), language)
        claimed = [line for line in text.splitlines() if not line.startswith(("次の点は", "Not checked"))]
        assert all(
            any(words[name] in line for line in claimed) is (found[name] is not None) for name in found
        )
        assert ("次の点は" in text or "Not checked" in text) is bool(unchecked)


def test_what_does_not_work_is_not_described():
    """It is written off."""
    with pytest.raises(ValueError, match="not offered"):
        render_condition(ConditionContext(tested="fails"), "ja")


@pytest.mark.parametrize("language", ["fr", ""])
def test_there_are_two_languages(language):
    """Another one is a mistake of ours."""
    context = RefundContext("店", None, None, "1円", full=False)
    for call in (
        lambda: render_refund(context, language),
        lambda: render_condition(ConditionContext(), language),
    ):
        with pytest.raises(ValueError, match="no templates"):
            call()


def test_every_instruction_is_there_in_both_languages():
    """And names nothing that nobody gives; commands stand only where commands are typed."""
    values = {"n": 3, "by": "x", "hours": 48, "order": ORDER, "amount": "3,000円", "count": 2}
    for matter, words in _table().items():
        for word, language in itertools.product(words, ("ja", "en")):
            said, told = (one(matter, word, language, **values) for one in (explain, instruct))
            assert told.startswith(said)
            assert "sokuresu" not in said
