"""Ready drafts in the Drafts folder: put there once, taken out untouched only, on both databases."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from daemon.errors import FolderMissing, MailboxUnavailable
from daemon.ports import FolderRole
from tests.beds.fake_mailbox import FakeMailbox
from tests.beds.post import buyer
from tests.beds.reviewing import (
    OWN_WORDS,
    QUESTION,
    answer_in_app,
    answers_of,
    approvals_of,
    approve,
    complaint,
    copies,
    day_goes_on,
    in_drafts,
    left,
    open_draft,
    say_answered,
    states,
    voids,
    write_anew,
)
from tests.beds.shopfloor import Shopfloor, make_account, make_shop
from tests.unit.state.examples import HOUR

MINUTE = timedelta(minutes=1)


@pytest.fixture
def desk(floor):
    """A shop whose orders Amazon ships, so that a complaint's draft is ready as it is."""
    floor.start(usual_fulfilment="fba")
    return floor


@pytest.fixture
def placed(desk):
    """One ready draft in the Drafts folder, an hour ago."""
    day_goes_on(desk, complaint(1))
    assert len(in_drafts(desk)) == 1
    desk.clock.advance(HOUR)
    return desk


def parsed(mail):
    return message_from_bytes(mail.content, policy=policy.default)


def stands(floor, case=1):
    """Where the copy of each version stands."""
    return [None if one is None else one.state.value for one in copies(floor, case)]


def edited(mail, words=OWN_WORDS):
    """What a mail program saves when a person changed the words; it keeps our field."""
    message = parsed(mail)
    message.set_content(words, cte="base64")
    message["Message-ID"] = "<edited@app.example>"
    return bytes(message)


# Placed


def test_a_ready_draft_is_a_reply_that_only_has_to_be_sent(desk):
    """To the alias with its suffix, on the thread, with our draft's header and no mark of our own mail."""
    mail = complaint(1, extra=(("References", "<first@amazon.example>"),))
    day_goes_on(desk, mail, message_id="question@amazon.example")
    (kept,) = in_drafts(desk)
    draft, reply = open_draft(desk), parsed(kept)
    assert kept.flags == {rb"\Seen", rb"\Draft"}
    assert (reply["To"], reply["From"].addresses[0].addr_spec) == (mail.address, "main@shop.example")
    assert mail.case in reply["To"]
    assert reply["In-Reply-To"] == "<question@amazon.example>"
    assert reply["References"].split() == ["<first@amazon.example>", "<question@amazon.example>"]
    assert reply["Subject"] == f"Re: {mail.subject}"
    assert reply["X-Sokuresu-Draft"] == draft.token
    assert reply.get_content().replace("\r\n", "\n") == draft.text
    assert {"message-id", "x-sokuresu-outbox", "auto-submitted"}.isdisjoint(map(str.lower, reply.keys()))


def test_a_draft_is_placed_once(placed):
    """However often the folders are looked into."""
    for _ in range(3):
        placed.clock.advance(HOUR)
        day_goes_on(placed)
    assert (len(in_drafts(placed)), stands(placed)) == (1, ["placed"])


@pytest.mark.parametrize("text", [f"{OWN_WORDS}〔日付〕", f"{OWN_WORDS} 評価を5にしてください。", ""])
def test_what_is_not_ready_is_not_placed(desk, text):
    """A draft with a blank or with forbidden words could be sent from there without any check."""
    day_goes_on(desk, buyer(1, text=QUESTION))
    write_anew(desk, text)
    day_goes_on(desk)
    assert (in_drafts(desk), open_draft(desk).version) == ([], 2)


def test_a_version_that_a_person_completed_is_placed(desk):
    """The draft with a blank was not there, the one without is."""
    day_goes_on(desk, buyer(1, text=QUESTION))
    assert in_drafts(desk) == []
    write_anew(desk, OWN_WORDS)
    day_goes_on(desk)
    (kept,) = in_drafts(desk)
    assert parsed(kept).get_content().strip() == OWN_WORDS


def test_nothing_is_placed_where_the_shop_does_not_want_it(desk):
    """`in_mailbox = false`: the draft is made and shown elsewhere."""
    desk.start(places_drafts=False)
    day_goes_on(desk, complaint(1))
    assert (in_drafts(desk), states(desk), stands(desk)) == ([], ["open"], [None])


