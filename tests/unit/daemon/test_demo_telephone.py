"""The owner's telephone in the demonstration, and how the mail that it shows is cut short."""

from datetime import datetime

import pytest

from daemon.demo.abridging import Abridgment, first_lines
from daemon.demo.events import TOKYO
from daemon.demo.letters import Letter, Writer
from daemon.demo.mails import AUTHSERV_ID, Proof
from daemon.demo.premises import OWNER_ADDRESS
from daemon.demo.story import REWRITE, SEND
from daemon.demo.telephone import Link, find_link, links_in, unfold_links, veil, write_answer, write_command
from daemon.offers import plan, show
from parsers.owner_mail import read_owner_mail
from parsers.values import Authenticity, Trust
from state.command_rules import Action
from tests.unit.state.examples import make_message

AT = datetime(2026, 11, 20, 12, 10, tzinfo=TOKYO)
SHOP = "shop@shop.example"
TRUST = Trust(authserv_id=AUTHSERV_ID)


def offered(case, label=SEND, action=Action.APPROVE):
    """A command as the service writes it into a mail, and its token."""
    offer = plan(action, case, [make_message(1)])
    return f"▶ {label}\n{show(offer, SHOP, 'ja').link}", offer.placeholder


def alert(text, subject="件名"):
    """A mail to the owner."""
    sender = f"sokuresu <{SHOP}>"
    return Letter(AT, Writer.ALERT, OWNER_ADDRESS, sender, subject, text, "<1@shop.example>")


def test_a_link_is_read_as_the_service_writes_it():
    """With its label, where its mail goes, and the decoded subject with the token in it."""
    text, token = offered(4)
    (link,) = links_in(f"前の行\n{text}\n\n次の行")
    assert link == Link(SEND, SHOP, f"[sokuresu:{token}] 案件4の下書きを送る")
    assert link.token == token


def test_the_link_of_a_case_is_found_in_the_first_mail_that_has_it():
    """Case 1 is not case 10, and another label is another command."""
    old, _ = offered(1)
    new, token = offered(1)
    other, _ = offered(10)
    letters = [alert(other), alert(new), alert(old)]
    assert find_link(letters, SEND, 1).token == token
    assert find_link(letters, REWRITE, 1) is None
    assert find_link(letters, SEND, 2) is None


@pytest.mark.parametrize(
    ("proof", "authenticity"),
    [(Proof.PASS, Authenticity.PASS), (Proof.MISSING, Authenticity.NONE), (Proof.FAIL, Authenticity.FAIL)],
)
def test_a_command_is_read_as_the_owners(proof, authenticity):
    """The token stands in the subject; the app's signature is nobody's words."""
    text, token = offered(4)
    told = read_owner_mail(write_command(links_in(text)[0], "", AT, proof), TRUST)
    assert (told.token, told.text, told.automatic) == (token, "", False)
    assert told.authenticity is authenticity
    assert told.envelope.from_address == OWNER_ADDRESS


def test_what_the_owner_writes_arrives_whole():
    """Paragraph by paragraph, without the signature below."""
    text, _ = offered(4, REWRITE, Action.EDIT)
    words = "井上 直樹 様\n\n明日の午前に着く見込みです。\n\nまい商店 店主"
    told = read_owner_mail(write_command(links_in(text)[0], words, AT, Proof.PASS), TRUST)
    assert told.text == words


def test_an_answer_to_an_alert_carries_no_command():
    """It is on the alert's thread, and what it quotes is not its own."""
    text, _ = offered(4)
    told = read_owner_mail(write_answer(alert(text), "承知しました。", AT), TRUST)
    assert (told.token, told.text) == (None, "承知しました。")
    assert told.envelope.in_reply_to == "1@shop.example"


def test_no_token_is_printed():
    """A few of its letters are enough to tell one from another; links stand close together."""
    (first, token), (second, _) = offered(4), offered(4, REWRITE, Action.EDIT)
    printed = unfold_links(f"{first}\n\n{second}\n\n終わり")
    assert token not in printed
    assert printed.split("\n")[0] == f"▶ {SEND} (件名: [sokuresu:{token[:4]}…] 案件4の下書きを送る)"
    assert printed.split("\n")[1].startswith(f"▶ {REWRITE} (")
    assert veil("件名だけ") == "件名だけ"


def test_what_was_explained_before_is_left_out():
    """And the spectator is told of it; what is new is shown."""
    text = "■ 未回答の案件\n一つ\n\n■ 確認をお願いします\n1通\n\n■ 操作(▶)の使い方\n例は案件2"
    abridgment = Abridgment()
    assert abridgment.shorten(text) == text.split("\n")
    again = abridgment.shorten(text.replace("一つ", "二つ").replace("案件2", "案件3"))
    assert again[:2] == ["■ 未回答の案件", "二つ"]
    assert again[-1] == "(前と同じなので省きます: 確認をお願いします、操作(▶)の使い方)"
    assert "1通" not in again
    assert "例は案件3" not in again


def test_a_mail_of_one_section_stays_whole():
    """Or nothing of it would be left."""
    text = "お疲れさまです。\n■ 確認をお願いします\n1通"
    abridgment = Abridgment()
    assert [abridgment.shorten(text), abridgment.shorten(text)] == [text.split("\n")] * 2


def test_the_facts_of_a_case_are_shown_once():
    """Its deadlines and whatever came since are shown again; of another case nothing is known yet."""
    first = "▼ 案件2\n店の期限: あと8時間\n届いた日時: 本日(1分前)\n購入者: 木村 健 様\n│ 一"
    later = "▼ 案件2\n店の期限: あと7時間\n届いた日時: 本日(1時間前)\n購入者: 木村 健 様\n│ 一\n│ 二"
    abridgment = Abridgment()
    assert abridgment.shorten(first) == first.split("\n")
    assert abridgment.shorten(later) == ["▼ 案件2", "店の期限: あと7時間", "│ 二", "…(ほかは前と同じ)"]
    other = first.replace("案件2", "案件3")
    assert abridgment.shorten(other) == other.split("\n")


def test_a_draft_is_shown_once_and_in_part():
    """How many lines are missing is told; the same draft is not shown twice."""
    text = "\n".join(
        ["下書き 第1版", *(f"┃ {number}" for number in range(9)), "対応: 一", "対応: 二", "対応: 三"]
    )
    abridgment = Abridgment()
    assert abridgment.shorten(text) == [
        "下書き 第1版",
        *(f"┃ {number}" for number in range(5)),
        "┃ …(あと4行)",
        "対応: 一",
        "対応: …(あと2行)",
    ]
    assert abridgment.shorten(text) == ["下書き 第1版", "┃ …(前と同じ)", "対応: …(前と同じ)"]


def test_short_texts_stay_whole():
    """To leave out a single line saves none."""
    assert first_lines("一\n二\n三\n", 2) == ["一", "二", "三"]
    assert first_lines("一\n二\n三\n四", 2) == ["一", "二", "…(あと2行)"]
