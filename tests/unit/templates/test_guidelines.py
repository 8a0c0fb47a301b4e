"""What may not be sent to a buyer, in every disguise, and what may."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.guidelines import Finding, check, is_blocked
from templates.guidelines.checking import DETECTORS
from templates.guidelines.rules import load_rules
from templates.guidelines.views import VIEWS, plain_view, special_view
from tests.benchmarks.guidelines import HELD_OUT, SETS, examples, texts

GOLDEN = Path(__file__).parents[2] / "data" / "golden"
ORDER = "250-3407084-0349098"
OTHER = "249-1234567-7654321"
NEUTRAL = (
    "問題が解決されたとご納得いただける場合は、こちらから、"
    "最初にご提供いただいた評価を更新または削除することができます。"
)
NEUTRAL_EN = (
    "If you are satisfied that we have resolved your concerns, it is possible to update or remove the "
    "feedback you originally provided here."
)
VIOLATION = "問題が解決されましたので、ご提供いただいた低い評価を更新または削除していただけますか?"


def rules_of(text: str, **known: str) -> set[str]:
    """The rules that a text breaks."""
    return {finding.rule for finding in check(text, **known)}


def errors_of(text: str) -> list[Finding]:
    """What blocks a text."""
    return [finding for finding in check(text) if finding.severity == "error"]


def test_known_texts_are_judged_rightly():
    """Every text that the rules were made with: the forbidden are blocked, the allowed are not."""
    assert [(one.text, one.rule, one.findings) for one in examples("tuned") if not one.is_right] == []


@pytest.mark.parametrize("name", HELD_OUT)
def test_fresh_texts_are_mostly_judged_rightly(name):
    """Texts that no rule was made for: nine in ten of the forbidden are blocked, few of the allowed."""
    known = examples(name)
    forbidden = [example.is_right for example in known if example.rule]
    allowed = [example.is_right for example in known if not example.rule]
    assert sum(forbidden) >= 0.9 * len(forbidden)
    assert sum(allowed) >= 0.95 * len(allowed)


def test_the_sets_share_no_text():
    """A text that was held out was not at hand before."""
    known = [text for name in SETS for text in {text for text, _ in texts(name)}]
    assert [text for text, times in Counter(known).items() if times > 1] == []
    assert len(known) >= 240


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("acknowledgment*.txt")), ids=lambda path: path.stem)
def test_acknowledgments_keep_the_rules(path):
    """What the program sends on its own is never blocked."""
    assert errors_of(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text", [NEUTRAL, NEUTRAL_EN, f"返金いたしました。\n\n{NEUTRAL}\n\n今後ともよろしくお願いいたします。"]
)
def test_the_sentence_that_amazon_allows_passes(text):
    """Verbatim, alone or within a mail."""
    assert check(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "問題が解決したとお感じの場合は、こちらから、最初にいただいた評価を更新または削除することができます。",
        "ご指摘の問題が解決したとご納得いただける場合は、当初ご提供いただいた評価の更新または削除が可能です。",
        "If you feel we have resolved your concerns, you are able to update or remove your feedback here.",
        "You can update or remove the feedback you left here, if you agree that the issue has been resolved.",
        "Should you feel that we resolved the problem, the feedback can be updated or removed here.",
    ],
)
def test_near_paraphrases_of_the_sentence_that_amazon_allows_pass(text):
    """In the same neutral words, differently put."""
    assert check(text) == ()


@pytest.mark.playbook("First principles / Never ask for a rating to be changed")
@pytest.mark.parametrize(
    "text",
    [
        VIOLATION,
        NEUTRAL.replace("評価を更新または削除", "評価を星5に更新"),
        NEUTRAL.replace("することができます", "していただけますと幸いです"),
        NEUTRAL_EN.replace("it is possible to", "we would appreciate it if you could"),
        "If you are satisfied, you can update the feedback to five stars.",
        f"{NEUTRAL}ぜひお願いいたします。",
        f"{NEUTRAL}どうかご検討ください。",
        NEUTRAL.replace("できます。", "できますので、お手続きください。"),
        f"{NEUTRAL} 評価を変えてください。",
        f"{NEUTRAL_EN} Please do so.",
        NEUTRAL_EN.replace("it is possible to", "please"),
    ],
)
def test_the_allowed_sentence_covers_no_request(text):
    """What Amazon itself calls a violation, and requests that lean on the sentence that is allowed."""
    assert "rating_change" in rules_of(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("お電話は０９０－１２３４－５６７８まで", "０９０－１２３４－５６７８"),
        ("番号は〇九〇の一二三四の五六七八です", "〇九〇の一二三四の五六七八"),
        ("詳細は ex\u200bample（ドット）com です", "ex\u200bample（ドット）com"),
        ("ありがとう♪ございます", "♪"),
        ("ｉｎｆｏ＠ｅｘａｍｐｌｅ．ｃｏｍへ", "ｉｎｆｏ＠ｅｘａｍｐｌｅ．ｃｏｍ"),
        ("どうか ﾚ ﾋﾞ ｭ ｰ を けし てください", "ﾚ ﾋﾞ ｭ ｰ を けし て"),
    ],
)
def test_the_words_are_shown_as_they_were_written(text, shown):
    """However they were disguised."""
    assert any(finding.text.startswith(shown) for finding in errors_of(text))


@given(st.text(max_size=300))
def test_whatever_is_written_is_judged(text):
    """No text breaks the check, and every finding quotes the text."""
    plain = re.sub("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]", "\n", text)
    for finding in check(text, order_id=ORDER):
        assert finding.text in plain
        assert finding.reason


@given(st.text(alphabet="評価を変えて ﾞﾚﾋｭｰ.\n。、@-0９〇٠e\u0301😀\u200bＡα", max_size=120))
def test_views_know_where_they_come_from(text):
    """Each character of a view stands for a part of the text, in the text's order."""
    plain = plain_view(text)
    for view in (plain, *(special_view(plain, name) for name in VIEWS)):
        assert len(view.text) == len(view.starts) == len(view.ends)
        assert list(view.starts) == sorted(view.starts)
        assert all(0 <= start < end <= len(text) for start, end in zip(view.starts, view.ends, strict=True))


