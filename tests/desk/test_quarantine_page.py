"""Mail that was put aside, on pages: text alone, decided once, saved as it came."""

from __future__ import annotations

import pytest

from tests.beds.desk import words_of
from tests.beds.post import buyer
from tests.unit.parsers.mails import notice

HOSTILE = '<script>alert(1)</script>\u202e.exe"; filename=../../evil.html'


@pytest.fixture
def forged(floor) -> bytes:
    """A mail that looks forged, and is number 1 of the quarantine."""
    floor.work(buyer(1, proof="fail", subject=HOSTILE, text=f"{HOSTILE} https://evil.example/x"))
    with floor.database.read() as uow:
        return uow.quarantine.get(1).content


def unreadable(floor, number: int) -> None:
    """A mail from Amazon that no rule reads."""
    order = f"250-1234567-765432{number}"
    floor.work(notice(f"新しい {order}", f"<p>注文 {order}</p>", kind="SOME_NEW_KIND"))


def waiting(floor) -> list[int]:
    """What nobody has settled."""
    with floor.database.read() as uow:
        return [entry.id for entry in uow.quarantine.unsettled()]


def test_nothing_is_put_aside(browser):
    """An empty list says so."""
    assert "保留しているメールはありません。" in browser.text("/quarantine")


def test_a_mail_is_shown_as_text_alone(browser, forged):
    """Neither subject, text nor header lines become markup, and no link works."""
    for path in ("/quarantine", "/quarantine/1"):
        page = browser.get(path).text
        assert "&lt;script&gt;alert(1)" in page
        for living in ("<script>alert", "\u202e", "https://evil"):
            assert living not in page
    shown = words_of(browser.get("/quarantine/1").text)
    assert "hxxps://evil[.]example/x" in shown
    assert "Authentication-Results:" in shown
    assert "なりすましの疑い" in shown


def test_a_mail_is_saved_as_it_came(browser, forged):
    """Byte for byte, as a file that no browser opens, under a name that no stranger wrote."""
    answer = browser.get("/quarantine/1/raw")
    assert answer.content == forged
    assert answer.headers["content-disposition"] == 'attachment; filename="quarantine-1.eml"'
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    for path in ("/quarantine/2/raw", "/quarantine/2", "/quarantine/..%2f1/raw"):
        assert browser.get(path).status_code == 404


def test_a_genuine_mail_becomes_a_case_once(floor, browser, forged):
    """The page of the case opens; the second press finds nothing left to do."""
    answer = browser.post("/quarantine/1/accept")
    assert answer.headers["location"] == "/case/1?done=quarantine_accepted"
    assert (len(floor.cases()), waiting(floor)) == (1, [])
    again = browser.post("/quarantine/1/accept")
    assert "もう保留にありません" in browser.text(again.headers["location"])
    assert len(floor.cases()) == 1


def test_a_mail_is_settled_once(floor, browser, forged):
    """Nothing is done about it, and a second press is told kindly."""
    assert "片付けました" in browser.text(browser.post("/quarantine/1/drop").headers["location"])
    assert (floor.cases(), waiting(floor)) == ((), [])
    answers = [browser.post(f"/quarantine/1/{decision}") for decision in ("drop", "retry", "accept")]
    assert "もう保留にありません" in browser.get("/quarantine/1").text
    for answer in answers:
        assert answer.headers["location"] == "/quarantine?done=quarantine_settled"


def test_what_still_cannot_be_read_stays_and_says_why(floor, browser, forged):
    """Reading it again changes nothing; no command of a terminal is named."""
    answer = browser.post("/quarantine/1/retry")
    assert answer.status_code == 409
    assert "なりすましの疑いが残っています。" in words_of(answer.text)
    assert "sokuresu quarantine" not in answer.text
    assert waiting(floor) == [1]


def test_shapes_that_may_have_changed_are_told(floor, browser):
    """How many of one shape came; settling them leaves what came since the page was made."""
    for number in range(3):
        unreadable(floor, number)
    page = browser.get("/quarantine").text
    assert "書式が変わったかもしれません" in page
    assert "3 通を片付ける" in words_of(page)
    with floor.database.read() as uow:
        (shape,) = uow.quarantine.formats()
    unreadable(floor, 4)
    browser.post("/quarantine/drop", fingerprint=shape.fingerprint, newest="3")
    assert waiting(floor) == [4]
    browser.post("/quarantine/drop", fingerprint="", newest="9")
    assert waiting(floor) == [4]


def test_everything_is_read_again(floor, browser, forged):
    """Each mail by itself; what became readable is no longer here."""
    floor.work(buyer(2, proof="fail"))
    floor.work(buyer(2))
    answer = browser.post("/quarantine/retry")
    assert answer.headers["location"] == "/quarantine?read=0&stayed=2"
    assert "2 通は保留のままです。" in browser.text(answer.headers["location"])
