"""The eight traps of IMAP and imapclient, on a real Dovecot where it can be brought to it, else scripted."""

from __future__ import annotations

import imaplib
import re
import socket
import threading
import time
import traceback
from datetime import UTC, datetime, timedelta

import pytest

from daemon.errors import FolderMissing, MailboxUnavailable
from daemon.mailbox import connect, fetching, idle, searching
from daemon.ports import Appended, FolderRole
from tests.beds.dovecot import running_dovecot

MAIL = b"Subject: x\r\nFrom: buyer@buyer.example\r\n\r\nbroken\r\n"
PATIENCE = timedelta(seconds=60)
SOON = 30.0
"""Seconds; far less than a wait that nothing ends, and enough for a busy machine."""
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def commands_of(mailbox) -> int:
    """How many commands the connection has sent so far."""
    return mailbox._client._imap.tagnum


@pytest.fixture
def account(dovecot):
    """A fresh account on Dovecot."""
    made = dovecot.account()
    yield made
    made.close()


@pytest.fixture
def mailbox(account):
    """A connection to it."""
    connected = connect(account.endpoint, account.credentials, timeout=10)
    yield connected
    connected.close()


@pytest.fixture
def scripted(imap_script):
    """A connection to the scripted server, with INBOX open."""
    connected = connect(imap_script.endpoint, imap_script.credentials, timeout=10)
    connected.open("INBOX")
    yield connected
    connected.close()


def seconds_of_wait(mailbox) -> float:
    """How long a long wait really took."""
    began = time.monotonic()
    mailbox.wait(PATIENCE)
    return time.monotonic() - began


# 1. An EXISTS that arrives before anybody polls.


@pytest.mark.parametrize(
    "opening",
    [
        ("+ idling", "* 2 EXISTS"),
        ("* 2 EXISTS", "+ idling"),
        ("* OK wait", "+ idling", "* OK still", "* 2 EXISTS"),
    ],
    ids=["with the go-ahead", "before the go-ahead", "behind a keep-alive"],
)
def test_trap_1_exists_in_the_buffer_ends_the_wait(imap_script, scripted, opening):
    """An EXISTS in the reader's buffer is seen although the socket is silent."""

    def answer(dialogue):
        dialogue.say(*opening)
        assert dialogue.hear() == "DONE"
        dialogue.ok()

    imap_script.on("IDLE", answer)
    assert seconds_of_wait(scripted) < SOON
    assert scripted.open("INBOX").exists == 1


def test_trap_1_exists_with_the_end_of_idle(imap_script, scripted):
    """An EXISTS between DONE and the end of IDLE leaves the dialogue in step."""

    def answer(dialogue):
        dialogue.say("+ idling")
        dialogue.hear()
        dialogue.ok("* 2 EXISTS", "* 1 FETCH (FLAGS (\\Seen))")

    imap_script.on("IDLE", answer)
    scripted.wait(timedelta(milliseconds=50))
    assert list(scripted.uids_after(0, 2)) == [[1]]


def test_trap_1_exists_between_the_last_command_and_idle(imap_script, scripted):
    """An EXISTS that another command brought ends the wait before any IDLE."""
    imap_script.on("UID FETCH", lambda dialogue: dialogue.ok("* 2 EXISTS"))
    scripted.heads([1], ["Subject"])
    assert seconds_of_wait(scripted) < SOON
    assert imap_script.count("IDLE") == 0


@pytest.mark.dovecot
def test_trap_1_on_dovecot(account, mailbox):
    """Mail that arrives between the search and the wait ends the wait, every time."""
    for _ in range(5):
        state = mailbox.open("INBOX")
        assert list(mailbox.uids_after(state.uidnext - 1, state.uidnext)) == []
        account.deliver(MAIL)
        assert seconds_of_wait(mailbox) < SOON


# 2. A connection that ends during IDLE.


@pytest.mark.parametrize("last_words", [(), ("* BYE going down",)], ids=["silently", "with BYE"])
def test_trap_2_end_of_connection_during_idle(imap_script, scripted, last_words):
    """A connection that ends during IDLE is unavailable at once."""

    def answer(dialogue):
        dialogue.say("+ idling", *last_words)
        dialogue.cut()

    imap_script.on("IDLE", answer)
    began = time.monotonic()
    with pytest.raises(MailboxUnavailable, match="connect anew"):
        scripted.wait(PATIENCE)
    assert time.monotonic() - began < SOON


