"""What the owner sees of drafts and commands, and that nobody else can put any there."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.contexts import (
    ACTIONS,
    ANSWER_WORDS,
    VOID_WORDS,
    AlertCase,
    AlertContext,
    AlertDraft,
    AlertEvent,
    AlertOffer,
    AnswerContext,
)
from templates.marks import DRAFT_MARK, OFFER_MARK
from templates.page import build_page
from templates.render import ALERT_LIMIT, SUBJECT_LIMIT, render_alert, render_answer

NOW = datetime(2026, 11, 21, 19, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
LANGUAGES = ("ja", "en")
ADDRESS = "shop@shop.example"
SECRET = "0123456789abcdef"
TEXT = "佐藤 花子 様\n\n申し訳ございません。\n\nまい商店"
LABELS = {
    "ja": {
        "approve": "この下書きを送る",
        "edit": "文面を書き直す",
        "no_reply_needed": "返信不要にする",
        "snooze": "あとで知らせる",
    },
    "en": {
        "approve": "Send this draft",
        "edit": "Change the text",
        "no_reply_needed": "No answer needed",
        "snooze": "Remind me later",
    },
}


def offer(action):
    """A command as it is offered."""
    return AlertOffer(action, f"mailto:{ADDRESS}?subject=%5Bsokuresu%20{SECRET}%5D%20{action}")


def case(number=1, **more):
    """A case with a draft that may be sent, and all four commands."""
    values = {
        "kind": "buyer_message",
        "buyer_name": "佐藤 花子",
        "order_ids": (),
        "waiting_since": NOW - timedelta(hours=1),
        "respond_by": NOW + timedelta(hours=1),
        "excerpt": "まだ届きません。",
        "draft": AlertDraft(2, TEXT, ready=True),
        "offers": tuple(map(offer, ("approve", "edit", "no_reply_needed", "snooze"))),
    } | more
    return AlertCase(number=number, **values)


def alert(*cases, language="ja", occasion="slot", **more):
    """Render one alert."""
    return render_alert(AlertContext("まい商店", NOW, occasion, "19:30", cases, **more), language)


def answer(word, language="ja", **more):
    """Render one answer."""
    return render_answer(AnswerContext("まい商店", NOW, word, 12, **more), language)


def labels(text):
    """The labels of the offers that stand in a text, each with its link whole in the next line."""
    return re.findall(rf"^{OFFER_MARK}(.+)\nmailto:\S+$", text, re.MULTILINE)


def links(text):
    """Where the buttons of the text's page lead."""
    return re.findall(r'<a href="([^"]*)"', build_page(text, ADDRESS))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_command_has_its_label_and_its_whole_link(language):
    """One after the other as the caller orders them, nothing glued to a link."""
    told = alert(case(), language=language)
    assert labels(told.text) == list(LABELS[language].values())
    assert [line for line in told.text.split("\n") if "mailto:" in line] == [
        one.link for one in case().offers
    ]
    assert links(told.text) == [one.link for one in case().offers]
    assert set(LABELS[language]) == ACTIONS


def test_the_draft_is_told_line_by_line():
    """Each line, the empty ones too, carries the mark of a draft, after the buyer's words."""
    text = alert(case()).text
    drawn = [line for line in text.split("\n") if line.startswith(DRAFT_MARK.strip())]
    assert drawn == [f"┃ {line}".strip() for line in TEXT.split("\n")]
    assert text.index("まだ届きません。") < text.index("下書き 第2版") < text.index(OFFER_MARK)


@pytest.mark.parametrize(
    ("changes", "ja", "en"),
    [
        ({}, "下書き 第2版 — このまま送れます", "Draft, version 2: ready to send"),
        (
            {"sure": False},
            "— 送る前にご確認ください\n注意: ご用件の見立てに",
            ": check it before sending\nNote: We are",
        ),
        (
            {"reasons": ("長すぎます",)},
            "— 送る前にご確認ください\n・長すぎます",
            ": check it before sending\n- 長すぎます",
        ),
        (
            {"ready": False, "text": "〔日付〕に送ります", "reasons": ("空欄",)},
            "— 〔 〕を埋めてください\n・空欄\n┃",
            ": fill in the 〔 〕 first\n- 空欄\n┃",
        ),
        ({"ready": False}, "— このままでは送れません\n┃", ": cannot be sent as it is\n┃"),
    ],
)
def test_the_state_of_a_draft_is_said_first(changes, ja, en):
    """Ready, doubtful, unfilled or forbidden: it stands above the text with the reasons."""
    shown = case(draft=replace(case().draft, **changes))
    assert ja in alert(shown).text
    assert en in alert(shown, language="en").text


@pytest.mark.parametrize(
    "draft",
    [
        None,
        AlertDraft(1, TEXT, ready=False),
        AlertDraft(1, "あ" * 4_001, ready=True),
        AlertDraft(1, "\n".join("あ" * 201), ready=True),
    ],
)
def test_nobody_is_asked_to_send_what_he_does_not_see_or_may_not(draft):
    """Without a draft, with one that may not go, or one that is shown in part, the command is left out."""
    told = alert(case(draft=draft))
    assert labels(told.text) == list(LABELS["ja"].values())[1:]


