"""The user's own templates are used where they work; where not, file and line are told and ours are used."""

import os
import time
from pathlib import Path

import pytest

from templates.contexts import DraftContext
from templates.drafting import DRAFTED, DraftTemplates
from templates.sandbox import SOURCE_LIMIT

ORDER = "250-3407084-0349098"
BUYER = "佐藤 花子"
CONTEXT = DraftContext("まい商店", BUYER, ORDER, "damaged", "own")
BUILTIN = DraftTemplates().render(CONTEXT, "ja").text
OURS = Path(__file__).parents[3] / "templates" / "drafts"

TWICE = "{% macro a(n) %}{% if n %}{{ a(n - 1) }}{{ a(n - 1) }}{% endif %}{% endmacro %}"

FAULTY = {
    "syntax": ("一\n{% if %}", 2, "書き方に誤り"),
    "unclosed": ("{% if late %}あ", 1, "書き方に誤り"),
    "unknown name": ("一\n二\n{{ nope }}", 3, "nope"),
    "unknown attribute": ("{{ context.nope }}", 1, "nope"),
    "nothing known": ("一\n{{ context.purchased_on }}", 2, "None|not always known"),
    "a whole list": ("{{ context.attachments }}", 1, "tuple"),
    "loop": ("一\n" + "{% for a in context.shop_name %}" * 3 + "{% endfor %}" * 3, 2, "loops"),
    "recursion": ("\n{% macro m() %}{{ m() }}{% endmacro %}\n{{ m() }}", 2, "do not end"),
    "explosion": (TWICE + "\n{{ a(18) }}", 1, "do not end"),
    "depth": (TWICE + "\n{{ a(60) }}", 1, "do not end"),
    "itself": ("{% include 'damaged.j2' %}", 1, "do not end"),
    "memory": ("{{ 'あ' * 10 ** 9 }}", 1, "書き方に誤り"),
    "doubling": ("{% set a %}あ{% endset %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 40, 1, "長すぎ"),
    "too long": ("あ" * 4_001, None, "長すぎ"),
    "too large": ("{# " + "あ" * SOURCE_LIMIT + " #}", 1, "longer than"),
    "huge": ("あ" * 1_000_000, None, "大きすぎ"),
    "nested": ("{{ " + "(" * 3_000 + "1" + ")" * 3_000 + " }}", 1, "nested"),
    "number": ("{{ " + "9" * 10_000 + " }}", 1, "number"),
    "empty": ("", None, "何も書き出しません"),
    "blank": ("\n  \n", None, "何も書き出しません"),
    "outside": ("{% include '../../../etc/passwd' %}", 1, "passwd"),
    "no template": ("{% include 'footer.j2' %}", 1, "footer"),
    "method": ("{{ context.shop_name.upper() }}", 1, "書き方に誤り"),
    "python": ("{{ ''.__class__.__mro__ }}", 1, "書き方に誤り"),
    "key": ("{{ {'a': 1}[context.buyer_name] }}", 1, "名前|key"),
    "type": ("{% for a in context %}{% endfor %}", 1, "TypeError"),
    "bytes": (b"\xe4\xb8\x80\n\xff\xfe", 2, "UTF-8"),
    "shift_jis": ("商品が破損".encode("cp932"), 1, "UTF-8"),
}  # fmt: skip


def write(folder, name, content):
    """Put one file into the user's folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def render(folder, context=CONTEXT, language="ja"):
    """Draft with the user's folder."""
    return DraftTemplates(folder).render(context, language)


def test_the_users_words_are_used(tmp_path):
    """A file of the same name takes the place of ours, for its language and situation alone."""
    write(
        tmp_path,
        "ja/damaged.j2",
        "{{ context.buyer_name | default('お客', true) }} 様\n\n\n\nお詫びいたします。  \n",
    )
    rendered = render(tmp_path)
    assert rendered.text == "佐藤 花子 様\n\nお詫びいたします。\n"
    assert rendered.template == "ja/damaged.j2"
    assert rendered.fault is None
    assert render(tmp_path, language="en").text == DraftTemplates().render(CONTEXT, "en").text
    assert DraftTemplates(tmp_path).faults() == ()


def test_a_byte_order_mark_is_no_text(tmp_path):
    """Windows' editor writes one."""
    write(tmp_path, "ja/damaged.j2", b"\xef\xbb\xbfabc\r\n")
    assert render(tmp_path).text == "abc\n"


def test_a_change_is_seen_at_once(tmp_path):
    """Nobody has to start anything anew, even if the clock did not move."""
    templates = DraftTemplates(tmp_path)
    path = write(tmp_path, "ja/damaged.j2", "一")
    stamp = path.stat().st_mtime_ns
    assert templates.render(CONTEXT, "ja").text == "一\n"
    write(tmp_path, "ja/damaged.j2", "二")
    os.utime(path, ns=(stamp, stamp))
    assert templates.render(CONTEXT, "ja").text == "二\n"
    path.unlink()
    assert templates.render(CONTEXT, "ja").text == BUILTIN


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_template_is_named_and_ours_is_used(name, tmp_path):
    """File, line and reason are told within a second, by the draft and by the list of faults alike."""
    source, line, reason = FAULTY[name]
    path = write(tmp_path, "ja/damaged.j2", source)
    started = time.monotonic()
    rendered = render(tmp_path)
    # Bounded far below; a busy machine gets its time.
    assert time.monotonic() - started < 20
    # A fault that only some cases show is told by the trial alone.
    faults = DraftTemplates(tmp_path).faults()
    assert rendered.text == BUILTIN
    for fault in {rendered.fault, *faults}:
        assert (fault.file, fault.line) == (str(path), line)
        assert any(one in fault.reason for one in reason.split("|"))
        assert " / " in fault.reason
        assert "\n" not in fault.reason
        assert BUYER not in fault.reason
    assert len(faults) == 1


def test_a_fault_that_only_some_cases_show_is_found_by_trial(tmp_path):
    """What works for a known order fails for an unknown one, and is told before a buyer waits."""
    write(tmp_path, "en/receipt.j2", "Hello\n\nOrder {{ context.order_id }}")
    assert render(tmp_path, DraftContext("Shop", None, ORDER, "receipt", "own"), "en").fault is None
    (fault,) = DraftTemplates(tmp_path).faults()
    assert (fault.file, fault.line) == (str(tmp_path / "en" / "receipt.j2"), 3)


def test_shared_parts_can_be_replaced(tmp_path):
    """A new closing of one's own shows in every letter."""
    parts = (OURS / "ja" / "parts.j2").read_text("utf-8")
    write(tmp_path, "ja/parts.j2", parts.replace("{{ context.shop_name }}", "店主 {{ context.shop_name }}"))
    assert render(tmp_path).text == BUILTIN.replace("まい商店", "店主 まい商店")
    assert DraftTemplates(tmp_path).faults() == ()


@pytest.mark.parametrize(
    ("source", "line"),
    [("一\n{% macro opening(context) %}", 1), ("{% macro opening(c) %}\n{{ x }}{% endmacro %}", 2)],
)
def test_faulty_parts_are_told_once(source, line, tmp_path):
    """All letters need them, and one sentence about the one file is enough."""
    path = write(tmp_path, "ja/parts.j2", source)
    rendered = render(tmp_path)
    assert rendered.text == BUILTIN
    assert rendered.fault.file == str(path)
    (fault,) = DraftTemplates(tmp_path).faults()
    assert fault.file == str(path)
    assert fault.line is not None
    assert fault.line >= line


def test_strange_names_are_told(tmp_path):
    """A misspelt file would be left aside in silence otherwise; what an editor leaves behind is nobody's."""
    for name in (
        "ja/demaged.j2",
        "ja/damaged.j2.txt",
        "ja/thanks.j2",
        "fr/damaged.j2",
        "ja/.damaged.j2.swp",
        "en/damaged.j2~",
    ):
        write(tmp_path, name, "あ")
    faults = {
        Path(one.file).relative_to(tmp_path).as_posix(): one for one in DraftTemplates(tmp_path).faults()
    }
    assert set(faults) == {"ja/demaged.j2", "ja/damaged.j2.txt", "ja/thanks.j2", "fr"}
    assert "damaged.j2 ですか" in faults["ja/demaged.j2"].reason
    assert {one.line for one in faults.values()} == {None}


def test_a_folder_that_is_not_there_is_told_and_stops_nothing(tmp_path):
    """The drafts are ours then."""
    folder = tmp_path / "none"
    assert render(folder).text == BUILTIN
    assert render(folder).fault is None
    (fault,) = DraftTemplates(folder).faults()
    assert fault.file == str(folder)


def test_no_folder_has_no_faults():
    """Ours are tested here."""
    assert DraftTemplates().faults() == ()


@pytest.mark.parametrize(
    "make",
    [
        os.mkfifo,
        os.mkdir,
        lambda path: path.symlink_to("nowhere"),
        lambda path: path.symlink_to("damaged.j2"),
    ],
)
def test_what_is_no_file_is_told_without_waiting(make, tmp_path):
    """A pipe never answers, and a link may lead nowhere or to itself."""
    path = tmp_path / "ja" / "damaged.j2"
    path.parent.mkdir()
    make(path)
    rendered = render(tmp_path)
    assert rendered.text == BUILTIN
    assert rendered.fault.file == str(path)
    assert [one.file for one in DraftTemplates(tmp_path).faults()] == [str(path)]


def test_a_file_where_a_folder_should_be_is_told(tmp_path):
    """The language's name alone makes no folder."""
    write(tmp_path, "ja", "あ")
    assert render(tmp_path).text == BUILTIN
    assert [one.file for one in DraftTemplates(tmp_path).faults()] == [str(tmp_path / "ja")]


def test_our_own_templates_are_a_valid_folder(tmp_path):
    """Who copies them as a beginning starts without a fault."""
    for language in ("ja", "en"):
        for path in (OURS / language).iterdir():
            write(tmp_path, f"{language}/{path.name}", path.read_bytes())
    assert DraftTemplates(tmp_path).faults() == ()
    assert {path.stem for path in (OURS / "ja").iterdir()} == DRAFTED | {"parts"}
    assert render(tmp_path).text == BUILTIN
