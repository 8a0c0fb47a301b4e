"""Taking a mail back, step by step, on a server that refuses, forgets, interferes or ends at each of them."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from daemon.errors import FolderMissing, MailboxUnavailable
from daemon.identifiers import content_digest
from daemon.mailbox import connect, removal
from daemon.ports import Appended, TakenBack
from tests.beds.imap_script import CAPABILITIES

MAIL = b"Subject: Re: order\r\n\r\nWe are sorry.\r\n"
UID = 7
PLACE = Appended(1, UID)
DELETED = r"\Deleted"


class Drafts:
    """The scripted server's Drafts folder with one mail of ours in it.

    Attributes:
        content: of the mail; None if it is not there.
        size: what the server says of its size.
        flags: of the mail.
        modseq: of the mail, as a server with CONDSTORE counts.
    """

    def __init__(self, script) -> None:
        self.script = script
        self.content: bytes | None = MAIL
        self.size = len(MAIL)
        self.flags = {r"\Seen", r"\Draft"}
        self.modseq = 5
        script.on("SELECT", lambda dialogue: self.open(dialogue, "[READ-WRITE]"))
        script.on("EXAMINE", lambda dialogue: self.open(dialogue, "[READ-ONLY]"))
        script.on("UID FETCH", self.fetch)
        script.on("UID STORE", self.store)
        script.on("UID EXPUNGE", self.expunge)

    def open(self, dialogue, access: str) -> None:
        """Answer SELECT and EXAMINE."""
        state = ("* 1 EXISTS", "* 0 RECENT", "* OK [UIDVALIDITY 1] v", "* OK [UIDNEXT 8] n")
        dialogue.ok(*state, text=f"{access} open")

    def fetch(self, dialogue) -> None:
        """Answer what is asked of the mail."""
        assert f"UID FETCH {UID} " in dialogue.line
        if self.content is None:
            dialogue.ok()
        elif "BODY.PEEK[]" in dialogue.line:
            dialogue.say(f"* 1 FETCH (UID {UID} BODY[] {{{len(self.content)}}}")
            dialogue.raw(self.content)
            dialogue.ok(")")
        else:
            modseq = f" MODSEQ ({self.modseq})" if "MODSEQ" in dialogue.line else ""
            flags = " ".join(sorted(self.flags))
            dialogue.ok(f"* 1 FETCH (UID {UID} FLAGS ({flags}) RFC822.SIZE {self.size}{modseq})")

    def store(self, dialogue) -> None:
        """Add or remove the flag."""
        self.flags = self.flags | {DELETED} if "+FLAGS" in dialogue.line else self.flags - {DELETED}
        dialogue.ok()

    def expunge(self, dialogue) -> None:
        """Remove the mail."""
        assert dialogue.line == f"UID EXPUNGE {UID}"
        self.content = None
        dialogue.ok("* 1 EXPUNGE")

    def refuse(self, command: str, answer: str) -> None:
        """Answer that command so and do nothing."""
        self.script.on(command, lambda dialogue: dialogue.say(f"{dialogue.tag} {answer}"))

    def vanish(self, command: str, answer: str = "OK done") -> None:
        """Somebody removes the mail just before that command, which is then answered so."""

        def answered(dialogue):
            self.content = None
            dialogue.say(f"{dialogue.tag} {answer}")

        self.script.on(command, answered)

    def heard(self) -> list[str]:
        """What was said of the folder: the commands, and for STORE what it was to do."""
        lines = [line.removeprefix("UID ") for line in self.script.heard]
        after = lines[lines.index('EXAMINE "INBOX"') + 1 :]
        return [line.split(" ", 2)[2] if line.startswith("STORE") else line.split(" ")[0] for line in after]


FLAG, UNFLAG = r"+FLAGS.SILENT (\Deleted)", r"-FLAGS.SILENT (\Deleted)"


@pytest.fixture
def drafts(imap_script):
    """The folder."""
    return Drafts(imap_script)


def offer(imap_script, capabilities: str) -> None:
    """Let the server offer these."""
    imap_script.on("CAPABILITY", lambda dialogue: dialogue.ok(f"* CAPABILITY {capabilities}"))


@pytest.fixture
def mailbox(imap_script, drafts):
    """A connection with INBOX open; it never says what could remove other mails."""
    connected = connect(imap_script.endpoint, imap_script.credentials, timeout=10)
    connected.open("INBOX")
    yield connected
    connected.close()
    assert not {"CLOSE", "EXPUNGE"} & {line.split(" ")[0].upper() for line in imap_script.heard}


def take_back(mailbox, place: Appended = PLACE) -> TakenBack:
    """Take the mail back if it is as it was."""
    return mailbox.take_back("Drafts", place, content_digest(MAIL))


def test_every_step(mailbox, drafts):
    """The mail is looked at, read, flagged, looked at again and removed alone; then the folder is left."""
    assert take_back(mailbox) is TakenBack.REMOVED
    steps = ["SELECT", "FETCH", "FETCH", FLAG, "NOOP", "FETCH", "EXPUNGE", "FETCH", "EXAMINE"]
    assert drafts.heard() == steps


def test_wakes_and_waits_afterwards(mailbox, imap_script):
    """What the server told of the drafts folder is no news, so the wait lasts; then INBOX is opened anew."""
    take_back(mailbox)
    mailbox.wait(timedelta(milliseconds=20))
    assert imap_script.count("IDLE") == 1
    mailbox.open("INBOX")
    assert imap_script.heard[-1] == 'EXAMINE "INBOX"'


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({}, TakenBack.KEPT),
        ({"content": MAIL + b"!"}, TakenBack.CHANGED),
        ({"content": None}, TakenBack.GONE),
        ({"flags": {DELETED}}, TakenBack.GONE),
    ],
)
def test_without_uidplus_nothing_is_changed(imap_script, drafts, change, outcome):
    """A server that cannot remove one mail alone is only read; changed and gone are told all the same."""
    offer(imap_script, CAPABILITIES.replace("UIDPLUS", ""))
    for name, value in change.items():
        setattr(drafts, name, value)
    mailbox = connect(imap_script.endpoint, imap_script.credentials, timeout=10)
    mailbox.open("INBOX")
    assert take_back(mailbox) is outcome
    mailbox.close()
    assert set(drafts.heard()) <= {"EXAMINE", "FETCH", "LOGOUT"}


def test_renumbered_folder(mailbox, drafts):
    """Under another UIDVALIDITY not even the mail's number is asked for."""
    assert take_back(mailbox, Appended(2, UID)) is TakenBack.GONE
    assert drafts.heard() == ["SELECT", "EXAMINE"]