def test_what_was_placed_is_still_removed_when_the_shop_wants_no_more(placed):
    """The switch stops what is put in, not what has to be taken out."""
    placed.start(places_drafts=False)
    say_answered(placed)
    day_goes_on(placed)
    assert (in_drafts(placed), stands(placed)) == ([], ["removed"])


def test_each_account_has_its_own_drafts(shop_database):
    """A draft lies where its case came in; the other account's folder is left alone."""
    shop = make_shop(make_account("main"), make_account("second"), usual_fulfilment="fba")
    floor = Shopfloor(shop_database, shop)
    floor.read()
    day_goes_on(floor, complaint(1), mailbox="main")
    day_goes_on(floor, complaint(2), mailbox="second")
    (first,), (second,) = in_drafts(floor, "main"), in_drafts(floor, "second")
    assert [parsed(one)["To"] for one in (first, second)] == [complaint(1).address, complaint(2).address]
    assert parsed(second)["From"].addresses[0].addr_spec == "second@shop.example"
    floor.clock.advance(HOUR)
    say_answered(floor, 2)
    day_goes_on(floor)
    assert (len(in_drafts(floor, "main")), in_drafts(floor, "second")) == (1, [])


# The server fails


def append_and_lose(account, monkeypatch, times=1):
    """The connection is lost when the server has the mail and before it says so."""
    append, remaining = FakeMailbox.append, [times]

    def lose(self, folder, content, **how):
        place = append(self, folder, content, **how)
        if folder == "Drafts" and remaining[0]:
            remaining[0] -= 1
            account.cut_connections()
            raise MailboxUnavailable("The connection failed; connect anew.")
        return place

    monkeypatch.setattr(FakeMailbox, "append", lose)


def pass_fails(floor):
    floor.drafter.turn()
    with pytest.raises(MailboxUnavailable):
        floor.read()


def first_pass_fails(desk):
    desk.receive(complaint(1))
    desk.read()
    pass_fails(desk)


def test_a_lost_answer_to_the_append_does_not_place_twice(desk, monkeypatch):
    """The next pass finds by its header what the last one put there."""
    append_and_lose(desk.inbox, monkeypatch)
    first_pass_fails(desk)
    assert stands(desk) == ["wanted"]
    day_goes_on(desk)
    assert (len(in_drafts(desk)), stands(desk)) == (1, ["placed"])
    say_answered(desk)
    day_goes_on(desk)
    assert in_drafts(desk) == []


def test_what_a_person_edited_before_it_was_found_is_never_removed(desk, monkeypatch):
    """The answer to the append was lost, and the person was quicker than the next pass."""
    append_and_lose(desk.inbox, monkeypatch)
    first_pass_fails(desk)
    (kept,) = in_drafts(desk)
    desk.inbox.replace(kept.uid, edited(kept), "Drafts")
    day_goes_on(desk)
    say_answered(desk)
    day_goes_on(desk)
    (kept,) = in_drafts(desk)
    assert (parsed(kept).get_content().strip(), stands(desk)) == (OWN_WORDS, ["edited"])
    assert desk.words() == ["edited_draft"]


@pytest.mark.parametrize("field", ["Cc", "Bcc"])
def test_another_recipient_is_an_edit_too(desk, monkeypatch, field):
    """The words are ours, but the mail is not what we put there."""
    append_and_lose(desk.inbox, monkeypatch)
    first_pass_fails(desk)
    (kept,) = in_drafts(desk)
    desk.inbox.replace(kept.uid, f"{field}: colleague@shop.example\r\n".encode() + kept.content, "Drafts")
    day_goes_on(desk)
    say_answered(desk)
    day_goes_on(desk)
    assert (len(in_drafts(desk)), stands(desk)) == (1, ["edited"])


def finds_nothing(monkeypatch):
    """A server that does not search headers that it does not know."""
    monkeypatch.setattr(FakeMailbox, "uids_with_header", lambda *_: [])


def test_a_server_that_searches_no_headers_is_not_flooded(desk, monkeypatch):
    """The newest mails are looked through instead, so the lost answer is no reason for a second copy."""
    finds_nothing(monkeypatch)
    append_and_lose(desk.inbox, monkeypatch)
    first_pass_fails(desk)
    for _ in range(3):
        day_goes_on(desk)
    assert (len(in_drafts(desk)), stands(desk)) == (1, ["placed"])
    say_answered(desk)
    day_goes_on(desk)
    assert in_drafts(desk) == []


