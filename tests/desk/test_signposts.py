"""What the program says of itself on a page: links in the place of commands, and no machine words."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from daemon.aftercare.feedback_advice import _GONE, _RAISED, _REQUESTED, _TEXTS, _WHO_SHIPPED
from daemon.showing.events import say_deed
from daemon.showing.reader import Reader
from daemon.web.signposts import Words, signposted
from daemon.words import WARNINGS
from templates import guidelines, instructions
from tests.beds.shopfloor import OPENED
from tests.unit.state.examples import TOKYO

READERS = {language: Reader(language, TOKYO, OPENED) for language in ("ja", "en")}
_ADVICE = (_GONE, _RAISED, _REQUESTED, _TEXTS, _WHO_SHIPPED)
_FACTS = {"n": 3, "stars": 5, "why": "…", "by": "…", "hours": 48, "count": 2, "order": "…", "amount": "…"}


def instructed(language):
    """Every instruction, with its command."""
    table = tomllib.loads(Path(instructions.__file__).with_suffix(".toml").read_text("utf-8"))
    pairs = [(matter, word) for matter in table for word in table[matter]]
    return [instructions.instruct(*pair, language, **_FACTS) for pair in pairs]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_command_is_left_in_a_sentence(language):
    """Of all advice that names one; what is left reads on, and every link leads to a page."""
    which = int(language == "en")
    sentences = [*instructed(language), *(said[which].format(**_FACTS) for said in _ADVICE)]
    for sentence in sentences:
        parts = signposted(sentence, 3, READERS[language])
        told = "".join(part.text for part in parts)
        assert "sokuresu" not in told, sentence
        assert " --" not in told, sentence
        assert ("sokuresu" in sentence) is any(part.address for part in parts), sentence


def test_a_link_leads_to_the_case_that_the_sentence_names():
    """On the page of another case too."""
    found = signposted(
        "届いたら: sokuresu returns 7 --arrived unopened (開封済みなら opened)。次", 3, READERS["ja"]
    )
    assert found == (Words("届いたら: "), Words("返品の画面", "/case/7/return"), Words("。次"))
    (link,) = (part for part in signposted("`sokuresu case 7` tells.", 3, READERS["en"]) if part.address)
    assert link.address == "/case/7#case"
    assert signposted("sokuresu dance 7", 3, READERS["ja"]) == (Words("sokuresu dance 7"),)


def test_every_warning_has_a_name():
    """A person who sent a text all the same reads what it was warned of."""
    rules = Path(guidelines.__file__).parent / "rules"
    known = [
        rule
        for file in rules.glob("*.toml")
        for rule in tomllib.loads(file.read_text("utf-8")).get("rule", ())
    ]
    warned = {rule["id"] for rule in known if rule.get("severity") == "warning"}
    assert warned <= set(WARNINGS)


@pytest.mark.parametrize(
    ("action", "detail", "told"),
    [
        ("approved", "v2 desk despite:order_missing", "v2 画面で (「注文番号なし」の注意を承知のうえ)"),
        ("support_prepared", "crushed", "箱つぶれ・破損"),
        ("accepted", "quarantine 4", "保留 4"),
        ("noted", "", "メモを残しました"),
    ],
)
def test_the_record_speaks_in_words(action, detail, told):
    """What the books keep as a machine word is read as a sentence."""
    assert told in say_deed(action, detail, READERS["ja"])