def test_folder_that_cannot_be_written(mailbox, drafts, imap_script):
    """A folder that the server opens for reading only is read, and the connection goes on."""
    imap_script.on("SELECT", lambda dialogue: drafts.open(dialogue, "[READ-ONLY]"))
    assert take_back(mailbox) is TakenBack.KEPT
    assert drafts.heard() == ["SELECT", "EXAMINE", "FETCH", "FETCH", "EXAMINE"]
    assert mailbox.open("INBOX").exists == 1


def test_large_mail_is_not_fetched(mailbox, drafts):
    """A mail larger than any of ours is not ours, and is not read to find that out."""
    drafts.size = removal.LARGEST + 1
    assert take_back(mailbox) is TakenBack.CHANGED
    assert drafts.heard() == ["SELECT", "FETCH", "EXAMINE"]


def test_mail_vanishes_before_it_is_read(mailbox, drafts, imap_script):
    """A mail that vanishes between the look and the reading is gone."""

    def fetch(dialogue):
        if "BODY.PEEK[]" in dialogue.line:
            drafts.content = None
        drafts.fetch(dialogue)

    imap_script.on("UID FETCH", fetch)
    assert take_back(mailbox) is TakenBack.GONE
    assert FLAG not in drafts.heard()


def test_news_of_another_mail(mailbox, drafts, imap_script):
    """A report of flags at the position that equals our number is not our mail."""
    drafts.content = None
    imap_script.on("UID FETCH", lambda dialogue: dialogue.ok(rf"* {UID} FETCH (FLAGS (\Seen))"))
    assert take_back(mailbox) is TakenBack.GONE


@pytest.mark.parametrize("answer", ["NO [NOPERM] not yours", "NO never", "BAD what", "OK but did nothing"])
def test_refused_flag(mailbox, drafts, answer):
    """A mail that cannot be flagged is kept, and the connection goes on."""
    drafts.refuse("UID STORE", answer)
    assert take_back(mailbox) is TakenBack.KEPT
    assert drafts.heard() == ["SELECT", "FETCH", "FETCH", FLAG, "NOOP", "FETCH", "EXAMINE"]
    assert mailbox.open("INBOX").exists == 1