@pytest.mark.dovecot
def test_trap_2_waiting_costs_no_processor_time(account, mailbox):
    """Half a second of waiting costs next to none; a loop that asks and asks would use all of it."""
    mailbox.open("INBOX")
    began = time.thread_time()
    mailbox.wait(timedelta(milliseconds=500))
    assert time.thread_time() - began < 0.25


# 3. A line in two packets.


def test_trap_3_line_in_two_packets(imap_script, scripted, monkeypatch):
    """A report whose second half comes later is read whole."""
    first_half_seen = threading.Event()
    original = idle._arrived

    def arrived(imap, **options):
        answer = original(imap, **options)
        if answer:
            first_half_seen.set()
        return answer

    monkeypatch.setattr(idle, "_arrived", arrived)

    def answer(dialogue):
        dialogue.say("+ idling")
        dialogue.raw(b"* 2 EXI")
        assert first_half_seen.wait(SOON)
        dialogue.raw(b"STS\r\n")
        dialogue.hear()
        dialogue.ok()

    imap_script.on("IDLE", answer)
    assert seconds_of_wait(scripted) < SOON
    assert list(scripted.uids_after(0, 2)) == [[1]]


@pytest.mark.parametrize("cut", [True, False], ids=["then cut", "then silence"])
def test_trap_3_half_a_line(imap_script, scripted, cut):
    """Half a line and no more is a broken connection, after the time allowed for an answer at most."""

    def answer(dialogue):
        dialogue.say("+ idling")
        dialogue.raw(b"* 2 EXI")
        if cut:
            dialogue.cut()
        dialogue.hear()

    imap_script.on("IDLE", answer)
    scripted._client.socket().settimeout(0.5)
    began = time.monotonic()
    with pytest.raises(MailboxUnavailable):
        scripted.wait(PATIENCE)
    assert time.monotonic() - began < SOON


def test_trap_3_report_with_a_literal(imap_script, scripted):
    """A report that carries a literal keeps the dialogue in step."""

    def answer(dialogue):
        dialogue.say("+ idling", "* 1 FETCH (X-NOTE {5}", "hello UID 1)")
        dialogue.hear()
        dialogue.ok()

    imap_script.on("IDLE", answer)
    assert seconds_of_wait(scripted) < SOON
    assert list(scripted.uids_after(0, 2)) == [[1]]


# 4. Ranges in FETCH.


@pytest.mark.dovecot
def test_trap_4_fetch_names_every_uid(account, mailbox):
    """Any sequence of UIDs is fetched as a list of numbers, never as a range."""
    uids = [account.deliver(MAIL) for _ in range(3)]
    mailbox.open("INBOX")
    assert [head.uid for head in mailbox.heads(range(uids[0], uids[-1] + 1), ["Subject"])] == uids
    assert [body.uid for body in mailbox.bodies(tuple(uids))] == uids


# 5. SEARCH answers longer than a million bytes.


def test_trap_5_a_full_window_fits_into_a_line():
    """A window of the longest UIDs, and thousands that arrive meanwhile, fit into imaplib's longest line."""
    longest = len(" 4294967295")
    assert (searching.WINDOW + 10_000) * longest + len("* SEARCH\r\n") < imaplib._MAXLINE


class HugeFolder:
    """Scripted answers of a folder with very many mails at wild numbers."""

    def __init__(self, count: int) -> None:
        self.uids = [4_294_967_295 - 7 * (count - position) for position in range(count)]
        self.longest = 0

    def examine(self, dialogue) -> None:
        """Tell the folder's state."""
        uidnext = self.uids[-1] + 1
        dialogue.ok(f"* {len(self.uids)} EXISTS", "* OK [UIDVALIDITY 1] v", f"* OK [UIDNEXT {uidnext}] n")

    def search(self, dialogue) -> None:
        """Answer ``UID SEARCH [a:b] UID n:*`` as RFC 3501 says."""
        *positions, _, uids = dialogue.line.split()[2:]
        found = self.uids
        if positions:
            first, last = positions[0].split(":")
            found = found[int(first) - 1 : len(found) if last == "*" else int(last)]
        least = min(int(uids.split(":")[0]), self.uids[-1])
        line = "* SEARCH " + " ".join(str(uid) for uid in found if uid >= least)
        self.longest = max(self.longest, len(line))
        dialogue.ok(line)


