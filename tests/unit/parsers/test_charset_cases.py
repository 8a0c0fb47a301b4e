"""The dialects of Japanese mail, one whole mail each, as they reach the parser."""

from __future__ import annotations

import base64
import quopri
from dataclasses import dataclass
from email.header import Header
from urllib.parse import quote

import pytest

from parsers.mime import Mail, parse_mime

TEXT = "お問い合わせの件です。注文の品が届きません。"
KANJI_AND_SIGNS = "①㈱ 部品が足りません。"
HALF_WIDTH = "ｶﾅﾃﾞｽ と お問い合わせ"
WINDOWS = "①㈱髙～ の件です。"
SUBJECT = "注文の件について"
NAME = "山田 太郎"


def jis(text: str) -> bytes:
    """ISO-2022-JP as Windows mailers write it: the CP932 table in two-byte runs, kana by ESC ( I."""
    out = bytearray()
    mode = b"\x1b(B"
    for char in text:
        raw = char.encode("cp932")
        wanted = b"\x1b(B" if raw.isascii() else b"\x1b(I" if len(raw) == 1 else b"\x1b$B"
        if wanted != mode:
            out += wanted
            mode = wanted
        out += raw if raw.isascii() else bytes((raw[0] & 0x7F,)) if len(raw) == 1 else unshift(raw)
    return bytes(out) + (b"" if mode == b"\x1b(B" else b"\x1b(B")


def unshift(raw: bytes) -> bytes:
    """The JIS X 0208 pair of a Shift_JIS pair."""
    lead, trail = raw
    row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 2 + 0x21
    if trail >= 0x9F:
        return bytes((row + 1, trail - 0x7E))
    return bytes((row, trail - (0x20 if trail > 0x7F else 0x1F)))


def word(data: bytes, charset: str) -> bytes:
    """One encoded word in base64."""
    return b"=?" + charset.encode() + b"?B?" + base64.b64encode(data) + b"?="


def mail(
    *,
    subject: bytes = b"hello",
    body: bytes = b"text",
    content_type: bytes | None = b"text/plain; charset=utf-8",
    encoding: bytes | None = b"8bit",
    sender: bytes = b"a@b.example",
) -> bytes:
    """A mail with one part."""
    lines = [b"From: " + sender, b"To: shop@shop.example", b"Subject: " + subject, b"MIME-Version: 1.0"]
    lines += [b"Content-Type: " + content_type] if content_type else []
    lines += [b"Content-Transfer-Encoding: " + encoding] if encoding else []
    return b"\r\n".join([*lines, b"", body])


def labelled(data: bytes, charset: str | None, encoding: bytes | None = b"8bit") -> bytes:
    """A mail whose body is these bytes under this label."""
    return mail(
        body=data,
        encoding=encoding,
        content_type=b"text/plain" + (b'; charset="' + charset.encode() + b'"' if charset else b""),
    )


def with_attachment(disposition: bytes, content_type: bytes = b"image/jpeg") -> bytes:
    """A mail with a text and one attachment."""
    return b"\r\n".join(
        (
            b"From: a@b.example",
            b"MIME-Version: 1.0",
            b'Content-Type: multipart/mixed; boundary="xx"',
            b"",
            b"--xx",
            b"Content-Type: text/plain; charset=utf-8",
            b"",
            TEXT.encode(),
            b"--xx",
            b"Content-Type: " + content_type,
            b"Content-Disposition: " + disposition,
            b"Content-Transfer-Encoding: base64",
            b"",
            b"/9j/4AAQ",
            b"--xx--",
            b"",
        )
    )


HTML_ONLY = b"\r\n".join(
    (
        b"From: a@b.example",
        b'Content-Type: multipart/alternative; boundary="yy"',
        b"",
        b"--yy",
        b"Content-Type: text/html; charset=utf-8",
        b"Content-Transfer-Encoding: quoted-printable",
        b"",
        quopri.encodestring(f"<p>{TEXT}</p>".encode()),
        b"--yy--",
        b"",
    )
)

