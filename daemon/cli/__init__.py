"""The command line: one table of commands, each in a module of its own that is imported only when it runs."""

from __future__ import annotations

import sys
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import click

from daemon.collecting import no_collecting
from daemon.errors import ConfigurationError, SokuresuError

if TYPE_CHECKING:
    from daemon.config import Settings
    from daemon.oauth.keyring import Keyring

COMMANDS = {
    "demo": "見本の一日を動かす / Run a day in a demonstration shop",
    "init": "設定ファイルを作る / Make a configuration",
    "check": "接続と設定を確かめる / Check connections and configuration",
    "login": "OAuth2 でログインする / Log in with OAuth2",
    "run": "見張りを続ける / Watch the mailboxes",
    "once": "一度だけ見る / Look once and end",
    "web": "レビュー画面を開く / Open the review desk",
    "status": "動いているか / Whether it is alive",
    "cases": "案件の一覧 / List the cases",
    "case": "案件を一つ見る / Show one case",
    "answered": "回答済みにする / Mark a case as answered",
    "no-reply-needed": "返信不要にする / Mark a case as needing no reply",
    "close": "原因を記録して終了する / Close a case with its cause",
    "snooze": "後回しにする / Put a case off",
    "drafts": "下書きの一覧 / List the drafts that wait",
    "draft": "下書きを見る / Show a draft with what it answers",
    "edit": "下書きを書き直す / Write or change a draft",
    "approve": "下書きを購入者へ送る / Send a draft to the buyer",
    "discard": "下書きを破棄する / Throw a draft away",
    "returns": "返品の手順 / Follow a returned item",
    "refund": "返金額の計算と文面 / Work out a refund and its message",
    "inquiry": "発送の委託先に問い合わせる / Ask the shipping agent",
    "support": "出品者サポートへ出す文 / Text for Amazon's seller support",
    "outbox": "送信の状態 / What was sent, and what is uncertain",
    "quarantine": "保留したメール / Mail that was put aside",
    "call": "電話を記録する / Write a telephone call down",
    "report": "月のまとめ / Report of a month",
    "export": "CSV に書き出す / Write cases, ratings, calls or orders as CSV",
    "backfill": "過去のメールを記録だけ取り込む / Take old mail in as history only",
    "import": "注文・評価レポートを取り込む / Take in reports of orders and ratings",
    "backup": "記録をすべてファイルに写す / Copy everything into a file",
    "restore": "バックアップから戻す / Fill a new database from a backup",
    "erase": "購入者を消去する / Forget a buyer on request",
    "parse": "メールの読み方を見る / Show how a mail is read",
    "lint": "送る文章を規約に照らす / Check a text to a buyer against Amazon's rules",
    "feedback": "出品者への評価を扱う / Ratings of the seller",
}
"""Every command with its line in the help, so that the help imports none of them."""

_MODULES = {"import": "importing"}
"""Modules that cannot be called as their command is, for Python keeps the word to itself."""

INTERRUPTED = 130
"""The exit status of a command that was ended with Ctrl-C."""

_ABOUT = """即レス: Amazon の購入者へすぐ受付を返し、未回答をその日のうちに知らせます。

Acknowledges Amazon buyers at once and reminds the owner the same day.
"""


class Context:
    """What the commands share; the configuration is read when a command first asks for it."""

    def __init__(self, config: str | None = None) -> None:
        self.config = config

    @cached_property
    def settings(self) -> Settings:
        """The configuration with its passwords, for commands that connect.

        Raises:
            ConfigurationError: with every fault at once.
        """
        return self._load(secrets=True)

    @cached_property
    def settings_without_secrets(self) -> Settings:
        """The configuration for commands that only look at the database: no password is read or missed.

        Raises:
            ConfigurationError: with every fault at once.
        """
        return self._load(secrets=False)

    @cached_property
    def keyring(self) -> Keyring:
        """The credentials of every mailbox.

        Raises:
            ConfigurationError: with every fault at once.
        """
        from daemon.clock import SystemClock  # noqa: PLC0415 - as below
        from daemon.oauth.keyring import Keyring  # noqa: PLC0415 - as below

        return Keyring(self.settings, SystemClock())

    def _load(self, *, secrets: bool) -> Settings:
        with no_collecting():
            from daemon.config import find_config, load  # noqa: PLC0415 - costs half a second that --help saves

        return load(find_config(self.config), secrets=secrets)


class LazyGroup(click.Group):
    """A group whose commands are named in a table and imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = _MODULES.get(cmd_name, cmd_name.replace("-", "_"))
        with no_collecting():
            return cast("click.Command", import_module(f"daemon.cli.{module}").command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; one that does not exist is answered with the ones that look like it."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            raise click.UsageError(_no_such_command(name), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table, importing nothing."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the words before the command; what is wrong with them is told in both languages."""
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            raise _told(error) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what goes wrong as foreseen is told in a sentence, without a traceback."""
        try:
            result = super().invoke(ctx)
            # A reader that went away shows here, where click ends silently, and not after the end.
            sys.stdout.flush()
        except click.UsageError as error:
            raise _told(error) from None
        except SokuresuError as error:
            click.echo(explain(error), err=True)
            ctx.exit(error.exit_status)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        return result


def _told(error: click.UsageError) -> click.UsageError:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error
    from daemon.cli.usage import ToldError  # noqa: PLC0415 - only a wrong line needs it

    return ToldError(error)


def _no_such_command(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only a misspelt command needs it

    near = get_close_matches(name, COMMANDS, n=1)
    ja, en = (f"{near[0]} のことですか。", f" Did you mean {near[0]}?") if near else ("", "")
    return f"{name} という命令はありません。{ja} / There is no command {name}.{en}"


def explain(error: SokuresuError) -> str:
    """An error as the person reads it; every fault of a configuration on a line of its own."""
    if not isinstance(error, ConfigurationError):
        return f"sokuresu: {error}"
    count = len(error.faults)
    heading = f"設定に {count} 件の誤りがあります。 / The configuration has {count} fault{'s'[: count != 1]}."
    return "\n".join((f"sokuresu: {heading}", *(f"  - {fault}" for fault in error.faults)))


def _show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - only this option needs it

    try:
        number = version("sokuresu")
    except PackageNotFoundError:
        number = "(not installed)"
    click.echo(f"sokuresu {number}")
    ctx.exit()


@click.group(cls=LazyGroup, help=_ABOUT, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", metavar="PATH", help="設定ファイル / The configuration file")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="版を表示 / Show the version",
)
@click.pass_context
def main(ctx: click.Context, config: str | None) -> None:
    """Keep what was said before the command; tests bring a context of their own."""
    ctx.obj = ctx.obj or Context(config)
