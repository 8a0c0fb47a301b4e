"""The daily look for overlooked mail: whatever the reading is made to miss is found, and nothing else is."""

from __future__ import annotations

from datetime import timedelta

import pytest

import daemon.completeness
import daemon.missed_mail
from daemon.errors import MailboxUnavailable
from parsers.reading import read
from parsers.values import Trust
from state.repository.bookkeeping import Cursor
from tests.beds.fake_mailbox import FakeFolder, FakeMailbox
from tests.beds.post import buyer, claim, dated, feedback, order_of, reply_copy, sample
from tests.beds.shopfloor import OPENED, Shopfloor, make_account, make_shop
from tests.unit.parsers.mails import HOST, bounce, notice, ordinary
from tests.unit.state.examples import DAY, HOUR, local

MINUTE = timedelta(minutes=1)
FIRST_LOOK = OPENED + 75 * MINUTE


def pass_by(floor, uid, folder="INBOX"):
    """Sabotage: the position of a folder stands behind a mail that nobody read."""
    with floor.database.write() as uow:
        kept = floor.inbox.folder(folder)
        uow.cursors.move(Cursor("main", folder, kept.uidvalidity, uid))
        uow.commit()


def hide(monkeypatch, *hidden):
    """Sabotage: the search by position, which the reading lives on, does not name these mails."""
    honest = FakeMailbox.uids_after

    def dishonest(self, uid, uidnext):
        for window in honest(self, uid, uidnext):
            if told := [number for number in window if number not in hidden]:
                yield told

    monkeypatch.setattr(FakeMailbox, "uids_after", dishonest)


def look(floor, at=FIRST_LOOK):
    """Let it be that time and look; what was missing."""
    floor.clock.set(at)
    assert floor.look() == [True]
    return floor.looked().missing


@pytest.mark.parametrize("folder", ["INBOX", "Junk"])
@pytest.mark.parametrize("flags", ["", r"\Seen"])
def test_a_mail_that_the_cursor_passed_by_is_taken_in_and_told(floor, folder, flags):
    """Junk and mail that somebody has read already are no exception; the buyer is acknowledged at once."""
    uid = floor.receive(buyer(1), folder=folder)
    floor.inbox.flag(uid, flags, folder)
    pass_by(floor, uid, folder)
    assert floor.read() == []
    (missing,) = look(floor)
    assert (missing.folder, missing.uid, missing.watched) == (folder, uid, True)
    assert "mail_missed" in floor.words()
    assert "読み落とした" in floor.alert()[0].text
    assert [mail.recipient for mail in floor.acknowledgments()] == [buyer(1).address]
    assert (look(floor, FIRST_LOOK + DAY), floor.words()) == ((), [])
    assert floor.looked().seen == 1
    assert len(floor.cases()) == 1


def test_a_mail_that_the_search_hides_is_found_by_its_date(floor, monkeypatch):
    """The look trusts no position; what came just now may still be on its way and is left to the next day."""
    hidden = floor.receive(buyer(1), at=FIRST_LOOK - HOUR)
    late = floor.receive(buyer(2), at=FIRST_LOOK - MINUTE)
    hide(monkeypatch, hidden, late)
    assert [one.uid for one in look(floor)] == [hidden]
    assert [one.uid for one in look(floor, FIRST_LOOK + DAY)] == [late]
    assert len(floor.cases()) == 2


def test_a_mail_in_a_folder_that_nobody_watches_is_told_and_left_alone(floor):
    """A person has to add the folder; each mail is told once, and nothing of it is stored."""
    floor.inbox.create("Amazon 購入者")
    floor.receive(buyer(1), folder="Amazon 購入者")
    (missing,) = look(floor)
    assert (missing.folder, missing.watched) == ("Amazon 購入者", False)
    (alert,) = floor.alert()
    assert "見張っていない" in alert.text
    assert "Amazon 購入者 (1)" in alert.text
    assert (len(look(floor, FIRST_LOOK + DAY)), floor.words()) == (1, [])
    floor.receive(buyer(2), folder="Amazon 購入者")
    assert len(look(floor, FIRST_LOOK + 2 * DAY)) == 2
    (told,) = floor.notices()
    assert (told.word, told.detail) == ("mail_unwatched", "main: Amazon 購入者 (1)")
    assert floor.cases() == ()
    assert buyer(1).address not in floor.everything()


