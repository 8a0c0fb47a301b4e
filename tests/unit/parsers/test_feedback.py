"""Notices of a rating: assumed wording, the seller's own rules, and footers that must not count."""

# ruff: noqa: E501 - a mail is easier to read when it is one row of a table
from __future__ import annotations

import pytest

from parsers.reading import read
from parsers.recognisers.feedback import check_feedback_rule, read_rating
from parsers.values import FeedbackNotice, FeedbackRule, Kind, Trust
from tests.unit.parsers.mails import HOST, ORDER, BuyerMail, notice, ordinary

TRUST = Trust(authserv_id=HOST)


def told(content: bytes, trust: Trust = TRUST) -> FeedbackNotice:
    """The feedback in a mail."""
    found = read(content, trust).notification
    assert isinstance(found, FeedbackNotice), found
    return found


RATINGS = [
    ("評価: 1", 1),
    ("評価：２", 2),
    ("評価 3", 3),
    ("評価は4です", 4),
    ("評価: 4 (5段階中)", 4),
    ("5段階中2", 2),
    ("5つ星のうち2", 2),
    ("5つ星のうち 1.0", 1),
    ("★★☆☆☆", 2),
    ("評価: ★☆☆☆☆", 1),
    ("⭐⭐⭐", 3),
    ("星2つ", 2),
    ("星二つ", 2),
    ("3つ星", 3),
    ("Rating: 1/5", 1),
    ("Rating: 2 out of 5", 2),
    ("Rating: 2.0 out of 5 stars", 2),
    ("1-star rating", 1),
    ("one star", 1),
    ("Bewertung: 2 von 5 Sternen", 2),
    ("Note : 1 sur 5", 1),
    ("Valutazione: 2 su 5", 2),
    ("Valoración: 3 de 5", 3),
    ("Rating\n2", 2),
    ("評価\n★★★☆☆", 3),
    ("評価: 98%", None),
    ("評価: 12", None),
    ("2026/1/5", None),
    ("評価: 低い", None),
    ("★★★★★★", None),
    ("評価: 0", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "rating"), RATINGS)
def test_rating_is_read(text: str, rating: int | None) -> None:
    """Digits, words and stars, in ordinary and full width."""
    assert read_rating([text]) == rating


@pytest.mark.parametrize("before", [False, True])
def test_notice_beside_a_line_of_a_list(before: bool) -> None:
    """What a list or a gateway puts beside an HTML mail does not hide what the mail says."""
    body = f"<li>注文番号: {ORDER}</li><li>評価: 2</li><li>コメント: 遅い</li>"
    head, empty, rest = notice("購入者から評価がありました", body).partition(b"Content-Type: text/html")
    line = b"--x\r\nContent-Type: text/plain\r\n\r\nThis mail was checked: 5 stars\r\n"
    part = b"--x\r\n" + empty + rest + b"\r\n"
    parts = line + part if before else part + line
    found = told(head + b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n' + parts + b"--x--\r\n")
    assert (found.rating, found.text, found.frame.order_ids) == (2, "遅い", (ORDER,))


@pytest.mark.parametrize(
    ("subject", "body", "rating", "text"),
    [
        ("購入者から評価がありました", f"注文番号: {ORDER}<br>評価: 1<br>コメント: 届きません。", 1, "届きません。"),
        (f"出品者の評価のお知らせ {ORDER}", "評価：★★☆☆☆<br>コメント：<br>遅い<br>二度と買わない", 2, "遅い\n二度と買わない"),
        ("低評価のお知らせ", f"<p>注文番号</p><p>{ORDER}</p><p>評価</p><p>2</p><p>コメント</p><p>雑な梱包</p>", 2, "雑な梱包"),
        ("You received new seller feedback", f"Order ID: {ORDER}<br>Rating: 1/5<br>Comments: Never came", 1, "Never came"),
        ("New negative feedback", f"Order ID: {ORDER}<br>Rating: 2 out of 5<br>Comment: Late", 2, "Late"),
        ("Sie haben eine neue Bewertung erhalten", f"Bestellnummer: {ORDER}<br>Bewertung: 3<br>Kommentar: Naja", 3, "Naja"),
        ("お知らせ", f"購入者が出品者の評価を投稿しました。<br>注文番号: {ORDER}<br>評価: 3<br>コメント: 普通", 3, "普通"),
        ("購入者があなたを評価しました 評価2", f"注文番号: {ORDER}", 2, ""),
        ("You have a new 2-star rating", f"Order: {ORDER}<br>Comment:<br><br>Late", 2, "Late"),
        ("フィードバックが届きました", f"注文番号: {ORDER}", None, ""),
        ("評価が投稿されました", f"<table><tr><th>注文番号</th><th>評価</th><th>コメント</th></tr><tr><td>{ORDER}</td><td>1</td><td>最悪 2つ星</td></tr></table>", 1, "最悪 2つ星"),
    ],
)  # fmt: skip
def test_notice_is_read(subject: str, body: str, rating: int | None, text: str) -> None:
    """Rating, comment and order come out of assumed wordings; the rule says that it is assumed."""
    found = told(notice(subject, body, linked_kind="ASSUMED"))
    assert (found.rating, found.text, found.frame.order_ids) == (rating, text, (ORDER,))
    assert found.frame.confidence == "assumed"


def test_unknown_type_does_not_hide_feedback() -> None:
    """Nobody knows the type of these notices, so any unknown one may carry one."""
    assert told(notice("出品者評価: 2", f"注文番号: {ORDER}", kind="SELLER_FEEDBACK_X")).rating == 2


def test_number_in_the_comment_binds_nothing() -> None:
    """The comment is the buyer's."""
    body = f"注文番号: {ORDER}<br>評価: 1<br>コメント: 250-9999999-9999999 も届かない 5つ星のうち5"
    found = told(notice("出品者の評価", body))
    assert (found.frame.order_ids, found.rating) == ((ORDER,), 1)


def test_known_type_is_never_feedback() -> None:
    """A refund that speaks of feedback stays a refund."""
    assert read(notice("出品者の評価: 1", ORDER, kind="REFUND_ISSUED"), TRUST).kind is Kind.REFUND


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("出品者を評価してください", f"注文番号 {ORDER} 5つ星のうち"),
        ("出品者の評価のお願い", f"注文番号 {ORDER}"),
        ("ご購入の商品の評価をお願いします", f"注文番号 {ORDER}"),
        ("商品レビューが投稿されました 評価: 1", f"注文番号 {ORDER}"),
        ("Please rate your purchase", f"Order ID {ORDER} 1 2 3 4 5 stars"),
        ("お知らせ", "このEメールに関するフィードバックをお寄せください。"),
        ("Was this helpful? Give feedback", f"Order ID {ORDER}"),
        ("新しい評価の仕組みのお知らせ", "出品者の評価が変わります。"),
    ],
)
def test_requests_and_footers_are_no_feedback(subject: str, body: str) -> None:
    """Amazon asks for feedback everywhere; only a rating that came is one."""
    assert read(notice(subject, body, linked_kind="X_UNKNOWN"), TRUST).kind is not Kind.FEEDBACK


