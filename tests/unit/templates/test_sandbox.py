"""A template can print, and can neither fill the memory nor reach Python."""

import time

import jinja2
import pytest

from templates.sandbox import Environment, OutputTooLarge, render_bounded

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
    assert time.monotonic() - started < 5


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
