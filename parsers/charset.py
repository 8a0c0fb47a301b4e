"""Text from bytes in the dialects of Japanese mail, whatever the label says.

Python's own codecs are strict where mail is not: its ``shift_jis`` has no ``①``, its ``iso2022_jp`` no
half-width kana and no NEC row 13, and labels such as ``cp50220`` are unknown to it. Here all two-byte
Japanese text goes through CP932, the table that mail programs really use.
"""

from __future__ import annotations

import binascii
import re
import struct
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_HEADER = 16_384
"""Bytes of one header value that are decoded; the rest of a longer one is dropped."""

# fmt: off
_JIS_LABELS = (
    "iso2022jp", "iso2022jp1", "iso2022jp2", "iso2022jp3", "iso2022jp2004", "iso2022jpext", "iso2022jpms",
    "csiso2022jp", "csiso2022jp2", "cp50220", "cp50221", "cp50222", "windows50220", "windows50221",
    "xwindowsiso2022jp", "xiso2022jp", "jis", "jis7", "jis8",
)
_SHIFT_JIS_LABELS = (
    "shiftjis", "shiftjisx0213", "shiftjis2004", "sjis", "xsjis", "mskanji", "csshiftjis", "cp932", "ms932",
    "windows31j", "cswindows31j", "xmscp932", "sjiswin", "ibm943", "cp943", "xshiftjis",
)
_EUC_LABELS = (
    "eucjp", "xeucjp", "ujis", "eucjpms", "eucjpwin", "cp51932", "euc", "cseucpkdfmtjapanese", "eucjis2004",
)
_CODECS = {
    **dict.fromkeys(_JIS_LABELS, "jis"),
    **dict.fromkeys(_SHIFT_JIS_LABELS, "cp932"),
    **dict.fromkeys(_EUC_LABELS, "euc"),
    **dict.fromkeys(("utf8", "utf8mb4", "xutf8", "unicode11utf8", "cp65001"), "utf-8"),
    **dict.fromkeys(("iso88591", "latin1", "windows1252", "cp1252", "ansi", "l1"), "cp1252"),
    **{f"iso8859{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)},
    **{f"{prefix}125{n}": f"cp125{n}" for n in (0, 1, 3, 4, 5, 6, 7, 8) for prefix in ("windows", "cp")},
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "cp936", "xgbk", "euccn"), "gb18030"),
    **dict.fromkeys(("big5", "big5hkscs"), "big5hkscs"), "cp950": "cp950", "hzgb2312": "hz",
    **dict.fromkeys(("euckr", "ksc56011987", "ksc5601", "cp949", "uhc"), "cp949"),
    "iso2022kr": "iso2022_kr", "koi8r": "koi8-r", "koi8u": "koi8-u", "macintosh": "mac_roman",
    "tis620": "tis-620", "windows874": "cp874", "cp874": "cp874",
    "utf16": "utf-16", "utf16le": "utf-16-le", "utf16be": "utf-16-be",
    "utf32": "utf-32", "utf32le": "utf-32-le", "utf32be": "utf-32-be",
}
# fmt: on
"""Labels without their punctuation. A list of the allowed: Python has codecs that are no charsets, and some
(``utf-7``) that make lone surrogates."""

_NOT_ASCII_BASED = frozenset(
    ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "hz", "iso2022_kr")
)
_SEVERAL_BYTES = frozenset(("cp932", "euc", "gb18030", "big5hkscs", "cp950", "cp949"))

_STANDARD_LABELS = {
    **dict.fromkeys(("iso2022jp", "csiso2022jp"), "iso2022_jp"),
    **dict.fromkeys(("eucjp", "xeucjp", "cseucpkdfmtjapanese"), "euc_jp"),
}
_IN_STANDARD = str.maketrans("～∥－￠￡￢", "〜‖−¢£¬")
_LOOK_ALIKE = re.compile("[～∥－￠￡￢]")

_ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([@BDOPQ]|\([BJHI])")
_PAIRS = re.compile(rb"(?:[\x21-\x7e]{2})+|[\x00-\x20\x7f]+|.", re.DOTALL)
_EUC_RUN = re.compile(
    rb"(?:[\xa1-\xfe]{2})+|(?:\x8e[\xa1-\xdf])+|(?:\x8f[\xa1-\xfe]{2})+|[\x00-\x7f]+|.", re.DOTALL
)
_JIS_8 = re.compile(rb"[\x00-\x7f\xa1-\xdf]*")
_SAMPLE = 4096
_SEVEN_BITS = bytes(byte & 0x7F for byte in range(256))
_EIGHT_BITS = bytes(byte | 0x80 for byte in range(256))

_JAPANESE = re.compile("[ぁ-んァ-ヶー、。一-鿿]")
_KANA = re.compile("[ぁ-んァ-ヶ]")
_SUSPICIOUS = re.compile("[\ufffd\uff61-\uff9f\ue000-\uf8ff]|(?<=[A-Za-z])[^\x00-\x7f](?=[A-Za-z])")

_ENCODED_WORD = re.compile(rb"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_BREAK = re.compile("\r?\n[ \t]*|[\x01-\x1f\x7f\x85\u2028\u2029]")
_FOLD = re.compile(rb"\r?\n[ \t]*")


def decode_bytes(data: bytes, declared: str | None) -> str:
    """Turn the bytes of one text into text; never raises.

    Args:
        data: the bytes after the transfer encoding was undone.
        declared: the charset that the mail names, in any spelling, or None.

    Returns:
        Text without NUL and without lone surrogates, which no database takes; what no table knows is
        U+FFFD.
    """
    label = declared[:60] if declared else None
    text = _decode(data, _codec(label) if label else None).replace("\x00", "")
    standard = _standard(label) if label else None
    return _as_in_standard(text, standard) if standard else text


def decode_header_bytes(raw: bytes | str) -> str:
    """Turn one header value into one line of text; never raises.

    Encoded words (RFC 2047), raw 8-bit text and raw ISO-2022-JP may be mixed. Neighbouring encoded words
    of one charset are joined before they are decoded, for mailers split characters between them.

    Args:
        raw: the value as it stands in the mail; if text, with surrogates for bytes above 127 as Python's
            parser hands it out.
    """
    if isinstance(raw, str) and raw.isascii() and "=?" not in raw and "\x1b" not in raw:
        return one_line(raw[:MAX_HEADER])
    data = _FOLD.sub(b" ", _to_bytes(raw)[:MAX_HEADER])
    return one_line("".join(_decode_pieces(data)))


def decode_raw_text(raw: str) -> str:
    """Decode only the raw 8-bit and ISO-2022-JP text of a header value; encoded words stay as they are."""
    if raw.isascii() and "\x1b" not in raw:
        return one_line(raw)
    return one_line(decode_bytes(_FOLD.sub(b" ", _to_bytes(raw)), None))


def one_line(text: str) -> str:
    """Put a blank for each line break and control character, so that no value can forge a second header."""
    if text.isprintable():
        return text.strip()
    return _BREAK.sub(" ", text.replace("\x00", "")).strip()


@lru_cache(maxsize=256)
def _codec(declared: str) -> str | None:
    """The codec for a label; None where the label says nothing (unknown, or ASCII)."""
    return _CODECS.get(_bare(declared))


@lru_cache(maxsize=256)
def _standard(declared: str) -> str | None:
    """Python's codec of the Japanese standard that a label names; None for any other and those of Windows."""
    return _STANDARD_LABELS.get(_bare(declared))


def _bare(declared: str) -> str:
    """A label without its punctuation and its language."""
    return re.sub("[^a-z0-9]", "", declared.lower().partition("*")[0])


def _as_in_standard(text: str, codec: str) -> str:
    """Six signs as JIS X 0208 has them, such as the wave dash, where CP932 has signs that look alike.

    A text with a character that only Windows has was written with CP932's signs, so it keeps them.
    """
    if not _LOOK_ALIKE.search(text):
        return text
    standard = text.translate(_IN_STANDARD)
    try:
        standard.encode(codec)
    except UnicodeEncodeError:
        return text
    return standard


def _decode(data: bytes, codec: str | None) -> str:
    if codec in _NOT_ASCII_BASED:
        return data.decode(codec, "replace")
    if data.isascii():
        return _decode_jis(data) if b"\x1b" in data or codec == "jis" else data.decode("ascii")
    if codec in {None, "jis"}:
        return _decode_jis(data) if _ESCAPE.search(data) else _guess(data)
    return _decode_labelled(data, codec or "")


def _decode_labelled(data: bytes, codec: str) -> str:
    utf_8 = _strictly(data, "utf-8")
    if utf_8 is not None and (codec not in _SEVERAL_BYTES or _is_used(max(utf_8))):
        # Bytes of another charset are hardly ever valid UTF-8, so the label is wrong or says UTF-8. Only
        # pairs of bytes may be both.
        return utf_8
    if codec in {"utf-8", "euc", "cp932"}:
        return _decode_japanese(data, codec)
    if codec == "cp1252":
        guess = _guess(data)
        return guess if len(_KANA.findall(guess, 0, 4000)) > 1 else data.decode("cp1252", "replace")
    return data.decode(codec, "replace")


def _is_used(highest: str) -> bool:
    """Whether a text goes beyond what two bytes of UTF-8 hold, and not into planes without letters."""
    return "\u07ff" < highest < "\U00040000"


def _decode_japanese(data: bytes, codec: str) -> str:
    text = None if codec == "utf-8" else _decode_euc(data) if codec == "euc" else _strictly(data, codec)
    return _guess(data) if text is None or "\ufffd" in text else text


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None


def _guess(data: bytes) -> str:
    """Decode 8-bit bytes whose label is missing or wrong: UTF-8, CP932, EUC-JP, else Windows Latin."""
    text = data.decode("utf-8", "replace")
    if _is_mostly_good(text[:_SAMPLE]):
        return text
    sample = data[:_SAMPLE]
    cp932, euc = _likeness(sample.decode("cp932", "replace")), _likeness(_decode_euc(sample))
    if max(cp932, euc) <= 0:
        return data.decode("cp1252", "replace")
    return data.decode("cp932", "replace") if cp932 >= euc else _decode_euc(data)


def _is_mostly_good(text: str) -> bool:
    """Whether UTF-8 with a damaged character here and there explains the text."""
    return len(text) - len(text.encode("ascii", "ignore")) > 5 * text.count("\ufffd")


def _likeness(text: str) -> int:
    """How much a text looks Japanese; half-width kana and kanji between Latin letters speak against it."""
    return len(_JAPANESE.findall(text)) - 3 * len(_SUSPICIOUS.findall(text))


def _decode_jis(data: bytes) -> str:
    """Decode ISO-2022-JP in all its dialects; each line starts in ASCII (RFC 1468)."""
    first, *rest = _ESCAPE.split(data)
    texts = [_decode_single(first)]
    for escape, run in zip(rest[::2], rest[1::2], strict=True):
        if escape.startswith(b"("):
            text = _decode_kana(run) if escape == b"(I" else _decode_single(run)
            # JIS X 0201 has the sign of the yen where ASCII has the backslash.
            texts.append(text.replace("\\", "¥") if escape == b"(J" else text)
        else:
            double, newline, single = run.partition(b"\n")
            texts += _decode_double(escape, double), _decode_single(newline + single)
    return "".join(texts)


def _decode_single(run: bytes) -> str:
    """Decode the one-byte part; between SO and SI, and above 127, it is half-width kana."""
    if run.isascii() and b"\x0e" not in run:
        return run.decode("ascii")
    plain, shifted, rest = run.partition(b"\x0e")
    text = plain.decode("cp932", "replace") if _JIS_8.fullmatch(plain) else _guess(plain)
    if not shifted:
        return text
    kana, _, after = rest.partition(b"\x0f")
    return text + _decode_kana(kana) + _guess(after.replace(b"\x0e", b""))


def _decode_kana(run: bytes) -> str:
    return "".join(_kana(byte) for byte in run)


def _kana(byte: int) -> str:
    low = byte & 0x7F
    return chr(0xFF40 + low) if 0x20 < low < 0x60 else chr(low)


def _decode_double(escape: bytes, run: bytes) -> str:
    return "".join(_decode_pairs(escape, found[0]) for found in _PAIRS.finditer(run))


def _decode_pairs(escape: bytes, run: bytes) -> str:
    if run[0] <= 0x20 or run[0] == 0x7F:
        return run.decode("ascii")
    if len(run) % 2:
        return "\ufffd"
    if escape in {b"$@", b"$B", b"$(@", b"$(B"}:
        return _decode_x0208(run)
    if escape == b"$(D":
        return _decode_x0212(run)
    codec = "iso2022_jp_3" if escape == b"$(O" else "iso2022_jp_2004"
    return (b"\x1b" + escape + run).decode(codec, "replace")


def _decode_x0208(run: bytes) -> str:
    table = _x0208_table()
    return "".join([table.get(pair, "\ufffd") for pair in struct.unpack(f">{len(run) // 2}H", run)])


def _decode_x0212(run: bytes) -> str:
    high = run.translate(_EIGHT_BITS)
    return b"".join(b"\x8f" + high[at : at + 2] for at in range(0, len(high), 2)).decode("euc_jp", "replace")


@lru_cache(maxsize=1)
def _x0208_table() -> dict[int, str]:
    """All pairs of rows 1 to 94, read through CP932: NEC row 13 and the NEC selection included."""
    rows = range(0x21, 0x7F)
    return {
        row << 8 | cell: _shift(row, cell).decode("cp932", "replace")[:1] for row in rows for cell in rows
    }


def _shift(row: int, cell: int) -> bytes:
    """Turn a pair of JIS X 0208 into its Shift_JIS bytes."""
    lead = (row - 0x21 >> 1) + 0x81
    trail = cell + 0x7E if row % 2 == 0 else cell + 0x1F + (cell >= 0x60)
    return bytes((lead + 0x40 if lead > 0x9F else lead, trail))


def _decode_euc(data: bytes) -> str:
    return "".join(_decode_euc_run(found[0]) for found in _EUC_RUN.finditer(data))


def _decode_euc_run(run: bytes) -> str:
    lead = run[0]
    if lead < 0x80:
        return run.decode("ascii")
    if lead == 0x8E and len(run) > 1:
        return _decode_kana(run[1::2])
    if lead == 0x8F and len(run) > 1:
        return run.decode("euc_jp", "replace")
    return _decode_x0208(run.translate(_SEVEN_BITS)) if len(run) > 1 else "\ufffd"


def _to_bytes(raw: bytes | str) -> bytes:
    if isinstance(raw, bytes):
        return raw
    try:
        return raw.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return raw.encode("utf-8", "replace")


def _decode_pieces(data: bytes) -> Iterator[str]:
    """Yield the decoded pieces; white space between two encoded words belongs to neither (RFC 2047)."""
    for charset, pieces in groupby(_pieces(data), key=lambda piece: piece[0]):
        yield decode_bytes(b"".join(piece for _, piece in pieces), charset)


def _pieces(data: bytes) -> Iterator[tuple[str | None, bytes]]:
    """Cut into pieces of charset (None: raw text) and bytes."""
    end = 0
    for word in _ENCODED_WORD.finditer(data):
        between = data[end : word.start()]
        if between.strip() or (between and not end):
            yield None, between
        yield word[1].decode("ascii", "replace").lower(), _undo(word[2], word[3])
        end = word.end()
    if data[end:]:
        yield None, data[end:]


def _undo(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"qQ":
        return binascii.a2b_qp(text, header=True)
    digits = _NO_BASE64.sub(b"", text)
    digits = digits[: len(digits) - (len(digits) % 4 == 1)]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))