def test_a_server_that_shows_nothing_is_not_flooded(desk, monkeypatch):
    """Neither search nor fields show the draft: it is put there once, and told when it is out of date."""
    finds_nothing(monkeypatch)
    heads = FakeMailbox.heads
    monkeypatch.setattr(
        FakeMailbox, "heads", lambda self, uids, fields: [] if len(fields) == 1 else heads(self, uids, fields)
    )
    desk.inbox.uidplus = False
    day_goes_on(desk, complaint(1))
    for _ in range(3):
        day_goes_on(desk)
    assert (len(in_drafts(desk)), stands(desk)) == (1, ["placed"])
    say_answered(desk)
    day_goes_on(desk)
    assert (len(in_drafts(desk)), stands(desk), desk.words()) == (1, ["left"], ["discard_draft"])


def test_a_server_that_takes_no_draft_is_asked_three_times(desk):
    """Its Drafts folder is full: the mailbox is read on as if there were none."""
    desk.receive(complaint(1))
    desk.read()
    desk.inbox.fail("append", times=50)
    for _ in range(3):
        pass_fails(desk)
        desk.inbox.cut_connections()
    for _ in range(3):
        day_goes_on(desk)
    assert [call for call in desk.inbox.calls if call == ("append", "Drafts")] == [("append", "Drafts")] * 3
    assert states(desk) == ["open"]


def test_a_server_that_takes_no_draft_holds_no_approved_mail_up(placed):
    """Approved mails are cleared before anything is put in."""
    placed.receive(complaint(2))
    placed.read()
    placed.drafter.turn()
    approve(placed)
    placed.inbox.fail("append", times=50)
    with pytest.raises(MailboxUnavailable):
        placed.read()
    placed.delivery.turn()
    assert [mail.recipient for mail in left(placed)] == [complaint(1).address]


# Taken out


def test_an_untouched_draft_is_removed_when_the_buyer_writes_again(placed):
    """In the very pass that reads the new message; the new draft takes its place."""
    (old,) = in_drafts(placed)
    placed.receive(complaint(1, key="A0SECOND"))
    placed.read()
    assert (in_drafts(placed), stands(placed)) == ([], ["removed"])
    day_goes_on(placed)
    (new,) = in_drafts(placed)
    assert (new.uid > old.uid, stands(placed)) == (True, ["removed", "placed"])
    assert parsed(new)["X-Sokuresu-Draft"] == open_draft(placed).token
    assert ("expunge", old.uid) in placed.inbox.calls


@pytest.mark.parametrize("answer", [answer_in_app, say_answered])
def test_an_untouched_draft_is_removed_when_the_case_is_answered(placed, answer):
    """Nobody can send it as a second answer."""
    answer(placed)
    day_goes_on(placed)
    assert (in_drafts(placed), stands(placed), placed.words()) == ([], ["removed"], [])


def test_an_unproven_message_takes_no_draft_away(placed):
    """Anybody could write it."""
    day_goes_on(placed, complaint(1, key="A0SECOND", proof="none"))
    assert (len(in_drafts(placed)), stands(placed)) == (1, ["placed"])


def test_a_new_version_takes_the_place_of_the_old_one(placed):
    """What a person wrote on the command line is what lies there, and nothing else."""
    write_anew(placed, OWN_WORDS)
    day_goes_on(placed)
    (kept,) = in_drafts(placed)
    assert parsed(kept).get_content().strip() == OWN_WORDS
    assert stands(placed) == ["removed", "placed"]


def in_place(placed, kept):
    """The server lets a program change a mail under the same number."""
    mails = placed.inbox.folder("Drafts").mails
    mails[kept.uid] = type(kept)(kept.uid, edited(kept), kept.at, kept.flags)


def saved_anew(placed, kept):
    """Mail programs put the changed draft beside the old one and remove that."""
    placed.inbox.replace(kept.uid, edited(kept), "Drafts")


def saved_beside(placed, kept):
    """Some only flag the old one as deleted."""
    placed.inbox.deliver(edited(kept), "Drafts", at=kept.at)
    placed.inbox.flag(kept.uid, r"\Deleted", "Drafts")


@pytest.mark.parametrize("save", [in_place, saved_anew, saved_beside])
@pytest.mark.parametrize("why", ["again", "answered"])
def test_an_edited_draft_is_never_removed(placed, save, why):
    """A person's work stays where it is; the person is told that it is out of date, once."""
    (kept,) = in_drafts(placed)
    save(placed, kept)
    before = {mail.uid for mail in in_drafts(placed)}
    if why == "again":
        placed.receive(complaint(1, key="A0SECOND"))
    else:
        say_answered(placed)
    for _ in range(2):
        day_goes_on(placed)
        placed.clock.advance(HOUR)
    assert before <= {mail.uid for mail in in_drafts(placed)}
    assert (stands(placed)[0], placed.words()) == ("edited", ["edited_draft"])