@pytest.mark.parametrize(
    "number",
    [
        ORDER,
        "1234-5678-9012",
        "123456789012",
        "1234 5678 9012",
        "4901234567894",
        "T1234567890123",
        "〒100-0001",
        "2026年11月21日",
        "2026/11/21 10:00",
        "12,800円",
        "¥128,000",
        "10:00～17:00",
        "WH-0901-234567",
        "ISBN 978-4-06-519981-0",
        "型番 0312345678",
        "123-45-67890-1",
    ],
)
@pytest.mark.parametrize("frame", ["{}", "こちらは {} です。", "お電話をいただいた件、{} でございます。"])
def test_other_numbers_are_no_telephone_numbers(number, frame):
    """Orders, parcels, articles, registrations, dates, times and amounts, also after the word for a call."""
    assert "telephone" not in rules_of(frame.format(number))


@pytest.mark.parametrize(
    "host", ["www.amazon.co.jp", "amazon.com", "sellercentral.amazon.co.jp", "WWW.AMAZON.CO.JP", "amazon.de"]
)
def test_amazons_hosts_pass(host):
    """As links and alone."""
    assert rules_of(f"https://{host}/gp/help?nodeId=1 をご覧ください。") == set()
    assert rules_of(f"{host}をご覧ください。") == set()


@pytest.mark.parametrize(
    "link",
    [
        "https://amazon.co.jp.evil.tld/",
        "https://notamazon.co.jp/",
        "https://amazon.co.jp@evil.com/",
        "https://www.amazon.co.jp/x?u=https://evil.com",
        "https://www.аmazon.co.jp/",
        "amazon.co.jp.evil.example",
        "https://amzn.to/3abc",
    ],
)
def test_hosts_that_look_like_amazons_do_not_pass(link):
    """Names are compared label by label, as they were written."""
    assert "link" in rules_of(f"こちら {link} です。")


def test_another_orders_number_is_an_error():
    """In whatever width; only if it is known which order the text is about."""
    wide = OTHER.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    for number in (OTHER, wide, OTHER.replace("-", "")):
        found = [
            one for one in check(f"{ORDER} と {number} の件", order_id=ORDER) if one.rule == "other_order"
        ]
        assert [(one.severity, one.text) for one in found] == [("error", number)]
    assert "other_order" not in rules_of(f"{OTHER} の件")


def test_a_missing_order_number_is_a_warning():
    """It can be overruled, and is told only if the number is known."""
    found = check("商品を発送いたしました。", order_id=ORDER)
    assert [(one.rule, one.severity, one.text) for one in found] == [("order_missing", "warning", "")]
    assert check(f"{ORDER} の商品を発送いたしました。", order_id=ORDER) == ()
    assert check("商品を発送いたしました。") == ()


def test_the_length_limit_is_amazons():
    """4,000 characters pass, one more does not."""
    assert "length" not in rules_of("あ" * 4000)
    assert "length" in rules_of("あ" * 4001)


