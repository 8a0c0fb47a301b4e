"""A template can print, and can neither fill the memory, nor take for ever, nor reach Python."""

import time

import jinja2
import pytest

from templates.sandbox import (
    SOURCE_LIMIT,
    STEPS_LIMIT,
    Environment,
    OutputTooLarge,
    TooManySteps,
    only_known,
    render_bounded,
)

LIMIT = 1_000


def render(source, **values):
    """Render one template by its text, at most `LIMIT` characters."""
    environment = Environment(jinja2.DictLoader({"t": source}))
    return render_bounded(environment.get_template("t"), values, LIMIT)


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'あ' * 10 ** 9 }}",
        "{{ 10 ** 9 * 'あ' }}",
        "{{ [0] * 10 ** 9 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ 'a'.ljust(1000000000) }}",
        "{{ 'a'.zfill(1000000000) }}",
        "{{ 'a' | center(1000000000) }}",
        "{{ '%1000000000d' | format(1) }}",
        "{{ 'a' | indent(1000000000) }}",
        "{{ range(1000000000) | length }}",
        "{{ lipsum(1000) }}",
        "{{ x ~ x }}",
        "{{ x + x }}",
        "{% set a = x[:6000] %}{% set b = a + a %}",
        "{{ [x] + [x] }}",
        "{% for a in x %}{% for b in x %}{% for c in x %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in x recursive %}{{ loop(x) }}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ x.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ x.upper() }}",
        "{{ unknown }}",
        "{{ x.unknown }}",
        "{{ namespace(a=1) }}",
        "{% include 'elsewhere' %}",
    ],
)
def test_what_is_not_of_the_language_is_refused_at_once(source):
    """Each attempt ends in an error within a second, long before it takes memory or time."""
    started = time.monotonic()
    with pytest.raises((jinja2.TemplateError, RecursionError)):
        render(source, x="あ" * 6_000)
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    "source", ["{% for a in x %}あああ{% endfor %}", "{{ x }}", "{% for a in x %}{{ x }}{% endfor %}"]
)
def test_output_is_counted_while_it_is_printed(source):
    """What prints too much is stopped, and nothing of it is used."""
    with pytest.raises(OutputTooLarge, match="1000"):
        render(source, x="あ" * 2_000)


def test_output_up_to_the_limit_is_let_through():
    """The limit itself is allowed."""
    assert len(render("{{ x }}", x="あ" * LIMIT)) == LIMIT


def test_values_are_never_templates():
    """What a stranger wrote in the language of templates is printed as he wrote it."""
    assert render("{{ x }}", x="{{ 7 * 7 }}") == "{{ 7 * 7 }}"


def test_the_language_is_enough_for_mail():
    """Sums, comparisons, two loops, macros and plain text without markup."""
    macro = "{% macro m(n) %}<{{ n - 1 + 2 }}>{% endmacro %}"
    loops = "{% for a in x %}{% for b in a %}{{ m(b) + '&' }}{% endfor %}{% endfor %}"
    assert render(macro + loops, x=[[1], [2]]) == "<2>&<3>&"


TWICE = "{% macro a(n) %}{% if n %}{{ a(n - 1) }}{{ a(n - 1) }}{% endif %}{% endmacro %}"
TOWER = "{% set t = (1, 1) %}" + "{% set t = (t, t) %}" * 60
OTHER_TOWER = "{% set u = (1, 1) %}" + "{% set u = (u, u) %}" * 60


@pytest.mark.parametrize(
    "source",
    [
        TWICE + "{{ a(60) }}",
        TWICE + "{{ a(18) }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{{ n() }}{% endmacro %}{% macro n() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for a in x %}{% for b in x %}{% endfor %}{% endfor %}",
        "{% for a in x %}{% for b in x if b == 'c' %}{% endfor %}{% endfor %}",
        "{% for a in numbers %}{% endfor %}",
        "{% for a in numbers if a < 0 %}{% endfor %}",
        "{% for a in [x, x] %}{% for b in a %}" + "{% if b %}{% endif %}" * 50 + "{% endfor %}{% endfor %}",
        "{% macro m() %}{% for a in x %}{% endfor %}{% endmacro %}{% for b in x %}{{ m() }}{% endfor %}",
        "{% for a in x %}{% if x + a in x %}{% endif %}{% endfor %}",
        "{% for a in x %}{% if 1 in numbers %}{% endif %}{% endfor %}",
        "{% for a in x %}{% set y = numbers[1:] %}{% endfor %}",
        "{% include 't' %}",
        "{% import 't' as t %}",
        "{% from 't' import m %}",
        "{% for a in x %}{% include 'empty' %}{% endfor %}",
    ],
)  # fmt: skip
def test_what_does_not_end_is_stopped(source):
    """Loops, calls and loads are paid from a budget, and its end has a name of its own."""
    environment = Environment(jinja2.DictLoader({"t": source, "empty": ""}))
    values = {"x": "あ" * 6_000, "numbers": list(range(1_000_000))}
    started = time.process_time()
    with pytest.raises(TooManySteps):
        render_bounded(environment.get_template("t"), values, LIMIT)
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("{{ t }}", "printed"),
        ("{% if t == u %}{% endif %}", "compared"),
        ("{% if t is eq(u) %}{% endif %}", "compared"),
        ("{% if t in u %}{% endif %}", "compared"),
        ("{{ {1: 2}[t] }}", "key"),
        ("{{ {t: 2} }}", "written out"),
        ("{{ t | join }}", "joined"),
        ("{{ t() }}", "called"),
        ("{{ [t] + [u] }}", "not allowed"),
        ("{% include t %}", "written out"),
        ("{{ t.nope }}", "no attribute"),
    ],
)
def test_towers_of_lists_are_never_gone_through(source, word):
    """A list that holds the one before twice, sixty times over, would keep Python busy for years."""
    with pytest.raises(jinja2.TemplateError, match=word):
        render(TOWER + OTHER_TOWER + source)


