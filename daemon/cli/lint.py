"""``sokuresu lint``: what in a text to a buyer breaks Amazon's rules, before it is sent from anywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from daemon.cli.texts import printable, texts_in
from daemon.showing.findings import records_of
from templates.cleaning import order_id as as_order_id
from templates.guidelines import check, is_blocked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from templates.guidelines import Finding

_SEVERITIES = {"error": "送信できません (error)", "warning": "確認してください (warning)"}


def _checked_order(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """The number as given; one that is none is a mistake of the call."""
    if value is not None and as_order_id(value) is None:
        raise click.BadParameter(
            "250-1234567-1234567 のように入力してください (an order number is expected)."
        )
    return value


@click.command("lint")
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (one JSON object).")
@click.option(
    "--order",
    "order_id",
    metavar="ID",
    callback=_checked_order,
    help="この注文番号が書かれているか、別の番号がないかも確かめます (also check order numbers).",
)
@click.option(
    "--lines",
    is_flag=True,
    help="1 行を 1 通として調べ、1 行に 1 つ JSON を出力します (one text and one JSON object a line).",
)
@click.option(
    "--language",
    type=click.Choice(["ja", "en"]),
    default="ja",
    help="JSON の理由の言語 (language of the reasons in JSON; ja without it).",
)
@click.argument("file", default="-", metavar="[FILE|-]", type=click.File("rb"))
@click.pass_context
def command(
    context: click.Context,
    file: BinaryIO,
    *,
    as_json: bool,
    order_id: str | None,
    lines: bool,
    language: str,
) -> None:
    """購入者へ送る文章がAmazonの規約に反していないか調べます (check a text to a buyer).

    No network, no database and no configuration are used. The status is 1 if anything must not be sent.
    """
    blocked = False
    for text in texts_in(file, lines=lines):
        findings = check(text, order_id=order_id, language=language)
        blocked = blocked or is_blocked(findings)
        if lines or as_json:
            click.echo(json.dumps(record_of(findings), ensure_ascii=False))
        else:
            english = check(text, order_id=order_id, language="en")
            click.echo("\n".join(_summary(findings, english)))
    if blocked:
        context.exit(1)


def record_of(findings: Sequence[Finding]) -> dict[str, Any]:
    """What was found, as plain values.

    Args:
        findings: of one text.
    """
    return {"ok": not is_blocked(findings), "findings": records_of(findings)}


def _summary(findings: Sequence[Finding], english: Sequence[Finding]) -> Iterator[str]:
    """The same for a person: Japanese first."""
    if not findings:
        yield "問題は見つかりませんでした。 / Nothing was found."
    for one, other in zip(findings, english, strict=True):
        yield f"{_SEVERITIES[one.severity]} {one.rule}: {printable(one.text)}".rstrip(": ")
        yield f"  {one.reason}"
        yield f"  {other.reason}"