def test_an_english_shop_is_told_in_english(shop_database):
    """The same two notices in the owner's language."""
    floor = Shopfloor(shop_database, make_shop(language="en"))
    floor.inbox.create("Buyers")
    floor.read()
    floor.receive(buyer(1), folder="Buyers")
    pass_by(floor, floor.receive(buyer(2)))
    look(floor)
    (alert,) = floor.alert()
    assert "Amazon mail had been overlooked" in alert.text
    assert "Amazon mail in a folder that is not watched" in alert.text


def test_whatever_left_its_trace_is_not_missing(floor):
    """Cases, notices, copies, bounces, what is counted, what is in quarantine, and other people's mail."""
    floor.inbox.create("Archive")
    mails = [
        buyer(1).build(),
        buyer(2, proof="none").build(),
        buyer(3, proof="fail").build(),
        reply_copy("本日発送いたしました。"),
        claim(1),
        feedback(1, rating=2),
        sample("order-notice-ja"),
        sample("unrecognised-amazon"),
        notice("セールのお知らせ", "<p>本日まで</p>", kind="MARKETING"),
        bounce("nobody@other.example", "unknown@other.example"),
        ordinary("friend@other.example", "お元気ですか", "昨日のことです。"),
    ]
    for mail in mails:
        floor.receive(mail)
    floor.receive(buyer(4), message_id=None)
    before = len(floor.read())
    floor.inbox.move(1, "INBOX", to="Archive")
    floor.inbox.deliver(floor.inbox.content(2), "Archive", at=OPENED)
    floor.inbox.remove([4, 5])
    with floor.database.write() as uow:
        for entry in uow.quarantine.unsettled():
            uow.quarantine.settle(entry.id, "dropped", OPENED)
        uow.commit()
    told = floor.words()
    floor.clock.set(FIRST_LOOK)
    floor.read()
    stored = set(floor.everything().split("\n"))
    assert floor.looks["main"].turn(floor.connection("main"))
    assert (floor.looked().missing, floor.looked().seen) == ((), 8)
    assert floor.words() == told
    assert len(set(floor.everything().split("\n")) - stored) == 1
    assert len(floor.taken) == before


def test_a_renumbered_folder_holds_nothing_new(floor):
    """The provider moved the account: other numbers, the same mail."""
    floor.work(buyer(1))
    floor.work(buyer(2, proof="none"))
    floor.inbox.renumber(uidvalidity=7, next_uid=100)
    assert look(floor) == ()


def test_a_refund_that_came_before_its_case_was_counted_and_is_not_missing(floor):
    """It opens no case, so that there was nothing to store it with when it came."""
    refund = sample("refund-ja")
    floor.receive(refund)
    floor.read()
    floor.clock.advance(MINUTE)
    (order,) = read(refund, Trust(HOST)).notification.frame.order_ids
    floor.work(buyer(1, order=order))
    assert look(floor) == ()
    uid = floor.receive(refund)
    pass_by(floor, uid)
    assert [one.uid for one in look(floor, FIRST_LOOK + DAY)] == [uid]


def test_mail_from_before_the_first_start_is_history(shop_database):
    """Nobody asked for it to be read, so it is not missing."""
    floor = Shopfloor(shop_database)
    floor.receive(buyer(1), at=OPENED - HOUR)
    floor.receive(buyer(2), at=OPENED - 2 * DAY, folder="Junk")
    floor.read()
    floor.inbox.create("Archive")
    for content in (buyer(3).build(), sample("unrecognised-amazon")):
        floor.inbox.deliver(dated(content, OPENED - DAY), "Archive", at=OPENED + MINUTE)
    read_before = len(floor.inbox.bodies_read)
    assert look(floor) == ()
    assert floor.cases() == ()
    assert {folder for folder, _ in floor.inbox.bodies_read[read_before:]} == {"Archive"}


def test_a_mail_that_was_on_its_way_at_the_first_start_is_no_history(floor):
    """It was written before and arrived after; intake takes it for new, and so does the look."""
    pass_by(floor, floor.receive(buyer(1), at=OPENED + MINUTE, date=OPENED - 5 * MINUTE))
    assert len(look(floor)) == 1
    assert floor.case().state == "open"


def test_a_mail_that_was_passed_by_just_now_is_found_at_once(floor):
    """Whatever lies before the position of a folder is not on its way any more."""
    pass_by(floor, floor.receive(buyer(1), at=FIRST_LOOK - MINUTE))
    assert len(look(floor)) == 1