def test_trap_5_two_hundred_thousand_mails(imap_script, scripted):
    """A folder of 200,000 mails is read in three searches, each short enough, and nothing is missed."""
    folder = HugeFolder(200_000)
    imap_script.on("EXAMINE", folder.examine)
    imap_script.on("UID SEARCH", folder.search)
    state = scripted.open("Junk")
    found = [uid for window in scripted.uids_after(0, state.uidnext) for uid in window]
    assert found == folder.uids
    assert imap_script.count("UID SEARCH") == 3
    assert folder.longest < imaplib._MAXLINE
    assert list(scripted.uids_after(state.uidnext - 1, state.uidnext)) == []
    assert imap_script.count("UID SEARCH") == 4


def test_trap_5_mail_deleted_between_windows(imap_script, scripted, monkeypatch):
    """A deletion between two windows moves positions; the mail at the seam is not missed."""
    monkeypatch.setattr(searching, "WINDOW", 3)
    folder = HugeFolder(9)
    expected = list(folder.uids)

    def search(dialogue):
        if len(folder.uids) == len(expected):
            gone = folder.uids.pop(0)
            folder.uids.insert(0, gone)
            line = "* SEARCH " + " ".join(map(str, folder.uids[:3]))
            del folder.uids[0]
            dialogue.ok(line, "* 1 EXPUNGE")
        else:
            folder.search(dialogue)

    imap_script.on("EXAMINE", folder.examine)
    imap_script.on("UID SEARCH", search)
    state = scripted.open("Junk")
    assert [uid for window in scripted.uids_after(0, state.uidnext) for uid in window] == expected


def test_trap_5_an_overlong_answer_ends_the_connection(imap_script, scripted):
    """If a server answers with an overlong line all the same, nothing more is asked on that connection."""
    imap_script.on("UID SEARCH", lambda dialogue: dialogue.ok("* SEARCH" + " 4294967295" * 100_000))
    with pytest.raises(MailboxUnavailable):
        list(scripted.uids_after(0, 2))
    heard = len(imap_script.heard)
    with pytest.raises(MailboxUnavailable, match="closed"):
        scripted.open("INBOX")
    assert len(imap_script.heard) == heard


@pytest.mark.dovecot
def test_trap_5_sparse_numbers_on_dovecot(dovecot, account):
    """Few mails at numbers near the end of the space take one search."""
    first = account.deliver(MAIL)
    account.close()
    dovecot.set_uids(account, next_uid=4_294_967_000)
    last = account.deliver(MAIL)
    mailbox = connect(account.endpoint, account.credentials, timeout=10)
    state = mailbox.open("INBOX")
    before = commands_of(mailbox)
    assert list(mailbox.uids_after(0, state.uidnext)) == [[first, last]]
    assert commands_of(mailbox) - before == 1
    assert [head.uid for head in mailbox.heads([first, last], [])] == [first, last]
    mailbox.close()


# 6. "n:*" names the last mail.


@pytest.mark.dovecot
def test_trap_6_the_last_mail_is_not_new(account, mailbox):
    """The server names the last mail for any higher range, and it is not taken for new."""
    uid = account.deliver(MAIL)
    state = mailbox.open("INBOX")
    assert mailbox._client.search(f"UID {uid + 1}:*") == [uid]
    assert list(mailbox.uids_after(uid, state.uidnext)) == []


def test_trap_6_mail_announced_during_the_search(imap_script, scripted):
    """Mail that is announced during a search, but not in its answer, is searched for again."""
    answers = iter([("* SEARCH 1", "* 2 EXISTS"), ("* SEARCH 2",)])
    imap_script.on("UID SEARCH", lambda dialogue: dialogue.ok(*next(answers)))
    assert list(scripted.uids_after(0, 2)) == [[1], [2]]


# 7. Where an appended mail went.


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ("[APPENDUID 38505 3955] done", Appended(38505, 3955)),
        ("[appenduid 1 4294967295] done", Appended(1, 4294967295)),
        ("done", None),
        ("[APPENDUID 38505 3955:3956] two", None),
    ],
)
def test_trap_7_place_of_an_appended_mail(imap_script, scripted, answer, place):
    """The place is read from the answer, or unknown."""

    def append(dialogue):
        dialogue.say("+ go on")
        size = int(dialogue.line.rpartition("{")[2].rstrip("+}"))
        assert dialogue.read(size) == MAIL
        dialogue.hear()
        dialogue.ok(text=answer)

    imap_script.on("APPEND", append)
    assert scripted.append("Sent", MAIL, seen=True, draft=True, at=NOON) == place
    command = r'APPEND "Sent" (\Seen \Draft) "20-Nov-2026 12:00:00 +0000"'
    assert imap_script.heard[-1] == f"{command} {{{len(MAIL)}}}"


