"""What every mailbox promises, asked of the fake in memory, of pymap and of Dovecot."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Any

import pytest

from daemon.errors import FolderMissing, LoginRefused, MailboxUnavailable
from daemon.identifiers import content_digest
from daemon.mailbox import connect, removal, searching
from daemon.ports import Appended, Credentials, Endpoint, Folder, FolderRole, TakenBack
from parsers.mime import parse_mime
from tests.beds.accounts import SOME_DAY
from tests.beds.fake_mailbox import FakeAccount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daemon.ports import Mailbox
    from parsers.mime import Mail
    from tests.beds.accounts import MailAccount

MAIL = "Subject: 注文\r\nFrom: buyer@buyer.example\r\n\r\n壊れていました。\r\n".encode()
EIGHT_BIT = b"Subject: bytes\r\n\r\n" + bytes(range(1, 10)) + bytes(range(14, 256)) + b"\r\n.\r\n"
DRAFT = b"Subject: Re: order\r\nX-Sokuresu-Draft: 7-0123456789abcdef\r\n\r\nWe are sorry.\r\n"
TOKYO = timezone(timedelta(hours=9))
PATIENCE = timedelta(seconds=60)
SOON = 30.0
"""Seconds; far less than a wait that nothing ends, and enough for a busy machine."""


@dataclass
class Bed:
    """One fresh account and the ways into it.

    Attributes:
        account: the hands of the test.
        cut: cuts every connection of the account.
        renumber: gives INBOX that UIDVALIDITY.
    """

    account: MailAccount | FakeAccount
    cut: Callable[[], None]
    renumber: Callable[[int], None]
    endpoint: Endpoint | None = None

    def connect(self, *, password: str | None = None, **options: Any) -> Mailbox:
        """Connect, with the right password unless told otherwise."""
        right = self.account.credentials
        credentials = Credentials(right.username, password or right.password)
        if isinstance(self.account, FakeAccount):
            return self.account.connect(credentials=credentials, **options)
        assert self.endpoint is not None
        return connect(self.endpoint, credentials, timeout=10, **options)


def large_mail() -> bytes:
    """A bounce of more than a million bytes: two texts, a report, the mail that came back, a photograph."""
    letter = EmailMessage(policy=SMTP)
    letter["Subject"], letter["From"] = "壊れていました", "buyer@buyer.example"
    letter["Message-ID"] = "<large@buyer.example>"
    letter.set_content("壊れていました。\n写真を見てください。\n", cte="base64")
    letter.add_alternative("<p>壊れていました。</p>", subtype="html")
    photograph = bytes(range(256)) * 4_000
    letter.add_attachment(photograph, maintype="image", subtype="jpeg", filename="写真.jpg")
    letter.add_attachment("メモ\n" * 9, filename="メモ.txt")
    returned = EmailMessage(policy=SMTP)
    returned["Subject"], returned["Message-ID"] = "元のメール", "<ours@shop.example>"
    returned.set_content("x\n")
    letter.add_attachment(returned)
    content = bytes(letter).replace(b"multipart/mixed;", b"multipart/report; report-type=delivery-status;", 1)
    boundary = re.search(rb'boundary="(.*?)"', content)[1]
    report = (
        b"\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nAction: failed\r\n"
    )
    return content.replace(b"--%b--" % boundary, b"--%b%b--%b--" % (boundary, report, boundary))


def assert_same_mail(one: Mail, other: Mail) -> None:
    """All that is read of two mails is the same, but for what marks the first as abridged."""
    marked = {"x-sokuresu-abridged", "content-type"}
    first, second = (
        [item for item in each.headers.items if item[0].lower() not in marked] for each in (one, other)
    )
    assert first == second
    # pymap counts the line end before a boundary to the part.
    trimmed = {name: getattr(one, name).rstrip("\n") + "\n" for name in ("plain", "html")}
    assert replace(one, headers=other.headers, **trimmed) == other
    assert "delivery-status" in one.headers.first("Content-Type")


class MailboxContract:
    """The contract; a subclass says which server keeps it."""

    sent, drafts, junk = "Sent", "Drafts", "Junk"
    counts_positions = True
    announced_within = 10
    announcements = 1
    # Whether of two who take the same mail back in the same instant never both are told that they removed it.
    tells_rivals_apart = False

    @pytest.fixture
    def bed(self) -> Bed:
        """A fresh account."""
        raise NotImplementedError

    @pytest.fixture
    def mailbox(self, bed: Bed) -> Iterator[Mailbox]:
        """A connection to the account."""
        connected = bed.connect()
        yield connected
        connected.close()

    def new_uids(self, mailbox: Mailbox, after: int) -> list[list[int]]:
        """Open INBOX and look for mail."""
        return list(mailbox.uids_after(after, mailbox.open("INBOX").uidnext))

    def put_draft(self, mailbox: Mailbox, content: bytes = DRAFT) -> Appended:
        """Put a mail of ours into the drafts folder."""
        place = mailbox.append(self.drafts, content, seen=True, draft=True, at=SOME_DAY)
        assert place is not None
        return place

    def take_back(self, mailbox: Mailbox, place: Appended, content: bytes = DRAFT) -> TakenBack:
        """Take it back if it is as it was."""
        return mailbox.take_back(self.drafts, place, content_digest(content))

    def test_finds_folders(self, mailbox):
        """The watched folder comes first, then sent, drafts and junk."""
        assert mailbox.folders() == (
            Folder("INBOX", FolderRole.INBOX),
            Folder(self.sent, FolderRole.SENT),
            Folder(self.drafts, FolderRole.DRAFTS),
            Folder(self.junk, FolderRole.JUNK),
        )

    def test_lists_every_folder(self, bed, mailbox):
        """The known folders come first; others that were made since follow with their role."""
        mailbox.open("INBOX")
        bed.account.create("アマゾン", "ゴミ箱")
        listed = mailbox.all_folders()
        assert listed[:4] == mailbox.folders()
        made = {Folder("アマゾン", FolderRole.OTHER), Folder("ゴミ箱", FolderRole.TRASH)}
        assert set(listed[4:]) - {Folder("Trash", FolderRole.TRASH)} == made
        assert mailbox.uids_since(date(2026, 1, 1)) == []

    def test_watches_japanese_folders(self, bed):
        """A watched folder with a Japanese name is found, opened and read."""
        bed.account.create("アマゾン & 返品")
        uid = bed.account.deliver(MAIL, "アマゾン & 返品")
        mailbox = bed.connect(watched=("INBOX", "アマゾン & 返品"))
        assert mailbox.folders()[1] == Folder("アマゾン & 返品", FolderRole.INBOX)
        state = mailbox.open("アマゾン & 返品")
        assert list(mailbox.uids_after(0, state.uidnext)) == [[uid]]
        mailbox.close()

    def test_missing_watched_folder(self, bed):
        """A watched folder that is not there is named."""
        with pytest.raises(FolderMissing, match="返品"):
            bed.connect(watched=("INBOX", "返品"))

    def test_missing_folder_is_not_opened(self, mailbox):
        """Opening a folder that is not there says so, and the connection goes on."""
        with pytest.raises(FolderMissing, match="nowhere"):
            mailbox.open("nowhere")
        assert mailbox.open("INBOX").exists == 0

    def test_open_tells_the_state(self, bed, mailbox):
        """An opened folder tells its number of mails and the next UID, anew every time."""
        assert mailbox.open("INBOX").exists == 0
        uid = bed.account.deliver(MAIL)
        state = mailbox.open("INBOX")
        assert (state.exists, state.uidnext) == (1, uid + 1)
        assert state.uidvalidity > 0

    def test_status_tells_of_another_folder(self, bed, mailbox):
        """What is in a folder is told without opening it, and the open one goes on being read."""
        opened = mailbox.open("INBOX")
        before = mailbox.status(self.junk)
        uid = bed.account.deliver(MAIL, self.junk)
        after = mailbox.status(self.junk)
        assert (before.exists, after.exists, after.uidnext) == (0, 1, uid + 1)
        assert before.uidvalidity == after.uidvalidity == mailbox.open(self.junk).uidvalidity
        assert mailbox.open("INBOX") == opened

    def test_status_of_the_open_folder(self, bed, mailbox):
        """Of the open folder the status is what opening it anew would tell."""
        mailbox.open("INBOX")
        uid = bed.account.deliver(MAIL)
        assert mailbox.status("INBOX").uidnext == uid + 1
        assert self.new_uids(mailbox, 0) == [[uid]]

    def test_status_of_a_missing_folder(self, mailbox):
        """A folder that is not there has no status, and the connection goes on."""
        with pytest.raises(FolderMissing, match="nowhere"):
            mailbox.status("nowhere")
        assert mailbox.open("INBOX").exists == 0

    def test_open_tells_a_new_uidvalidity(self, bed):
        """A renumbered folder has another UIDVALIDITY and still all its mail."""
        bed.account.deliver(MAIL)
        before = bed.connect()
        old = before.open("INBOX")
        before.close()
        bed.account.close()
        bed.renumber(old.uidvalidity + 1000)
        after = bed.connect()
        new = after.open("INBOX")
        assert new.uidvalidity == old.uidvalidity + 1000
        (window,) = after.uids_after(0, new.uidnext)
        assert [body.content for body in after.bodies(window)] == [MAIL]
        after.close()

    def test_nothing_new_is_empty(self, bed, mailbox):
        """Nothing new gives nothing, although the server names the highest UID."""
        assert self.new_uids(mailbox, 0) == []
        uid = bed.account.deliver(MAIL)
        assert self.new_uids(mailbox, uid) == []
        assert self.new_uids(mailbox, uid + 50) == []

    def test_new_uids_ascend_over_gaps(self, bed, mailbox):
        """UIDs come in ascending order, without those of deleted mail."""
        uids = [bed.account.deliver(MAIL) for _ in range(5)]
        bed.account.remove([uids[0], uids[2]])
        assert self.new_uids(mailbox, 0) == [[uids[1], uids[3], uids[4]]]
        assert self.new_uids(mailbox, uids[1]) == [[uids[3], uids[4]]]

    def test_finds_mail_that_came_after_opening(self, bed, mailbox):
        """Mail that came since the folder was opened is found too."""
        state = mailbox.open("INBOX")
        uid = bed.account.deliver(MAIL)
        assert list(mailbox.uids_after(state.uidnext - 1, state.uidnext)) == [[uid]]

    def test_many_uids_come_in_windows(self, bed, mailbox, monkeypatch):
        """More UIDs than fit into a window come in several, each once."""
        monkeypatch.setattr(searching, "WINDOW", 4)
        if isinstance(bed.account, FakeAccount):
            bed.account.window = 4
        uids = [bed.account.deliver(MAIL) for _ in range(11)]
        bed.account.remove([uids[1], uids[6]])
        windows = self.new_uids(mailbox, 0)
        assert [uid for window in windows for uid in window] == sorted({*uids} - {uids[1], uids[6]})
        if self.counts_positions:
            assert all(len(window) <= 4 for window in windows)
        assert [uid for window in self.new_uids(mailbox, uids[3]) for uid in window] == [
            uid for uid in uids[4:] if uid != uids[6]
        ]

    def test_uids_since_a_day(self, bed, mailbox):
        """Mail of a day is found by that day, older mail than the day before is not."""
        bed.account.deliver(MAIL, at=datetime(2026, 11, 1, 12, tzinfo=UTC))
        wanted = bed.account.deliver(MAIL, at=datetime(2026, 11, 20, 12, tzinfo=UTC))
        mailbox.open("INBOX")
        assert mailbox.uids_since(date(2026, 11, 20)) == [wanted]
        assert mailbox.uids_since(date(2026, 12, 20)) == []

    def test_heads_hold_what_was_asked(self, bed, mailbox):
        """A head has the asked fields as sent, the size, and the instant of arrival in UTC."""
        at = datetime(2026, 11, 20, 20, 30, tzinfo=TOKYO)
        folded = b"Subject: one\r\n two\r\nX-Other: no\r\nFrom: a@b.example\r\n\r\nSubject: body\r\n"
        uid = bed.account.deliver(folded, at=at)
        mailbox.open("INBOX")
        (head,) = mailbox.heads([uid], ["SUBJECT", "From", "Date"])
        assert (head.uid, head.size) == (uid, len(folded))
        assert head.internal_date == at
        assert head.internal_date.tzinfo is UTC
        assert head.headers == b"Subject: one\r\n two\r\nFrom: a@b.example\r\n\r\n"

    def test_vanished_mail_is_absent(self, bed, mailbox):
        """A mail that was deleted meanwhile is left out, the others come in the order asked."""
        uids = [bed.account.deliver(MAIL) for _ in range(4)]
        mailbox.open("INBOX")
        bed.account.remove([uids[1]])
        mailbox.open("INBOX")
        wanted = [uids[3], uids[1], uids[0], uids[3] + 7]
        assert [head.uid for head in mailbox.heads(wanted, ["Subject"])] == [uids[3], uids[0]]
        assert [body.uid for body in mailbox.bodies(wanted)] == [uids[3], uids[0]]

    def test_nothing_asked_nothing_given(self, mailbox):
        """No UIDs, no mails."""
        mailbox.open("INBOX")
        assert mailbox.heads([], ["Subject"]) == []
        assert list(mailbox.bodies([])) == []

    @pytest.mark.parametrize("content", [MAIL, EIGHT_BIT], ids=["utf-8", "every byte"])
    def test_bodies_are_byte_exact_and_stay_unread(self, bed, mailbox, content):
        """A whole mail comes byte by byte, and neither Seen nor Recent changes by reading it."""
        uid = bed.account.deliver(content)
        flags = bed.account.flags(uid)
        mailbox.open("INBOX")
        mailbox.heads([uid], ["Subject"])
        assert [body.content for body in mailbox.bodies([uid])] == [content]
        mailbox.open("INBOX")
        assert bed.account.flags(uid) == flags
        assert rb"\Seen" not in flags

    def test_many_bodies_come_all(self, bed, mailbox):
        """More mails than one batch come all, in order."""
        contents = {bed.account.deliver(b"Subject: %d\r\n\r\n" % number): number for number in range(120)}
        mailbox.open("INBOX")
        bodies = list(mailbox.bodies(list(contents)))
        assert [body.content for body in bodies] == [b"Subject: %d\r\n\r\n" % n for n in range(120)]

    def test_large_mail_is_abridged(self, bed, mailbox):
        """Of a large mail come headers, texts, names and what came back, the same bytes each time."""
        content = large_mail()
        before, uid, after = (bed.account.deliver(one) for one in (MAIL, content, MAIL))
        flags = bed.account.flags(uid)
        mailbox.open("INBOX")
        first, large, last = mailbox.bodies([before, uid, after])
        assert (first.content, last.content) == (MAIL, MAIL)
        assert large.content.startswith(b"X-Sokuresu-Abridged: yes\r\n")
        assert len(large.content) < 20_000
        assert_same_mail(parse_mime(large.content), parse_mime(content))
        mailbox.heads([uid], ["Subject"])
        assert [body.content for body in mailbox.bodies([uid])] == [large.content]
        assert bed.account.flags(uid) == flags

    def test_large_text_is_cut(self, bed, mailbox):
        """Of a mail that is one huge text its beginning is read, up to the end of a line."""
        line = "壊れていました。" * 9
        head = "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        content = head + f"{line}\r\n" * 6_000
        uid = bed.account.deliver(content.encode())
        mailbox.open("INBOX")
        (body,) = mailbox.bodies([uid])
        text = parse_mime(body.content).plain
        assert set(text.splitlines()) == {line}
        assert 200_000 < len(body.content) < 270_000

    def test_append_tells_the_place(self, bed, mailbox):
        """An appended mail is where the answer says, with its flags and its instant."""
        at = datetime(2026, 11, 20, 20, 30, 15, tzinfo=TOKYO)
        place = mailbox.append(self.drafts, MAIL, seen=True, draft=True, at=at)
        state = mailbox.open(self.drafts)
        assert place is not None
        assert place.uidvalidity == state.uidvalidity
        (head,) = mailbox.heads([place.uid], [])
        assert head.internal_date == at
        assert bed.account.content(place.uid, self.drafts) == MAIL
        assert {rb"\Seen", rb"\Draft"} <= bed.account.flags(place.uid, self.drafts)

    def test_append_sets_no_other_flags(self, bed, mailbox):
        """Without being asked, an appended mail is neither seen nor a draft."""
        place = mailbox.append(self.sent, MAIL, seen=False, draft=False, at=datetime(2026, 1, 2, tzinfo=UTC))
        assert not {rb"\Seen", rb"\Draft"} & bed.account.flags(place.uid, self.sent)

    def test_append_to_a_missing_folder(self, mailbox):
        """Filing into a folder that is gone names the folder."""
        with pytest.raises(FolderMissing, match="nowhere"):
            mailbox.append("nowhere", MAIL, seen=True, draft=False, at=datetime(2026, 1, 2, tzinfo=UTC))

    def test_finds_mail_by_a_header(self, bed, mailbox):
        """Mails are found by a part of one header in any case, not by another header or the text."""
        other = b"Subject: 7-0123456789abcdef\r\nX-Sokuresu-Draft: 8-ffff\r\n\r\n7-0123456789abcdef\r\n"
        folded = b"X-Sokuresu-Draft:\r\n 7-0123456789abcdef\r\n\r\n"
        uids = [bed.account.deliver(content, self.drafts) for content in (DRAFT, other, folded)]
        mailbox.open(self.drafts)
        found = mailbox.uids_with_header("X-Sokuresu-Draft", "0123456789ABCDEF")
        assert found == [uids[0], uids[2]]
        assert mailbox.uids_with_header("X-Sokuresu-Draft", "nobody has this") == []
        assert mailbox.uids_with_header("X-Other", "7-0123456789abcdef") == []

    @pytest.mark.parametrize("value", ['"', "\\", '"{3}', "(a) {7}", "* %]", 'x") ALL', r"\" ALL \"", "NIL"])
    def test_odd_values_are_searched_as_they_are(self, bed, mailbox, value):
        """Whatever IMAP means by such characters, they are only looked for."""
        bed.account.deliver(DRAFT)
        wanted = bed.account.deliver(f"X-Id: a{value}b\r\n\r\n".encode())
        mailbox.open("INBOX")
        assert mailbox.uids_with_header("X-Id", f"A{value}B") == [wanted]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("X-Id", "a\r\nA1 DELETE INBOX"),
            ("X-Id", "下書き"),
            ("X-Id", "a\0"),
            ("X Id", "a"),
            ("", "a"),
            ('X"', "a"),
            ("X-Id", "a" * 501),
        ],
    )
    def test_what_cannot_be_searched_for(self, mailbox, name, value):
        """What is no header's name, or no printable ASCII, is refused; the connection goes on."""
        mailbox.open("INBOX")
        with pytest.raises(ValueError, match="ASCII"):
            mailbox.uids_with_header(name, value)
        assert mailbox.uids_with_header("X-Id", "a") == []

    def test_takes_back_an_untouched_mail(self, bed, mailbox):
        """An untouched mail is removed; what lies beside it stays, even if it is flagged as deleted."""
        flagged = bed.account.deliver(MAIL, self.drafts, flags=r"\Deleted")
        place = self.put_draft(mailbox)
        unflagged = bed.account.deliver(MAIL, self.drafts)
        assert self.take_back(mailbox, place) is TakenBack.REMOVED
        assert bed.account.uids(self.drafts) == [flagged, unflagged]
        assert rb"\Deleted" in bed.account.flags(flagged, self.drafts)
        assert rb"\Deleted" not in bed.account.flags(unflagged, self.drafts)
        assert self.take_back(mailbox, place) is TakenBack.GONE

    def test_takes_nothing_back_that_was_opened_and_marked(self, bed, mailbox):
        """A draft that a person only looked at is untouched, whatever other flags it bears."""
        uid = bed.account.deliver(DRAFT, self.drafts, flags=r"\Seen \Flagged \Answered")
        place = Appended(mailbox.open(self.drafts).uidvalidity, uid)
        assert self.take_back(mailbox, place) is TakenBack.REMOVED
        assert bed.account.uids(self.drafts) == []

    def test_leaves_a_changed_mail(self, bed, mailbox):
        """A mail with other content is left with its flags as they were."""
        uid = bed.account.deliver(DRAFT + b"And more.\r\n", self.drafts)
        flags = bed.account.flags(uid, self.drafts)
        place = Appended(mailbox.open(self.drafts).uidvalidity, uid)
        assert self.take_back(mailbox, place) is TakenBack.CHANGED
        assert bed.account.content(uid, self.drafts) == DRAFT + b"And more.\r\n"
        assert bed.account.flags(uid, self.drafts) - {rb"\Recent"} == flags - {rb"\Recent"}

    def test_leaves_a_mail_saved_anew(self, bed, mailbox):
        """A mail app saves a change as another mail: ours is gone, and the other is left."""
        place = self.put_draft(mailbox)
        edited = bed.account.deliver(DRAFT + b"And more.\r\n", self.drafts)
        bed.account.remove([place.uid], self.drafts)
        assert self.take_back(mailbox, place) is TakenBack.GONE
        assert bed.account.uids(self.drafts) == [edited]

    def test_leaves_a_mail_that_somebody_flagged_as_deleted(self, bed, mailbox):
        """A mail that somebody is discarding or sending is theirs, and stays as they left it."""
        uid = bed.account.deliver(DRAFT, self.drafts, flags=r"\Deleted")
        place = Appended(mailbox.open(self.drafts).uidvalidity, uid)
        assert self.take_back(mailbox, place) is TakenBack.GONE
        assert bed.account.uids(self.drafts) == [uid]
        assert rb"\Deleted" in bed.account.flags(uid, self.drafts)

    def test_leaves_everything_in_a_renumbered_folder(self, bed, mailbox):
        """Under another UIDVALIDITY the number is another mail's, even if that has the same content."""
        place = self.put_draft(mailbox)
        renumbered = Appended(place.uidvalidity + 1, place.uid)
        assert self.take_back(mailbox, renumbered) is TakenBack.GONE
        assert bed.account.uids(self.drafts) == [place.uid]

    def test_leaves_a_folder_that_was_made_anew(self, bed, mailbox):
        """In a folder that was deleted and made again nothing is ours."""
        bed.account.create("Elsewhere")
        place = mailbox.append("Elsewhere", DRAFT, seen=True, draft=True, at=SOME_DAY)
        bed.account.close()
        bed.account.delete_folder("Elsewhere")
        bed.account.create("Elsewhere")
        uid = bed.account.deliver(DRAFT, "Elsewhere")
        outcome = mailbox.take_back("Elsewhere", replace(place, uid=uid), content_digest(DRAFT))
        assert outcome is TakenBack.GONE
        assert bed.account.uids("Elsewhere") == [uid]

    def test_takes_nothing_back_from_a_missing_folder(self, bed, mailbox):
        """A folder that is gone is named, and the connection goes on."""
        place = self.put_draft(mailbox)
        with pytest.raises(FolderMissing, match="nowhere"):
            mailbox.take_back("nowhere", place, content_digest(DRAFT))
        assert self.take_back(mailbox, place) is TakenBack.REMOVED

    def test_takes_back_what_has_every_byte(self, bed, mailbox):
        """Content is compared byte by byte as the server hands it out, Japanese and large ones too."""
        for content in (MAIL, EIGHT_BIT, b"Subject: x\r\n\r\n" + b"y" * (removal.LARGEST // 2)):
            place = self.put_draft(mailbox, content)
            assert self.take_back(mailbox, place, content) is TakenBack.REMOVED
        assert bed.account.uids(self.drafts) == []

    def test_taking_back_leaves_the_inbox(self, bed, mailbox):
        """What lies in the inbox keeps its flags, and the same number there is not touched."""
        place = self.put_draft(mailbox)
        uids = [bed.account.deliver(DRAFT) for _ in range(3)]
        flags = [bed.account.flags(uid) for uid in uids]
        mailbox.open("INBOX")
        assert self.take_back(mailbox, place) is TakenBack.REMOVED
        assert bed.account.uids() == uids
        assert [bed.account.flags(uid) for uid in uids] == flags

    def test_no_folder_is_open_after_taking_back(self, bed, mailbox):
        """Numbers mean nothing then; a reading that had begun does not go on in another folder."""
        place = self.put_draft(mailbox)
        bed.account.deliver(MAIL)
        mailbox.open("INBOX")
        bodies = mailbox.bodies([1])
        self.take_back(mailbox, place)
        for read in (
            lambda: mailbox.heads([1], ["Subject"]),
            lambda: mailbox.uids_since(date(2026, 1, 1)),
            lambda: mailbox.uids_with_header("X-Id", "a"),
            lambda: list(mailbox.uids_after(0, 2)),
            lambda: list(mailbox.bodies([1])),
            lambda: list(bodies),
        ):
            with pytest.raises(RuntimeError, match="open"):
                read()
        assert mailbox.open("INBOX").exists == 1

    def test_waiting_goes_on_after_taking_back(self, bed, mailbox):
        """Waiting ends at its limit, at a wake and, once the inbox is open again, at new mail."""
        place = self.put_draft(mailbox)
        mailbox.open("INBOX")
        self.take_back(mailbox, place)
        mailbox.wait(timedelta(milliseconds=20))
        self.test_early_wake_is_not_lost(mailbox)
        uid = bed.account.deliver(MAIL)
        assert mailbox.open("INBOX").uidnext == uid + 1
        self.test_delivery_ends_a_wait(bed, mailbox)

    def test_two_take_the_same_mail_back(self, bed, mailbox):
        """Of two, one after the other, the first removes it and the second finds it gone."""
        place = self.put_draft(mailbox)
        other = bed.connect()
        other.open(self.drafts)
        assert self.take_back(mailbox, place) is TakenBack.REMOVED
        assert self.take_back(other, place) is TakenBack.GONE
        other.close()

    def test_two_take_the_same_mail_back_at_once(self, bed, mailbox):
        """Of two in the same instant one removes it; the other is told so where the server can tell."""
        other = bed.connect()
        for _ in range(10):
            place = self.put_draft(mailbox)
            start = threading.Barrier(2)
            outcomes = []

            def race(mine, place=place, start=start, outcomes=outcomes):
                start.wait(30)
                outcomes.append(self.take_back(mine, place))

            rivals = [threading.Thread(target=race, args=(mine,)) for mine in (mailbox, other)]
            for rival in rivals:
                rival.start()
            for rival in rivals:
                rival.join(60)
            assert len(outcomes) == 2
            told_apart = [TakenBack.GONE, TakenBack.REMOVED]
            both_told = [] if self.tells_rivals_apart else [TakenBack.REMOVED] * 2
            assert sorted(outcomes) in (told_apart, both_told)
            assert bed.account.uids(self.drafts) == []
        other.close()

    def test_delivery_ends_a_wait(self, bed, mailbox):
        """New mail in the open folder ends the wait long before its limit, and is then found."""
        state = mailbox.open("INBOX")
        found = threading.Event()

        def watch():
            mailbox.wait(PATIENCE)
            found.set()

        watcher = threading.Thread(target=watch)
        watcher.start()
        uids = [bed.account.deliver(MAIL)]
        while not found.wait(self.announced_within) and len(uids) < self.announcements:
            uids.append(bed.account.deliver(MAIL))
        assert found.is_set()
        watcher.join()
        assert list(mailbox.uids_after(state.uidnext - 1, state.uidnext)) == [uids]

    def test_mail_announced_before_a_wait(self, bed, mailbox):
        """Mail that the server announced during another command is not announced again, yet ends the wait."""
        uid = bed.account.deliver(MAIL)
        mailbox.open("INBOX")
        later = bed.account.deliver(MAIL)
        mailbox.heads([uid], ["Subject"])
        began = time.monotonic()
        mailbox.wait(PATIENCE)
        assert time.monotonic() - began < SOON
        state = mailbox.open("INBOX")
        assert list(mailbox.uids_after(uid, state.uidnext)) == [[later]]

    def test_wait_ends_at_its_limit(self, mailbox):
        """Without news the wait ends when the limit passes, and the connection works on."""
        mailbox.open("INBOX")
        began = time.monotonic()
        mailbox.wait(timedelta(milliseconds=200))
        assert 0.15 < time.monotonic() - began < SOON
        assert mailbox.open("INBOX").exists == 0

    def test_wake_ends_a_wait(self, mailbox):
        """Another thread ends the wait at once, again and again."""
        mailbox.open("INBOX")
        for _ in range(3):
            watcher = threading.Thread(target=mailbox.wait, args=(PATIENCE,))
            watcher.start()
            began = time.monotonic()
            mailbox.wake()
            watcher.join(SOON)
            assert not watcher.is_alive()
            assert time.monotonic() - began < SOON

    def test_early_wake_is_not_lost(self, mailbox):
        """A wake before the wait ends the next wait, and only that one."""
        mailbox.open("INBOX")
        mailbox.wake()
        began = time.monotonic()
        mailbox.wait(PATIENCE)
        assert time.monotonic() - began < SOON
        mailbox.wait(timedelta(milliseconds=200))
        assert time.monotonic() - began > 0.15

    def test_wrong_password(self, bed):
        """A wrong password is a refused login, and the sentence does not repeat it."""
        with pytest.raises(LoginRefused) as caught:
            bed.connect(password="battery-staple")
        assert "battery-staple" not in str(caught.value)

    def test_cut_connection(self, bed, mailbox):
        """A cut connection is unavailable, and so is everything after it until one connects anew."""
        mailbox.open("INBOX")
        bed.cut()
        with pytest.raises(MailboxUnavailable):
            open_until_cut(mailbox)
        with pytest.raises(MailboxUnavailable):
            mailbox.heads([1], ["Subject"])
        with pytest.raises(MailboxUnavailable):
            mailbox.uids_with_header("X-Id", "a")
        with pytest.raises(MailboxUnavailable):
            self.take_back(mailbox, Appended(1, 1))
        mailbox.close()
        again = bed.connect()
        assert again.open("INBOX").exists == 0
        again.close()

    def test_connection_cut_during_a_wait(self, bed, mailbox):
        """A connection that is cut during a wait ends the wait as unavailable."""
        mailbox.open("INBOX")
        threading.Timer(0.2, bed.cut).start()
        with pytest.raises(MailboxUnavailable):
            mailbox.wait(PATIENCE)

    def test_closed_connection(self, mailbox):
        """After closing, which may happen twice, everything is unavailable and waking does nothing."""
        mailbox.close()
        mailbox.close()
        mailbox.wake()
        with pytest.raises(MailboxUnavailable):
            mailbox.open("INBOX")
        with pytest.raises(MailboxUnavailable):
            mailbox.wait(PATIENCE)


class TestFakeMailbox(MailboxContract):
    """The account in memory."""

    tells_rivals_apart = True

    @pytest.fixture
    def bed(self):
        """A fresh account in memory."""
        account = FakeAccount()
        return Bed(account, account.cut_connections, lambda value: account.renumber(uidvalidity=value))

    def test_keeps_what_it_cannot_remove_alone(self, bed, mailbox):
        """Without UIDPLUS an untouched mail stays; that it is changed or gone is told all the same."""
        place = self.put_draft(mailbox)
        bed.account.uidplus = False
        assert self.take_back(mailbox, place) is TakenBack.KEPT
        assert self.take_back(mailbox, place, MAIL) is TakenBack.CHANGED
        assert bed.account.flags(place.uid, self.drafts) == {rb"\Seen", rb"\Draft"}
        bed.account.flag(place.uid, r"\Deleted", self.drafts)
        assert self.take_back(mailbox, place) is TakenBack.GONE

    def test_another_client_changes_and_sends(self, bed, mailbox):
        """The hands of a test change a draft as mail apps do, and send it."""
        place = self.put_draft(mailbox)
        edited = bed.account.replace(place.uid, DRAFT + b"!", self.drafts)
        assert self.take_back(mailbox, place) is TakenBack.GONE
        assert [(mail.uid, mail.content) for mail in bed.account.mails(self.drafts)] == [
            (edited, DRAFT + b"!")
        ]
        sent = bed.account.move(edited)
        assert bed.account.mails(self.drafts) == []
        assert bed.account.content(sent, self.sent) == DRAFT + b"!"
        assert bed.account.flags(sent, self.sent) == {rb"\Seen"}

    def test_fails_between_flagging_and_removing(self, bed, mailbox):
        """A connection that fails there leaves the mail flagged, and a later attempt takes it for gone."""
        place = self.put_draft(mailbox)
        bed.account.fail("expunge")
        with pytest.raises(MailboxUnavailable):
            self.take_back(mailbox, place)
        assert rb"\Deleted" in bed.account.flags(place.uid, self.drafts)
        assert self.take_back(bed.connect(), place) is TakenBack.GONE


def open_until_cut(mailbox: Mailbox) -> None:
    """Open INBOX until the server has noticed that the connection is to end."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        mailbox.open("INBOX")


class ServerContract(MailboxContract):
    """What is asked of real servers besides: others who come between the steps of taking a mail back."""

    # Whether a flag can be set only if nobody has changed the flags meanwhile (CONDSTORE, RFC 7162).
    stores_on_condition = True

    @pytest.fixture
    def rival(self, bed: Bed) -> Iterator[Any]:
        """Another connection to the account."""
        connected = bed.connect()
        yield connected
        connected.close()

    def before(self, monkeypatch: pytest.MonkeyPatch, step: str, act: Callable[[], object]) -> None:
        """Do something once in the instant before that step."""
        original, acts = removal.OpenFolder.ask, [act]

        def ask(folder: removal.OpenFolder, verb: str, uid: int, *words: str) -> tuple[bool, bytes]:
            if verb == step and acts:
                acts.pop()()
            return original(folder, verb, uid, *words)

        monkeypatch.setattr(removal.OpenFolder, "ask", ask)

    def flag(self, rival: Any, uid: int, flag: bytes) -> None:
        """Flag a draft, as another client does."""
        rival._client.select_folder(self.drafts)
        rival._client.add_flags([uid], [flag])

    def test_rival_removes_before_the_flag(self, mailbox, rival, monkeypatch):
        """Who finds the mail gone when flagging it has not removed it."""
        place = self.put_draft(mailbox)
        outcomes = []
        self.before(monkeypatch, "STORE", lambda: outcomes.append(self.take_back(rival, place)))
        outcomes.append(self.take_back(mailbox, place))
        assert outcomes == [TakenBack.REMOVED, TakenBack.GONE]

    def test_rival_comes_after_the_flag(self, mailbox, rival, monkeypatch):
        """Who finds the mail flagged leaves it to the one who flagged it."""
        place = self.put_draft(mailbox)
        outcomes = []
        self.before(monkeypatch, "EXPUNGE", lambda: outcomes.append(self.take_back(rival, place)))
        outcomes.append(self.take_back(mailbox, place))
        assert outcomes == [TakenBack.GONE, TakenBack.REMOVED]

    def test_rival_flags_in_the_same_instant(self, bed, mailbox, rival, monkeypatch):
        """A mail that somebody flags between our look and our flag stays, if the server can tell."""
        place = self.put_draft(mailbox)
        self.before(monkeypatch, "STORE", lambda: self.flag(rival, place.uid, rb"\Deleted"))
        outcome = self.take_back(mailbox, place)
        if self.stores_on_condition:
            assert outcome is TakenBack.GONE
            assert rb"\Deleted" in bed.account.flags(place.uid, self.drafts)
        else:
            assert outcome is TakenBack.REMOVED
            assert bed.account.uids(self.drafts) == []

    def test_somebody_reads_in_the_same_instant(self, bed, mailbox, rival, monkeypatch):
        """A mail that somebody only reads between our look and our flag is removed all the same."""
        place = mailbox.append(self.drafts, DRAFT, seen=False, draft=True, at=SOME_DAY)
        self.before(monkeypatch, "STORE", lambda: self.flag(rival, place.uid, rb"\Seen"))
        assert self.take_back(mailbox, place) is TakenBack.REMOVED
        assert bed.account.uids(self.drafts) == []


class TestPymapMailbox(ServerContract):
    """The real adapter on pymap, which does not say what its folders are for."""

    # pymap now and then announces nothing of a mail that comes in the instant in which IDLE begins; the next
    # mail, and in the service the next search, tell of it.
    announced_within = 3
    announcements = 4

    sent, drafts, junk = "送信済みメール", "下書き", "迷惑メール"
    # Inside UID SEARCH it takes positions for UIDs; nothing is missed, but the windows are not even.
    counts_positions = False
    # It has UIDPLUS, but no CONDSTORE.
    stores_on_condition = False

    @pytest.fixture
    def bed(self, pymap):
        """A fresh account on pymap."""
        account = pymap.account(self.sent, self.drafts, self.junk)
        yield Bed(
            account,
            pymap.cut_connections,
            lambda value: pymap.renumber(account, uidvalidity=value),
            pymap.endpoint,
        )
        account.close()


@pytest.mark.dovecot
class TestDovecotMailbox(ServerContract):
    """The real adapter on Dovecot, over TLS.

    Of two conditional STOREs in the same instant it rarely accepts both, so it does not tell rivals apart.
    """

    @pytest.fixture
    def bed(self, dovecot):
        """A fresh account on Dovecot."""
        account = dovecot.account()
        yield Bed(
            account,
            lambda: dovecot.kill_connections(account),
            lambda value: dovecot.set_uids(account, uidvalidity=value),
            dovecot.tls,
        )
        account.close()
