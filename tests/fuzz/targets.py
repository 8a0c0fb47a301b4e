"""What is attacked, and what must hold whatever is read: one function for each target.

Each takes the bytes of one input and raises AssertionError where a promise is broken. Inputs of the targets
that read mail are mails; the others take text, some with a byte in front that chooses a setting.
"""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING

from daemon.cli.parse import record_of
from daemon.showing.reader import clean, clean_lines
from parsers import html as markup
from parsers.authenticity import NO_AUTHSERV_ID, amazon_domain, judge
from parsers.charset import decode_bytes, decode_header_bytes, decode_raw_text
from parsers.folding import fold_width
from parsers.interest import Interest, interest_of
from parsers.layout import read_box, read_html, read_label, read_plain
from parsers.links import no_response_link
from parsers.mime import message_id_of, parse_headers, parse_mime
from parsers.own_words import own_words
from parsers.owner_mail import carries_mark, make_subject_mark, read_owner_mail
from parsers.parts import MAX_PARTS, read_parameter
from parsers.quoting import attribution_length, is_history_head, is_quoted, strip_history
from parsers.reading import read
from parsers.sent import read_sent
from parsers.values import (
    MARKETPLACES,
    Authenticity,
    BuyerAlias,
    BuyerMessage,
    FeedbackNotice,
    FeedbackRule,
    Kind,
    Trust,
)
from templates import cleaning
from templates.guidelines import check, is_blocked
from templates.guidelines.checking import FINDINGS_LIMIT
from tests.fuzz.exports import attack_orders, attack_ratings
from tests.fuzz.opinions import attack_comments
from tests.fuzz.oracle import may_be_proven
from tests.fuzz.promises import assert_one_line, assert_storable, is_printable
from tests.fuzz.senders import HOST, attack_agents, attack_signatures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from parsers.mime import Mail
    from parsers.values import Envelope, Reading

OTHER_HOST = "mx.other.example"
TRUST = Trust(HOST, (FeedbackRule("alerts@tool.example", subject="feedback", rating=r"(\d)"),))
FORBIDDEN = "https://evil.example/x"
LABELS = (
    None, "utf-8", "iso-2022-jp", "iso-2022-jp-ms", "cp50220", "shift_jis", "cp932", "euc-jp", "us-ascii",
    "iso-8859-1", "windows-1252", "gb18030", "big5", "euc-kr", "iso-2022-kr", "hz-gb-2312", "utf-16",
    "utf-16le", "utf-32", "koi8-r", "iso-8859-8", "x-unknown", "utf-7", "tis-620",
)  # fmt: skip
_HEAD = 60_000


def attack_mime(content: bytes) -> None:
    """Every mail is read; what is read is clean, and its head alone says the same."""
    mail = parse_mime(content)
    _assert_clean(mail)
    assert len(mail.attachments) <= 2 * MAX_PARTS
    assert mail.sender is None or mail.senders == (mail.sender,)
    assert not (mail.several_senders and mail.sender)
    assert mail.envelope.from_address == (mail.sender.lower() if mail.sender else None)
    assert message_id_of(content) == parse_headers(content)[1].message_id
    sent = read_sent(content)
    assert sent.envelope == mail.envelope
    assert all(BuyerAlias.parse(alias.address) == alias for alias in sent.aliases)


def attack_charset(content: bytes) -> None:
    """Bytes under any label become text that every database takes; what is plain stays as it is."""
    label, data = LABELS[(content[0] if content else 0) % len(LABELS)], content[1:]
    text = decode_bytes(data, label)
    assert_storable(text)
    for line in (decode_header_bytes(data), decode_header_bytes(data.decode("utf-8", "surrogateescape"))):
        assert_one_line(line)
    assert_one_line(decode_raw_text(data.decode("ascii", "surrogateescape")))
    for name in ("charset", "filename"):
        assert_one_line(read_parameter(data.decode("ascii", "surrogateescape"), name) or "")
    _assert_kept(data)