def test_trap_7_drafts_are_found_by_special_use(scripted):
    """Drafts is found by its flag, whose name only an inner module of imapclient knows."""
    assert FolderRole.DRAFTS in {folder.role for folder in scripted.folders()}


# 8. Batches.


@pytest.mark.dovecot
def test_trap_8_heads_in_batches(dovecot, account, mailbox):
    """Twelve hundred heads take three commands."""
    dovecot.fill(account, (b"Subject: %d\r\n\r\n" % number for number in range(1200)))
    state = mailbox.open("INBOX")
    (uids,) = mailbox.uids_after(0, state.uidnext)
    before = commands_of(mailbox)
    heads = mailbox.heads(uids, ["Subject"])
    assert commands_of(mailbox) - before == 3
    assert [head.headers for head in heads] == [b"Subject: %d\r\n\r\n" % number for number in range(1200)]


@pytest.mark.dovecot
def test_trap_8_bodies_in_batches(account, mailbox, monkeypatch):
    """Bodies come in batches bounded by bytes; a heavy mail comes alone; known sizes are not asked for."""
    monkeypatch.setattr(fetching, "BODY_BYTES", 20_000)
    contents = [b"Subject: x\r\n\r\n" + b"y" * size for size in (5_000, 5_000, 5_000, 5_000, 50_000, 10)]
    uids = [account.deliver(content) for content in contents]
    mailbox.open("INBOX")
    before = commands_of(mailbox)
    assert [body.content for body in mailbox.bodies(uids)] == contents
    assert commands_of(mailbox) - before == 1 + 4
    mailbox.heads(uids, [])
    before = commands_of(mailbox)
    assert [body.content for body in mailbox.bodies(uids)] == contents
    assert commands_of(mailbox) - before == 4


@pytest.mark.dovecot
def test_trap_8_socket_options(mailbox):
    """Small commands leave at once, a dead peer is noticed, and nothing waits for ever."""
    connection = mailbox._client.socket()
    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert connection.gettimeout() == 10


# What the eight have around them.


@pytest.mark.dovecot
def test_idle_round_is_constant(dovecot):
    """Looking for new mail takes the same commands and bytes in a folder of 2,000 mails as in one of 20."""
    costs = {idle_round_cost(dovecot, count) for count in (1020, 2020)}
    assert len(costs) == 1
    ((commands, _),) = costs
    assert commands == 2


_SECONDS = re.compile(rb" \([0-9. +]{1,60} secs\)")


def idle_round_cost(dovecot, count: int) -> tuple[int, int]:
    """Commands and bytes received of one round with nothing new."""
    account = dovecot.account()
    dovecot.fill(account, (MAIL for _ in range(count)))
    dovecot.set_uids(account, uidvalidity=1_700_000_000)
    mailbox = connect(account.endpoint, account.credentials, timeout=10)
    received = count_bytes(mailbox)
    for _ in range(2):
        received.clear()
        before = commands_of(mailbox)
        state = mailbox.open("INBOX")
        assert list(mailbox.uids_after(state.uidnext - 1, state.uidnext)) == []
    commands = commands_of(mailbox) - before
    mailbox.close()
    return commands, sum(received)


def count_bytes(mailbox) -> list[int]:
    """Collect the length of every line that the connection reads, without the seconds that Dovecot adds."""
    imap = mailbox._client._imap
    received: list[int] = []
    original = imap.readline

    def readline():
        line = original()
        received.append(len(_SECONDS.sub(b"", line)))
        return line

    imap.readline = readline
    return received


def test_idle_refused_falls_back_to_naps(imap_script, scripted):
    """A server that offers IDLE and refuses it is asked by NOOP from then on."""
    imap_script.on("IDLE", lambda dialogue: dialogue.say(f"{dialogue.tag} NO not today"))
    for _ in range(2):
        scripted.wait(timedelta(milliseconds=20))
    assert (imap_script.count("IDLE"), imap_script.count("NOOP")) == (1, 2)
    scripted.wake()
    assert seconds_of_wait(scripted) < SOON