def test_a_long_draft_says_that_it_is_cut():
    """Where the rest stands is said, and in no other case."""
    assert "sokuresu draft 7" in alert(case(7, draft=AlertDraft(1, "あ" * 5_000, ready=True))).text
    assert "sokuresu draft" not in alert(case(7)).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_commands_work_is_said_once(language):
    """Once a mail, however many cases; not at all where nothing is offered."""
    words = {"ja": "操作(▶)の使い方", "en": "How the links (▶) work"}[language]
    told = alert(case(1), case(2), language=language).text
    assert told.count(words) == told.count("48") == 1
    assert words not in alert(case(offers=()), language=language).text
    writing = {"ja": "はじめから終わりまで書いて", "en": "write the whole text"}[language]
    assert writing in told
    assert writing not in alert(case(offers=(offer("snooze"),)), language=language).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_advice_stands_behind_the_draft(language):
    """What to do besides answering, each on a line with its label."""
    text = alert(case(advice=("在庫を見る。", "配送業者に\n聞く。")), language=language).text
    label = {"ja": "対応: ", "en": "To do: "}[language]
    assert f"{label}在庫を見る。\n{label}配送業者に 聞く。\n" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("occasion", ["slot", "new", "running_out", "event"])
def test_no_command_leaves_by_another_path(language, occasion):
    """Neither subject, nor brief for a webhook, nor short list holds a link, a draft or advice."""
    cases = [
        case(number, draft=AlertDraft(1, "秘密の下書き", ready=True), advice=("秘密の助言",))
        for number in range(1, 31)
    ]
    told = alert(*cases, language=language, occasion=occasion, events=(AlertEvent("edited_draft", 1),))
    for words in (SECRET, "mailto", "秘密", OFFER_MARK.strip(), DRAFT_MARK.strip()):
        assert words not in told.brief
        assert words not in told.subject
    assert told.text.count("秘密の下書き") == 20
    assert told.text.count(SECRET) == 80
    short = told.text[told.text.index("案件21" if language == "ja" else "case 21") :]
    assert SECRET not in short


@pytest.mark.parametrize(
    "bad",
    [
        AlertOffer("delete_all", f"mailto:{ADDRESS}?subject=x"),
        AlertOffer("snooze", "https://evil.example/"),
        AlertOffer("snooze", f"mailto:{ADDRESS}?subject=x\nBcc: y"),
        AlertOffer("snooze", f"mailto:{ADDRESS}?subject=a b"),
        AlertOffer("snooze", "mailto:" + "a" * 1_000),
        AlertOffer("snooze", ""),
    ],
)
def test_what_is_no_command_is_not_offered(bad):
    """An unknown action, or a link that would not stay whole, is left out; the alert goes all the same."""
    told = alert(case(offers=(bad, offer("snooze"))))
    assert labels(told.text) == [LABELS["ja"]["snooze"]]


def test_drafts_keep_their_words_and_lose_what_cannot_be_seen():
    """Controls, line ends of other kinds and direction overrides go; blanks, addresses and signs stay."""
    text = "a  b\tc\r\nhttps://shop.example 　全角\x00\u202e\u2028▶ 送る\x1c■ 見出し"
    shown = alert(case(draft=AlertDraft(1, text, ready=False))).text
    assert "┃ a  b c\n┃ https://shop.example 　全角\n┃ ▶ 送る\n┃ ■ 見出し\n" in shown


HOSTILE_LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                f"▶ 送る\nmailto:{ADDRESS}?subject=x",
                "▶ 送る",
                f"mailto:{ADDRESS}?subject=x",
                "┃",
                "▼ 案件1",
                "■",
                "│",
            ]
        ),
        st.text(max_size=20),
        st.sampled_from(["\r", "\v", "\f", "\x85", "\u2028", "\u2029", "\x1c", "\n\n\n", "\u202e"]),
    ),
    max_size=6,
).map("\n".join)


@given(bad=HOSTILE_LINES, language=st.sampled_from(LANGUAGES))
def test_strangers_make_no_button_and_no_line_of_ours(bad, language):
    """Names, orders, words, details, drafts, reasons and advice bring in no command beside the real ones."""
    shown = case(
        kind=bad,
        buyer_name=bad,
        order_ids=(bad,),
        excerpt=bad,
        notes=(bad,),
        advice=(bad,),
        draft=AlertDraft(1, f"{bad}\n{bad}", ready=False, reasons=(bad,)),
        offers=(offer("snooze"),),
    )
    told = alert(shown, language=language, events=(AlertEvent("edited_draft", 1, bad),))
    assert links(told.text) == [offer("snooze").link]
    spoken = answer("failed", language, detail=bad, case=shown)
    assert links(spoken.text) == [offer("snooze").link]
    clean = alert(case(offers=(offer("snooze"),)), language=language, events=(AlertEvent("edited_draft", 1),))
    for mark in ("▶", "▼", "■", "## "):
        begins = re.compile(rf"^{mark}", re.MULTILINE)
        assert len(begins.findall(told.text)) == len(begins.findall(clean.text))


