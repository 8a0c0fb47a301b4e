"""The page of a mail to the owner: the same words, and no button that we did not make."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.marks import DRAFT_MARK, OFFER_MARK, QUOTE_MARK
from templates.page import build_page

ADDRESS = "shop@shop.example"
LINK = f"mailto:{ADDRESS}?subject=%5Bsokuresu%20abc%5D%20%E6%A1%88%E4%BB%B612"
OFFER = f"{OFFER_MARK}この下書きを送る\n{LINK}\n"


class Reader(HTMLParser):
    """Gathers what a mail program would show and load."""

    def __init__(self):
        super().__init__()
        self.links, self.words, self.tags, self.attributes = [], [], set(), []

    def handle_starttag(self, tag, attrs):
        """Note the tag and where it leads."""
        self.tags.add(tag)
        self.attributes += attrs
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag == "br":
            self.words.append("\n")

    def handle_data(self, data):
        """Note the words."""
        self.words.append(data.strip("\n"))


def read(text, address=ADDRESS):
    """The page as a mail program reads it."""
    reader = Reader()
    reader.feed(build_page(text, address))
    return reader


def shown(text):
    """The words of the page, white space aside."""
    return "".join("".join(read(text).words).split())


def test_an_offer_becomes_one_button():
    """Two lines, one link, the label as it stands and the address not shown."""
    page = build_page(OFFER, ADDRESS)
    assert read(OFFER).links == [LINK]
    assert "この下書きを送る</a>" in page
    assert page.count("mailto:") == 1
    assert "min-height:48px" in page


def test_offers_that_follow_each_other_are_all_buttons():
    """With or without an empty line between them; the first one stands out."""
    for between in ("", "\n"):
        text = between.join([OFFER] * 3)
        assert read(text).links == [LINK] * 3
        assert build_page(text, ADDRESS).count("background:#2f6db5") == 1


@pytest.mark.parametrize(
    "line",
    [
        "mailto:evil@evil.example?subject=x",
        f"mailto:{ADDRESS},evil@evil.example?subject=x",
        f"mailto:{ADDRESS}?subject=x&bcc=evil@evil.example",
        f"mailto:{ADDRESS}?cc=evil@evil.example",
        f"mailto:{ADDRESS}?subject=x&body=y",
        f"mailto:{ADDRESS}.evil.example?subject=x",
        f"mailto:{ADDRESS}",
        f"mailto:{ADDRESS}?subject=",
        f'mailto:{ADDRESS}?subject=x"onclick="y',
        f"mailto:{ADDRESS}?subject=x ",
        f" mailto:{ADDRESS}?subject=x",
        "https://evil.example/",
        "javascript:alert(1)",
        "",
    ],
)
def test_other_links_stay_text(line):
    """A button opens a mail to us with a subject and does nothing else."""
    assert read(f"{OFFER_MARK}押す\n{line}\n").links == []


@pytest.mark.parametrize("mark", [QUOTE_MARK, DRAFT_MARK, "・", " ", "│", "┃"])
def test_marked_lines_are_never_buttons(mark):
    """What a buyer or a draft says is a block, also if it looks like an offer or breaks off in the middle."""
    assert read(f"{mark}{OFFER_MARK}押す\n{mark}{LINK}\n").links == []
    assert read(f"{mark}{OFFER_MARK}押す\n{LINK}\n").links == []
    assert read(f"{OFFER_MARK}押す\n{mark}{LINK}\n").links == []


def test_addresses_with_signs_are_recognised_as_they_are_written():
    """A plus stays as it is, other signs may be written by their numbers."""
    for address, written in (("a+b@x.example", "a+b@x.example"), ("a%b@x.example", "a%25b@x.example")):
        link = f"mailto:{written}?subject=x"
        assert read(f"{OFFER_MARK}押す\n{link}", address).links == [link]


def test_what_others_wrote_stands_in_blocks_of_its_own():
    """Marks become borders; an empty line of a draft stays a line of its block."""
    page = build_page("前\n│ 一\n│ 二\n┃ 三\n┃\n┃ 四\n後\n", ADDRESS)
    assert page.count("border-left") == 2
    assert "一<br>\n二</div>" in page
    assert "三<br>\n<br>\n四</div>" in page
    assert not re.search("[│┃]", page)


def test_nothing_is_loaded_and_no_light_or_dark_is_forced():
    """No picture, script, sheet or address of the web; text keeps the colours of the mail program."""
    reader = read(f"■ 見出し\n▼ 案件1\n文\n│ <img src='https://evil.example/x'>\n┃ 下書き\n{OFFER}")
    assert reader.tags == {"html", "head", "meta", "body", "div", "a", "wbr"}
    assert not {"src", "background", "action", "onclick"} & {name for name, _ in reader.attributes}
    page = build_page("文\n", ADDRESS)
    assert "http" not in page
    assert "url(" not in page
    assert "color:#" not in page
    assert 'content="light dark"' in page


@pytest.mark.parametrize(("text", "language"), [("お疲れさまです。", "ja"), ("Nothing waits.", "en")])
def test_the_page_names_its_language(text, language):
    """So that a reader's voice and letters fit."""
    assert f'<html lang="{language}">' in build_page(text, ADDRESS)


def test_addresses_in_what_others_wrote_are_taken_apart():
    """Mail apps make links of bare addresses; the words stay the same when they are copied."""
    page = build_page("┃ https://evil.example/ mailto:x@evil.example\n", ADDRESS)
    assert "https:<wbr>//evil.<wbr>example/" in page
    assert "x@<wbr>evil" in page
    assert "https://evil.example/mailto:x@evil.example" in shown(
        "┃ https://evil.example/ mailto:x@evil.example"
    )


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [OFFER_MARK + "押す", "▶", LINK, LINK.upper(), f'<a href="{LINK}">押す</a>', "&lt;", ""]
        ),
        st.text(st.characters(exclude_characters="\n"), max_size=30),
    ),
    max_size=12,
)


@given(lines=LINES, mark=st.sampled_from([QUOTE_MARK, DRAFT_MARK]))
def test_no_quoted_line_makes_a_link(lines, mark):
    """Whatever stands behind a mark, beside our own offer no link comes about."""
    text = "\n".join([mark + line for line in lines] + ["", *OFFER.split("\n")])
    assert read(text).links == [LINK]


@given(lines=LINES)
def test_pages_say_what_the_text_says(lines):
    """No word is lost on the way, and nothing that looks like a tag becomes one."""
    text = "\n".join(QUOTE_MARK + line for line in lines)
    wanted = "".join("".join(lines).split())
    assert shown(text) == wanted.replace("\r", "")
    assert read(text).tags <= {"html", "head", "meta", "body", "div", "br", "wbr"}
