"""What the rules find in a text."""

from __future__ import annotations

import pytest

from parsers.values import Intent
from parsers.wording import find, is_merely_thanks, prepare, strip_courtesies


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (
            "お世話になっております。佐藤と申します。ネジが足りません。よろしくお願いいたします。",
            "ネジが足りません。",
        ),
        ("お忙しいところ恐れ入りますが、領収書をください。", "領収書をください。"),
        ("お返事ありがとうございます。電源が入りません。", "電源が入りません。"),
        (
            "早速届きました、ありがとうございます。使い方を教えてください。",
            "早速届きました、使い方を教えてください。",
        ),
        ("Hello,\nthe lid is broken.\nKind regards,\nJane", "the lid is broken."),
        ("注文番号: 250-1234567-1234567 キャンセルで", "キャンセルで"),
    ],
)
def test_courtesies_are_taken_away(text: str, rest: str) -> None:
    """What is said in all matters alike is not weighed."""
    assert strip_courtesies(prepare(text)) == rest


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("返品ではないのですが、部品が足りません", "部品が足りません"),
        ("故障ではなく、取り付け方の質問です", "取り付け方の質問です"),
        ("割れてはいませんが、色が違います", "色が違います"),
        ("住所は合っているのですが、届きません", "届きません"),
        ("領収書とは別の話ですが、在庫はありますか", "在庫はありますか"),
        ("It is not defective but I want to return it", "i want to return it"),
        ("Nothing wrong with it, I just want my money back", "want my money back"),
        ("白ではなく黒が届きました", "白ではなく黒が届きました"),
        ("返品ではないのですか", "返品ではないのですか"),
    ],
)
def test_what_it_is_not_is_taken_away(text: str, rest: str) -> None:
    """A matter that the buyer denies is not theirs; a thing that did not come is."""
    assert strip_courtesies(prepare(text)) == rest


@pytest.mark.parametrize(
    "text",
    [
        "よろしくお願いいたします。",
        "ありがとうございました",
        "交換品が届きました。ありがとうございました。",
        "hello",
    ],
)
def test_courtesies_stay_where_nothing_else_is_said(text: str) -> None:
    """Closing thanks, and messages that are nothing but courtesy, stay whole."""
    assert strip_courtesies(prepare(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "ありがとうと言うと思ったか訴えるぞ。早く連絡しなさい。",
        "Thanks for the crushed box. I am waiting.",
        "初期不良の件でご連絡した佐藤と申します。至急ご連絡ください。",
    ],
)
def test_no_matter_goes_with_the_courtesies(text: str) -> None:
    """Thanks that name a matter are no mere opening."""
    assert find(strip_courtesies(prepare(text))).named.keys() - {Intent.OTHER}


def test_katakana_only_is_read_as_hiragana() -> None:
    """Old telephones write half-width katakana throughout."""
    assert strip_courtesies(prepare("ｷｬﾝｾﾙｼﾃｸﾀﾞｻｲ")) == "きゃんせるしてください"
    assert strip_courtesies(prepare("ケーブルがない")) == "ケーブルがない"


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("壊れたので返品したい", {Intent.DEFECTIVE}),
        ("届かないのでキャンセルします", {Intent.CANCEL}),
        ("納品書が入っていませんでした", {Intent.RECEIPT}),
        ("返品の方法を教えて", {Intent.RETURN_OR_EXCHANGE}),
        ("壊れて火傷しました。警察に行きます", {Intent.ESCALATION}),
        ("今日注文したらいつ届きますか", {Intent.QUESTION}),
        ("箱が潰れて、ネジも足りません", {Intent.DAMAGED, Intent.MISSING_PART}),
        ("The box is crushed and the refund is late", {Intent.DAMAGED, Intent.NOT_DELIVERED}),
        ("さようなら", set()),
    ],
)
def test_what_outranks_stands_alone(text: str, intents: set[Intent]) -> None:
    """A cause goes before its wish, a decision before its reason, a danger before all."""
    assert set(find(prepare(text)).named) == intents


@pytest.mark.parametrize(
    "text",
    [
        "頼んでいないおまけが入っていました",
        "全然つかんのやけど",
        "Thanks, Sue",
        "右手だけがありません",
        "煙突の掃除用です",
    ],
)
def test_harmless_words_are_no_escalation(text: str) -> None:
    """Neither "but" in Kansai, nor a freebie, nor a name is an injury or a law suit."""
    assert Intent.ESCALATION not in find(prepare(text)).named


def test_thanks_are_seen_unless_something_is_asked() -> None:
    """Thanks for something done name no matter that is open."""
    assert find("領収書の件、ありがとうございました。助かりました").thanks
    assert not find("ありがとうございます。領収書をください").thanks
    assert not find("ありがとうございます。いつですか").thanks


@pytest.mark.parametrize("text", ["ありがとう。コワレ", "ｺﾜﾚﾏｼﾀ ｱﾘｶﾞﾄｳ", "Thanks テスト", "ありがとう テレビ"])
def test_katakana_is_no_particle(text: str) -> None:
    """Unknown words in katakana are never passed over where acknowledgments are at stake."""
    assert not is_merely_thanks(prepare(text))
