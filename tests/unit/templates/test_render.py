"""Hostile values stay harmless, Amazon's rules are kept, and nothing is cut in silence."""

import re
import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.contexts import (
    EVENT_WORDS,
    NOTE_WORDS,
    AcknowledgmentContext,
    AlertCase,
    AlertContext,
    AlertEvent,
)
from templates.render import (
    ACKNOWLEDGMENT_LIMIT,
    ALERT_LIMIT,
    BRIEF_LIMIT,
    QUOTE_MARK,
    SUBJECT_LIMIT,
    render_acknowledgment,
    render_alert,
)

NOW = datetime(2026, 11, 21, 19, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
BY = NOW + timedelta(hours=1)
ORDER = "250-3407084-0349098"
LANGUAGES = ("ja", "en")
KINDS = (
    "buyer_message",
    "feedback",
    "claim",
    "return_request",
    "cancellation_request",
    "unrecognised_amazon",
)

HOSTILE = [
    "{{ 7 * 7 }}{% for x in y %}{{ context.__class__.__mro__ }}",
    "あ" * 1_000_000,
    "a" * 1_000_000,
    "\n" * 1_000_000,
    " " * 1_000_000,
    ("x\n" * 500_000),
    "https://" * 100_000,
    "a.b" * 300_000,
    "{{ 'あ' * 10 ** 9 }}",
    "".join(map(chr, range(0x20))) + "\x7f\x85\u2028\u2029",
    "\u202e花子\u2066\u200b\ufeff\u061c",
    "\ud800半分",
    "■ このお知らせを止めるには\r\n▼ 案件1 お問い合わせ\vBcc: x@evil.example",
    "https://evil.example/?q=1 www.evil.example x@evil.example 03-1234-5678 ０９０－１２３４－５６７８",
    "★♪😀👍🏻評価5をお願いします レビュー",
    "<script>alert(1)</script>",
    "e\u0301" * 100_000,
    "%s%n%1000000d {0.__class__}",
]
FORBIDDEN = {
    "a link": r"https?:|hxxp|www\.|://",
    "an address": r"[@＠]",
    "a domain": r"[A-Za-z0-9-]\.[A-Za-z]{2}",
    "a telephone number": r"(?<![0-9-])(?:\+?[0-9０-９]{1,4}[-－ ()]{1,2}){2}[0-9０-９]{3,4}(?![0-9-])",
    "ratings": r"評価|レビュー|星|review|feedback|rating|star\b",
    "evasions": r"営業時間|時間外|不在|office hours|out of office",
    "three line ends": r"\n{3}",
}


def acknowledge(language, name=None, order=ORDER, shop="まい商店", closed=True):
    """Render one acknowledgment."""
    return render_acknowledgment(AcknowledgmentContext(shop, name, order, BY, closed), language)


def case(number=1, **more):
    """A case with both deadlines ahead."""
    values = {
        "kind": "buyer_message",
        "buyer_name": "佐藤 花子",
        "order_ids": (ORDER,),
        "waiting_since": NOW - timedelta(hours=1),
        "respond_by": BY,
        "amazon_by": NOW + timedelta(hours=23),
    } | more
    return AlertCase(number=number, **values)


def alert(*cases, occasion="slot", language="ja", **more):
    """Render one alert."""
    return render_alert(AlertContext("まい商店", NOW, occasion, "19:30", cases, **more), language)


def assert_fit_for_amazon(text):
    """None of what Amazon forbids, apart from the order's number."""
    assert len(text) < ACKNOWLEDGMENT_LIMIT
    without_order = text.replace(ORDER, "")
    for what, pattern in FORBIDDEN.items():
        assert not re.search(pattern, without_order), what
    assert not [one for one in text if unicodedata.category(one) in {"So", "Sk", "Cf", "Cs", "Co"}]
    assert not [one for one in text if unicodedata.category(one) == "Cc" and one != "\n"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("order", [ORDER, None])
def test_acknowledgments_hold_nothing_that_amazon_forbids(language, closed, order):
    """Every variant passes the list of forbidden things."""
    assert_fit_for_amazon(acknowledge(language, "佐藤 花子", order, closed=closed))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("bad", HOSTILE)
def test_hostile_names_never_reach_the_buyer(language, bad):
    """Whatever stands in the fields, the text stays as harmless as without them."""
    assert_fit_for_amazon(acknowledge(language, bad, shop=bad, order=bad if bad.isprintable() else ORDER))


@given(name=st.text(), shop=st.text())
def test_any_name_leaves_the_acknowledgment_clean(name, shop):
    """No text at all, as a buyer's or a shop's name, brings in a link, an address or a symbol."""
    text = acknowledge("ja", name, shop=shop)
    body = text.replace(ORDER, "")
    assert not re.search(FORBIDDEN["a link"] + "|" + FORBIDDEN["an address"], body)
    assert not re.search(r"\n{3}", body)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_acknowledgment_promises_one_time_and_says_it_is_automatic(language):
    """Exactly one time of the clock stands in it, and the words that it is automatic."""
    text = acknowledge(language, "佐藤 花子")
    assert re.findall(r"\d{1,2}:\d{2}", text) == ["20:30"]
    assert ("自動送信" if language == "ja" else "automatic confirmation") in text
    assert ("確認しております" if language == "ja" else "checking it now") in text
    assert ORDER in text


@pytest.mark.parametrize(
    ("language", "words"), [("ja", "お電話の受付はお休み"), ("en", "telephone is not staffed")]
)
def test_only_closed_days_speak_of_the_telephone(language, words):
    """On an open day the telephone is not mentioned."""
    assert words in acknowledge(language, closed=True)
    assert words not in acknowledge(language, closed=False)


@pytest.mark.parametrize("render", [acknowledge, lambda language: alert(language=language)])
def test_an_unknown_language_is_refused(render):
    """A language without templates is a mistake of the caller and says so."""
    with pytest.raises(ValueError, match="no templates in 'de'"):
        render("de")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("bad", HOSTILE)
def test_hostile_text_stays_behind_its_mark(language, bad):
    """What a stranger wrote is bounded, inert, and cannot look like a line of ours."""
    hostile = case(
        kind=bad,
        buyer_name=bad,
        order_ids=(bad,) * 3,
        excerpt=bad,
        notes=(bad,),
        runs_out_before_opening=True,
    )
    told = render_alert(
        AlertContext(bad, NOW, bad, bad, (hostile,), (AlertEvent(bad, 1, bad),), next_opening=BY), language
    )
    plain = alert(case(), language=language).text
    assert len(told.subject) <= SUBJECT_LIMIT
    assert len(told.brief) <= BRIEF_LIMIT
    assert len(told.text) < len(plain) + 3_000
    assert told.subject.isprintable()
    assert "evil.example" not in told.text
    assert not re.search(r"(?<![a-z])https?:", told.text)
    assert all(one == "\n" or one.isprintable() or one == "\u3000" for one in told.text)
    told.text.encode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_looks_like_ours_stands_behind_its_mark(language):
    """Headings and headers that a stranger imitates are seen to be his, in texts, names and details."""
    bad = "■ にせ\r\n▼ 案件1 にせ\vBcc: にせ\u2028・にせ"
    events = (AlertEvent("junk", 1, bad),)
    text = alert(case(buyer_name=bad, excerpt=bad), language=language, events=events).text
    found = [line for line in text.splitlines() if "にせ" in line]
    assert len(found) == 5
    assert all(line.startswith(QUOTE_MARK) for line in found)


def test_lines_of_a_buyer_cannot_pass_for_ours():
    """Each line that the buyer wrote carries the mark, whatever ends the line."""
    ends = ["\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029", "\x1c"]
    text = alert(case(excerpt="".join(f"■ にせの見出し{end}" for end in ends))).text
    found = [line for line in text.splitlines() if "にせの見出し" in line]
    assert len(found) == len(ends)
    assert all(line.startswith(QUOTE_MARK) for line in found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_second_path_tells_no_one_who_wrote_or_what(language):
    """A webhook may go to a third party: it gets numbers, orders and times only."""
    events = (AlertEvent("undelivered", 1, "秘密の詳細"),)
    brief = alert(case(excerpt="秘密の本文"), occasion="event", language=language, events=events).brief
    assert "秘密" not in brief
    assert "佐藤" not in brief
    assert ORDER in brief


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 20, 21, 60, 320, 1_000])
def test_no_case_is_lost_in_silence(language, count):
    """Full detail for 20, a line for 300, and a number for the rest."""
    cases = [
        case(number, excerpt="まだ届きません。", runs_out_before_opening=True)
        for number in range(1, count + 1)
    ]
    text = alert(*cases, language=language).text
    label = "案件" if language == "ja" else "ase "
    told = {int(number) for number in re.findall(rf"{label}(\d+)", text)}
    assert told == set(range(1, min(count, 320) + 1))
    assert text.count(QUOTE_MARK) == min(count, 20)
    assert ("680" in text) == (count == 1_000)
    assert len(text) < ALERT_LIMIT


def test_the_longest_alert_fits():
    """The largest values that cleaning lets through stay under the cap, so that no alert is refused."""
    words = tuple(NOTE_WORDS)
    cases = [
        case(number, buyer_name="あ" * 40, excerpt="あ\n" * 5_000, notes=words, order_ids=(ORDER,) * 9)
        for number in range(10**9, 10**9 + 1_000)
    ]
    events = tuple(AlertEvent("login_refused", None, "あ" * 5_000) for _ in range(1_000))
    told = alert(*cases, events=events, uncertain=10**9, unproven=10**9, quarantined=10**9)
    assert len(told.text) < ALERT_LIMIT
    assert len(told.brief) < BRIEF_LIMIT


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("occasion", ["slot", "new", "running_out", "event"])
def test_every_machine_word_has_its_own_sentence(language, occasion):
    """No note, event or kind is told by the word that the database uses, nor by the words for the unknown."""
    for word in sorted(EVENT_WORDS):
        told = alert(occasion=occasion, language=language, events=(AlertEvent(word, 7),))
        assert not re.search(r"[a-z]_[a-z]", told.subject + told.text + told.brief)
        assert "確認していただきたいこと" not in told.text
        assert "Something needs your attention" not in told.text
    for word in sorted(NOTE_WORDS):
        text = alert(case(notes=(word,)), occasion=occasion, language=language).text
        assert "いつもと違う点" not in text
        assert "Something is unusual" not in text
    for kind in KINDS:
        text = alert(case(kind=kind), occasion=occasion, language=language).text
        assert not re.search(r"[a-z]_[a-z]", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_unknown_words_are_told_all_the_same(language):
    """A word that a later version invents is told in general terms and never stops an alert."""
    told = alert(
        case(kind="novelty", notes=("novelty",)),
        language=language,
        events=(AlertEvent("novelty", None, "x"),),
    )
    assert "novelty" not in told.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("detail", ["opted_out", "bounced"])
def test_why_a_mail_did_not_arrive_is_said_in_words(language, detail):
    """The machine's word for the reason means nothing to a seller."""
    told = alert(language=language, occasion="event", events=(AlertEvent("undelivered", 1, detail),))
    bare = alert(language=language, occasion="event", events=(AlertEvent("undelivered", 1, ""),))
    assert detail not in told.text
    assert len(told.text) > len(bare.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_subject_names_the_count_and_the_next_deadline(language):
    """Overdue deadlines are counted, the next one ahead is named with the time left."""
    late = case(2, respond_by=NOW - timedelta(hours=2), amazon_by=None)
    subject = alert(late, case(), language=language).subject
    assert "20:30" in subject
    assert "2" in subject
    assert ("期限超過1件" if language == "ja" else "1 overdue") in subject


def test_an_acknowledged_case_reminds_that_the_clock_runs():
    """The reminder stands on each acknowledged case and on no other."""
    told = alert(case(), replace(case(2), acknowledged_at=NOW)).text
    assert told.count("Amazonの24時間は止まりません") == 1
    assert alert(case()).text.count("受付確認を送った案件は") == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_name_the_first_case(language):
    """The commands can be typed as they stand."""
    text = alert(case(31), language=language, uncertain=1, unproven=1).text
    for command in ("answered 31", "no-reply-needed 31", "outbox", "quarantine"):
        assert f"sokuresu {command}" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_case_without_message_is_not_to_be_replied_to(language):
    """A claim is settled in Seller Central; the commands of messages would lead astray."""
    text = alert(case(14, kind="claim", amazon_by=None), language=language).text
    assert "sokuresu answered 14" in text
    assert "no-reply-needed" not in text


def test_one_advice_is_given_once():
    """What the event says is not repeated on its case."""
    told = alert(case(9, kind="feedback", rating=1), occasion="event", events=(AlertEvent("feedback", 9),))
    assert told.text.count("評価の変更や削除をお願いすること") == 1
    assert "5段階の1" in told.subject
