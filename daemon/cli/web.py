"""``sokuresu web``: the review desk in the foreground, until it is told to stop."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from daemon.allocator import share_heaps
from daemon.cli.beginning import beginning_told
from daemon.clock import SystemClock
from daemon.config import find_config, load
from daemon.configured_shop import shop_of
from daemon.errors import SokuresuError
from daemon.existing import existing_engine
from daemon.log import configure
from daemon.web.app import build
from daemon.web.desk import Desk
from daemon.web.invitations import invite
from daemon.web.server import serve
from state.migrations import is_current
from state.unit_of_work import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli import Context
    from daemon.config import Settings


@click.command("web")
@click.option("--listen", metavar="ADDRESS", help="待ち受けるアドレス / Where to listen (127.0.0.1)")
@click.option("--port", type=int, metavar="N", help="ポート番号 / The port (8725)")
@click.option(
    "--open-without-tls",
    is_flag=True,
    default=None,
    help="暗号化なしでほかの機械に開く / Be open to other machines in the clear",
)
@click.option(
    "--invite",
    "invites",
    is_flag=True,
    help="パスワードを決めるリンクを表示して終わる / Show a new link to set the password, and end",
)
@click.pass_obj
def command(context: Context, /, invites: bool, **given: Any) -> None:
    """レビュー画面を開きます。止めるのは Ctrl-C (open the review desk; Ctrl-C ends it)."""
    web = {name: value for name, value in given.items() if value is not None}
    settings = load(find_config(context.config), secrets=False, web=web)
    with beginning_told(), _desk(settings) as desk:
        if invites:
            click.echo(_link(desk))
        else:
            configure()
            share_heaps()
            serve(build(desk), settings.web, lambda: _announce(desk))


@contextmanager
def _desk(settings: Settings) -> Iterator[Desk]:
    engine = existing_engine(settings)
    try:
        if not is_current(engine):
            raise SokuresuError(
                "データベースがまだこの版のものではありません。先にサービスを再起動してください。"
                " / The database is not yet at this program's version; restart the service first."
            )
        clock = SystemClock()
        web = settings.web
        yield Desk(settings, shop_of(settings, clock), Database(engine), clock, web.origins, web.secure)
    finally:
        engine.dispose()


def _announce(desk: Desk) -> None:
    home = desk.settings.web.home
    click.echo(
        f"レビュー画面を開きました: {home}/ (止めるのは Ctrl-C)\nThe review desk: {home}/ (Ctrl-C ends it)"
    )
    with desk.considering() as work:
        if work.uow.desk.password_hash() is not None:
            return
    if "INVOCATION_ID" in os.environ:
        # What systemd starts writes into the journal, which more people may read than may sit at the desk.
        click.echo(
            "パスワードはまだありません。sokuresu web --invite でリンクを作ってください。"
            " / There is no password yet; `sokuresu web --invite` makes a link."
        )
    else:
        click.echo(_link(desk))


def _link(desk: Desk) -> str:
    with desk.deciding() as work:
        token = invite(work.uow, work.now)
    address = f"{desk.settings.web.home}/setup?token={token}"
    return (
        "パスワードを決めるリンク (1時間以内に1回だけ使えます):"
        f"\nA link to set the password (once, within an hour):\n{address}"
    )
