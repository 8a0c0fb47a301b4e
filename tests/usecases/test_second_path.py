"""The owner hears although mail is broken: real web servers on this machine, a mail server that fails."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.outside.apprise_path import AppriseSubmission
from daemon.outside.chatwork import ChatworkSubmission
from daemon.outside.second_path import HELD_FOR
from daemon.outside.webhook import WebhookSubmission
from daemon.ports import Verdict
from daemon.recipients import AllowList
from daemon.shop import SecondPathUse
from daemon.smtp import SmtpSubmission
from state.outbox_rules import OutboxKind
from tests.beds.post import buyer, order_of
from tests.beds.shopfloor import OWNER, Shopfloor, make_shop
from tests.beds.smtp import CREDENTIALS, Stage, running_smtp
from tests.beds.web import running_web
from tests.unit.state.examples import DAY, HOUR, local
from tests.usecases.test_watchdog import watcher_of

MINUTE = timedelta(minutes=1)
WHEN_MAIL_FAILS = SecondPathUse.WHEN_MAIL_FAILS
TOKEN = "hunter2-token"
WAYS = ("webhook", "chatwork", "apprise-1")


@pytest.fixture
def web():
    """Every service outside at once."""
    with running_web() as server:
        yield server


def ways_to(web):
    """Each second path, as it is built for the shop."""
    return {
        "webhook": WebhookSubmission(f"{web.url}/hook-hunter2"),
        "chatwork": ChatworkSubmission(12, TOKEN, api=f"{web.url}/v2"),
        "apprise-1": AppriseSubmission(f"json://{web.url.removeprefix('http://')}/apprise-hunter2"),
    }


def shop_with(shop_database, beside, exit_=None, use=WHEN_MAIL_FAILS):
    """A shop with these second paths and one unanswered case."""
    shop = make_shop(second_paths=tuple(beside), second_path_use=use)
    exits = {} if exit_ is None else {"main": exit_}
    floor = Shopfloor(shop_database, shop, exits=exits, beside=dict(beside))
    floor.read()
    floor.receive(buyer(1))
    floor.read()
    return floor


def noon(floor):
    """One turn of the alert desk and of the sender, when an alert is due."""
    floor.clock.set(local("2026-11-17 12:00"))
    floor.read()
    floor.desk.turn()
    floor.delivery.turn()


def refuse_recipient(server):
    server.fail(Stage.RCPT, "550 5.7.1 no", times=None)


def defer_recipient(server):
    server.fail(Stage.RCPT, "451 4.3.0 later", times=None)


def lose_the_last_answer(server):
    server.drop(Stage.DOT, times=None)


def refuse_connections(server):
    server.fail(Stage.GREETING, "554 5.3.2 closed", times=None)


def change_the_password(_server):
    """The server asks for another one than we have."""


BREAKS = [refuse_recipient, defer_recipient, lose_the_last_answer, refuse_connections, change_the_password]


@pytest.mark.parametrize("break_mail", BREAKS, ids=lambda one: one.__name__)
def test_broken_mail_reaches_the_owner_at_once_by_every_way(shop_database, web, capsys, break_mail):
    """One turn, whatever the mail died of, and each way once; no secret in the log, no words of the buyer."""
    wrong = type(CREDENTIALS)(CREDENTIALS.username, "changed yesterday")
    with running_smtp(auth=True) as server:
        known = wrong if break_mail is change_the_password else CREDENTIALS
        break_mail(server)
        floor = shop_with(
            shop_database, ways_to(web), SmtpSubmission(server.endpoint, known, AllowList(OWNER).allows)
        )
        noon(floor)
        for _ in range(3):
            floor.clock.advance(20 * MINUTE)
            floor.read()
            floor.delivery.turn()
        floor.delivery.close()
    assert sorted(web.paths()) == ["/apprise-hunter2", "/hook-hunter2", "/v2/rooms/12/messages"]
    told = [one.body for one in web.asked]
    assert all(buyer(1).text not in body and buyer(1).name not in body for body in told)
    logged = capsys.readouterr().err
    assert "hunter2" not in logged


def test_each_service_gets_what_it_wants(shop_database, web):
    """Chatwork a form and its token in a header, the webhook both keys, apprise its own."""
    noon(shop_with(shop_database, ways_to(web), use=SecondPathUse.ALWAYS))
    by_path = {one.path: one for one in web.asked}
    chat = by_path["/v2/rooms/12/messages"]
    assert (chat.method, chat.headers["X-Chatworktoken"]) == ("POST", TOKEN)
    form = parse_qs(chat.body)
    assert (order_of(1) in form["body"][0], form["self_unread"]) == (True, ["1"])
    hook = json.loads(by_path["/hook-hunter2"].body)
    assert hook["text"] == hook["content"] == form["body"][0].strip()
    assert order_of(1) in json.loads(by_path["/apprise-hunter2"].body)["message"]


def test_mail_in_good_health_stays_the_only_way(shop_database, web):
    """If the shop wants it so: the mail leaves, and what waits beside it is withdrawn and never comes."""
    floor = shop_with(shop_database, ways_to(web))
    noon(floor)
    assert len(floor.alerts()) == 1
    floor.clock.advance(HELD_FOR + HOUR)
    floor.delivery.turn()
    beside = [item for item in floor.outbox(None) if item.kind is OutboxKind.WEBHOOK]
    assert {(item.state.value, item.reason) for item in beside} == {("withdrawn", "the mail was taken")}
    assert (len(beside), web.asked) == (3, [])


def test_no_flood_when_mail_recovers(shop_database, web):
    """A day without mail: each occasion once by the second path; then one list by mail and the events."""
    floor = shop_with(shop_database, {"webhook": ways_to(web)["webhook"]})
    exit_ = floor.exits["main"]
    exit_.answer(Verdict.DEFERRED, "AUTH: 535", before=True, times=10_000)
    noon(floor)
    for _ in range(48):
        floor.clock.advance(30 * MINUTE)
        floor.read()
        floor.alert()
    told = len(web.asked)
    purposes = [item.purpose for item in floor.outbox(None) if item.kind is OutboxKind.WEBHOOK]
    assert told == len(set(purposes))
    exit_._orders.clear()
    floor.clock.advance(HOUR)
    floor.read()
    floor.alert()
    slots = [item for item in floor.outbox(None) if item.purpose.startswith("alert:slot:")]
    assert sum(item.state == "sent" for item in slots) <= 1
    assert len(web.asked) <= told + 1


def test_an_alert_that_nobody_hears_of_leaves_by_itself(shop_database, web):
    """The sender never got as far as the mail; after a while the short text goes."""
    floor = shop_with(shop_database, {"webhook": ways_to(web)["webhook"]})
    floor.clock.set(local("2026-11-17 12:00"))
    floor.desk.turn()
    floor.clock.advance(HELD_FOR)
    floor.exits["main"].answer(Verdict.DEFERRED, "slow", times=9)
    floor.delivery.turn()
    assert len(web.asked) == 1


def test_a_refused_login_is_told_beside_mail_at_once(shop_database, web):
    """The owner may read in the very mailbox that is locked, so healthy sending is not enough."""
    floor = shop_with(shop_database, ways_to(web))
    floor.inbox.fail("connect", error=LoginRefused("mx does not accept the password"))
    with pytest.raises(MailboxUnavailable):
        watcher_of(floor, "main", lambda: None).once()
    floor.desk.turn()
    floor.delivery.turn()
    assert len(web.asked) == 3
    (hook,) = [json.loads(one.body) for one in web.asked if one.path == "/hook-hunter2"]
    assert "ログインできません" in hook["text"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("status", [302, 404, 503])
def test_a_second_path_that_fails_is_told_by_mail_once_a_day(shop_database, web, capsys, way, status):
    """Nobody else would notice before the day on which it is needed; the other ways are not held."""
    web.status, web.location = status, "" if status != 302 else f"{web.url}/elsewhere"
    floor = shop_with(shop_database, {way: ways_to(web)[way]}, use=SecondPathUse.ALWAYS)
    noon(floor)
    for _ in range(4):
        floor.alert()
        floor.clock.advance(HOUR)
    told = [mail for mail in floor.alerts() if "届けられません" in mail.message["Subject"]]
    assert len(told) == 1
    assert way in told[0].text
    assert "/elsewhere" not in web.paths()
    assert "hunter2" not in capsys.readouterr().err + told[0].text
    floor.clock.advance(DAY)
    floor.read()
    assert sum("届けられません" in mail.message["Subject"] for _ in range(2) for mail in floor.alert()) == 1


def test_two_ways_have_two_fates(shop_database, web):
    """One is out of order, the other takes it, once."""
    floor = shop_with(shop_database, ways_to(web), use=SecondPathUse.ALWAYS)
    broken = floor.beside["webhook"] = WebhookSubmission("http://127.0.0.1:1/gone")
    floor.start()
    noon(floor)
    floor.clock.advance(MINUTE)
    floor.delivery.turn()
    assert sorted(web.paths()) == ["/apprise-hunter2", "/v2/rooms/12/messages"]
    assert broken.send(sender="", recipient="", content=b"x").before_dialogue
