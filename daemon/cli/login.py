"""``sokuresu login``: a person lets the service into a mailbox with OAuth2, once."""

from __future__ import annotations

import os
import sys
import webbrowser
from time import sleep
from typing import TYPE_CHECKING

import click

from daemon.cli.showing import reader_of
from daemon.clock import SystemClock
from daemon.oauth import device, redirect
from daemon.oauth.asking import post_form
from daemon.oauth.providers import Flow
from daemon.showing.reader import clean

if TYPE_CHECKING:
    from daemon.cli import Context
    from daemon.config import Mailbox, Settings
    from daemon.oauth.providers import Client
    from daemon.oauth.redirect import Listener
    from daemon.oauth.token import Token
    from daemon.oauth.token_file import TokenFile
    from daemon.showing.reader import Reader

_LONGEST_ADDRESS = 200


@click.command("login")
@click.argument("name")
@click.option(
    "--no-browser",
    is_flag=True,
    help="ブラウザーを開きません。画面のないサーバーで使います (open no browser; for servers).",
)
@click.pass_obj
def command(context: Context, *, name: str, no_browser: bool) -> None:
    """OAuth2 のメールボックスに一度ログインします (log in to a mailbox with OAuth2, once).

    NAME は設定の [[mailbox]] の name です。サービスは動かしたままでかまいません。
    """
    one = _mailbox(context.settings, name)
    reader = reader_of(context.settings)
    client, file = context.keyring.client(one), context.keyring.file(one)
    with file.locked():
        # Whether the token can be kept shows before the person has taken the trouble.
        pass
    click.echo(reader.say(f"ログインするアカウント: {one.login}", f"The account to log in with: {one.login}"))
    if client.provider.flow is Flow.DEVICE:
        token = _by_code(client, one, reader)
    else:
        token = _by_browser(client, one, reader, no_browser=no_browser)
    _keep(file, token)
    _say_done(client, token, one, reader)


def _mailbox(settings: Settings, name: str) -> Mailbox:
    """The mailbox of that name.

    Raises:
        click.UsageError: there is none, or it has a password.
    """
    having = {one.name: one for one in settings.mailboxes if one.oauth is not None}
    if name not in having:
        names = ", ".join(having) or "—"
        raise click.UsageError(
            f"oauth を設定したメールボックス {clean(name)} はありません (あるもの: {names})。"
            f" / There is no mailbox {clean(name)} with oauth (there are: {names})."
        )
    return having[name]


def _by_code(client: Client, one: Mailbox, reader: Reader) -> Token:
    code = device.begin(client, one.name, post=post_form)
    page, typed = clean(code.page, _LONGEST_ADDRESS), clean(code.user_code)
    click.echo(
        reader.say(
            f"次のページを、どの端末のブラウザーでもよいので開き、コードを入力してログインしてください。\n"
            f"\n    {page}\n    コード: {typed}\n\n"
            "ログインを待っています (やめるには Ctrl-C)…",
            f"Open this page in the browser of any device, type the code and log in.\n"
            f"\n    {page}\n    Code: {typed}\n\n"
            "Waiting for the login (Ctrl-C to give up)…",
        )
    )
    return device.await_login(client, one.name, code, post=post_form, clock=SystemClock(), wait=sleep)


def _by_browser(client: Client, one: Mailbox, reader: Reader, *, no_browser: bool) -> Token:
    with redirect.listening() as listener:
        page = listener.attempt.page(client, one.login)
        _show_page(page, listener, reader, no_browser=no_browser or not _has_screen())
        code = listener.await_code(one.name)
    return redirect.exchange(client, one.name, listener.attempt, code, post=post_form, clock=SystemClock())


def _show_page(page: str, listener: Listener, reader: Reader, *, no_browser: bool) -> None:
    click.echo(
        reader.say(
            "ブラウザーで次のページを開き、ログインしてください。", "Open this page in a browser and log in."
        )
    )
    click.echo(f"\n{page}\n")
    if no_browser:
        click.echo(reader.say(*_TUNNEL).format(port=listener.port))
    else:
        webbrowser.open(page)
    click.echo(
        reader.say(
            "ログインを待っています (やめるには Ctrl-C)…", "Waiting for the login (Ctrl-C to give up)…"
        )
    )


_TUNNEL = (
    """\
このサーバーに画面がないときは、先に手元の計算機で次を実行したままにして、
手元のブラウザーで上のページを開いてください。

    ssh -N -L {port}:127.0.0.1:{port} ユーザー名@このサーバー
""",
    """\
If this server has no screen, first run this on your own computer, leave it running, and open the
page above in the browser there.

    ssh -N -L {port}:127.0.0.1:{port} USER@THIS-SERVER
""",
)


def _has_screen() -> bool:
    """Whether a browser could show itself; without one a text browser might take the terminal over."""
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _keep(file: TokenFile, token: Token) -> None:
    with file.locked():
        try:
            file.write(token)
        except OSError as failure:
            raise file.unwritable(failure) from None


def _say_done(client: Client, token: Token, one: Mailbox, reader: Reader) -> None:
    click.echo(
        reader.say(
            "ログインできました。動いているサービスは 1 分以内に気づきます。次のコマンド: sokuresu check",
            "Logged in. A running service notices within a minute. The next command: sokuresu check",
        )
    )
    if token.login_until is not None:
        by = reader.moment(token.login_until)
        click.echo(reader.say(f"このログインは {by} に切れます。", f"This login ends at {by}."))
    if client.provider.flow is Flow.REDIRECT:
        click.echo(reader.say(*_TESTING).format(name=one.name))


_TESTING = (
    """\
注意: Google の「テスト」状態のクライアントは、7 日でログインが切れます。
Google Cloud の「対象」で本番環境に公開してから、もう一度 sokuresu login {name} を実行してください。""",
    """\
Note: a Google client in "Testing" loses its login after 7 days. Publish it ("In production") on
the page "Audience" of Google Cloud, and then run once more: sokuresu login {name}""",
)