def _assert_kept(data: bytes) -> None:
    """What is valid UTF-8 beyond ASCII, and says so, is not taken for anything else."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    if not text.isascii():
        assert decode_bytes(data, "utf-8") == text.replace("\x00", "")
    elif "\x1b" not in text:
        assert decode_bytes(data, None) == text.replace("\x00", "")


def attack_quoting(content: bytes) -> None:
    """A buyer's words are a beginning of the text, and never nothing."""
    text = decode_bytes(content, "utf-8")
    kept = strip_history(text)
    assert text.strip().startswith(kept)
    assert bool(kept) == bool(text.strip())
    lines = text.split("\n")
    for at in range(min(len(lines), 60)):
        assert 0 <= attribution_length(lines, at) <= 3
        assert is_history_head(lines, at) in {True, False}
    for layout in (read_plain(text), read_label(text)):
        assert layout is None or (layout.message in text and layout.tail in text and layout.head in text)


def attack_recognisers(content: bytes) -> None:
    """One reading for each mail, of a known kind; only a proven buyer's own words may be acknowledged."""
    reading = read(content, TRUST)
    assert reading == read(content, TRUST)
    assert reading.kind in Kind
    assert reading.may_acknowledge == (not reading.refusals)
    if reading.may_acknowledge:
        _assert_acknowledgeable(reading)
    stranger = read(content, Trust())
    assert not stranger.may_acknowledge
    assert stranger.authenticity is Authenticity.NONE
    _assert_printable_record(reading)
    _assert_notification(reading)
    link = no_response_link(content)
    assert link is None or (link.startswith("https://") and reading.kind is Kind.BUYER_MESSAGE)
    if reading.kind is Kind.BUYER_MESSAGE and len(content) < _HEAD:
        assert interest_of(_head(content), frozenset()) is not Interest.NONE


def _assert_acknowledgeable(reading: Reading) -> None:
    told = reading.notification
    assert isinstance(told, BuyerMessage)
    assert reading.authenticity is Authenticity.PASS
    assert not reading.auto_reply
    assert not told.relayed
    assert told.alias.marketplace in MARKETPLACES
    assert amazon_domain((reading.envelope.from_address or "").rpartition("@")[2]) in MARKETPLACES


def _assert_notification(reading: Reading) -> None:
    told = reading.notification
    if isinstance(told, BuyerMessage):
        assert BuyerAlias.parse(told.alias.address) == told.alias
        assert told.text in told.full_text
        for text in (told.text, told.full_text, told.buyer_name or "", *told.attachments):
            assert_storable(text)
    if isinstance(told, FeedbackNotice):
        assert told.rating in {None, 1, 2, 3, 4, 5}
        assert_storable(told.text)


def _assert_printable_record(reading: Reading) -> None:
    record = record_of("x.eml", reading)
    json.dumps(record, ensure_ascii=False).encode("utf-8")
    assert is_printable(clean(reading.envelope.subject))
    assert is_printable(clean_lines(record["text"] or "").replace("\n", ""))


def attack_authenticity(content: bytes) -> None:
    """A pass is what the topmost header of the trusted host says, and nobody's else."""
    mail = parse_mime(content)
    verdict, why = judge(mail, HOST)
    assert why
    if verdict is Authenticity.PASS:
        assert mail.sender
        assert not mail.several_senders
        assert may_be_proven(content, HOST, mail.sender.rpartition("@")[2])
        _assert_overruled(content)
    assert judge(mail, None)[0] is Authenticity.NONE
    for host in (OTHER_HOST, NO_AUTHSERV_ID):
        judge(mail, host)


def _assert_overruled(content: bytes) -> None:
    """The trusted host's own header above all others takes the proof away."""
    denied = f"Authentication-Results: {HOST}; dkim=fail; dmarc=fail\n".encode()
    assert judge(parse_mime(denied + content), HOST)[0] is Authenticity.FAIL
    silent = f"Authentication-Results: {HOST}; none\n".encode()
    assert judge(parse_mime(silent + content), HOST)[0] is Authenticity.NONE


def attack_commands(content: bytes) -> None:
    """Only one whole mark is a command, and nothing that was quoted passes for the owner's words."""
    mail = read_owner_mail(content, TRUST)
    if mail.token is not None:
        assert len(mail.token) == 26
        assert set(mail.token) <= set("abcdefghijklmnopqrstuvwxyz234567")
        folded = "".join(fold_width(mail.envelope.subject).lower().split())
        assert make_subject_mark(mail.token) in folded
        assert carries_mark(mail.envelope.subject)
    assert_storable(mail.text)
    assert not any(is_quoted(line) or line.lstrip().startswith("│") for line in mail.text.split("\n"))
    assert read_owner_mail(content, Trust()).authenticity is Authenticity.NONE
    _assert_own(decode_bytes(content, "utf-8"))