def test_without_idle_a_nap(imap_script):
    """A server without IDLE is never sent one; waking ends the nap."""
    imap_script.on("CAPABILITY", lambda dialogue: dialogue.ok("* CAPABILITY IMAP4rev1"))
    mailbox = connect(imap_script.endpoint, imap_script.credentials, timeout=30)
    mailbox.open("INBOX")
    mailbox.wait(timedelta(milliseconds=20))
    mailbox.wake()
    assert seconds_of_wait(mailbox) < SOON
    mailbox.close()
    assert imap_script.count("IDLE") == 0


def test_hanging_done_times_out(imap_script, scripted):
    """A server that never ends IDLE is given up after the time allowed for an answer."""

    def answer(dialogue):
        dialogue.say("+ idling")
        dialogue.hear()
        dialogue.hear()

    imap_script.on("IDLE", answer)
    scripted._client.socket().settimeout(0.5)
    with pytest.raises(MailboxUnavailable, match="in time"):
        scripted.wait(timedelta(milliseconds=20))


def test_one_stretch_of_idle_is_five_minutes_at_most(imap_script, scripted, monkeypatch):
    """A longer limit is cut to the longest stretch, and the caller renews it."""
    monkeypatch.setattr("daemon.mailbox.adapter.LONGEST_STRETCH", 0.05)
    assert seconds_of_wait(scripted) < SOON
    assert imap_script.heard[-1] == "IDLE"
    assert idle.LONGEST_STRETCH == 300


@pytest.mark.parametrize("command", ["EXAMINE", "UID SEARCH", "UID FETCH"])
@pytest.mark.parametrize(
    "fault", ["NO [SERVERBUG] trouble", "BAD what", "* BYE going down", "cut", "nonsense"]
)
def test_any_fault_is_unavailable(imap_script, scripted, command, fault):
    """Whatever a server does instead of answering, the mailbox is unavailable."""

    def answer(dialogue):
        if fault == "cut":
            dialogue.cut()
        dialogue.say(f"{dialogue.tag} {fault}" if fault[:2] in ("NO", "BA") else fault)
        if fault.startswith("*"):
            dialogue.cut()

    imap_script.on(command, answer)
    with pytest.raises(MailboxUnavailable, match="connect anew") as caught:
        read_everything(scripted)
    assert not isinstance(caught.value, FolderMissing)


def read_everything(mailbox) -> None:
    """Use every way of reading."""
    state = mailbox.open("Sent")
    list(mailbox.uids_after(0, state.uidnext))
    mailbox.uids_with_header("X-Id", "a")
    mailbox.heads([1], ["Subject"])


@pytest.mark.parametrize(
    "line",
    [
        "* 1 FETCH (UID 1 RFC822.SIZE 壊れた (((",
        '* 1 FETCH (UID 1 BODY[] "壊れた)',
        "* 壊れた",
        "* 1 FETCH 壊れた",
        "壊れた",
        "* 1 FETCH (UID 1 RFC822.SIZE 壊れた)",
    ],
)
def test_no_failure_repeats_a_buyers_words(imap_script, scripted, caplog, line):
    """Neither the sentence nor what lies behind it, nor any log, repeats what the server sent."""
    caplog.set_level(0)
    imap_script.on("UID FETCH", lambda dialogue: dialogue.ok(line))
    with pytest.raises(MailboxUnavailable) as caught:
        scripted.heads([1], ["Subject"])
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "壊れた" not in told.replace(f'"{line}"', "")
    assert r"\xe5" not in told


def test_reading_only_peeks(imap_script, scripted):
    """Whatever is read, the server is asked not to mark it: EXAMINE and BODY.PEEK, nothing that writes."""
    read_everything(scripted)
    list(scripted.bodies([1, 2]))
    verbs = {line.removeprefix("UID ").split(" ")[0] for line in imap_script.heard}
    assert verbs == {"CAPABILITY", "LOGIN", "NAMESPACE", "LIST", "EXAMINE", "SEARCH", "FETCH"}
    fetches = [line for line in imap_script.heard if "FETCH" in line]
    assert sum("BODY.PEEK[" in line for line in fetches) == 2
    assert not any("BODY[" in line for line in fetches)


def test_unsolicited_flags_are_not_a_mail(imap_script, scripted):
    """A FETCH that nobody asked for, without size and body, is not taken for a mail."""
    imap_script.on("UID FETCH", lambda dialogue: dialogue.ok(r"* 1 FETCH (FLAGS (\Seen))"))
    assert scripted.heads([1], ["Subject"]) == []
    assert list(scripted.bodies([1])) == []