def test_buyer_message_about_a_rating_is_no_feedback() -> None:
    """A buyer may write about ratings."""
    mail = BuyerMail(text="出品者の評価: 1\nコメント: 届きません", subject=f"出品者の評価 1 ({ORDER})")
    assert read(mail.build(), TRUST).kind is Kind.BUYER_MESSAGE


OWN = Trust(
    feedback_rules=(
        FeedbackRule("alerts@tool.example", subject="新しい評価|new rating", rating=r"score=(\d|★+)"),
        FeedbackRule("plain@tool.example"),
    )
)


def test_own_rule_reads_another_sender() -> None:
    """The seller names a tool's sender, a subject and where the rating stands."""
    content = ordinary(
        "Alerts <alerts@tool.example>", "新しい評価", f"Order ID: {ORDER}\nscore=2\nComment: Late\n"
    )
    found = told(content, OWN)
    assert (found.rating, found.text, found.frame.order_ids) == (2, "Late", (ORDER,))
    assert found.frame.rule == "feedback/own"
    assert found.frame.marketplace is None


def test_own_rule_without_patterns_takes_everything() -> None:
    """With only a sender every mail of it counts, and the whole text is the comment."""
    found = told(ordinary("plain@tool.example", "x", "評価 ★☆☆☆☆ ひどい"), OWN)
    assert (found.rating, found.text) == (1, "評価 ★☆☆☆☆ ひどい")


def test_own_rule_needs_sender_and_subject() -> None:
    """Another subject or another sender is nobody's feedback."""
    assert read(ordinary("alerts@tool.example", "weekly news", "x"), OWN).kind is Kind.UNRELATED
    assert read(ordinary("xalerts@tool.example", "new rating", "x"), OWN).kind is Kind.UNRELATED
    content = ordinary("alerts@tool.example, evil@x.example", "new rating", "x")
    assert read(content, OWN).kind is Kind.UNRELATED


def test_own_rule_yields_to_a_known_type() -> None:
    """A rule for Amazon's general sender does not swallow its other notices."""
    trust = Trust(feedback_rules=(FeedbackRule("donotreply@amazon.com"),))
    assert read(notice("x", ORDER, kind="REFUND_ISSUED"), trust).kind is Kind.REFUND
    assert read(notice("x", ORDER), trust).kind is Kind.FEEDBACK


def test_own_rating_may_be_stars() -> None:
    """The group may hold a row of stars."""
    assert told(ordinary("alerts@tool.example", "new rating", "score=★★★"), OWN).rating == 3
    assert told(ordinary("alerts@tool.example", "new rating", "score=9"), OWN).rating is None


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (FeedbackRule("nobody"), "no mail address"),
        (FeedbackRule("a@b.example", subject="("), "no regular expression"),
        (FeedbackRule("a@b.example", rating="["), "no regular expression"),
        (FeedbackRule("a@b.example", rating="rating"), "needs a group"),
        (FeedbackRule("a@b.example", subject="(a+)+$"), "repeats a repetition"),
        (FeedbackRule("a@b.example", subject="(a{2,})*"), "repeats a repetition"),
        (FeedbackRule("a@b.example", subject="x" * 600), "longer than"),
    ],
)
def test_bad_rule_is_reported(rule: FeedbackRule, words: str) -> None:
    """The configuration can tell the seller what is wrong."""
    with pytest.raises(ValueError, match=words):
        check_feedback_rule(rule)


def test_good_rules_pass() -> None:
    """The rules of the tests above are good ones."""
    for rule in OWN.feedback_rules:
        check_feedback_rule(rule)
