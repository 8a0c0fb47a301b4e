"""The whole demonstration: starts the servers and the service, plays the story, checks it and sums it up."""

from __future__ import annotations

import secrets
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from daemon import config, log
from daemon.demo import story
from daemon.demo.chat import running_chat
from daemon.demo.checking import check_day
from daemon.demo.clock import DemoClock
from daemon.demo.desk import running_desk
from daemon.demo.director import Director
from daemon.demo.mails import SHOP_ADDRESS
from daemon.demo.postbox import SENT, open_postbox
from daemon.demo.premises import ALERT_TIMES, CLOSING, OPENING, SHOP_NAME, Premises
from daemon.demo.servers import running_provider
from daemon.demo.stage import DemoFailure, running_stage
from daemon.demo.summary import conclude, list_cases, list_next_steps, sum_up
from daemon.demo.words import Line
from daemon.ports import Credentials
from daemon.smtp import SmtpSubmission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.demo.chat import Chat
    from daemon.demo.desk import OpenDesk
    from daemon.demo.narrator import Narrator
    from daemon.demo.servers import Provider


def perform(narrator: Narrator, *, stays: bool = False) -> bool:
    """Run the demonstration once; tells whether everything happened as it should.

    Args:
        narrator: prints it.
        stays: the shop and its desk stay open when the story is told, until Ctrl-C.
    """
    began = time.monotonic()
    credentials = Credentials(SHOP_ADDRESS, secrets.token_urlsafe(16))
    with (
        TemporaryDirectory(prefix="sokuresu-demo-") as folder,
        running_provider(credentials) as provider,
        running_chat() as chat,
    ):
        premises = Premises(Path(folder))
        premises.furnish(provider, chat)
        _welcome(narrator, provider)
        try:
            with _logging_to(premises.log):
                problems = _play(narrator, provider, chat, premises, began, stays=stays)
        except DemoFailure as failure:
            problems = [str(failure)]
            conclude(narrator, problems, premises.log, time.monotonic() - began)
    return not problems


def _play(
    narrator: Narrator, provider: Provider, chat: Chat, premises: Premises, began: float, *, stays: bool
) -> list[str]:
    clock = DemoClock(story.START)
    settings = config.load(premises.configuration)
    with ExitStack() as stack:
        postbox = stack.enter_context(open_postbox(provider.imap, provider.credentials))
        postbox.make_folders()
        stage = stack.enter_context(running_stage(settings, clock))
        provider.on_mail = stage.notice
        desk = stack.enter_context(running_desk(settings, stage, clock))
        _show_desk(narrator, desk, stays=stays)
        mail_program = SmtpSubmission(provider.smtp, provider.credentials, lambda _: True)
        stack.callback(mail_program.close)
        director = Director(
            stage=stage,
            clock=clock,
            provider=provider,
            chat=chat,
            postbox=postbox,
            mail_program=mail_program,
            narrator=narrator,
            configuration=premises.configuration,
        )
        director.play(story.EVENTS, story.END)
        stage.await_filed(story.START)
        list_cases(narrator, stage, clock.now())
        sum_up(narrator, director.record)
        list_next_steps(narrator, stage)
        with stage.database.read() as uow:
            problems = check_day(director.record, uow, postbox.contents(SENT), premises.kept())
        conclude(narrator, problems, premises.log, time.monotonic() - began)
        if stays:
            _stay(narrator, director, clock, desk)
        return problems


def _show_desk(narrator: Narrator, desk: OpenDesk, *, stays: bool) -> None:
    narrator.item(
        Line("レビュー画面（ブラウザーで）", "the review desk, for a browser"),
        f"{desk.address}  パスワード / password: {desk.password}",
    )
    if not stays:
        narrator.remark(
            Line(
                "実演のあいだだけ開いています。./dev demo --desk なら、終わっても開いたままです。",
                "Open while the story is told; with ./dev demo --desk it stays open.",
            )
        )


def _stay(narrator: Narrator, director: Director, clock: DemoClock, desk: OpenDesk) -> None:
    """Leave the shop to whoever watches; what leaves is told, and Ctrl-C closes it."""
    narrator.title(Line("ここからはご自分で", "now it is your shop"))
    narrator.item(
        Line("レビュー画面。承認した返信はここに表示されます", "the desk; what you approve is shown here"),
        f"{desk.address}  パスワード / password: {desk.password}",
    )
    narrator.remark(Line("Ctrl-C で終わります。", "Ctrl-C ends it."))
    clock.flow()
    with suppress(KeyboardInterrupt):
        director.watch()


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    """Send the service's log to a file; afterwards events go to standard error again."""
    with path.open("w", buffering=1, encoding="utf-8") as file:
        log.configure(file)
        try:
            yield
        finally:
            log.configure()


def _welcome(narrator: Narrator, provider: Provider) -> None:
    narrator.title(Line("即レスの実演", "sokuresu demo"))
    narrator.remark(
        Line(
            f"{SHOP_NAME}の金曜の朝から土曜の昼までを早回しで動かします。"
            "メールサーバーもサービスも本物、人物と文面は架空です。",
            "A small shop from Friday morning to Saturday noon, fast: real mail servers, the real service, "
            "invented people.",
        )
    )
    imap, smtp = provider.imap, provider.smtp
    narrator.remark(
        Line(
            f"IMAP {imap.host}:{imap.port} (pymap)、SMTP {smtp.host}:{smtp.port} (aiosmtpd)。"
            "メールは外に出ません。",
            "No mail leaves this machine.",
        )
    )
    times = "、".join(ALERT_TIMES)
    narrator.remark(
        Line(
            f"営業 {OPENING}-{CLOSING}、土日祝休み。定時のお知らせ {times} と閉店時。",
            f"Open {OPENING}-{CLOSING}, closed at weekends and on holidays; alerts at "
            f"{', '.join(ALERT_TIMES)} and at closing.",
        )
    )
