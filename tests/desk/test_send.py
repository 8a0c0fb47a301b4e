"""Approving at the desk: exactly what was read goes, once, and to nobody else."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import unescape

import pytest

from daemon.compose import reply_subject
from daemon.showing.case_lines import line_of
from daemon.showing.reader import Reader
from daemon.web.letter_view import letter_of, visible
from daemon.work import Work
from state.drafts import FolderState
from state.model import CaseState
from tests.beds.desk import words_of
from tests.beds.post import buyer, claim
from tests.beds.reviewing import (
    OWN_WORDS,
    QUESTION,
    approvals_of,
    approve,
    complaint,
    day_goes_on,
    left,
    open_draft,
    say_answered,
    states,
    write_anew,
)

FIELD = re.compile(r'<input[^>]*\bname="(\w+)"[^>]*\bvalue="([^"]*)"')


@pytest.fixture
def shop(floor):
    """A complaint whose draft is ready as it is, in a shop whose orders Amazon ships."""
    floor.start(usual_fulfilment="fba")
    day_goes_on(floor, complaint(1))
    return floor


def shown(browser, version=1, case=1):
    """The check before sending as it is shown, and the fields of its form."""
    page = browser.get(f"/case/{case}/send?version={version}")
    assert page.status_code == 200
    return page.text, form_of(page.text)


def form_of(page):
    """The fields of the form that approves."""
    form = page.partition('<form method="post" action="/case/')[2].partition("</form>")[0]
    return {name: unescape(value) for name, value in FIELD.findall(form) if name != "despite"}


def letter_in(page):
    """The text of the mail as the page shows it."""
    inside = re.search(r'<div id="letter-text"[^>]*>(.*?)</div>', page, re.DOTALL)
    return unescape(inside[1])


def send(browser, fields, case=1, **more):
    return browser.post(f"/case/{case}/send", **(fields | more))


def work_on(floor):
    """The service takes its turns until nothing is left to do."""
    day_goes_on(floor)


def test_what_was_read_is_what_leaves(shop, browser):
    """One mail, to exactly the alias, with exactly the subject and the text of the page."""
    page, fields = shown(browser)
    answer = send(browser, fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/case/1?done=approved_waiting")
    work_on(shop)
    (mail,) = left(shop)
    recipient = re.search(r'id="letter-recipient">([^<]*)<', page)[1]
    subject = unescape(re.search(r'id="letter-subject">([^<]*)<', page)[1])
    assert (mail.recipient, mail.message["To"], mail.message["Subject"]) == (recipient, recipient, subject)
    assert recipient == shop.case().alias
    assert mail.text.replace("\r\n", "\n").strip() == letter_in(page).strip()
    assert "返信を承認しました: 第1版 画面で" in browser.text("/case/1")


def test_no_key_approves(shop, browser):
    """The key that leads to the check must not send when it is pressed once more."""
    page, _ = shown(browser)
    assert "data-key" not in page.partition('id="main"')[2].partition("</main>")[0]


def test_a_double_click_sends_one_mail(shop, browser):
    """The second is told that it was approved before."""
    _, fields = shown(browser)
    with ThreadPoolExecutor(2) as clicks:
        answers = list(clicks.map(lambda _: send(browser, fields), range(2)))
    assert {one.headers["location"] for one in answers} == {
        "/case/1?done=approved_waiting",
        "/case/1?done=approved_before",
    }
    work_on(shop)
    assert len(left(shop)) == len(approvals_of(shop)) == 1
    assert send(browser, fields).headers["location"] == "/case/1?done=approved_before"
    work_on(shop)
    assert len(left(shop)) == 1


def test_who_comes_back_to_what_was_approved_sees_the_case_and_goes_on(shop, browser):
    """The history's page offers nothing to approve again; the case leads to the next one, or to the list."""
    _, fields = shown(browser)
    approved = send(browser, fields).headers["location"]
    assert 'id="go-on" href="/"' in browser.get(approved).text
    assert "go-on" not in browser.get("/case/1").text
    back = browser.get(f"/case/1/send?version={fields['version']}")
    assert back.headers["location"] == "/case/1?done=approved_before"
    day_goes_on(shop, complaint(2))
    assert 'id="go-on" href="/case/2"' in browser.get("/case/1?done=approved_before").text


