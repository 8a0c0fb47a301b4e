"""Every draft, word for word and by Amazon's rules. UPDATE_GOLDEN=1 writes the files anew."""

import os
import re
from dataclasses import replace
from datetime import date
from itertools import pairwise, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from templates.contexts import FULFILMENTS, SITUATIONS, DraftContext
from templates.drafting import DRAFT_LIMIT, DRAFTED, UNDRAFTED, DraftTemplates
from templates.guidelines import check

GOLDEN = Path(__file__).parents[2] / "data" / "golden"
ORDER = "250-3407084-0349098"
LANGUAGES = ("ja", "en")
DRAFTS = DraftTemplates()

BOUGHT = {"purchased_on": date(2026, 11, 1), "days_since_purchase": 20}
DELIVERED = BOUGHT | {"delivered_on": date(2026, 11, 3), "days_since_delivery": 18}
LATE = {"delivered_on": date(2026, 3, 5), "days_since_delivery": 261}
LATE_PURCHASE = {"purchased_on": date(2026, 3, 2), "days_since_purchase": 264}
UNDELIVERED = frozenset({"not_delivered", "wrong_address", "cancel"})


def context(situation, fulfilment="fba", name="佐藤 花子", order=ORDER, **more):
    """One buyer's case."""
    return DraftContext("まい商店", name, order, situation, fulfilment, **more)


def typical(situation, fulfilment):
    """What is usually known."""
    if situation == "after_30_days":
        return context(situation, fulfilment, **LATE)
    return context(situation, fulfilment, **(BOUGHT if situation in UNDELIVERED else DELIVERED))


SPECIAL = {
    "damaged-photo-repeat": context("damaged", "own", earlier_cases=2, attachments=("a.JPG",)),
    "defective-nothing-known": context("defective", "fba", None, None),
    "wrong_item-late": context("wrong_item", "fba", **LATE),
    "missing_part-late-unknown": context("missing_part", "unknown", **LATE_PURCHASE),
    "after_30_days-purchase": context("after_30_days", "unknown", **LATE_PURCHASE),
    "after_30_days-nothing-known": context("after_30_days", "own", None, None),
    "question-before-buying": context("question", "unknown", None, None),
    "receipt-repeat": context("receipt", "own", earlier_cases=1, **DELIVERED),
    "return_or_exchange-file": context("return_or_exchange", "fba", attachments=("a.pdf",), **DELIVERED),
    "other-hostile": context("other", "own", "https://evil.example/ 090-1234-5678", "1; DROP TABLE"),
}
CELLS = {
    f"{situation}-{fulfilment}": typical(situation, fulfilment)
    for situation in sorted(DRAFTED)
    for fulfilment in sorted(FULFILMENTS)
} | SPECIAL

READY = {
    *product(("damaged", "defective", "wrong_item", "missing_part", "return_or_exchange"), ("fba", "own")),
    *product(("receipt",), ("fba", "own")),
    *product(("cancel", "after_30_days"), ("fba", "own", "unknown")),
    *product(("not_delivered", "wrong_address"), ("fba",)),
}
"""What can be sent with one tap; everything else waits for a person's words."""


def draft(one, language):
    """The text of a draft that exists."""
    rendered = DRAFTS.render(one, language)
    assert rendered is not None
    assert rendered.fault is None
    return rendered.text


def objections(text, order, language):
    """What the rules say, blanks aside."""
    return [one for one in check(text, order_id=order, language=language) if one.rule != "blank"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CELLS)
def test_drafts_keep_their_words(name, language):
    """A person finds exactly the words that somebody once read and found good."""
    path = GOLDEN / f"draft-{name}.{language}.txt"
    text = draft(CELLS[name], language)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_bytes(text.encode())
    assert path.read_bytes() == text.encode()


def test_no_golden_draft_is_left_over():
    """A file that no test compares would be read as a promise that nobody keeps."""
    wanted = {f"draft-{name}.{language}.txt" for name in CELLS for language in LANGUAGES}
    assert {path.name for path in GOLDEN.glob("draft-*")} == wanted


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("situation", sorted(DRAFTED))
def test_every_combination_keeps_amazons_rules(situation, language):
    """Whatever is known or not, the text is clean, and no rule is broken and no warning given."""
    days = ({}, BOUGHT, DELIVERED, LATE, LATE_PURCHASE)
    sent = ((), ("photo.heic",), ("a.pdf",))
    texts = {
        (
            draft(
                context(situation, channel, name, order, earlier_cases=cases, attachments=files, **known),
                language,
            ),
            order,
        )
        for channel, name, order, cases, files, known in product(
            sorted(FULFILMENTS), ("佐藤 花子", None), (ORDER, None), (0, 3), sent, days
        )
    }
    for text, order in texts:
        assert len(text) < DRAFT_LIMIT // 2
        assert not re.search(r"\n{3}| $|^ |  |None", text, re.MULTILINE)
        assert (ORDER in text) == (order is not None)
        assert text.endswith("まい商店\n")
    for text, order in telling(texts):
        assert objections(text, order, language) == []