@pytest.mark.parametrize(
    "answer", ["OK done", "NO no such mail", "OK [EXPUNGEISSUED] done", "NO [ExpungeIssued]"]
)
def test_mail_vanishes_before_the_flag(mailbox, drafts, answer):
    """A mail that somebody removes before the flag is gone, by his hand and not by ours."""
    drafts.vanish("UID STORE", answer)
    assert take_back(mailbox) is TakenBack.GONE
    assert "EXPUNGE" not in drafts.heard()


def test_server_shows_what_was_removed(mailbox, drafts, imap_script):
    """A server that shows a removed mail until it has told us is given the chance to tell."""
    imap_script.on("NOOP", lambda dialogue: (setattr(drafts, "content", None), dialogue.ok("* 1 EXPUNGE")))
    assert take_back(mailbox) is TakenBack.GONE
    assert "EXPUNGE" not in drafts.heard()


def test_server_that_removes_at_once(imap_script, drafts):
    """Gmail removes what is flagged at once; there the flag is the removal."""
    offer(imap_script, f"{CAPABILITIES} X-GM-EXT-1")
    drafts.vanish("UID STORE")
    mailbox = connect(imap_script.endpoint, imap_script.credentials, timeout=10)
    assert take_back(mailbox) is TakenBack.REMOVED
    assert imap_script.count("UID EXPUNGE") == 0
    mailbox.close()


@pytest.mark.parametrize("answer", ["NO [LIMIT] later", "BAD what", "OK but did nothing"])
def test_refused_removal(mailbox, drafts, answer):
    """If the mail cannot be removed, the flag is taken off again and the mail is kept as it was."""
    flags = set(drafts.flags)
    drafts.refuse("UID EXPUNGE", answer)
    assert take_back(mailbox) is TakenBack.KEPT
    assert drafts.heard()[-4:] == ["EXPUNGE", "FETCH", UNFLAG, "EXAMINE"]
    assert (drafts.content, drafts.flags) == (MAIL, flags)
    assert mailbox.open("INBOX").exists == 1


def test_refused_removal_and_refused_unflagging(mailbox, drafts, imap_script):
    """If not even the flag can be taken off, the mail is kept, and the connection goes on."""

    def store(dialogue):
        if "-FLAGS" in dialogue.line:
            dialogue.say(f"{dialogue.tag} NO never")
        else:
            drafts.store(dialogue)

    imap_script.on("UID STORE", store)
    drafts.refuse("UID EXPUNGE", "NO never")
    assert take_back(mailbox) is TakenBack.KEPT
    assert mailbox.open("INBOX").exists == 1


def test_mail_vanishes_before_a_refused_removal(mailbox, drafts):
    """A mail that is gone although its removal was refused is gone by somebody's hand."""
    drafts.vanish("UID EXPUNGE", "NO [LIMIT] later")
    assert take_back(mailbox) is TakenBack.GONE
    assert UNFLAG not in drafts.heard()


@pytest.fixture
def conditional(imap_script, drafts):
    """A connection to a server that flags only if nobody has changed the flags meanwhile."""
    offer(imap_script, f"{CAPABILITIES} CONDSTORE")
    connected = connect(imap_script.endpoint, imap_script.credentials, timeout=10)
    connected.open("INBOX")
    yield connected
    connected.close()


def test_flag_on_condition(conditional, drafts):
    """The flag is set only if the flags are those that were seen."""
    assert take_back(conditional) is TakenBack.REMOVED
    assert f"(UNCHANGEDSINCE 5) {FLAG}" in drafts.heard()


@pytest.mark.parametrize(
    ("changes", "flags", "expected"),
    [
        (1, {r"\Seen"}, (TakenBack.REMOVED, 2)),
        (1, {DELETED}, (TakenBack.GONE, 1)),
        (9, {r"\Seen"}, (TakenBack.KEPT, 3)),
    ],
    ids=["read once", "discarded", "changed again and again"],
)
def test_flags_changed_meanwhile(conditional, drafts, changes, flags, expected):
    """If others change the flags, the mail is looked at again, a few times at most."""
    words = itertools.cycle(["OK", "NO"])

    def store(dialogue):
        if f"UNCHANGEDSINCE {5 + changes})" in dialogue.line:
            drafts.store(dialogue)
        else:
            drafts.modseq += 1
            drafts.flags = flags
            dialogue.say(f"{dialogue.tag} {next(words)} [MODIFIED {UID}] not done")

    drafts.script.on("UID STORE", store)
    outcome = take_back(conditional)
    assert (outcome, drafts.script.count("UID STORE")) == expected
    assert drafts.script.count("UID EXPUNGE") == (outcome is TakenBack.REMOVED)