@pytest.mark.parametrize(
    "source",
    [
        "{% set a = x %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 40,
        "{% macro d(y) %}{{ y }}{{ y }}{% endmacro %}{% set a = x %}" + "{% set a = d(a) %}" * 40,
        "{% set a %}{% for b in x %}" + "y" * 15_000 + "{% endfor %}{% endset %}",
    ],
)
def test_text_is_counted_before_it_is_printed(source):
    """What is only put together takes memory too."""
    with pytest.raises(OutputTooLarge):
        render(source, x="あ" * 6_000)


@pytest.mark.parametrize(
    "source",
    [
        "x" * (SOURCE_LIMIT + 1),
        "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
        "{{ " + "[" * 5_000 + "]" * 5_000 + " }}",
        "{{ 1" + " + 1" * 4_000 + " }}",
        "{{ x" + ".a" * 4_000 + " }}",
        "{{ x" + " | length" * 1_500 + " }}",
        "{{ " + "not " * 4_000 + "x }}",
        "{{ 1" + " if x else 1" * 1_500 + " }}",
        "{% if x %}" * 900 + "{% endif %}" * 900,
        "{% if x %}" + "{% elif x %}" * 1_500 + "{% endif %}",
        "{% for a in x %}" * 40 + "{% endfor %}" * 40,
        "{% macro a() %}" * 600 + "{% endmacro %}" * 600,
        "{{ " + "9" * 10_000 + " }}",
        "{#" * 9_000,
        "{% autoescape true %}{% endautoescape %}",
    ],
)
def test_what_would_break_the_compiler_is_an_error_of_the_template(source):
    """Size and nesting are bounded before Python sees them; nothing crashes and nothing takes long."""
    started = time.process_time()
    with pytest.raises(jinja2.TemplateSyntaxError) as caught:
        render(source, x="a")
    assert caught.value.lineno >= 1
    assert time.process_time() - started < 20


def test_nearly_all_steps_may_be_taken():
    """The bound stands where it is said to stand: each turn costs the pieces of the loop."""
    loop = "{% for a in numbers %}{% endfor %}"
    turns = STEPS_LIMIT // 3 - 10
    assert render(loop, numbers=range(turns)) == ""
    with pytest.raises(TooManySteps):
        render(loop, numbers=range(turns * 2))


def test_every_rendering_has_a_budget_of_its_own():
    """What one text took is not missing for the next, not even after a failure."""
    environment = Environment(jinja2.DictLoader({"t": "{% for a in x %}{% endfor %}あ"}))
    template = environment.get_template("t")
    for _ in range(3):
        assert render_bounded(template, {"x": "a" * 40_000}, LIMIT) == "あ"
        with pytest.raises(TooManySteps):
            render_bounded(template, {"x": "a" * 400_000}, LIMIT)


def test_loops_know_where_they_are():
    """Counting a loop takes nothing from it."""
    body = "{{ loop.index }}/{{ loop.length }}{{ '' if loop.last else ',' }}"
    source = "{% for a in x %}" + body + "{% else %}-{% endfor %}"
    assert render(source, x=["a", "b"]) == "1/2,2/2"
    assert render(source, x=[]) == "-"


def test_none_is_printed_only_where_it_may_be():
    """In a letter the word None would be nonsense."""
    assert render("{{ x }}", x=None) == "None"
    environment = Environment(jinja2.DictLoader({"t": "一\n{{ x }}"}), only_known)
    assert render_bounded(environment.get_template("t"), {"x": 1}, LIMIT) == "一\n1"
    with pytest.raises(jinja2.TemplateError, match="not always known"):
        render_bounded(environment.get_template("t"), {"x": None}, LIMIT)


def test_errors_repeat_no_value():
    """What a stranger wrote may stand in a value, and errors are logged."""
    with pytest.raises(jinja2.UndefinedError) as caught:
        render("{{ {'a': 1}[x] }}", x="秘密")
    assert "秘密" not in str(caught.value)
