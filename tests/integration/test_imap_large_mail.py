"""Large mails on servers that refuse, answer nonsense or break off when asked for a structure."""

from __future__ import annotations

import pytest

from daemon.errors import MailboxUnavailable
from daemon.mailbox import connect
from daemon.mailbox.abridging import MARK, Ordeals

HEADER, TEXT = "Subject: x\r\n\r\n", "--b\r\n\r\nhello\r\n--b--\r\n"
CUT_OFF = MARK + (HEADER + TEXT).encode()


def literal(text: str) -> str:
    """A text as IMAP sends what holds line ends."""
    return f"{{{len(text)}}}\r\n{text}"


def answering(structure):
    """A server with one large mail that answers a question for its structure so."""

    def answer(dialogue):
        if "BODYSTRUCTURE" in dialogue.line:
            structure(dialogue)
        elif "RFC822.SIZE" in dialogue.line:
            dialogue.ok("* 1 FETCH (UID 1 RFC822.SIZE 30000000)")
        elif "BODY.PEEK[HEADER]<0." in dialogue.line and "BODY.PEEK[TEXT]<0." in dialogue.line:
            found = f"BODY[HEADER]<0> {literal(HEADER)} BODY[TEXT]<0> {literal(TEXT)}"
            dialogue.ok(f"* 1 FETCH (UID 1 {found})")
        else:
            dialogue.say(f"{dialogue.tag} BAD that is not what this test is about")

    return answer


def connected(script, ordeals=None):
    """A connection with INBOX open."""
    mailbox = connect(script.endpoint, script.credentials, timeout=10, ordeals=ordeals)
    mailbox.open("INBOX")
    return mailbox


@pytest.mark.parametrize(
    "structure",
    [
        lambda dialogue: dialogue.say(f"{dialogue.tag} NO [SERVERBUG] no structure"),
        lambda dialogue: dialogue.say(f"{dialogue.tag} BAD what"),
        lambda dialogue: dialogue.ok("* 1 FETCH (UID 1 BODYSTRUCTURE NIL)"),
        lambda dialogue: dialogue.ok("* 1 FETCH (UID 1 BODYSTRUCTURE ((("),
        lambda dialogue: dialogue.ok('* 1 FETCH (UID 1 BODYSTRUCTURE (7 "x"))'),
        lambda dialogue: dialogue.ok(f"* 1 FETCH (UID 1 BODYSTRUCTURE {'(' * 9000}{')' * 9000})"),
    ],
    ids=["refused", "bad", "nil", "incomplete", "nonsense", "bottomless"],
)
def test_without_structure_the_beginning_is_read(imap_script, structure):
    """The beginning of the mail is handed out, and the connection goes on."""
    imap_script.on("UID FETCH", answering(structure))
    mailbox = connected(imap_script)
    assert [body.content for body in mailbox.bodies([1])] == [CUT_OFF]
    assert mailbox.open("INBOX").exists == 1
    assert not any("BODY.PEEK[]" in line for line in imap_script.heard)
    mailbox.close()


def test_structure_that_breaks_the_connection_is_asked_for_twice(imap_script):
    """A structure too long for one line breaks two connections; the third one does without it."""
    parts = '("TEXT" "PLAIN")' * 70_000
    imap_script.on(
        "UID FETCH",
        answering(lambda dialogue: dialogue.ok(f'* 1 FETCH (UID 1 BODYSTRUCTURE ({parts} "MIXED"))')),
    )
    ordeals = Ordeals()
    for _ in range(2):
        with pytest.raises(MailboxUnavailable):
            list(connected(imap_script, ordeals).bodies([1]))
    mailbox = connected(imap_script, ordeals)
    assert [body.content for body in mailbox.bodies([1])] == [CUT_OFF]
    mailbox.close()


def test_mail_without_header_is_not_taken_for_gone(imap_script):
    """A server that refuses even the header of a large mail is unavailable; the mail is not passed over."""

    def refuse(dialogue):
        if "RFC822.SIZE" in dialogue.line:
            dialogue.ok("* 1 FETCH (UID 1 RFC822.SIZE 30000000)")
        else:
            dialogue.say(f"{dialogue.tag} NO not this one")

    imap_script.on("UID FETCH", refuse)
    with pytest.raises(MailboxUnavailable, match="large mail"):
        list(connected(imap_script).bodies([1]))