ATTACHED_MAIL = b"\r\n".join(
    (
        b"From: a@b.example",
        b'Content-Type: multipart/mixed; boundary="zz"',
        b"",
        b"--zz",
        b"Content-Type: text/plain; charset=utf-8",
        b"",
        TEXT.encode(),
        b"--zz",
        b"Content-Type: message/rfc822",
        b"",
        b"Subject: " + word(SUBJECT.encode("iso2022_jp"), "ISO-2022-JP"),
        b"Message-ID: <inner@b.example>",
        b"",
        b"inner text",
        b"--zz--",
        b"",
    )
)

JIS_NAME = "傷の写真.jpg".encode("iso2022_jp")
UTF8_NAME = "傷の写真.jpg".encode()
CUT = "注文の件".encode()
ORDER_SUBJECT = f"{SUBJECT} 249-1234567-1234567"


@dataclass(frozen=True)
class Case:
    """One dialect: a mail, what of it is looked at, and what that must be."""

    name: str
    content: bytes
    field: str
    expected: object


def body(name: str, content: bytes, expected: str) -> Case:
    """A case about the text."""
    return Case(name, content, "plain", expected)


def subject(name: str, raw: bytes, expected: str) -> Case:
    """A case about the subject."""
    return Case(name, mail(subject=raw), "subject", expected)


def filename(name: str, disposition: bytes, content_type: bytes = b"image/jpeg") -> Case:
    """A case about the name of an attachment."""
    return Case(name, with_attachment(disposition, content_type), "attachments", ("傷の写真.jpg",))