def test_folder_without_counted_changes(conditional, drafts, imap_script):
    """In a folder whose changes the server does not count, the flag is set without a condition."""
    lines = ("* 1 EXISTS", "* OK [UIDVALIDITY 1] v", "* OK [NOMODSEQ] none")
    imap_script.on("SELECT", lambda dialogue: dialogue.ok(*lines, text="[READ-WRITE] open"))
    assert take_back(conditional) is TakenBack.REMOVED
    assert FLAG in drafts.heard()


def test_missing_folder(mailbox, drafts):
    """A folder that cannot be opened is missing, and the connection goes on."""
    drafts.refuse("SELECT", "NO no such folder")
    with pytest.raises(FolderMissing, match="Drafts"):
        take_back(mailbox)
    assert mailbox.open("INBOX").exists == 1


@pytest.mark.parametrize("command", ["SELECT", "UID FETCH", "UID STORE", "NOOP", "UID EXPUNGE"])
@pytest.mark.parametrize("fault", ["cut", "* BYE going down", "nonsense"])
def test_connection_fails_at_any_step(mailbox, drafts, imap_script, command, fault):
    """Whatever ends the connection, the mailbox is unavailable, then and from then on."""

    def fail(dialogue):
        if fault != "cut":
            dialogue.say(fault)
        dialogue.cut()

    imap_script.on(command, fail)
    with pytest.raises(MailboxUnavailable, match="connect anew") as caught:
        take_back(mailbox)
    assert not isinstance(caught.value, FolderMissing)
    with pytest.raises(MailboxUnavailable, match="closed"):
        mailbox.open("INBOX")
    assert drafts.content == MAIL


@pytest.mark.parametrize("command", ["SELECT", "UID FETCH", "UID STORE", "NOOP", "UID EXPUNGE"])
def test_silence_at_any_step(imap_script, drafts, command):
    """A server that does not answer is given up in time."""
    imap_script.on(command, lambda dialogue: None)
    mailbox = connect(imap_script.endpoint, imap_script.credentials, timeout=10)
    # Short only from here on: a busy machine may be slow with what is answered.
    mailbox._client.socket().settimeout(0.2)
    with pytest.raises(MailboxUnavailable, match="in time"):
        take_back(mailbox)
    mailbox.close()
    assert drafts.content == MAIL


@pytest.mark.parametrize("command", ["SELECT", "UID FETCH", "NOOP"])
@pytest.mark.parametrize("answer", ["NO [SERVERBUG] trouble", "BAD what"])
def test_trouble_at_a_look(mailbox, drafts, command, answer):
    """A server that cannot even show the folder or the mail is unavailable, and no mail is removed."""
    drafts.refuse(command, answer)
    with pytest.raises(MailboxUnavailable, match="connect anew") as caught:
        take_back(mailbox)
    assert not isinstance(caught.value, FolderMissing)
    assert drafts.content == MAIL


def test_connection_fails_when_leaving(mailbox, imap_script):
    """What was done is told even if the folder cannot be left; the next call tells of the lost connection."""
    imap_script.on("EXAMINE", lambda dialogue: dialogue.cut())
    assert take_back(mailbox) is TakenBack.REMOVED
    with pytest.raises(MailboxUnavailable, match="closed"):
        mailbox.open("INBOX")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("0123456789abcdef", '"0123456789abcdef"'),
        ("", '""'),
        ('a"b\\c', r'"a\"b\\c"'),
        ("(x) {7}", '"(x) {7}"'),
    ],
)
def test_search_always_quotes(mailbox, imap_script, value, said):
    """What is searched for is always quoted, so that nothing in it is a command."""
    assert mailbox.uids_with_header("X-Sokuresu-Draft", value) == [1]
    assert imap_script.heard[-1] == f"UID SEARCH HEADER X-Sokuresu-Draft {said}"


def test_search_finds_nothing_and_sorts(mailbox, imap_script):
    """No answer means no mail, and the numbers ascend however the server puts them."""
    imap_script.on("UID SEARCH", lambda dialogue: dialogue.ok("* SEARCH 9 3 5"))
    assert mailbox.uids_with_header("X-Id", "a") == [3, 5, 9]
    imap_script.on("UID SEARCH", lambda dialogue: dialogue.ok())
    assert mailbox.uids_with_header("X-Id", "a") == []