def test_a_draft_that_a_person_threw_away_is_not_put_back(placed):
    """Gone is gone; the draft still waits, and an answer changes nothing about it."""
    placed.inbox.remove([in_drafts(placed)[0].uid], "Drafts")
    day_goes_on(placed)
    assert (in_drafts(placed), states(placed)) == ([], ["open"])
    say_answered(placed)
    day_goes_on(placed)
    assert (stands(placed), placed.words()) == (["gone"], [])


def test_without_uidplus_nothing_is_removed_and_the_person_is_told(desk):
    """Such a server would remove other mails too; the alert says which draft to discard."""
    desk.inbox.uidplus = False
    day_goes_on(desk, complaint(1))
    assert stands(desk) == ["placed"]
    day_goes_on(desk, complaint(1, key="A0SECOND"))
    assert (len(in_drafts(desk)), stands(desk)) == (2, ["left", "placed"])
    (told,) = desk.notices()
    assert (told.word, told.case_id) == ("discard_draft", 1)


def test_a_broken_removal_is_finished_by_the_next_pass(placed):
    """The connection fails before the draft is removed."""
    say_answered(placed)
    placed.inbox.fail("take_back")
    pass_fails(placed)
    day_goes_on(placed)
    assert (in_drafts(placed), stands(placed)) == ([], ["removed"])


# The folder itself


def test_an_account_without_drafts_is_read_all_the_same(desk):
    """There is nowhere to put a draft; everything else goes on."""
    desk.inbox.delete_folder("Drafts")
    desk.inbox.cut_connections()
    day_goes_on(desk, complaint(1))
    assert (states(desk), stands(desk)) == (["open"], [None])
    approve(desk)
    day_goes_on(desk)
    assert len(left(desk)) == 1


def test_a_folder_that_vanishes_while_connected_stops_no_pass(desk):
    """The kept connection still believes in it; the next one puts the draft where it belongs."""
    desk.inbox.delete_folder("Drafts")
    day_goes_on(desk, complaint(1))
    day_goes_on(desk, complaint(2))
    assert (states(desk, 1), states(desk, 2)) == (["open"], ["open"])
    desk.inbox.create("Drafts")
    desk.inbox.folder("Drafts").special_use = rb"\drafts"
    desk.inbox.cut_connections()
    day_goes_on(desk)
    assert len(in_drafts(desk)) == 2


def renamed(floor):
    account = floor.inbox
    account._folders["Entwürfe"] = account._folders.pop("Drafts")
    account.cut_connections()


def test_a_renamed_folder_leaves_the_draft_to_the_person(placed):
    """It is found under its new name and told, for nobody knows what else happened to it."""
    renamed(placed)
    say_answered(placed)
    day_goes_on(placed)
    assert (len(placed.inbox.mails("Entwürfe")), stands(placed)) == (1, ["left"])
    assert placed.words() == ["discard_draft"]


def test_a_renumbered_folder_leaves_the_draft_to_the_person(placed):
    """Its numbers mean nothing any more, so nothing is removed by number, and nothing is put in twice."""
    placed.inbox.renumber("Drafts", uidvalidity=77, next_uid=500)
    day_goes_on(placed)
    assert len(in_drafts(placed)) == 1
    say_answered(placed)
    day_goes_on(placed)
    assert (len(in_drafts(placed)), stands(placed), placed.words()) == (1, ["left"], ["discard_draft"])


def test_a_folder_that_is_gone_takes_its_drafts_along(placed):
    """Nothing is left to remove, and nothing stops."""
    placed.inbox.delete_folder("Drafts")
    say_answered(placed)
    day_goes_on(placed)
    assert (stands(placed), placed.words()) == (["gone"], [])
    with pytest.raises(FolderMissing):
        placed.inbox.folder("Drafts")


# Approved


def test_an_approved_draft_is_taken_out_before_it_is_sent(placed):
    """Whoever looks at the Drafts folder while it leaves finds nothing to send as well."""
    approve(placed)
    placed.read()
    assert (in_drafts(placed), stands(placed), left(placed)) == ([], ["removed"], [])
    placed.delivery.turn()
    assert len(left(placed)) == 1


