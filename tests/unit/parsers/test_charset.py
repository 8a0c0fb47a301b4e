"""Bytes to text: wrong labels, damaged text, headers."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from parsers.charset import MAX_HEADER, decode_bytes, decode_header_bytes, decode_raw_text, one_line

SENTENCE = "注文について、お問い合わせします。"


@pytest.mark.parametrize(
    "label", ["EUC-JP", "Shift_JIS", "iso-2022-jp", "us-ascii", "latin1", "nonsense", None, ""]
)
@pytest.mark.parametrize("codec", ["utf-8", "cp932", "iso2022_jp"])
def test_japanese_text_survives_any_label(codec: str, label: str | None) -> None:
    """A wrong label does not spoil Japanese text."""
    assert decode_bytes(SENTENCE.encode(codec), label) == SENTENCE


@pytest.mark.parametrize("label", ["EUC-JP", "eucJP-ms", "iso-2022-jp", "utf-8", "latin1", None])
def test_euc_is_recognised_without_its_label(label: str | None) -> None:
    """EUC-JP is told from Shift_JIS by what the text would look like."""
    assert decode_bytes(SENTENCE.encode("euc_jp"), label) == SENTENCE


@pytest.mark.parametrize(
    ("codec", "label"), [("iso2022_jp", "ISO-2022-JP"), ("iso2022_jp", "csISO2022JP"), ("euc_jp", "EUC-JP")]
)
def test_signs_of_the_standard_come_back(codec: str, label: str) -> None:
    """The wave dash and its like are those of JIS X 0208, unless text or label speak of Windows."""
    text = "10〜20時、−5度、‖と¬"
    assert decode_bytes(text.encode(codec), label) == text
    windows = "10～20時、－5度、∥と￢"
    assert decode_bytes(text.encode("iso2022_jp"), "cp50220") == windows
    assert decode_bytes(f"①{windows}".encode("cp932"), "Shift_JIS") == f"①{windows}"
    assert decode_bytes(text.encode("iso2022_jp") + b"\x1b(I6\x1b(B", "iso-2022-jp") == f"{windows}ｶ"


def test_signs_of_the_standard_beside_more_of_it() -> None:
    """EUC-JP has half-width kana and accented letters of its own, ISO-2022-JP has the sign of the yen."""
    assert decode_bytes("ｶﾅ〜reçu".encode("euc_jp"), "EUC-JP") == "ｶﾅ〜reçu"
    assert (
        decode_bytes("価格は¥1,500です。\\n".encode("iso2022_jp"), "iso-2022-jp") == "価格は¥1,500です。\\n"
    )


@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1252", "unknown-8bit", None])
@pytest.mark.parametrize("text", ["été à Médecin", "Überraschung für nächste Größe", "señor, ¿qué tal?"])
def test_latin_text_is_not_taken_for_japanese(text: str, label: str | None) -> None:
    """Accented letters stay letters."""
    assert decode_bytes(text.encode("latin-1"), label) == text


@pytest.mark.parametrize(
    ("codec", "label"),
    [
        ("gb18030", "GB2312"),
        ("gb18030", "gbk"),
        ("big5", "Big5"),
        ("utf-16", "utf-16"),
        ("hz", "HZ-GB-2312"),
        ("utf-8", "gb18030*zh"),
    ],
)
def test_chinese_labels_are_believed(codec: str, label: str) -> None:
    """Chinese text keeps its own charset."""
    assert decode_bytes("中文".encode(codec), label) == "中文"


@pytest.mark.parametrize(("codec", "label"), [("iso2022_kr", "ISO-2022-KR"), ("cp949", "euc-kr")])
def test_korean_labels_are_believed(codec: str, label: str) -> None:
    """Korean text keeps its own charset, although its escapes look like Japanese ones."""
    assert decode_bytes("한국어".encode(codec), label) == "한국어"


def test_a_cyrillic_label_is_believed() -> None:
    """Other one-byte charsets are decoded by their label."""
    assert decode_bytes("Привет".encode("koi8-r"), "KOI8-R") == "Привет"


@pytest.mark.parametrize("label", ["rot13", "zip", "unicode_escape", "idna", "utf-7", "base64", "punycode"])
def test_codecs_that_are_no_charsets_are_not_used(label: str) -> None:
    """A label cannot call codecs that transform or unpack."""
    assert decode_bytes(b"+2AA-uryyb\\u0041", label) == "+2AA-uryyb\\u0041"


def test_a_damaged_character_does_not_spoil_the_rest() -> None:
    """UTF-8 that was cut in the middle stays UTF-8."""
    assert decode_bytes(SENTENCE.encode()[:-1], "utf-8") == SENTENCE[:-1] + "\ufffd"


def test_damaged_cp932_stays_japanese() -> None:
    """One impossible byte becomes one mark."""
    assert decode_bytes(SENTENCE.encode("cp932") + b"\x80", "Shift_JIS") == SENTENCE + "\x80"


@pytest.mark.parametrize("label", [None, "utf-8"])
def test_nothing_database_cannot_hold_comes_out(label: str | None) -> None:
    """NUL goes, and no lone surrogate is made."""
    assert decode_bytes(b"a\x00b", label) == "ab"
    assert decode_bytes(b"\xed\xa0\x80", "utf-16-le").encode()


def test_text_that_never_was_bytes_is_survived() -> None:
    """A lone surrogate that stands for no byte becomes a question mark."""
    assert decode_header_bytes("a\ud800") == "a?"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x1b$(D\x30\x21\x1b(B", "丂"),
        (b"\x1b$(Q\x2d\x21\x1b(B", "①"),
        (b"\x1b$(O\x2d\x21\x1b(B", "①"),
        (b"\x1b(I1234\x1b(Jok", "ｱｲｳｴok"),
        (b"\x0e123\x0fok", "ｱｲｳok"),
        (b'\x1b$B$"\nplain', "あ\nplain"),
        (b'\x1b$B$" $$\x1b(B', "あ い"),
        (b'\x1b$B$"$', "あ\ufffd"),
        (b"\x1b$B\x7e\x7e\x1b(B", "\ufffd"),
        (b'\x1b$B$"\x1b(B\x82\xa0', "ああ"),
        (b'\xb1\xb2 \x1b$B$"\x1b(B', "ｱｲ あ"),
        (b"lone \x1b escape", "lone \x1b escape"),
    ],
    ids=repr,
)
def test_iso_2022_jp_in_its_variants(data: bytes, text: str) -> None:
    """Supplementary sets, half-width kana and broken runs are read as far as they can be."""
    assert decode_bytes(data, "iso-2022-jp") == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xad\xa1\xa4\xa2", "①あ"),
        (b"\x8e\xb1\x8e\xb2\xa4\xa2", "ｱｲあ"),
        (b"\x8f\xb0\xa1\xa4\xa2", "丂あ"),
        (b"abc \xa4\xa2", "abc あ"),
    ],
    ids=repr,
)
def test_euc_jp_in_its_variants(data: bytes, text: str) -> None:
    """NEC characters, half-width kana and JIS X 0212 are read."""
    assert decode_bytes(data, "eucjp-ms") == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        (b"folded\r\n line", "folded line"),
        (b"=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        (b"=?utf-8*ja?Q?=E6=B3=A8?=\r\n\t=?UTF-8*ja?q?=E6=96=87?=", "注文"),
        (b"=?utf-8?b?5rOo?= and =?utf-8?b?5paH?=", "注 and 文"),
        (b"before =?utf-8?b?5rOo?=after", "before 注after"),
        (b" =?utf-8?b?5rOo?=", "注"),
        (b"=?utf-8?b?5rOo5paHx?=", "注文"),
        (b"=?utf-8?b?5r Oo?=", "注"),
        (b"=?nonsense?b?5rOo?=", "注"),
        (b"=?iso-8859-1?q?fran=E7ais?=", "français"),
        (b"=?utf-8?b?5rOo?= =?iso-8859-1?q?=E7?=", "注ç"),
        (b"=?broken?x?abc?=", "=?broken?x?abc?="),
        (b"tab\tand\x00nul", "tab andnul"),
        (b"", ""),
    ],
    ids=repr,
)
def test_headers_are_decoded_on_one_line(raw: bytes, text: str) -> None:
    """Encoded words, folding and control characters give one honest line."""
    assert decode_header_bytes(raw) == text
    assert decode_header_bytes(raw.decode("ascii", "surrogateescape")) == text


def test_a_huge_header_is_cut() -> None:
    """Only the start of an endless header is decoded."""
    assert len(decode_header_bytes("x" * 10 * MAX_HEADER)) == MAX_HEADER
    assert len(decode_header_bytes(b"\xe3\x81\x82" * 10 * MAX_HEADER)) <= MAX_HEADER


def test_raw_text_keeps_encoded_words() -> None:
    """Addresses are judged before encoded words are decoded."""
    raw = "注文 =?utf-8?b?5rOo?=".encode("cp932").decode("ascii", "surrogateescape")
    assert decode_raw_text(raw) == "注文 =?utf-8?b?5rOo?="


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    """No line break of any kind is left."""
    assert len(one_line(text).splitlines()) <= 1


@pytest.mark.no_cover
@given(
    st.text(
        # Characters for private use may be valid UTF-8 together with their neighbours.
        alphabet=st.characters(codec="cp932", exclude_characters="¢£¬‖−〜", exclude_categories=["Co"]),
        min_size=1,
    )
)
@example("豬Ё")
def test_what_windows_sends_comes_back(text: str) -> None:
    """Labelled CP932 text is read back, but for NUL and for what is UTF-8 as well."""
    data = text.encode("cp932")
    assume(data.isascii() or not is_utf_8(data))
    assert decode_bytes(data, "Shift_JIS") == text.replace("\x00", "")


def test_what_hardly_anybody_writes_in_utf_8_is_as_labelled() -> None:
    """Valid UTF-8 outweighs the label only where it makes characters that are in use."""
    assert decode_bytes("\ue273о".encode("cp932"), "Shift_JIS") == "\ue273о"


def is_utf_8(data: bytes) -> bool:
    """Whether bytes can be read as UTF-8."""
    return "\ufffd" not in data.decode("utf-8", "replace")


@given(
    st.binary(),
    st.none() | st.text() | st.sampled_from(["iso-2022-jp", "euc-jp", "sjis", "utf-8", "big5", "hz"]),
)
@example(b"\x0e\x0e\x0f\x0e\xff", "jis")
@example(b"\x1b$(Pzz\x1b$(Dzz", "jis")
def test_no_bytes_raise(data: bytes, label: str | None) -> None:
    """Whatever comes, text that can be stored comes out."""
    decode_bytes(data, label).encode()
    decode_header_bytes(data).encode()
    decode_header_bytes(data.decode("ascii", "surrogateescape")).encode()


@given(
    st.lists(
        st.sampled_from(
            [b"\x1b$B", b"\x1b(B", b"\x1b(I", b"\x1b$(D", b"\x1b$(Q", b'$"', b"\n", b"\x0e", b"\xb1"]
        )
    )
)
def test_no_mixture_of_escapes_raises(pieces: list[bytes]) -> None:
    """Every order of escapes is survived."""
    decode_bytes(b"".join(pieces), "iso-2022-jp").encode()


@given(st.text())
def test_no_raw_header_text_raises(raw: str) -> None:
    """Text that never was bytes is survived too."""
    decode_raw_text(raw).encode()
    decode_header_bytes(raw).encode()