def test_three_days_are_three_days(floor, monkeypatch):
    """The server searches by whole days of its own zone, Hawaii's; what is older was looked at before."""

    def since(self, day):
        mails = self.account.folder(self._open).mails
        return sorted(uid for uid, mail in mails.items() if (mail.at - 10 * HOUR).date() >= day)

    monkeypatch.setattr(FakeMailbox, "uids_since", since)
    later = OPENED + 10 * DAY
    floor.receive(buyer(1), at=later - 3 * DAY - MINUTE)
    uid = floor.receive(buyer(2), at=later - 3 * DAY)
    pass_by(floor, uid)
    assert [one.uid for one in look(floor, later)] == [uid]


def test_a_mail_that_is_found_days_late_opens_a_case_without_acknowledgment(floor):
    """The owner hears of it; the buyer is not told after two days that somebody is looking into it."""
    pass_by(floor, floor.receive(buyer(1)))
    assert len(look(floor, OPENED + 50 * HOUR)) == 1
    floor.delivery.turn()
    assert floor.acknowledgments() == []
    assert floor.messages()[0].refusal == "too_old"
    assert "mail_missed" in floor.words()


def test_trash_drafts_and_sent_mail_are_left_out_and_all_mail_comes_last(floor):
    """What was thrown away is nobody's fault; what lies in several folders is one mail."""
    for name, use in (("Bin", rb"\trash"), ("Everything", rb"\all"), ("Shop", b"")):
        floor.inbox._folders[name] = FakeFolder(use)
    for folder in ("Bin", "Drafts", "Sent"):
        floor.receive(buyer(1), folder=folder)
    for folder in ("Everything", "Shop"):
        floor.receive(buyer(2), folder=folder, message_id="twice@amazon.example")
    only = floor.receive(buyer(3), folder="Everything")
    seen_twice = floor.receive(buyer(4), message_id="known@amazon.example")
    floor.receive(buyer(4), folder="Everything", message_id="known@amazon.example")
    assert seen_twice in floor.inbox.uids()
    assert {(one.folder, one.uid) for one in look(floor)} == {("Shop", 1), ("Everything", only)}
    assert floor.looked().seen == 3


def test_a_stranger_in_amazons_name_is_no_reason_to_watch_a_folder(floor):
    """A forged mail that the owner's filter put away is not reported."""
    floor.inbox.create("Spam 2")
    floor.receive(buyer(1, proof="fail"), folder="Spam 2")
    assert look(floor) == ()


# When it looks


def test_a_look_is_due_an_hour_after_the_first_start_and_then_once_a_night(floor):
    """The database says when the last one was, so a restart changes nothing."""
    turns = []
    for at in (
        "11:29",
        "11:30",
        "11:31",
        "23:00",
        "2026-11-18 02:59",
        "2026-11-18 03:00",
        "2026-11-18 09:00",
    ):
        floor.clock.set(local(at if " " in at else f"2026-11-17 {at}"))
        floor.start()
        turns += floor.look()
    assert turns == [False, True, False, False, False, True, False]
    assert floor.looked().checked_at == local("2026-11-18 03:00")


def test_a_look_of_a_wrong_clock_counts_for_nothing(floor):
    """The clock was a year ahead for a moment; the next night is not a year away."""
    look(floor, OPENED + 365 * DAY)
    look(floor)
    assert floor.looked().checked_at == FIRST_LOOK


def test_a_look_that_fails_goes_on_at_the_next_pass_and_forgets_nothing(floor):
    """What was found and taken in before the connection broke is still reported."""
    pass_by(floor, floor.receive(buyer(1)))
    floor.receive(buyer(2), folder="Junk")
    pass_by(floor, 1, "Junk")
    floor.clock.set(FIRST_LOOK)
    floor.read()
    floor.inbox.fail("heads", after=1)
    with pytest.raises(MailboxUnavailable):
        floor.looks["main"].turn(floor.connection("main"))
    assert (floor.look(), floor.look()) == ([True], [False])
    assert [one.folder for one in floor.looked().missing] == ["INBOX", "Junk"]


def test_a_long_look_is_spread_over_several_passes(floor, monkeypatch):
    """Neither its heads nor its bodies keep new mail waiting for long."""
    monkeypatch.setattr(daemon.completeness._Effort, "__init__", _little)
    monkeypatch.setattr(daemon.completeness, "HEADS_AT_ONCE", 2)
    for number in range(1, 8):
        floor.receive(buyer(number))
    pass_by(floor, 7)
    floor.clock.set(FIRST_LOOK)
    turns = 0
    while floor.look() == [True]:
        turns += 1
        heads = [argument for method, argument in floor.inbox.calls if method == "heads"]
        assert len(heads[-1]) <= 2
    assert turns > 3
    assert [one.uid for one in floor.looked().missing] == [1, 2, 3, 4, 5, 6, 7]


