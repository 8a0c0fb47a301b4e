"""``sokuresu feedback reply``: what must not stand in the public reply under a rating."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO
from zoneinfo import ZoneInfo

import click

from daemon.cli.present import now
from daemon.cli.texts import decoded
from daemon.showing.findings import finding_lines, records_of
from daemon.showing.reader import Reader
from templates.guidelines import check_public_reply, is_blocked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from templates.guidelines import Finding

_SIZE_LIMIT = 100_000


@click.command("reply")
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (one JSON object).")
@click.option(
    "--language", type=click.Choice(["ja", "en"]), default="ja", help="理由の言語 (of the reasons)."
)
@click.argument("file", default="-", metavar="[FILE|-]", type=click.File("rb"))
@click.pass_context
def command(context: click.Context, file: BinaryIO, *, as_json: bool, language: str) -> None:
    """公開の返信を調べます。個人情報、長さ、規約 (check a public reply: personal data, length, rules).

    No network, no database and no configuration are used. The status is 1 if it must not be published.
    """
    findings = check_public_reply(decoded(file.read(_SIZE_LIMIT)), language=language)
    click.echo(_record(findings) if as_json else _page(findings, language))
    if is_blocked(findings):
        context.exit(1)


def _record(findings: Sequence[Finding]) -> str:
    told = {"ok": not is_blocked(findings), "findings": records_of(findings)}
    return json.dumps(told, ensure_ascii=False)


def _page(findings: Sequence[Finding], language: str) -> str:
    # No time is shown, so any zone will do.
    return "\n".join(finding_lines(findings, Reader(language, ZoneInfo("Asia/Tokyo"), now())))