def test_a_living_service_is_told(shop, browser):
    """Whoever approves hears whether it leaves now."""
    with shop.database.write() as uow:
        uow.runs.begin("run-1", shop.clock.now(), "test")
        uow.commit()
    _, fields = shown(browser)
    assert send(browser, fields).headers["location"] == "/case/1?done=approved"


def test_a_page_that_showed_something_else_sends_nothing(shop, browser):
    """The mail comes again, to be read."""
    _, fields = shown(browser)
    for other in ("0" * 64, "", "あ"):
        answer = send(browser, fields, digest=other)
        assert answer.status_code == 409
        assert "もう一度お確かめください" in answer.text
        assert form_of(answer.text)["digest"] == fields["digest"]
    assert (approvals_of(shop), states(shop)) == ([], ["open"])


def buyer_writes(shop):
    shop.receive(buyer(1, text="やはり返金にしてください。", key="A0SECOND"))
    shop.read()


def buyer_writes_and_a_draft_is_made(shop):
    buyer_writes(shop)
    shop.drafter.turn()


def claim_comes(shop):
    shop.receive(claim(1))
    shop.read()


def other_tab_writes(shop):
    write_anew(shop, OWN_WORDS)


def other_version_is_approved(shop):
    approve(shop, write_anew(shop, OWN_WORDS))


@pytest.mark.parametrize(
    ("news", "told"),
    [
        (buyer_writes, "新しいメッセージが届きました"),
        (buyer_writes_and_a_draft_is_made, "新しいメッセージが届きました"),
        (claim_comes, "新しいメッセージが届きました"),
        (other_tab_writes, "新しい版の下書きができています"),
        (other_version_is_approved, "すでに承認され"),
        (say_answered, "別の方法で回答済み"),
    ],
)
def test_what_came_in_between_stops_it(shop, browser, news, told):
    """Nothing is sent, the reason and the way back are told, and the text is kept as its version."""
    _, fields = shown(browser)
    before = open_draft(shop)
    news(shop)
    meanwhile = len(approvals_of(shop))
    answer = send(browser, fields)
    assert answer.status_code == 409
    assert told in answer.text
    assert 'href="/case/1"' in answer.text
    assert before.text.split("\n")[0] in words_of(answer.text)
    assert len(approvals_of(shop)) == meanwhile


def test_the_folder_copy_edited_meanwhile_stops_it(shop, browser):
    """Somebody worked on the same answer elsewhere: the person reads again, and is told of it."""
    _, fields = shown(browser)
    with shop.database.write() as uow:
        copy = uow.folder_copies.of_draft(open_draft(shop).id)
        uow.folder_copies.keep(replace(copy, state=FolderState.EDITED))
        uow.commit()
    answer = send(browser, fields)
    assert answer.status_code == 409
    assert "書き換えられ" in answer.text
    assert approvals_of(shop) == []
    assert send(browser, form_of(answer.text)).status_code == 303


def test_a_stale_version_is_not_offered(shop, browser):
    """The address of an older version says so and has no button that sends."""
    write_anew(shop, OWN_WORDS)
    page = browser.get("/case/1/send?version=1")
    assert (page.status_code, 'id="approve"' in page.text) == (409, False)
    assert "新しい版" in page.text
    assert browser.get("/case/1/send?version=9").status_code == 404
    assert browser.get("/case/99999999999999999999/send").status_code == 404


def test_forbidden_words_cannot_be_sent(shop, browser):
    """The page shows what to mend and no button; a forged form is refused."""
    write_anew(shop, "返金しますので、高評価のレビューをお願いします。https://shop.example/")
    page, _ = shown(browser, 2)
    assert 'id="approve"' not in page
    assert "このままでは送れません" in page
    with shop.database.read() as uow:
        work = Work(uow, shop.shop, shop.clock.now())
        reader = Reader("ja", shop.shop.calendar.zone, work.now)
        letter = letter_of(work, line_of(uow, shop.case()), open_draft(shop), reader)
    answer = send(browser, {"version": "2", "digest": letter.digest, "despite": "yes"})
    assert (answer.status_code, approvals_of(shop)) == (409, [])


