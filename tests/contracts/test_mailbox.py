"""What every mailbox promises, asked of the fake in memory, of pymap and of Dovecot."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from daemon.errors import FolderMissing, LoginRefused, MailboxUnavailable
from daemon.mailbox import connect, searching
from daemon.ports import Credentials, Endpoint, Folder, FolderRole
from tests.beds.fake_mailbox import FakeAccount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daemon.ports import Mailbox
    from tests.beds.accounts import MailAccount

MAIL = "Subject: 注文\r\nFrom: buyer@buyer.example\r\n\r\n壊れていました。\r\n".encode()
EIGHT_BIT = b"Subject: bytes\r\n\r\n" + bytes(range(1, 10)) + bytes(range(14, 256)) + b"\r\n.\r\n"
TOKYO = timezone(timedelta(hours=9))
PATIENCE = timedelta(seconds=20)


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


class MailboxContract:
    """The contract; a subclass says which server keeps it."""

    sent, drafts, junk = "Sent", "Drafts", "Junk"
    counts_positions = True
    announced_within = 10
    announcements = 1

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

    def test_finds_folders(self, mailbox):
        """The watched folder comes first, then sent, drafts and junk."""
        assert mailbox.folders() == (
            Folder("INBOX", FolderRole.INBOX),
            Folder(self.sent, FolderRole.SENT),
            Folder(self.drafts, FolderRole.DRAFTS),
            Folder(self.junk, FolderRole.JUNK),
        )

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
        assert time.monotonic() - began < 5
        state = mailbox.open("INBOX")
        assert list(mailbox.uids_after(uid, state.uidnext)) == [[later]]

    def test_wait_ends_at_its_limit(self, mailbox):
        """Without news the wait ends when the limit passes, and the connection works on."""
        mailbox.open("INBOX")
        began = time.monotonic()
        mailbox.wait(timedelta(milliseconds=200))
        assert 0.15 < time.monotonic() - began < 5
        assert mailbox.open("INBOX").exists == 0

    def test_wake_ends_a_wait(self, mailbox):
        """Another thread ends the wait at once, again and again."""
        mailbox.open("INBOX")
        for _ in range(3):
            watcher = threading.Thread(target=mailbox.wait, args=(PATIENCE,))
            watcher.start()
            began = time.monotonic()
            mailbox.wake()
            watcher.join(5)
            assert not watcher.is_alive()
            assert time.monotonic() - began < 1

    def test_early_wake_is_not_lost(self, mailbox):
        """A wake before the wait ends the next wait, and only that one."""
        mailbox.open("INBOX")
        mailbox.wake()
        began = time.monotonic()
        mailbox.wait(PATIENCE)
        assert time.monotonic() - began < 1
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
            mailbox.open("INBOX")
        with pytest.raises(MailboxUnavailable):
            mailbox.heads([1], ["Subject"])
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

    @pytest.fixture
    def bed(self):
        """A fresh account in memory."""
        account = FakeAccount()
        return Bed(account, account.cut_connections, lambda value: account.renumber(uidvalidity=value))


class TestPymapMailbox(MailboxContract):
    """The real adapter on pymap, which does not say what its folders are for."""

    # pymap now and then announces nothing of a mail that comes in the instant in which IDLE begins; the next
    # mail, and in the service the next search, tell of it.
    announced_within = 3
    announcements = 4

    sent, drafts, junk = "送信済みメール", "下書き", "迷惑メール"
    # Inside UID SEARCH it takes positions for UIDs; nothing is missed, but the windows are not even.
    counts_positions = False

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
class TestDovecotMailbox(MailboxContract):
    """The real adapter on Dovecot, over TLS."""

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
