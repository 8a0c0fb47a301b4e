"""What is left of a large mail whatever its sender, or the server, makes of its structure."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mailbox.abridging import (
    MARK,
    MAX_DEPTH,
    MAX_PARTS,
    TEXT_BYTES,
    NotHandedOutError,
    abridge,
    cut,
    read_structure,
)
from parsers.mime import parse_mime
from tests.beds.fake_sections import FakeSections

TEXT = (b"text", b"plain")
ATOMS = st.one_of(st.none(), st.integers(), st.binary(max_size=20))
ANSWERS = st.recursive(
    ATOMS, lambda inner: st.one_of(st.lists(inner), st.lists(inner).map(tuple)), max_leaves=30
)


class Told(FakeSections):
    """A mail of which the server tells a structure of its own."""

    def __init__(self, content: bytes, answer: Any) -> None:
        super().__init__(content)
        self.answer = answer
        self.asked: list[str] = []

    def structure(self) -> object:
        """What the test says."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def sections(self, wanted):
        """Like a server, empty where there is nothing."""
        self.asked += wanted
        found = {}
        for name, limit in wanted.items():
            try:
                found[name] = super().sections({name: limit})[name]
            except IndexError:
                found[name] = b""
        return found


def mail(*parts: bytes, head: bytes = b"Subject: x\r\nFrom: a@b.example\r\n") -> bytes:
    """A multipart with these parts."""
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return head + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + body + b"--b--\r\n"


@given(ANSWERS)
def test_any_structure_ends_in_a_mail(answer):
    """Whatever a server says, the result is a marked mail with the same subject, or the mail vanished."""
    content = abridge(Told(mail(b"\r\nhello", b"Content-Type: text/html\r\n\r\n<p>x"), answer))
    if content is not None:
        assert content.startswith(MARK)
        assert parse_mime(content).headers.first("Subject") == "x"


def test_bottomless_and_endless_structures_are_bounded():
    """Neither depth nor number of parts that are asked for grows with the mail."""
    deep: Any = TEXT
    for _ in range(500):
        deep = ([deep], b"mixed", None)
    wide = ([TEXT] * 10_000, b"mixed", None)
    assert max(part.number.count(".") for part in read_structure(deep).walk()) < MAX_DEPTH
    assert sum(1 for _ in read_structure(wide).walk()) == MAX_PARTS
    source = Told(mail(*[b"\r\nhello"] * 300), wide)
    assert parse_mime(abridge(source)).plain.strip() == "hello"
    assert sum(name.isdigit() for name in source.asked) <= 8


def test_structure_breaks_out_of_no_header():
    """Words of the structure that are none are replaced, and such parameters are left out."""
    parameters = (
        b"report-type",
        b"delivery-status",
        b"x",
        b'"\r\nBcc: a@b.example',
        b"boundary",
        b"b",
        b"odd",
    )
    answer = ([TEXT], b"mixed\r\nX-Evil: 1", parameters)
    content = abridge(Told(mail(b"\r\nhello"), answer))
    read = parse_mime(content)
    assert read.headers.first("X-Evil") is None
    assert read.headers.first("Bcc") is None
    assert 'report-type="delivery-status"' in read.headers.first("Content-Type")
    assert read.plain.strip() == "hello"


def test_attached_texts_are_named_and_not_read():
    """A text that is attached is asked for its name only."""
    attached = (
        b"Content-Type: text/plain\r\nContent-Disposition:\r\n attachment; filename=log.txt\r\n\r\nsecret"
    )
    source = Told(mail(attached, b"\r\nhello"), ([TEXT, TEXT], b"mixed", None))
    read = parse_mime(abridge(source))
    assert (read.plain.strip(), read.attachments) == ("hello", ("log.txt",))
    assert "1" not in source.asked


def test_a_mail_that_calls_itself_an_attachment_is_read():
    """Nobody attached the whole mail to anything, and what it says may be a buyer's message."""
    head = b"Subject: x\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\n"
    assert parse_mime(abridge(Told(head + b"hello", TEXT))).plain.strip() == "hello"


def test_broken_header_hides_no_boundary():
    """Behind a line that is no header the rest is lost to readers, but not where the parts begin."""

    class Lenient(Told):
        def sections(self, wanted):
            told = {
                "HEADER": b"From someone\r\nSubject: x\r\nbroken\r\nContent-Type: multipart/mixed\r\n\r\n",
                "1.MIME": b"",
                "1": b"hello",
            }
            return {name: told[name] for name in wanted}

    read = parse_mime(abridge(Lenient(b"", ([TEXT], b"mixed", None))))
    assert (read.headers.first("Subject"), read.plain.strip()) == ("x", "hello")


def test_forged_boundaries_end_nothing():
    """A text with lines like our boundaries stays one text, for it cannot hold its own digest."""
    genuine = abridge(Told(mail(b"\r\nhello"), ([TEXT], b"mixed", None)))
    boundary = parse_mime(genuine).headers.first("Content-Type").partition('boundary="')[2].partition('"')[0]
    forged = b"\r\nhello\r\n--%b--\r\n--%b\r\n\r\nmore" % ((boundary.encode(),) * 2)
    read = parse_mime(abridge(Told(mail(forged), ([TEXT], b"mixed", None))))
    assert read.plain.endswith("more")


@pytest.mark.parametrize("answer", [NotHandedOutError(), (), 7, ([],), (None, b"x")])
def test_without_structure_the_beginning_is_read(answer):
    """A structure that means nothing costs the end of a large mail, not its text."""
    content = mail(b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "壊れて\r\n".encode() * 30_000)
    read = abridge(Told(content, answer))
    assert len(read) <= TEXT_BYTES + 1_000
    assert set(parse_mime(read).plain.split()) == {"壊れて"}


@pytest.mark.parametrize("structured", [True, False])
def test_a_mail_whose_header_is_told_as_nothing_is_not_gone(structured):
    """The server lost it; without its header nobody would know it for what it is."""

    class Lost(FakeSections):
        def sections(self, wanted):
            return dict.fromkeys(wanted, b"")

    with pytest.raises(NotHandedOutError):
        abridge(Lost(b"Subject: x\r\n\r\n"), structured=structured)


def test_vanished_mail_is_nothing():
    """A mail of which the server tells nothing is gone."""

    class Gone(FakeSections):
        def sections(self, wanted):
            del wanted
            return {}

    assert abridge(Gone(b"Subject: x\r\n\r\n")) is None
    assert abridge(Told(b"Subject: x\r\n\r\n", None)) is None
    assert abridge(Gone(b"Subject: x\r\n\r\n"), structured=False) is None


def test_texts_are_cut_at_the_end_of_a_line():
    """Base64 and Japanese signs are not halved; one endless line is taken as it is."""
    assert cut(b"short") == b"short"
    lines = (b"x" * 75 + b"\n") * 5_000
    assert cut(lines[:TEXT_BYTES]).endswith(b"x\n")
    assert cut(b"x" * TEXT_BYTES) == b"x" * TEXT_BYTES