def telling(texts):
    """A few of the texts in which every line stands beside every line that it ever stands beside.

    The check takes long, and hundreds of texts are made of the same sentences.
    """
    seen = set()
    for text, order in sorted(texts, key=lambda one: (-len(one[0]), str(one))):
        beside = set(pairwise([order, *filter(None, text.splitlines()), ""]))
        if not beside <= seen:
            seen |= beside
            yield text, order


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("situation", sorted(DRAFTED))
@pytest.mark.parametrize("fulfilment", sorted(FULFILMENTS))
def test_blanks_stand_only_where_a_person_must_speak(situation, fulfilment, language):
    """A draft without blanks can be sent at once; with an unknown channel the choice counts as a blank."""
    text = draft(typical(situation, fulfilment), language)
    blanks = [one for one in check(text, order_id=ORDER, language=language) if one.rule == "blank"]
    assert bool(blanks) == ((situation, fulfilment) not in READY)
    assert text.count("〔") == text.count("〕") == len(blanks)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("situation", sorted(DRAFTED))
def test_an_unknown_channel_shows_both_choices(situation, language):
    """Where the channels differ, the draft holds what both would say and marks where each begins."""
    fba, own, unknown = (draft(typical(situation, one), language) for one in ("fba", "own", "unknown"))
    if fba == own:
        assert unknown == fba
    else:
        lines = set(unknown.split("\n"))
        assert set(fba.split("\n")) | set(own.split("\n")) <= lines
        assert len([line for line in lines if line.startswith("〔")]) >= 3


@pytest.mark.playbook("damaged on arrival, box crushed")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_photo_is_asked_for_only_where_none_came(language):
    """Who sent one is thanked and not asked again, and no file's name is repeated."""
    word, thanks = (
        ("お写真を、ご返信", "お写真をお送り") if language == "ja" else ("add a photo", "for the photo")
    )
    asked = draft(context("damaged", "own"), language)
    sent = draft(context("damaged", "own", attachments=("evil.example.jpg",)), language)
    assert word in asked
    assert thanks not in asked
    assert word not in sent
    assert thanks in sent
    assert "evil" not in sent
    assert word not in draft(context("damaged", "fba"), language)


@pytest.mark.playbook("First principles / A repeat customer who is angry")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("situation", sorted(DRAFTED))
def test_a_buyer_who_comes_again_is_told_so(situation, language):
    """One sentence more, and nothing else differs."""
    first = draft(typical(situation, "fba"), language).split("\n")
    again = draft(replace(typical(situation, "fba"), earlier_cases=1), language).split("\n")
    assert len([line for line in again if line not in first]) == 1
    assert [line for line in first if line not in again] == []


@pytest.mark.playbook("First principles / Apologise first")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("situation", sorted(DRAFTED))
def test_the_apology_comes_before_anything_else(situation, language):
    """The first paragraph behind the name says sorry, for the worry or the trouble."""
    paragraph = draft(typical(situation, "own"), language).split("\n\n")[1]
    assert re.search(r"申し訳|お詫び" if language == "ja" else r"sorry", paragraph)


@pytest.mark.playbook("thanks")
@pytest.mark.playbook("threat, lawyer, consumer centre, injury")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("situation", sorted(UNDRAFTED))
def test_thanks_and_threats_have_no_draft(situation, language):
    """The one needs no answer, the other no template."""
    assert DRAFTS.render(context(situation), language) is None


def test_other_languages_are_refused():
    """Who asks for a third language made a mistake."""
    with pytest.raises(ValueError, match="'de'"):
        DRAFTS.render(context("damaged"), "de")


@pytest.mark.parametrize("bad", [{"situation": "broken"}, {"fulfilment": "FBA"}])
def test_unknown_words_are_refused_where_the_context_is_made(bad):
    """A misspelt word would choose a wrong text."""
    with pytest.raises(ValueError, match=next(iter(bad.values()))):
        replace(context("damaged"), **bad)


def test_every_situation_is_drafted_or_meant_not_to_be():
    """No word falls between."""
    assert DRAFTED | UNDRAFTED == SITUATIONS


HOSTILE = [
    "https://evil.example/",
    "ｅｖｉｌ．ｅｘａｍｐｌｅ",
    "090-1234-5678",
    "電話ください",
    "クーポン差し上げます",
    "〔名前〕",
    "〇〇",
    "レビュー 太郎",
    "{{ 7 * 7 }}",
    "花子★",
    "a\nBcc: b",
    "\u202e花子",
    "あ" * 1_000_000,
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("bad", HOSTILE)
def test_hostile_names_and_numbers_never_reach_the_draft(bad, language):
    """The text is the one without a name, or breaks no rule with what is left of it."""
    text = draft(context("damaged", "fba", bad, bad, attachments=(bad,)), language)
    assert check(text, language=language) == ()
    assert len(text) < DRAFT_LIMIT // 2


@given(
    st.text(max_size=60), st.text(max_size=30), st.sampled_from(sorted(DRAFTED)), st.sampled_from(LANGUAGES)
)
@settings(max_examples=60)
def test_no_name_and_no_number_can_break_a_rule(name, order, situation, language):
    """Whatever Amazon's mail holds in these fields, a draft stays within the rules."""
    text = draft(context(situation, "fba", name, order), language)
    assert objections(text, None, language) == []
