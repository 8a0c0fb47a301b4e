"""Attacks on what buyers write beside their stars: a complaint about the seller must not be talked away."""

from __future__ import annotations

from parsers.charset import decode_bytes
from parsers.comments import LENGTH, read_comment
from parsers.values import Fulfilment, Topic
from state.feedback_policy import SENTENCES, Ground, assess
from tests.fuzz.promises import assert_storable

COMPLAINT = "お店の対応が最悪でした。"
_NEVER_MIXED = {Ground.NONE, Ground.OBSCENE, Ground.PERSONAL_INFORMATION}
"""Grounds that a comment on the seller may have: one bad word is enough for two of them."""


def attack_comments(content: bytes) -> None:
    """Every comment has a reading and an assessment; with a complaint at its end it is surely no review."""
    text = decode_bytes(content, "utf-8")
    parts = read_comment(text)
    assert parts == read_comment(text)
    for part in parts:
        assert part.topic in Topic
        assert 0 < len(part.text) <= LENGTH
        assert_storable(part.text)
    for fulfilment in (*Fulfilment, None):
        for label in (True, False):
            found = assess(parts, rating=1, fulfilment=fulfilment, bought_label_on_time=label)
            assert found.reason in SENTENCES
            assert {*found.speaks_for, *found.speaks_against} <= {part.text for part in parts}
    _assert_not_talked_away(text)


def _assert_not_talked_away(text: str) -> None:
    parts = read_comment(f"{text}。\n{COMPLAINT}")
    assert {Topic.SELLER, Topic.UNKNOWN} & {part.topic for part in parts}
    for fulfilment in (*Fulfilment, None):
        found = assess(parts, rating=1, fulfilment=fulfilment, bought_label_on_time=True)
        assert found.ground in _NEVER_MIXED or not found.confident