CASES = (
    Case(
        "iso-2022-jp 7bit body with B subject",
        mail(
            subject=word(SUBJECT.encode("iso2022_jp"), "ISO-2022-JP"),
            body=TEXT.encode("iso2022_jp"),
            content_type=b"text/plain; charset=ISO-2022-JP",
            encoding=b"7bit",
        ),
        "subject and plain",
        (SUBJECT, TEXT),
    ),
    body(
        "shift_jis base64",
        labelled(base64.b64encode(TEXT.encode("cp932")), "Shift_JIS", b"base64"),
        TEXT,
    ),
    body(
        "utf-8 quoted-printable",
        labelled(quopri.encodestring(TEXT.encode()), "UTF-8", b"quoted-printable"),
        TEXT,
    ),
    Case("multipart/alternative with html only", HTML_ONLY, "html", f"<p>{TEXT}</p>"),
    subject(
        "folded rfc 2047 subject of two words",
        word("注文の件".encode(), "utf-8") + b"\r\n " + word("について".encode(), "utf-8"),
        SUBJECT,
    ),
    subject(
        "folded subject of encoded word and ascii order id",
        word(SUBJECT.encode(), "utf-8") + b"\r\n 249-1234567-1234567",
        ORDER_SUBJECT,
    ),
    subject(
        "utf-8 character split across two encoded words",
        word(CUT[:4], "utf-8") + b"\r\n " + word(CUT[4:], "utf-8"),
        "注文の件",
    ),
    Case(
        "iso-2022-jp subject, lower-case label, no transfer encoding",
        mail(
            subject=word(SUBJECT.encode("iso2022_jp"), "iso-2022-jp"),
            body=TEXT.encode("iso2022_jp"),
            content_type=b"text/plain; charset=iso-2022-jp",
            encoding=None,
        ),
        "subject and plain",
        (SUBJECT, TEXT),
    ),
    body(
        "iso-2022-jp-ms signs in body",
        labelled(jis(KANJI_AND_SIGNS), "ISO-2022-JP", b"7bit"),
        KANJI_AND_SIGNS,
    ),
    subject("iso-2022-jp-ms signs in subject", word(jis(KANJI_AND_SIGNS), "ISO-2022-JP"), KANJI_AND_SIGNS),
    body(
        "half-width kana in iso-2022-jp body", labelled(jis(HALF_WIDTH), "ISO-2022-JP", b"7bit"), HALF_WIDTH
    ),
    subject("half-width kana in iso-2022-jp subject", word(jis(HALF_WIDTH), "ISO-2022-JP"), HALF_WIDTH),
    body("shift_jis label with cp932 body", labelled(WINDOWS.encode("cp932"), "Shift_JIS"), WINDOWS),
    subject("shift_jis label with cp932 subject", word(WINDOWS.encode("cp932"), "Shift_JIS"), WINDOWS),
    body("label iso-2022-jp-ms", labelled(jis(KANJI_AND_SIGNS), "ISO-2022-JP-MS", b"7bit"), KANJI_AND_SIGNS),
    body("label cp50220", labelled(jis(KANJI_AND_SIGNS), "CP50220", b"7bit"), KANJI_AND_SIGNS),
    body("label x-sjis", labelled(WINDOWS.encode("cp932"), "x-sjis"), WINDOWS),
    body("label windows-31j", labelled(WINDOWS.encode("cp932"), "windows-31j"), WINDOWS),
    body("euc-jp 8bit", labelled(TEXT.encode("euc_jp"), "EUC-JP"), TEXT),
    body("no charset, iso-2022-jp body", labelled(TEXT.encode("iso2022_jp"), None, b"7bit"), TEXT),
    body("no charset, utf-8 8bit", labelled(TEXT.encode(), None), TEXT),
    body("no charset, cp932 8bit", labelled(TEXT.encode("cp932"), None), TEXT),
    body(
        "no content type at all, iso-2022-jp",
        mail(body=TEXT.encode("iso2022_jp"), content_type=None, encoding=None),
        TEXT,
    ),
    body("us-ascii label on utf-8", labelled(TEXT.encode(), "us-ascii", b"7bit"), TEXT),
    body(
        "utf-8 label on cp932 base64",
        labelled(base64.b64encode(WINDOWS.encode("cp932")), "utf-8", b"base64"),
        WINDOWS,
    ),
    body("unknown label", labelled(TEXT.encode("cp932"), "x-unknown-charset"), TEXT),
    subject("raw 8-bit utf-8 subject", SUBJECT.encode(), SUBJECT),
    subject("raw 8-bit cp932 subject", SUBJECT.encode("cp932"), SUBJECT),
    subject("raw iso-2022-jp subject", SUBJECT.encode("iso2022_jp"), SUBJECT),
    filename(
        "rfc 2231 file name",
        b"attachment; filename*=UTF-8''" + quote(UTF8_NAME).encode(),
    ),
    filename(
        "rfc 2231 continuations",
        b"attachment;\r\n filename*0*=UTF-8''"
        + quote(UTF8_NAME[:5]).encode()
        + b";\r\n filename*1*="
        + quote(UTF8_NAME[5:12]).encode()
        + b";\r\n filename*2=.jpg",
    ),
    filename(
        "rfc 2047 in a file name",
        b'attachment; filename="' + word(JIS_NAME, "ISO-2022-JP") + b'"',
    ),
    filename(
        "rfc 2231 iso-2022-jp file name",
        b"attachment; filename*=ISO-2022-JP''" + quote(JIS_NAME).encode(),
    ),
    filename(
        "raw utf-8 file name",
        b'attachment; filename="' + UTF8_NAME + b'"',
        b'image/jpeg; name="' + UTF8_NAME + b'"',
    ),
    Case(
        "attached mail with a japanese subject",
        ATTACHED_MAIL,
        "plain, attachments and report_fields",
        (TEXT, (f"{SUBJECT}.eml",), (f"Subject: {SUBJECT}\nMessage-ID: <inner@b.example>",)),
    ),
    Case(
        "japanese display name in from",
        mail(sender=Header(NAME, "utf-8").encode().encode() + b" <a@b.example>"),
        "sender_name and sender",
        (NAME, "a@b.example"),
    ),
    Case(
        "quoted encoded word in from",
        mail(sender=b'"' + word(NAME.encode("iso2022_jp"), "ISO-2022-JP") + b'" <a@b.example>'),
        "sender_name and sender",
        (NAME, "a@b.example"),
    ),
)


def look(found: Mail, fields: str) -> object:
    """The fields of a mail that a case names."""
    names = fields.replace(" and ", ", ").split(", ")
    values = tuple(found.envelope.subject if name == "subject" else getattr(found, name) for name in names)
    return values if len(values) > 1 else values[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_dialect_of_japanese_mail_is_read(case: Case) -> None:
    """Each dialect gives the text that the sender typed."""
    assert look(parse_mime(case.content), case.field) == case.expected


def test_all_dialects_of_the_field_notes_are_here() -> None:
    """The list of 37 known dialects is complete and none is there twice."""
    assert len({case.name for case in CASES}) == 37