@pytest.mark.parametrize(
    "gap", ["\n\n\n", "\r\n\r\n\r\n", "\n \n\u3000\n", "\n\n\n\n\n", "\u2028\u2028\u2028"]
)
def test_more_than_two_line_breaks_in_a_row_are_an_error(gap):
    """Also when the empty lines hold blanks; one empty line is fine, and so are the text's two ends."""
    assert "line_breaks" in rules_of(f"商品の件です。{gap}発送いたしました。")
    assert "line_breaks" not in rules_of(f"{gap}商品の件です。\n\n発送いたしました。{gap}")


@pytest.mark.parametrize(
    "text",
    [
        "いただいた評価を拝見し、検品の手順を改めました。",
        "低い評価をいただき、大変申し訳ございません。",
        "評価の削除は、Amazonが判断いたします。",
        "社内の耐久評価は10,000回でございます。",
        "Thank you for your feedback about the packaging.",
        "We do not ask buyers to change their reviews.",
    ],
)
def test_ratings_may_be_spoken_of(text):
    """In thanks, apologies, answers and explanations."""
    assert not is_blocked(check(text))


@pytest.mark.parametrize(
    "line",
    [
        "インスタ見てください",
        "納品書のQRからサポートへどうぞ",
        "line追加お願いします",
        "星、増やしてください",
    ],
)
def test_what_stands_on_the_next_line_excuses_nothing(line):
    """A line may end without a full stop; the sentence behind it is another one."""
    assert is_blocked(check(f"お世話になっております。\n{line}\n商品のご返送は不要でございます。"))


@pytest.mark.parametrize(
    "text",
    [
        "本体の電源を入れ直してください。",
        "付属のネジを4本ご用意ください。",
        "サイズをもう一度ご確認のうえ、ご返信をお願いいたします。",
    ],
)
def test_requests_beside_an_apology_for_a_rating_are_about_the_article(text):
    """Only a request that names nothing, or the rating, is taken for one to change it."""
    assert not is_blocked(check(f"低い評価をいただき、申し訳ございません。{text}"))


@pytest.mark.parametrize(
    "text",
    [
        "星が一つというのは寂しいものです。",
        "あの評価には驚きました。",
        "Your two stars still sting.",
        "That review is hard to read for a small shop.",
    ],
)
def test_what_is_said_of_ratings_is_known_to_be_harmless(text):
    """Anything else is blocked, even if it asks for nothing."""
    assert "rating_mention" in rules_of(text)


@pytest.mark.parametrize(
    "text", ["商品のレビューをお願いいたします。", "Please leave a review of the product."]
)
def test_a_plain_request_for_a_review_is_a_warning(text):
    """Amazon allows it once, so a person decides."""
    assert not is_blocked(check(text))
    assert rules_of(text) == {"rating_request"}


def test_warnings_do_not_block():
    """A person may overrule them."""
    finding = Finding("x", "warning", "", "")
    assert not is_blocked([])
    assert not is_blocked([finding])
    assert is_blocked([finding, Finding("y", "error", "", "")])


def test_reasons_are_in_the_readers_language():
    """Japanese unless asked otherwise."""
    ja, en = check("♪")[0].reason, check("♪", language="en")[0].reason
    assert "絵文字" in ja
    assert "Emojis" in en


def test_findings_come_in_the_order_of_the_text():
    """So that they can be read beside it."""
    found = [one.text for one in check("♪ https://example.com 090-1234-5678 ★")]
    assert found[0] == "♪"
    assert found[-1] == "★"


def test_rules_are_complete():
    """Each has its own name, a reason in both languages and something that finds it."""
    rules = load_rules()
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.severity in {"error", "warning"}
        assert re.search("[ぁ-ん]", rule.reasons["ja"])
        assert re.search("[a-z]{3}", rule.reasons["en"])
        assert rule.detector in DETECTORS or any(rule.patterns.values()) or rule.decisive


def test_every_error_has_an_example():
    """No rule that blocks is without a text that it blocks."""
    unseen = {rule.id for rule in load_rules() if rule.severity == "error"} - {"other_order"}
    for text, rule in (known for name in SETS for known in texts(name)):
        if rule in unseen and rule in rules_of(text):
            unseen.remove(rule)
    assert unseen <= {"length"}


@pytest.mark.parametrize(
    "piece",
    [
        "評価を",
        "0 ",
        "09",
        "please review ",
        "**",
        "((",
        "h t t p ",
        "\n \n",
        "a.",
        "e\u0301",
        "〔",
        "返金ので",
        "one 2 ",
        "番号を",
        "評価を消すまで、",
        "☆",
    ],
)
def test_hostile_texts_end_soon(piece):
    """100 kB of what patterns like least; the bound is generous, the benchmark measures."""
    begun = time.process_time()
    assert is_blocked(check(piece * (100_000 // len(piece) + 1)))
    assert time.process_time() - begun < 2
