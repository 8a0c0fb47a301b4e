"""``sokuresu demo``: a day in a small shop, on servers inside this process; needs no account."""

from __future__ import annotations

import click

from daemon.errors import SokuresuError

_SERVERS = frozenset({"pymap", "pysasl", "proxyprotocol", "aiosmtpd"})
"""What only the demonstration needs; an extra of the package."""


@click.command("demo")
@click.option(
    "--desk",
    "stays",
    is_flag=True,
    help="終わっても店とレビュー画面を Ctrl-C まで開けておきます (keep shop and desk open until Ctrl-C).",
)
@click.pass_context
def command(context: click.Context, *, stays: bool) -> None:
    """内蔵のメールサーバーで見本の店の一日を動かします (a day in a demonstration shop).

    No account and no configuration is needed, and no mail leaves this machine.
    """
    try:
        from daemon.demo.performance import perform  # noqa: PLC0415 - its servers are an extra
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in _SERVERS:
            raise
        raise SokuresuError(
            "実演用のサーバーが入っていません。pip install 'sokuresu[demo]' で入れてください。"
            " / The demonstration's servers are missing; install them with: pip install 'sokuresu[demo]'"
        ) from None
    from daemon.demo.narrator import Narrator  # noqa: PLC0415 - costs a tenth of a second

    if not perform(Narrator(), stays=stays):
        context.exit(1)
