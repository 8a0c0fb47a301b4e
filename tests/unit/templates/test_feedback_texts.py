"""The texts after a bad rating: in every context they keep Amazon's rules, and ask nobody for anything."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from templates.contexts import COMMENT_MATTERS, FULFILMENTS, REMOVAL_GROUNDS, FeedbackContext
from templates.feedback import render_feedback, render_steps, seller_page
from templates.guidelines import check, check_public_reply

ORDER = "250-1234567-7654321"
BY = date(2027, 2, 15)
OF_RATINGS = ("評価", "レビュー", "星", "フィードバック", "rating", "feedback", "review", "star")


def contexts(order_id=ORDER, shop="まい商店"):
    """Every matter with every way of shipping."""
    pairs = product(sorted(COMMENT_MATTERS), sorted(FULFILMENTS))
    return [FeedbackContext(shop, order_id, matter, fulfilment) for matter, fulfilment in pairs]


@pytest.mark.playbook("Feedback of 1 to 3 / Whether or not")
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_texts_to_the_buyer_and_to_the_public_pass_their_checks(language):
    """Whatever the comment is about and whoever shipped, nothing is found in either text."""
    for context in (*contexts(), *contexts(None, "")):
        letter = render_feedback("buyer", context, language)
        assert check(letter, order_id=context.order_id) == ()
        assert check_public_reply(render_feedback("public_reply", context, language)) == ()


@pytest.mark.playbook("First principles / Never ask for a rating to be changed")
@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_text_speaks_of_the_rating(language):
    """The buyer and the public read of the trouble and its remedy, not a word about stars."""
    for context in contexts():
        for word in ("buyer", "public_reply"):
            text = render_feedback(word, context, language).lower()
            assert not [one for one in OF_RATINGS if one in text.replace("start", "")]


@pytest.mark.playbook("First principles / Apologise first")
@pytest.mark.parametrize(("language", "sorry"), [("ja", "申し訳ございません"), ("en", "sorry")])
def test_every_text_apologises_first(language, sorry):
    """The first paragraph of each says sorry."""
    for context in contexts():
        letter = render_feedback("buyer", context, language).split("\n\n")[1]
        reply = render_feedback("public_reply", context, language)[:80]
        assert (sorry in letter, sorry in reply) == (True, True)


def test_the_public_reply_is_the_same_for_every_buyer():
    """No order and no shop's name is in it, for it can never be edited."""
    for known, unknown in zip(contexts(), contexts(None, ""), strict=True):
        replies = [render_feedback("public_reply", one, "ja") for one in (known, unknown)]
        assert (replies[0] == replies[1], ORDER in replies[0]) == (True, False)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("佐藤様、申し訳ございませんでした。", "reply_name"),
        ("花子さま、申し訳ございませんでした。", "reply_name"),
        ("サトウさん、申し訳ございませんでした。", "reply_name"),
        ("We are sorry, Mr. Sato.", "reply_name"),
        ("Dear Hanako, we are sorry.", "reply_name"),
        ("ご注文 250-1234567-7654321 の件、申し訳ございません。", "reply_order_number"),
        ("ご注文 ２５０ー１２３４５６７ー７６５４３２１ の件、申し訳ございません。", "reply_order_number"),
        ("〒100-0001 へお送りください。", "reply_address"),
        ("東京都千代田区にお住まいの方へのお届けでした。", "reply_address"),
        ("千代田1丁目へのお届けでした。", "reply_address"),
        ("It went to 12 Main Street.", "reply_address"),
        ("詳しくは https://www.amazon.co.jp/help をご覧ください。", "reply_link"),
        ("申し訳ございません。03-1234-5678 へお電話ください。", "telephone"),
        ("申し訳ございません。shop@shop.example へご連絡ください。", "mail_address"),
        ("申し訳ございません。評価を変更していただけませんか。", "rating_change"),
        ("申し訳ございません。" * 41, "reply_length"),
    ],
)
def test_what_a_public_reply_must_not_hold(text, rule):
    """Nobody is named, found or asked in it, and it is short."""
    assert rule in {one.rule for one in check_public_reply(text)}


@pytest.mark.parametrize(
    "text",
    [
        "お客様にご不便をおかけし、申し訳ございませんでした。皆様に安心いただけるよう努めます。",
        "同様のことが起きないよう、商品の仕様を様々な点から見直します。一様にお詫び申し上げます。",
        "配送業者様と運送会社さんにも確認し、改善いたします。申し訳ございませんでした。",
        "We are sorry, dear customer. Hello and thank you for telling us.",
    ],
)
def test_what_a_public_reply_may_hold(text):
    """Words that only look like a name are none."""
    assert not [one for one in check_public_reply(text) if one.rule == "reply_name"]


def test_the_buyers_own_name_is_found_without_an_honorific():
    """Where the name is known, neither half of it may stand there, however it is written."""
    found = check_public_reply("ＳＡＴＯのご注文でした。", names=("Sato Hanako",))
    assert [(one.rule, one.text) for one in found] == [("reply_name", "ＳＡＴＯ")]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_request_gives_one_reason_and_ticks_fba_where_it_holds(language):
    """Order number, what it is about and one reason for each ground, none twice; FBA only where it is so."""
    texts = set()
    for ground in REMOVAL_GROUNDS:
        lines = {}
        for way in ("fba", "own"):
            context = FeedbackContext("店", ORDER, "other", way, ground, BY)
            lines[way] = render_feedback("removal_request", context, language).splitlines()
            assert "FBA" not in "".join(lines[way]) or way == "fba"
        assert (ORDER in lines["own"][0], len(lines["own"]), len(lines["fba"])) == (True, 3, 4)
        texts.add(lines["own"][2])
    assert len(texts) == len(REMOVAL_GROUNDS)


def test_without_a_ground_nothing_is_asked_of_amazon():
    """There is no text to paste where Amazon would refuse it."""
    assert render_feedback("removal_request", FeedbackContext("店", ORDER, "other", "own"), "ja") == ""


@pytest.mark.parametrize(("language", "day"), [("ja", "2027年2月15日"), ("en", "15 February 2027")])
def test_the_steps_name_page_order_and_last_day(language, day):
    """A person can follow them without looking anything up."""
    context = FeedbackContext("店", ORDER, "delivery", "fba", "fba_delivery", BY)
    steps = render_steps(context, language)
    assert seller_page(language).menu in steps[0]
    assert ORDER in steps[1]
    assert "FBA" in steps[3]
    assert day in steps[-1]
    assert len(render_steps(FeedbackContext("店", None, "other", "own"), language)) == len(steps) - 1


@pytest.mark.parametrize(
    "values",
    [{"matter": "weather"}, {"fulfilment": "pigeon"}, {"ground": "spite"}],
)
def test_unknown_words_are_refused_at_the_door(values):
    """A context that no template knows is never rendered."""
    with pytest.raises(ValueError, match=next(iter(values.values()))):
        FeedbackContext(
            **({"shop_name": "店", "order_id": None, "matter": "other", "fulfilment": "own"} | values)
        )
