"""What a comment on the seller is about, clause by clause."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from parsers import comment_training
from parsers.clauses import split_clauses
from parsers.comment_training import make_table, read_clauses
from parsers.comments import LENGTH, TABLE, read_comment
from parsers.rules import load_text
from parsers.values import Fulfilment, Topic
from state.feedback_policy import Ground, assess

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20261122
CLAUSES = read_clauses()
OWN = {topic: comment_training._lines(f"comments/{topic}.txt") for topic in CLAUSES}
OPPOSED = [
    (Topic.PRODUCT, Topic.DELIVERY),
    (Topic.PRODUCT, Topic.PACKING),
    (Topic.PRODUCT, Topic.SELLER),
    (Topic.DELIVERY, Topic.SELLER),
]


def topics(text: str) -> set[Topic]:
    """All that a comment is about."""
    return {part.topic for part in read_comment(text)}


@pytest.mark.parametrize("text", ["Late and broken", "Late and tiny", "late & dirty", "届くの遅くて割れてた"])
def test_what_is_added_to_a_delay_leaves_a_doubt(text: str) -> None:
    """A word behind an "and" may be about the article, whatever word it is."""
    assert not assess(read_comment(text), rating=1, fulfilment=Fulfilment.FBA).confident


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("商品は良かったが配達が遅い", ("商品は良かった", "配達が遅い")),
        ("安いし、早い。満足！", ("安い", "早い", "満足")),
        ("遅いけど物はいい", ("遅い", "物はいい")),
        ("動作は良好でしたのに箱がボロボロ", ("動作は良好でした", "箱がボロボロ")),
        ("動かない 返事もない", ("動かない", "返事もない")),
        ("Nice shirt, but the box was torn.", ("Nice shirt", "the box was torn")),
        ("Works fine although it came late", ("Works fine", "it came late")),
        ("soft and warm", ("soft and warm",)),
        ("Late post and it doesn't work", ("Late post", "it doesn't work")),
        ("遅いうえに音も悪い", ("遅い", "音も悪い")),
        ("棚の上に置いた", ("棚の上に置いた",)),
        ("the box was torn and it came very late", ("the box was torn", "it came very late")),
        ("ふたが開かない", ("ふたが開かない",)),
        ("音が悪い ２週間待った", ("音が悪い", "２週間待った")),
        ("すぐ壊れた came too late", ("すぐ壊れた", "came too late")),
        ("it came late 音も悪い", ("it came late", "音も悪い")),
        ("音楽が bluetooth で飛ぶ", ("音楽が bluetooth で飛ぶ",)),
        ("a.b@c.example", ("a.b@c.example",)),
        ("。。。！", ()),
        ("", ()),
    ],
)
def test_a_comment_is_split_where_something_else_begins(text: str, clauses: tuple[str, ...]) -> None:
    """At ends of sentences, at connectives, and at the spaces that some write instead of commas."""
    assert split_clauses(text) == clauses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("三日で壊れた", {Topic.PRODUCT}),
        ("Stopped charging within a week", {Topic.PRODUCT}),
        ("配達が遅い", {Topic.DELIVERY}),
        ("配達員の態度が悪い", {Topic.DELIVERY}),
        ("The courier never rang", {Topic.DELIVERY}),
        ("外箱がつぶれていました", {Topic.PACKING}),
        ("お皿が割れて届いた", {Topic.DAMAGE}),
        ("棚板が割れて届いた", {Topic.DAMAGE}),
        ("靴が届かない", {Topic.DELIVERY}),
        ("全然乾きません", {Topic.PRODUCT}),
        ("このボールペン、なんだかね", {Topic.PRODUCT}),
        ("Bought two, both failed within the month", {Topic.PRODUCT}),
        ("記載より短い", {Topic.SELLER, Topic.PRODUCT}),
        ("返事がない", {Topic.SELLER}),
        ("説明と違う", {Topic.SELLER}),
        ("Seller ignored me", {Topic.SELLER}),
        ("他店より高い", {Topic.PRICE}),
        ("残念です", {Topic.NEUTRAL}),
        ("商品は良かったが配達が遅い", {Topic.PRODUCT, Topic.DELIVERY}),
        ("赤を頼んだのに青が届きました", {Topic.SELLER}),
        ("この店のランプはすぐ壊れた", {Topic.PRODUCT, Topic.UNKNOWN}),
        ("Das Paket kam nie an", {Topic.UNKNOWN}),
        ("", set()),
    ],
)
def test_parts_have_their_topics(text: str, expected: set[Topic]) -> None:
    """A courier's manners are the delivery's, and what may mean the seller leaves a doubt."""
    assert topics(text) >= expected
    assert topics(text) - expected <= {Topic.UNKNOWN, Topic.NEUTRAL}


@pytest.mark.parametrize(
    "text",
    [
        "ダウンコートが薄い",
        "ユニセックスのシャツが小さい",
        "ファックスが壊れた",
        "パチンコ台の音が小さい",
        "すぐ壊れるしね。",
        "早くそちらを試したい",
        "写真がピンボケになるレンズ",
        "消しカスが出る消しゴム",
        "ロブスターの味が薄い",
        "猫の糞が固まらない砂",
        "Fukuoka souvenir tastes bland",
        "Dick's pen skips",
        "grade: F...",
    ],
)
def test_harmless_words_are_not_obscene(text: str) -> None:
    """Words within words, particles that look like one, and what pets leave behind."""
    assert Topic.OBSCENE not in topics(text)


@pytest.mark.parametrize(
    "text", ["死ね", "クソ野郎", "f**k you", "What a piece of SHIT", "この店は糞だ", "ｷﾁｶﾞｲ"]
)
def test_obscene_words_are_found(text: str) -> None:
    """Also half hidden behind stars, and in half width."""
    assert any(part.topic is Topic.OBSCENE and part.sure for part in read_comment(text))


@pytest.mark.parametrize(
    "text",
    [
        "連絡先はtaro@shop.exampleです",
        "taro(at)shop.example に送れ",
        "０９０－１２３４－５６７８",
        "03ー1234ー5678に電話",
        "09012345678",
        "call (555) 123-4567",
        "担当の鈴木一郎さん",
        "店長 山本 次郎",
        "The owner, John Peterson, shouted",
    ],
)
def test_personal_data_are_found(text: str) -> None:
    """A mail address, a telephone number, a full name, in all their spellings."""
    assert any(part.topic is Topic.PERSONAL_INFORMATION and part.sure for part in read_comment(text))


@pytest.mark.parametrize(
    "text",
    [
        "注文番号 250-1234567-1234567",
        "伝票番号 4444-5555-6666",
        "1,980円",
        "2026-11-22に届いた",
        "型番 ABC-123-4567",
        "鈴木さんは親切",
        "担当者の対応が悪い",
        "Royal Mail lost it",
        "spoke with Amazon Support",
    ],
)
def test_other_numbers_and_names_are_not_personal(text: str) -> None:
    """Numbers of orders and parcels, prices, days, and a family name alone."""
    assert Topic.PERSONAL_INFORMATION not in topics(text)


def test_a_buyers_own_number_is_not_sure() -> None:
    """Amazon removes what tells who the seller is."""
    parts = [
        one for one in read_comment("私の電話番号は090-1234-5678") if one.topic is Topic.PERSONAL_INFORMATION
    ]
    assert parts
    assert not any(part.sure for part in parts)


@pytest.mark.parametrize("pair", OPPOSED, ids="-".join)
def test_two_matters_in_one_comment_are_never_surely_removable(pair: tuple[Topic, Topic]) -> None:
    """Clauses of two topics, joined in every way and order, are no confident ground for anybody who ships."""
    chance = random.Random(SEED)
    for _ in range(60):
        one, other = chance.sample([chance.choice(OWN[topic]) for topic in pair], 2)
        text = one + chance.choice(["。", "、", "し、", "\n", " ", ". ", ", ", " but "]) + other
        for fulfilment in Fulfilment:
            found = assess(read_comment(text), rating=1, fulfilment=fulfilment, bought_label_on_time=True)
            assert found.ground is Ground.NONE or not found.confident, text


def test_a_thing_alone_is_no_sure_review() -> None:
    """What is named without a judgement makes a review likely, and a sure one of nothing."""
    assert not any(part.sure for part in read_comment("このボールペン") if part.topic is Topic.PRODUCT)


def test_whoever_writes_on_without_a_stop_is_not_sure() -> None:
    """A long clause may have gone on to something else that no rule knows."""
    (short,) = read_comment("it broke")
    assert short.sure
    assert not any(part.sure for part in read_comment("it broke and broke " + "again " * 20))


def test_what_is_beyond_the_length_is_unknown() -> None:
    """Nobody can be sure of what was not read."""
    text = "すぐ壊れた。" * (LENGTH // 6 + 1)
    assert {part.topic for part in read_comment(text)} == {Topic.PRODUCT, Topic.UNKNOWN}


@pytest.mark.parametrize(
    "unit",
    ["あ", "。", "、", "a", " ", "a ", "0", "0-", "a@", "が、", "届", " but", "!", "ー", "鈴", "\u0301", "*"],
)
def test_hostile_comments_take_no_time(unit: str) -> None:
    """A hundred kilobytes of anything are read like their beginning."""
    started = time.process_time()
    read_comment(unit * (100_000 // len(unit)))
    assert time.process_time() - started < 5


def test_the_table_is_in_step() -> None:
    """After a change of the clauses `python -m parsers.comment_training` must have been run."""
    assert load_text(TABLE) == make_table(CLAUSES)


def test_the_table_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The command writes beside the rules what training gives."""
    monkeypatch.setattr("parsers.comment_training.rules.__file__", str(tmp_path / "__init__.py"))
    assert comment_training.main() == 0
    assert (tmp_path / TABLE).read_text(encoding="utf-8") == load_text(TABLE)


def test_a_part_shows_no_words() -> None:
    """What a buyer wrote stands in no log."""
    assert "壊れた" not in repr(read_comment("すぐ壊れた"))