def test_blanks_cannot_be_sent(floor, browser):
    """What nobody filled in stops it, and is named."""
    day_goes_on(floor, buyer(1, text=QUESTION))
    page, fields = shown(browser)
    assert "記入してください" in page
    assert fields == {}


def test_warnings_want_the_tick(shop, browser):
    """Without it the same page comes again; with it the record says which warnings were overruled."""
    write_anew(shop, OWN_WORDS)
    page, fields = shown(browser, 2)
    assert "注意を承知のうえ送る" in page
    answer = send(browser, fields)
    assert (answer.status_code, approvals_of(shop)) == (409, [])
    assert "承知した印" in answer.text
    assert send(browser, fields, despite="yes").status_code == 303
    assert "v2 desk despite:" in shop.everything()


def test_headers_cannot_be_injected(floor, browser):
    """Neither a subject nor a name with line ends makes a field of its own."""
    floor.start(usual_fulfilment="fba")
    mail = complaint(1, name="佐藤\r\nBcc: thief@evil.example").build()
    day_goes_on(floor, mail.replace(b"Subject: ", b"Subject: =?utf-8?q?a=0D=0ABcc:_thief@evil.example?= ", 1))
    _, fields = shown(browser)
    assert send(browser, fields).status_code == 303
    work_on(floor)
    (mail,) = left(floor)
    assert (mail.message["Bcc"], mail.message["Cc"]) == (None, None)
    assert mail.recipient == floor.case().alias
    assert mail.message["Subject"] == reply_subject(approvals_of(floor)[0].subject)


def test_hostile_words_stay_words(shop, browser):
    """Whatever a text holds is shown as text, invisible signs included."""
    write_anew(shop, "<script>alert(1)</script>{{ 7*7 }}\u202e様\u200bへ <img src=x onerror=alert(1)>")
    page, _ = shown(browser, 2)
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "{{ 7*7 }}" in letter_in(page)
    assert "<mark>U+202E</mark>" in page
    assert "<mark>U+200B</mark>" in page


def test_invisible_signs_are_written_out():
    """Joined, the pieces are the whole text; only what cannot be seen is marked."""
    assert visible("a\u202eb\nc") == (("a", False), ("U+202E", True), ("b\nc", False))
    assert visible("普通の文\n") == (("普通の文\n", False),)
    assert visible("") == ()


def test_an_unproven_message_after_the_version_is_shown(shop, browser):
    """It voids nothing, but nobody overlooks it."""
    shop.receive(buyer(1, text="まだですか。", key="A0SECOND", proof="none"))
    shop.read()
    page, _ = shown(browser)
    assert "そのあとに届いたもの" in page
    assert "まだですか。" in page


def test_a_closed_case_sends_nothing(shop, browser):
    """The page of a closed case says so, and so does the form."""
    _, fields = shown(browser)
    with shop.database.write() as uow:
        uow.cases.change(1, state=CaseState.CLOSED)
        uow.commit()
    assert browser.get("/case/1/send?version=1").status_code == 409
    answer = send(browser, fields)
    assert (answer.status_code, approvals_of(shop)) == (409, [])
    assert "終了しています" in answer.text


def test_an_english_reader_reads_english(floor, browser):
    """The page follows the language of who reads; the mail follows the buyer's."""
    floor.start(usual_fulfilment="fba", language="en")
    english = {"text": "The box was crushed and the lamp is broken. Please send another."}
    day_goes_on(floor, complaint(1, **english))
    page, fields = shown(
        type(browser)(
            browser.desk.__class__(
                browser.desk.settings, floor.shop, floor.database, floor.clock, browser.desk.origins
            )
        ).sign_in()
    )
    assert "Approve and send" in page
    assert fields["version"] == "1"
