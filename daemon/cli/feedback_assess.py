"""``sokuresu feedback assess``: whether Amazon may remove a comment on the seller, or strike it through."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from daemon.cli.texts import printable, texts_in
from daemon.words import GROUNDS, REMEDIES
from parsers.comments import read_comment
from parsers.values import Fulfilment
from state.feedback_policy import assess

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from state.feedback_policy import Assessment

_MOST_SHOWN = 12
_FULFILMENTS = {"fba": Fulfilment.FBA, "own": Fulfilment.OWN, "unknown": None}


@click.command("assess")
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (one JSON object).")
@click.option(
    "--rating", type=click.IntRange(1, 5), required=True, metavar="N", help="星の数 (stars, 1 to 5)."
)
@click.option(
    "--fulfilment",
    type=click.Choice([*_FULFILMENTS]),
    default="unknown",
    help="出荷元 (who shipped the order; unknown without it).",
)
@click.option(
    "--bought-label-on-time",
    is_flag=True,
    help="Amazonで購入したラベルで期日どおりに出荷した (shipped on time with a label bought from Amazon).",
)
@click.option(
    "--lines",
    is_flag=True,
    help="1 行を 1 件として調べ、1 行に 1 つ JSON を出力します (one comment and one JSON object a line).",
)
@click.option(
    "--language",
    type=click.Choice(["ja", "en"]),
    default="ja",
    help="JSON の理由の言語 (language of the reason in JSON; ja without it).",
)
@click.argument("file", default="-", metavar="[FILE|-]", type=click.File("rb"))
def command(
    file: BinaryIO,
    *,
    as_json: bool,
    rating: int,
    fulfilment: str,
    bought_label_on_time: bool,
    lines: bool,
    language: str,
) -> None:
    """評価コメントをAmazonが削除・取り消し線にしそうか調べます (may Amazon remove or strike a comment).

    No network, no database and no configuration are used.
    """
    for text in texts_in(file, lines=lines):
        found = assess(
            read_comment(text),
            rating=rating,
            fulfilment=_FULFILMENTS[fulfilment],
            bought_label_on_time=bought_label_on_time,
        )
        if lines or as_json:
            click.echo(json.dumps(record_of(found, language), ensure_ascii=False))
        else:
            click.echo("\n".join(describe(found)))


def record_of(found: Assessment, language: str = "ja") -> dict[str, Any]:
    """What scripts rely on, as plain values."""
    return {"ground": found.ground.value, "confident": found.confident, "reason": found.say(language)}


def describe(found: Assessment) -> Iterator[str]:
    """The same for a person, line by line: Japanese first."""
    sure = "確実性: 高い (confident)" if found.confident else "確実性: 要確認 (not certain: read it yourself)"
    ja, en = GROUNDS[found.ground]
    yield f"根拠: {ja} ({en})"
    yield sure
    yield f"  {found.say('ja')}"
    yield f"  {found.say('en')}"
    yield from _quoted("支える文 (speaks for it)", found.speaks_for)
    yield from _quoted("妨げる文 (speaks against it)", found.speaks_against)
    yield from REMEDIES[found.remedy]
    if found.good_rating:
        yield "星4以上は良い評価に数えられるため、申請は不要です。"
        yield "4 and 5 count as positive: no request is needed."


def _quoted(heading: str, clauses: Sequence[str]) -> Iterator[str]:
    """The buyer's clauses below their heading."""
    if clauses:
        yield f"{heading}:"
        yield from (f"  「{printable(clause)}」" for clause in clauses[:_MOST_SHOWN])