def _assert_own(text: str) -> None:
    """Each line of somebody's own words stands in the text, and a mail that is all quoted has none."""
    given = {line.replace("┃ ", "").replace("┃", "").strip() for line in text.translate(_UNSEEN).split("\n")}
    kept = own_words(text)
    assert all(line.replace("┃ ", "").replace("┃", "").strip() in given for line in kept.split("\n") if line)
    assert own_words("\n".join(f"> {line}" for line in text.split("\n"))) == ""


_UNSEEN = dict.fromkeys((0xFEFF, 0x200B, 0x2060))


def attack_guidelines(content: bytes) -> None:
    """No text hides a link that stands in a line of its own; what is found was really written."""
    text = decode_bytes(content, "utf-8")
    findings = check(text, order_id="250-1234567-7654321")
    assert findings == check(text, order_id="250-1234567-7654321")
    whole = text.replace("\r\n", "\n")
    rules = [finding.rule for finding in findings]
    assert all(rules.count(rule) <= FINDINGS_LIMIT for rule in rules)
    assert all(finding.severity in {"error", "warning"} and finding.reason for finding in findings)
    assert all(set(finding.text) <= set(whole) | {"\n"} for finding in findings)
    assert is_blocked(check(f"{text}\n{FORBIDDEN}"))
    _assert_cleaned(text)


def _assert_cleaned(text: str) -> None:
    """What mail and terminal show of a stranger's text is printable, short and no link."""
    for shown in (cleaning.excerpt(text), cleaning.draft_text(text)):
        assert is_printable(shown.replace("\n", ""))
    assert len(cleaning.one_line(text, 40)) <= 40
    assert "https:" not in cleaning.excerpt(text).lower()
    name = cleaning.buyer_name(text, "shop")
    assert name is None or (is_printable(name) and len(name) <= cleaning.NAME_LIMIT)
    cleaning.paragraphs(text)


def attack_html(content: bytes) -> None:
    """Every page becomes text that every database takes, and says the same twice."""
    html = decode_bytes(content, "utf-8")
    text = markup.html_to_text(html)
    for said in (text, markup.html_reply_to_text(html), markup.first_pre(html) or ""):
        assert_storable(said)
    assert "\n\n\n" not in text
    assert set(markup.links_behind_box(html)) <= set(markup.links(html)) | set(_many_links(html))
    for layout in (read_box(html), read_html(html)):
        if layout is not None:
            assert_storable(layout.message)


def _many_links(html: str) -> Iterable[str]:
    """Where there are more links than are returned, the box may come behind those."""
    return markup.links_behind_box(html) if html.lower().count("<a") >= markup.MAX_LINKS else ()


def _head(content: bytes) -> bytes:
    """The header block as a server hands it out."""
    ends = [at for end in (b"\n\n", b"\r\n\r\n", b"\r\r") if (at := content.find(end)) >= 0]
    return content[: min(ends, default=len(content))] + b"\r\n\r\n"


def _assert_clean(mail: Mail) -> None:
    for line in (*_lines_of(mail.envelope), mail.reply_to, mail.sender, mail.sender_name, *mail.senders):
        assert_one_line(line or "")
    for name in mail.attachments:
        assert_one_line(name)
    for text in (mail.plain, mail.html, *mail.report_fields):
        assert_storable(text or "")
    assert mail.envelope.date is None or mail.envelope.date.tzinfo is UTC


def _lines_of(envelope: Envelope) -> Iterable[str | None]:
    yield from (envelope.subject, envelope.message_id, envelope.in_reply_to, envelope.original_message_id)
    yield from (envelope.outbox_id, envelope.draft_id, *envelope.references, *envelope.to_addresses)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "mime": attack_mime,
    "charset": attack_charset,
    "quoting": attack_quoting,
    "recognisers": attack_recognisers,
    "authenticity": attack_authenticity,
    "commands": attack_commands,
    "guidelines": attack_guidelines,
    "html": attack_html,
    "agents": attack_agents,
    "signatures": attack_signatures,
    "orders": attack_orders,
    "ratings": attack_ratings,
    "comments": attack_comments,
}
"""Every target by its name."""
