"""HTML bodies as a person sees them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.html import MAX_LINKS, MAX_TAGS, first_pre, html_to_text, links

PRE = '<pre style="white-space: pre-wrap; white-space: -o-pre-wrap; color: black">'


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a <b>b</b> c<br>d &amp; e</p>", "a b c\nd & e"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("<ul><li>1<li>2</ul>end", "1\n2\n\nend"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
        ("<div><div><div>deep</div></div></div>next", "deep\nnext"),
        ("a\n  b\t c", "a b c"),
        ("a <i> b</i>", "a b"),
        ("<pre>x\n  y</pre>", "x\ny"),
        ("<p>非&nbsp;改行</p>", "非 改行"),
        ("<!-- no --><p>yes</p><!-- no -->", "yes"),
        ("plain", "plain"),
        ("<p></p><p></p>", ""),
        ("", ""),
    ],
)
def test_visible_text(html: str, text: str) -> None:
    """Blocks become lines, paragraphs are set apart, runs of blanks shrink."""
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>no</script>",
        "<style>no</style>",
        "<head><title>no</title></head>",
        '<div style="display:none">no</div>',
        '<div style="color:red; DISPLAY : NONE !important"><p>no <b>no</b></p></div>',
        "<p hidden>no</p>",
        "<template><p>no</p></template>",
    ],
)
def test_hidden_text_is_left_out(hidden: str) -> None:
    """What a person does not see is not read."""
    assert html_to_text(f"{hidden}<p>yes</p>") == "yes"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (f"{PRE}届いた箱が\n潰れています</pre>", "届いた箱が\n潰れています"),
        (f"{PRE}a<br>b &lt;pre&gt;</pre>", "a\nb <pre>"),
        (f"{PRE}</pre>", ""),
        (f"<pre>not this</pre>{PRE}this</pre>", "this"),
        ('<PRE STYLE="WHITE-SPACE:-o-pre-wrap">x</PRE>', "x"),
        ('<pre style="color: red">x -o-pre-wrap</pre>', None),
        ("<p>-o-pre-wrap</p>", None),
        ("", None),
    ],
)
def test_the_buyers_box(html: str, text: str | None) -> None:
    """Amazon's box is known by its style, and it may be empty."""
    assert first_pre(html) == text


def test_links_come_in_their_order() -> None:
    """All targets are given, hidden ones too, with their entities undone."""
    html = '<a href=" https://a.example/?x=1&amp;y=2 ">a</a><a>b</a><a href="">c</a><p hidden><a href="https://b.example/">d</a>'
    assert links(html) == ("https://a.example/?x=1&y=2", "https://b.example/")


def test_links_are_limited() -> None:
    """A page of links is read only so far."""
    assert len(links('<a href="x">y</a>' * 2 * MAX_LINKS)) == MAX_LINKS


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "unit", ["<div>", "<b><i>", "<table>", "<a href=x>", "<a <a", "&amp;", "<p>x</b>", "<!--", "x "]
)
def test_hostile_bodies_cost_little(unit: str) -> None:
    """Depth and size are bounded before the parser sees them."""
    started = time.process_time()
    html_to_text(unit * 100_000)
    first_pre(PRE + unit * 100_000)
    links(unit * 100_000)
    assert time.process_time() - started < 20


def test_a_body_of_too_many_tags_is_cut_between_tags() -> None:
    """What comes before the cut is whole."""
    text = html_to_text("<i>x</i>" * MAX_TAGS)
    assert text == "x" * (MAX_TAGS // 2)


@given(
    st.text()
    | st.lists(
        st.sampled_from(
            [
                "<div",
                ">",
                "<pre style='white-space:-o-pre-wrap'>",
                "</pre>",
                "<br>",
                "\ud800",
                "a",
                "\x00",
                "<a href=",
            ]
        )
    ).map("".join)
)
def test_no_body_raises(html: str) -> None:
    """Whatever comes, text that can be stored comes out."""
    html_to_text(html).encode()
    (first_pre(html) or "").encode()
    "".join(links(html)).encode()