def thrown_away(placed, kept):
    """Somebody deleted it, or sent it with a program that files no copy."""
    placed.inbox.remove([kept.uid], "Drafts")


@pytest.mark.parametrize(
    ("touch", "word"),
    [
        (in_place, "draft_edited"),
        (saved_anew, "draft_edited"),
        (saved_beside, "draft_edited"),
        (thrown_away, "draft_gone"),
    ],
)
def test_a_draft_that_was_touched_is_not_sent_but_asked_about(placed, touch, word):
    """A person had it in hand elsewhere; a second approval is a decision and goes through."""
    approve(placed)
    touch(placed, in_drafts(placed)[0])
    day_goes_on(placed)
    assert (left(placed), voids(placed), states(placed)) == ([], [word], ["open"])
    placed.clock.advance(MINUTE)
    approve(placed)
    day_goes_on(placed)
    assert (len(left(placed)), placed.case().state) == (1, "answered")
    assert [item.state for item in approvals_of(placed)] == ["withdrawn", "sent"]


@pytest.mark.parametrize("first", ["approve", "send"])
def test_approve_and_send_from_drafts_is_one_mail(placed, first):
    """Whichever comes first, the buyer gets one answer, and it is written down as it was given."""
    (kept,) = in_drafts(placed)
    steps = [lambda: approve(placed), lambda: placed.inbox.move(kept.uid, content=sent_by_app(kept))]
    for step in steps if first == "approve" else reversed(steps):
        step()
    placed.clock.advance(MINUTE)
    day_goes_on(placed)
    assert (left(placed), placed.case().state) == ([], "answered")
    assert [one.source for one in answers_of(placed)] == ["sent_mail"]
    assert voids(placed) == ["answered_meanwhile"]
    assert [item.state for item in approvals_of(placed)] == ["withdrawn"]


def sent_by_app(kept):
    """A draft as a mail program sends it."""
    return b"Message-ID: <sent@app.example>\r\n" + kept.content


def test_what_is_sent_from_drafts_answers_within_one_pass(placed):
    """Case answered, draft settled, and nothing of it is left to send."""
    (kept,) = in_drafts(placed)
    placed.inbox.move(kept.uid, content=sent_by_app(kept))
    placed.read()
    assert placed.case().state == "answered"
    placed.drafter.turn()
    assert (states(placed), in_drafts(placed), stands(placed)) == (["overtaken"], [], ["gone"])


def test_an_edited_draft_that_is_sent_is_recorded_as_written(placed):
    """The person changed it and sent it; it is an answer like any other."""
    (kept,) = in_drafts(placed)
    placed.inbox.move(kept.uid, content=edited(kept))
    day_goes_on(placed)
    assert (placed.case().state, [one.source for one in answers_of(placed)]) == ("answered", ["sent_mail"])


@pytest.mark.parametrize("header", [True, False])
def test_the_same_words_sent_again_from_drafts_are_another_answer(placed, header):
    """The template says the same twice: what the person sends is not taken for our earlier mail."""
    approve(placed)
    day_goes_on(placed)
    placed.inbox.deliver(left(placed)[0].content, "Sent", at=placed.clock.now())
    placed.clock.advance(3 * HOUR)
    day_goes_on(placed, complaint(1, key="A0SECOND"))
    (kept,) = in_drafts(placed)
    placed.clock.advance(MINUTE)
    message = parsed(kept)
    message.replace_header("Date", placed.clock.now())
    message["Message-ID"] = "<again@app.example>"
    if not header:
        del message["X-Sokuresu-Draft"]
    placed.inbox.move(kept.uid, content=bytes(message))
    day_goes_on(placed)
    assert [one.source for one in answers_of(placed)] == ["approved", "sent_mail"]
    assert placed.case().state == "answered"


def test_an_approval_is_cleared_past_a_folder_that_is_gone(placed):
    """What lay there may have been sent before the folder went: the person is asked, and decides."""
    approve(placed)
    placed.inbox.delete_folder("Drafts")
    placed.inbox.cut_connections()
    day_goes_on(placed)
    assert (left(placed), voids(placed)) == ([], ["draft_gone"])
    approve(placed)
    day_goes_on(placed)
    assert len(left(placed)) == 1


def test_the_folders_are_those_of_the_connection(desk):
    """The bed's account has the folder that the tests speak of."""
    roles = {one.role for one in desk.connection("main").folders()}
    assert FolderRole.DRAFTS in roles