def test_mail_that_keeps_coming_does_not_keep_a_look_from_ending(floor, monkeypatch):
    """What comes while it lasts is looked at on the next day."""
    monkeypatch.setattr(daemon.completeness._Effort, "__init__", _little)
    monkeypatch.setattr(daemon.completeness, "HEADS_AT_ONCE", 2)
    for number in range(1, 9):
        floor.receive(buyer(number))
    floor.clock.set(FIRST_LOOK)
    turns = 0
    while floor.look() == [True] and turns < 10:
        turns += 1
        for number in range(6):
            floor.receive(buyer(10 * turns + number))
    assert 1 < turns < 10
    assert floor.looked().missing == ()


def _little(effort):
    effort.heads, effort.bodies = 3, 2


def test_a_folder_that_cannot_be_searched_keeps_nobody_from_watching(floor):
    """It is left out in the end; nothing counts as proven, and a later look finds it mended."""
    floor.inbox.create("Broken")
    floor.clock.set(FIRST_LOOK)
    failures = 0
    for _ in range(11):
        floor.read()
        floor.inbox.fail("uids_since", after=2)
        try:
            floor.looks["main"].turn(floor.connection("main"))
        except MailboxUnavailable:
            failures += 1
    assert failures == 10
    with floor.database.read() as uow:
        assert uow.completeness.get("main") is None
    floor.inbox._failures.clear()
    assert floor.look() == [False]
    assert look(floor, FIRST_LOOK + 7 * HOUR) == ()


def test_mails_that_the_server_does_not_hand_out_are_missing_and_not_done(floor):
    """Nothing counts as proven before a person has them; several may be given up in one look."""
    uids = [floor.receive(buyer(number)) for number in (1, 2)]
    pass_by(floor, uids[-1])
    for uid in uids:
        floor.inbox.leave_out_body(uid)
    floor.clock.set(FIRST_LOOK)
    failures = 0
    while "mail_missed" not in floor.words() and failures < 30:
        try:
            floor.look()
        except MailboxUnavailable:
            failures += 1
            with floor.database.read() as uow:
                assert uow.completeness.get("main") is None
    assert [one.uid for one in floor.looked().missing] == uids
    with floor.database.read() as uow:
        assert len(uow.quarantine.unsettled()) == 2


def test_a_fault_of_the_look_itself_stops_nothing(floor, monkeypatch):
    """It is logged, the reading goes on, and a later look is tried."""

    def broken(*_args):
        raise ZeroDivisionError

    monkeypatch.setattr(daemon.completeness, "_in_order", broken)
    floor.clock.set(FIRST_LOOK)
    assert (floor.look(), floor.look()) == ([True], [False])
    monkeypatch.undo()
    assert look(floor, FIRST_LOOK + 7 * HOUR) == ()


def test_a_mail_on_which_intake_fails_is_known_by_its_place_in_quarantine(floor, monkeypatch):
    """It was kept, so it was not overlooked; one that was overlooked is kept now."""
    monkeypatch.setattr("daemon.reading.taking.take_in", _fails)
    monkeypatch.setattr(daemon.missed_mail, "take_in", _fails)
    floor.work(buyer(1))
    assert look(floor) == ()
    uid = floor.receive(buyer(2))
    pass_by(floor, uid)
    assert [one.uid for one in look(floor, FIRST_LOOK + DAY)] == [uid]
    with floor.database.read() as uow:
        assert [entry.word for entry in uow.quarantine.unsettled()] == ["failed", "failed"]


def _fails(*_args):
    raise ZeroDivisionError


def test_a_missed_proven_copy_of_an_unproven_mail_still_proves_it(shop_database):
    """The other account's copy proved nothing; the overlooked one brings the acknowledgment."""
    doubting = make_account("second", trust=Trust(None))
    floor = Shopfloor(shop_database, make_shop(make_account("main"), doubting))
    floor.read()
    floor.work(buyer(1), mailbox="second", message_id="one@amazon.example")
    uid = floor.receive(buyer(1), mailbox="main", message_id="other@amazon.example")
    pass_by(floor, uid)
    floor.clock.set(FIRST_LOOK)
    floor.look()
    assert [one.uid for one in floor.looked("main").missing] == [uid]
    assert floor.looked("second").missing == ()
    assert floor.case().order_ids == (order_of(1),)
    floor.delivery.turn()
    assert len(floor.acknowledgments()) == 1