def test_the_longest_alert_with_drafts_fits():
    """Twenty cases with all that cleaning lets through stay under the cap."""
    drafts = AlertDraft(99, "〔\n" * 5_000, ready=False, sure=False, reasons=("あ" * 400,) * 20)
    many = [
        case(
            number,
            draft=drafts,
            advice=("あ" * 400,) * 20,
            offers=(offer("snooze"),) * 20,
            excerpt="あ\n" * 999,
        )
        for number in range(10**9, 10**9 + 400)
    ]
    assert len(alert(*many).text) < ALERT_LIMIT


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_for_not_sending_has_its_sentence(language):
    """In alerts as in answers, no machine word, and each reason another sentence."""
    texts = set()
    for word in sorted(VOID_WORDS):
        told = alert(
            language=language, occasion="event", events=(AlertEvent("approval_void", 12, word),)
        ).text
        spoken = answer("refused", language, detail=word).text
        reason = re.search(r"^(?:理由|Reason): (.+)$", spoken, re.MULTILINE).group(1)
        assert reason in told
        assert not re.search(r"[a-z]_[a-z]", told + spoken)
        texts.add(reason)
    assert len(texts) == len(VOID_WORDS)


def test_the_reason_of_one_event_is_no_reason_of_another():
    """A server that answers with such a word is quoted like any other."""
    text = alert(occasion="event", events=(AlertEvent("refused", 12, "uncertain"),)).text
    assert "│ uncertain" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_has_words_of_its_own(language):
    """Subject and text differ from all others, name the case, and no machine word is said."""
    details = {"refused": "no_draft", "failed": "だめ"}
    answers = [answer(word, language, detail=details.get(word, "")) for word in sorted(ANSWER_WORDS)]
    assert len({one.subject for one in answers}) == len({one.text for one in answers}) == len(ANSWER_WORDS)
    for one in answers:
        assert ("案件12" if language == "ja" else "Case 12") in one.subject
        assert len(one.subject) <= SUBJECT_LIMIT
        assert not re.search(r"[a-z]_[a-z]", one.subject + one.text)


@pytest.mark.parametrize("word", sorted(ANSWER_WORDS - {"approved"}))
def test_answers_say_at_once_that_nothing_was_sent(word):
    """All but the approval: what was done and what was not stands in the first line."""
    first = answer(word).text.split("\n")[0]
    assert re.search("送っていません|何もしていません|行っていません", first)
    english = answer(word, "en").text.split("\n")[0]
    assert re.search("[Nn]othing was|was not carried out", english)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("word", sorted(ANSWER_WORDS))
def test_answers_show_the_case_and_its_commands(word, language):
    """Where a case goes along, its words, its draft and its buttons are there, and how to use them."""
    told = answer(word, language, case=case())
    assert labels(told.text) == list(LABELS[language].values())
    assert TEXT.split("\n")[2] in told.text
    assert told.text.count("48") >= 1
    assert labels(answer(word, language).text) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_texts_can_be_sent_by_their_own_links(language):
    """The version before the owner's words is named by its number, so that the two cannot be mixed up."""
    told = answer(
        "text_with_approval",
        language,
        case=case(draft=AlertDraft(3, "新しい文面", ready=True), offers=(offer("approve"),)),
        earlier_draft=AlertDraft(2, TEXT, ready=True),
        earlier_offer=offer("approve"),
    ).text
    second = {"ja": "第2版をそのまま送る", "en": "Send version 2 as it was"}[language]
    assert labels(told) == [LABELS[language]["approve"], second]
    assert told.index("新しい文面") < told.index(TEXT.split("\n")[2])


def test_answers_without_a_case_name_none():
    """Nobody knows which case a foreign link was about."""
    told = render_answer(AnswerContext("まい商店", NOW, "unknown_command"), "ja")
    assert "案件" not in told.subject
    assert "None" not in told.text


def test_the_details_of_answers_are_quoted_and_harmless():
    """A reason from elsewhere stands on one line behind its mark."""
    text = answer("failed", detail="だめ\n▶ 送る\nhttps://evil.example").text
    assert "│ だめ ▶ 送る hxxps://evil[.]example\n" in text


def test_a_text_that_cannot_go_is_not_called_good():
    """After the owner's words were taken, the mail asks to send them only if they may be sent."""
    good = answer("text_taken", case=case()).text
    bad = answer("text_taken", case=case(draft=AlertDraft(3, TEXT, ready=False))).text
    assert ("よろしければ下の ▶ から" in good, "よろしければ下の ▶ から" in bad) == (True, False)
    assert "このままでは送れないところがあります" in bad


@pytest.mark.parametrize("word", ["snoozed", "no_reply_needed"])
def test_of_a_rating_or_a_call_nothing_is_said_of_amazons_clock(word):
    """Amazon gives those no time, and has no message to be marked."""
    assert "Amazon" in answer(word).text
    assert "Amazon" not in answer(word, timed_by_amazon=False).text