@pytest.mark.parametrize("nothing", ["NIL", '""', "{0}\r\n"])
def test_nothing_in_the_place_of_a_mail_is_a_failure(imap_script, scripted, nothing):
    """A lost file is told as NIL or as empty; that mail has not vanished. An empty mail is one."""
    sizes = {1: 900, 2: 0}

    def answer(dialogue):
        uid = int(re.search(r"FETCH (\d)", dialogue.line)[1])
        what = f"RFC822.SIZE {sizes[uid]}" if "SIZE" in dialogue.line else f"BODY[] {nothing}"
        dialogue.ok(f"* {uid} FETCH (UID {uid} {what})")

    imap_script.on("UID FETCH", answer)
    assert [body.content for body in scripted.bodies([2])] == [b""]
    with pytest.raises(MailboxUnavailable, match="place of a mail"):
        list(scripted.bodies([1]))


def test_unreadable_arrival_is_undated(imap_script, scripted):
    """A mail whose arrival the server cannot tell is read all the same, dated far ahead."""
    line = '* 1 FETCH (UID 1 INTERNALDATE "yesterday" RFC822.SIZE 4)'
    imap_script.on("UID FETCH", lambda dialogue: dialogue.ok(line))
    assert scripted.heads([1], [])[0].internal_date == fetching.UNDATED


def test_next_uid_is_asked_if_not_told(imap_script, scripted):
    """A server that does not tell the next UID when it opens a folder is asked."""
    imap_script.on("EXAMINE", lambda dialogue: dialogue.ok("* 1 EXISTS", "* OK [UIDVALIDITY 9] v"))
    imap_script.on("STATUS", lambda dialogue: dialogue.ok("* STATUS Junk (UIDNEXT 77)"))
    assert scripted.open("Junk").uidnext == 77


@pytest.mark.dovecot
def test_open_folder_is_opened_anew_in_time(account, mailbox, monkeypatch):
    """A folder that is open already is only asked for news, but opened anew every ten minutes."""
    opened = []
    original = mailbox._client.select_folder
    monkeypatch.setattr(
        mailbox._client,
        "select_folder",
        lambda *args, **options: opened.append(args) or original(*args, **options),
    )
    first = mailbox.open("INBOX")
    assert mailbox.open("INBOX") == first
    account.deliver(MAIL)
    assert mailbox.open("INBOX").uidnext == first.uidnext + 1
    assert len(opened) == 1
    monkeypatch.setattr("daemon.mailbox.adapter.REOPEN_AFTER", -1.0)
    mailbox.open("INBOX")
    assert len(opened) == 2


@pytest.mark.dovecot
def test_renumbered_while_open(dovecot, account, mailbox):
    """A folder that is renumbered while it is open is either told so or the connection ends."""
    account.deliver(MAIL)
    before = mailbox.open("INBOX")
    account.close()
    dovecot.set_uids(account, uidvalidity=before.uidvalidity + 9, next_uid=500)
    try:
        after = mailbox.open("INBOX")
    except MailboxUnavailable:
        return
    assert after.uidvalidity == before.uidvalidity + 9


def test_another_folder_ends_an_unfinished_reading(imap_script, scripted):
    """UIDs and mails of one folder are not read on in another."""
    reading = scripted.uids_after(0, 2)
    assert next(reading) == [1]
    scripted.open("Sent")
    with pytest.raises(RuntimeError, match="a folder was opened"):
        next(reading)


@pytest.mark.dovecot
def test_folders_below_inbox(certificate):
    """Folders that a server keeps below INBOX are found by their names and by the configuration's."""
    folders = {"Sent Messages": "", "下書き": "", "アマゾン": ""}
    with running_dovecot(certificate, folders=folders, prefix="INBOX.") as server:
        account = server.account()
        mailbox = connect(account.endpoint, account.credentials, watched=("inbox", "アマゾン"), timeout=10)
        assert [(folder.name, folder.role) for folder in mailbox.folders()] == [
            ("INBOX", FolderRole.INBOX),
            ("INBOX.アマゾン", FolderRole.INBOX),
            ("INBOX.Sent Messages", FolderRole.SENT),
            ("INBOX.下書き", FolderRole.DRAFTS),
        ]
        assert mailbox.open("INBOX.アマゾン").exists == 0
        mailbox.close()
