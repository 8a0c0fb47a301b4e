"""``sokuresu check``: tries the configuration and every connection, and sends nothing unless told to."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import click

from daemon.bootstrap import connector, second_paths
from daemon.cli.beginning import beginning_told
from daemon.cli.past_findings import inspect_past
from daemon.cli.showing import reader_of
from daemon.cli.token_finding import inspect_token
from daemon.compose import compose_alert, message_id_for
from daemon.configured_shop import shop_of
from daemon.errors import SokuresuError
from daemon.existing import NothingYet, existing_database, sqlite_file
from daemon.identifiers import fresh_token
from daemon.inspection import (
    Finding,
    Level,
    inspect_new_file,
    inspect_ping,
    inspect_reading,
    inspect_second_path,
    inspect_sending,
    submissions_of,
)
from daemon.outside.ping import ask
from daemon.ports import Verdict
from daemon.showing.reader import clean
from state.alert_rules import next_wake
from templates.drafting import DraftTemplates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli import Context
    from daemon.config import Settings
    from daemon.oauth.keyring import Keyring
    from daemon.ports import Attempt
    from daemon.showing.reader import Reader

_MARKS = {Level.FINE: ("  OK ", "   OK"), Level.WARNING: ("注意 ", " WARN"), Level.BROKEN: ("  NG ", " FAIL")}
_LONG_LINE = 400


@click.command("check")
@click.option("--send-test", is_flag=True, help="店主へ試しに 1 通送ります (send one test to the owner).")
@click.pass_context
def command(context: click.Context, *, send_test: bool) -> None:
    """接続と設定を確かめます。何も送りません (try connections and configuration; nothing is sent)."""
    shared: Context = context.obj
    settings = shared.settings
    reader = reader_of(settings)
    broken = False
    for finding in _findings(settings, shared.keyring, reader, send_test=send_test):
        broken = broken or finding.level is Level.BROKEN
        text = clean(reader.say(finding.ja, finding.en), _LONG_LINE)
        click.echo(f"{reader.say(*_MARKS[finding.level])} {text}")
    if broken:
        context.exit(1)


def _findings(settings: Settings, keyring: Keyring, reader: Reader, *, send_test: bool) -> Iterator[Finding]:
    yield from (Finding(Level.WARNING, warning, warning) for warning in settings.warnings)
    yield _database(settings)
    yield from _templates(settings)
    shop = shop_of(settings)
    for one in settings.mailboxes:
        label = f"[{one.name}] "
        connect = connector(one, keyring.credentials(one))
        reading = inspect_reading(
            one,
            connect,
            wants_drafts=settings.drafts.in_mailbox,
            look=partial(inspect_past, shop, shop.accounts[one.name], reader),
        )
        for found in chain(inspect_token(one, keyring, reader), reading):
            yield Finding(found.level, label + found.ja, label + found.en)
    ways = submissions_of(settings, keyring)
    yield from (inspect_sending(place, submission) for place, _, submission in ways)
    yield inspect_second_path(settings, tuple(second_paths(settings)))
    yield inspect_ping(settings)
    yield _alert_times(settings, reader)
    if send_test:
        yield from _send_tests(settings, keyring, reader)


def _database(settings: Settings) -> Finding:
    path = sqlite_file(settings)
    if path is not None and not path.exists():
        return inspect_new_file(path)
    try:
        with beginning_told(), closing(existing_database(settings)) as database, database.read():
            return Finding(Level.FINE, "データベースを使えます", "the database can be used")
    except NothingYet:
        return Finding(
            Level.FINE, "データベースはまだ空です。run が作ります", "the database is empty yet; run fills it"
        )
    except SokuresuError as error:
        return Finding(Level.BROKEN, str(error), str(error))


def _templates(settings: Settings) -> Iterator[Finding]:
    """The shop's own wordings; each that is faulty, for which the built-in one is used."""
    folder = settings.drafts.templates
    if folder is None:
        return
    faults = DraftTemplates(folder).faults()
    for one in faults:
        told = f"{one.file}:{one.line or 1}: {one.reason}"
        yield Finding(
            Level.WARNING,
            f"文例の誤り (内蔵の文例を使います): {told}",
            f"faulty template (the built-in is used): {told}",
        )
    if not faults:
        yield Finding(Level.FINE, f"文例: {folder}", f"templates: {folder}")


def _alert_times(settings: Settings, reader: Reader) -> Finding:
    times = shop_of(settings).alert_times
    labels = " ".join(f"{label:%H:%M}" for label in times.labels)
    zone = settings.shop.timezone.key
    following = reader.moment(next_wake(reader.now, times))
    return Finding(
        Level.FINE,
        f"知らせの時刻: {labels} ({zone})。次は {following}",
        f"alert times: {labels} ({zone}); next {following}",
    )


def _send_tests(settings: Settings, keyring: Keyring, reader: Reader) -> Iterator[Finding]:
    """One mail to the owner by each way that alerts may take."""
    ways = list(submissions_of(settings, keyring))
    own = len(settings.mailboxes)
    for place, sender, submission in (ways[0], *ways[own:]):
        content = _test_mail(settings, reader, sender)
        with closing(submission):
            attempt = submission.send(sender=sender, recipient=settings.shop.owner_email, content=content)
        yield _sent(place, attempt)
    text = reader.say(*_TEST_TEXT).encode()
    for name, route in second_paths(settings).items():
        yield _sent(name, route.submission.send(sender="", recipient=name, content=text))
    url = settings.ping.address()
    if url is not None:
        yield _sent("[ping]", ask(url))


_TEST_TEXT = (
    "即レスからの試しの知らせです。これが読めれば、未回答の知らせも届きます。",
    "This is a test from sokuresu. If you can read it, alerts will reach you.",
)


def _test_mail(settings: Settings, reader: Reader, sender: str) -> bytes:
    message_id = message_id_for(fresh_token(), sender)
    return compose_alert(
        sender_address=sender,
        shop_name=settings.shop.name,
        owner=settings.shop.owner_email,
        subject=reader.say("即レスの試し", "sokuresu test"),
        text=reader.say(*_TEST_TEXT) + "\n",
        message_id=message_id,
        at=reader.now.astimezone(reader.zone),
    )


def _sent(place: str, attempt: Attempt) -> Finding:
    if attempt.verdict is Verdict.ACCEPTED:
        return Finding(Level.FINE, f"{place} から試しを送りました", f"sent a test by {place}")
    return Finding(
        Level.BROKEN,
        f"{place} から試しを送れません: {attempt.reason}",
        f"the test by {place} failed: {attempt.reason}",
    )
