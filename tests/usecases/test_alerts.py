"""What the owner hears, and when: decision 2 through the alert desk on both databases, time moved by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

import daemon.alerts
from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.ports import Verdict
from daemon.reading.watcher import MailboxWatcher
from daemon.shop import SaveSent
from state.outbox_rules import OutboxKind
from tests.beds.fake_submission import FakeSubmission
from tests.beds.post import answer_mail, buyer, claim, feedback, opted_out, order_of
from tests.beds.shopfloor import OPENED, Shopfloor, make_account, make_shop
from tests.unit.parsers.mails import bounce, notice
from tests.unit.state.examples import DAY, HOUR, local, make_calendar, make_plan
from tests.unit.state.test_alert_table import TABLE, lines

MINUTE = timedelta(minutes=1)
NOON = local("2026-11-17 12:00")
CLOSING = local("2026-11-17 20:00")


@pytest.fixture
def waiting(floor):
    """A shop with one unanswered case since half past ten."""
    floor.work(buyer(1))
    return floor


def at(floor, when):
    """What the owner gets at a local time."""
    floor.clock.set(local(f"2026-11-17 {when}") if isinstance(when, str) else when)
    floor.read()
    return floor.alert()


def subjects(mails):
    return [str(mail.message["Subject"]) for mail in mails]


def diary(floor, zone):
    """Every alert mail that was queued, a line a day, in the form of the table of the rules."""
    days = {}
    for item in floor.outbox(None):
        if item.kind is OutboxKind.ALERT:
            there = item.created_at.astimezone(zone)
            occasion = item.purpose.removeprefix("alert:").partition(":")[0]
            word = "" if occasion == "slot" else f"/{occasion}"
            days.setdefault(f"{there:%a %m-%d}", []).append(f"{there:%H:%M}{word}")
    return [f"{day}  {' '.join(times)}" for day, times in days.items()]


# (a) the daily alerts


def test_a_daily_alert_goes_once(waiting):
    """Many turns, and a start in between, are one mail."""
    assert at(waiting, "11:59") == []
    (alert,) = at(waiting, "12:00")
    assert waiting.alert() == []
    waiting.start()
    assert waiting.alert() == []
    assert alert.message["Auto-Submitted"] == "auto-generated"


def test_a_daily_alert_tells_all_that_the_owner_needs(waiting):
    """Order, buyer, since when, both clocks, the buyer's words, the acknowledgment, and what to do."""
    (alert,) = at(waiting, "12:00")
    for part in (
        order_of(1),
        buyer(1).name,
        buyer(1).text,
        "10:30",
        "20:00",
        "明日 10:30",
        "sokuresu answered 1",
    ):
        assert part in alert.text, alert.text


def test_a_case_is_one_tap_away_where_the_desk_is_reached(shop_database):
    """Where an address is configured, and without anything in it that would open the desk by itself."""
    floor = Shopfloor(shop_database, make_shop(desk="https://desk.shop.example"))
    floor.read()
    floor.work(buyer(1))
    (alert,) = at(floor, "12:00")
    assert alert.text.splitlines().count("画面で開く: https://desk.shop.example/case/1") == 1
    bare = Shopfloor(shop_database)
    (alert,) = at(bare, "17:00")
    assert "画面で開く" not in alert.text


def test_the_most_urgent_comes_first(floor):
    """By the nearest deadline, whatever was seen first."""
    floor.clock.set(local("2026-11-17 19:30"))
    floor.work(buyer(1))
    floor.work(buyer(2), at=floor.clock.now(), date=local("2026-11-17 18:55"))
    (alert,) = at(floor, "20:00")
    assert alert.text.index(order_of(2)) < alert.text.index(order_of(1))


@pytest.mark.playbook("message through Amazon's mail")
@pytest.mark.playbook("First principles / Answer the same day")
def test_every_daily_alert_lists_what_is_unanswered(waiting):
    """At each of the times and at closing, every day of the year, until it is answered."""
    for when in ("12:00", "17:00", "19:30", "20:00"):
        assert len(at(waiting, when)) == 1, when
    waiting.receive(answer_mail(buyer(1).address), folder="Sent")
    waiting.read()
    assert at(waiting, NOON + DAY) == []


def test_what_runs_out_before_the_shop_opens_is_named(shop_database):
    """On Friday evening the owner sees that Amazon's clock ends on the closed Saturday."""
    floor = Shopfloor(shop_database)
    floor.clock.set(local("2026-11-20 19:45"))
    floor.read()
    floor.work(buyer(1))
    (alert,) = at(floor, local("2026-11-20 20:00"))
    assert "開店までに期限が来るもの" in alert.text


def test_the_last_alert_of_the_day_says_that_all_is_answered(floor):
    """Once a day, at closing."""
    heard = [when for when in ("12:00", "17:00", "19:30", "20:00", "23:00") if at(floor, when)]
    assert heard == ["20:00"]
    assert subjects(floor.alerts()) == ["【即レス】すべて回答済みです(11月17日(火) 20:00)"]


def test_all_answered_can_be_switched_off(shop_database):
    """Some owners want silence when there is nothing to do."""
    floor = Shopfloor(shop_database, make_shop(all_answered=False))
    floor.read()
    assert at(floor, "20:00") == []


def test_a_slot_without_anything_to_say_is_not_made_up_later(floor):
    """At noon all was well; a message a minute later waits for the next time of the plan."""
    assert at(floor, "12:00") == []
    floor.clock.advance(MINUTE)
    floor.work(buyer(1))
    assert at(floor, "12:05") == []
    assert len(at(floor, "17:00")) == 1


def test_after_an_outage_only_the_latest_daily_alert_goes(waiting):
    """Down from eleven to eight: one mail, not four."""
    assert len(at(waiting, "20:10")) == 1
    assert [item.purpose for item in waiting.outbox(None)] == ["alert:slot:2026-11-17:20:00"]


def test_alerts_that_could_not_leave_do_not_pile_up(waiting):
    """The mail server was dead all day: when it is back the newest list goes, not every list of the day."""
    exit_ = waiting.exits["main"]
    exit_.answer(Verdict.DEFERRED, "no route", before=True, times=99)
    for when in ("12:00", "17:00", "19:30"):
        assert at(waiting, when) == []
    exit_._orders.clear()
    told = subjects(at(waiting, "20:40"))
    assert len([subject for subject in told if "未回答" in subject]) == 1
    slots = [item for item in waiting.outbox(None) if item.purpose.startswith("alert:slot")]
    assert [item.state.value for item in slots] == ["withdrawn", "withdrawn", "withdrawn", "sent"]


def test_nothing_is_told_before_the_first_start(shop_database):
    """A shop that is started at half past ten hears nothing of yesterday's closing."""
    floor = Shopfloor(shop_database)
    assert floor.alert() == []
    floor.read()
    assert floor.alert() == []


# (b) news


def test_the_table_of_arrivals(shop_database):
    """Friday 20:30: every alert of three days is queued when the rules say, and no other."""
    live_through(shop_database, TABLE[0])


@pytest.mark.parametrize("row", TABLE[1:6], ids=lambda row: row.name)
def test_more_of_the_table_of_arrivals(shop_database, row):
    """Saturday 03:00, New Year's Eve, 19:30:01, 23:59:59 and others."""
    live_through(shop_database, row)


def live_through(shop_database, row):
    arrival = local(row.arrival, row.zone, fold=row.fold)
    calendar = make_calendar(row.zone)
    account = make_account(save_sent=SaveSent.NEVER)
    floor = Shopfloor(shop_database, make_shop(account, alert_times=make_plan(calendar)))
    floor.clock.set(arrival - timedelta(seconds=1))
    floor.read()
    floor.desk.turn()
    floor.clock.set(arrival)
    floor.receive(buyer(1))
    floor.read()
    for instant in looked_at(row, arrival):
        floor.clock.set(instant)
        floor.desk.turn()
    assert diary(floor, row.zone) == lines(row.alerts)
    (stored,) = floor.messages()
    assert stored.respond_by == local(row.respond_by, row.zone)


def looked_at(row, arrival):
    """Every half hour, every minute of the table and the one before it: too early and too late would show."""
    end = arrival + 72 * HOUR
    coarse = arrival.replace(second=0, minute=arrival.minute // 30 * 30)
    instants = {coarse + number * 30 * MINUTE for number in range(1, 145)}
    for line in lines(row.alerts):
        _, day, *times = line.split()
        for when in times:
            year = arrival.astimezone(row.zone).year + (day.startswith("01") and row.arrival[5:7] == "12")
            told = local(f"{year}-{day} {when[:5]}", row.zone)
            instants |= {told, told - MINUTE}
    return sorted(instant for instant in instants if arrival < instant <= end)


def test_messages_after_the_last_alert_are_bundled(shop_database):
    """Two within minutes are one mail; a third a while later is another."""
    floor = Shopfloor(shop_database, make_shop(all_answered=False))
    floor.clock.set(local("2026-11-17 20:30"))
    floor.read()
    floor.work(buyer(1))
    floor.clock.advance(2 * MINUTE)
    floor.work(buyer(2))
    assert floor.alert() == []
    floor.clock.advance(MINUTE)
    (alert,) = floor.alert()
    assert order_of(1) in alert.text
    assert order_of(2) in alert.text
    floor.clock.advance(5 * MINUTE)
    floor.work(buyer(3))
    assert floor.alert() == []
    floor.clock.advance(3 * MINUTE)
    (alert,) = floor.alert()
    assert order_of(3) in alert.text
    assert order_of(1) not in alert.text


# (c) last calls


def test_last_calls_wake_the_owner(shop_database):
    """Four hours and one hour before Amazon's deadline, in the night too, each once."""
    floor = Shopfloor(shop_database, make_shop(all_answered=False))
    floor.clock.set(local("2026-11-17 03:30"))
    floor.read()
    floor.work(buyer(1))
    at(floor, local("2026-11-17 20:00"))
    assert at(floor, local("2026-11-17 23:29")) == []
    (first,) = at(floor, local("2026-11-17 23:30"))
    assert "至急" in subjects([first])[0]
    assert at(floor, local("2026-11-18 02:29")) == []
    assert len(at(floor, local("2026-11-18 02:30"))) == 1
    assert at(floor, local("2026-11-18 03:31")) == []


def test_a_snooze_hides_all_but_the_last_calls(waiting):
    """Put off until the day after tomorrow, and yet called out when 24 hours end."""
    with waiting.database.write() as uow:
        uow.cases.change(1, snoozed_until=OPENED + 2 * DAY)
        uow.commit()
    for when in ("12:00", "17:00", "19:30"):
        assert at(waiting, when) == [], when
    at(waiting, "20:00")
    (call,) = at(waiting, local("2026-11-18 06:30"))
    assert order_of(1) in call.text
    assert len(at(waiting, local("2026-11-18 09:30"))) == 1


def test_a_snooze_ends_with_the_buyers_next_message(waiting):
    """Who writes again wants to be seen again."""
    with waiting.database.write() as uow:
        uow.cases.change(1, snoozed_until=OPENED + 2 * DAY)
        uow.commit()
    waiting.clock.advance(MINUTE)
    waiting.work(buyer(1, key="A0SECOND"))
    assert len(at(waiting, "12:00")) == 1


# (d) events


@pytest.mark.playbook("a claim (A-to-z), a cancellation request")
@pytest.mark.playbook(
    "a feedback of 1, 2 or 3 out of the blue (buyers think 3 is normal; it hurts; 4 is the least to aim at)"
)
@pytest.mark.playbook("threat, lawyer, consumer centre, injury")
@pytest.mark.parametrize(
    ("mail", "part"),
    [
        (feedback(1, rating=1), "評価"),
        (feedback(1, rating=3), "評価"),
        (claim(1), order_of(1)),
        (buyer(1, text="弁護士に相談し、消費者センターに通報します。"), order_of(1)),
        (opted_out(1), "sokuresu"),
    ],
)
def test_events_are_told_at_once(floor, mail, part):
    """Low feedback, claims, escalations and failures do not wait for noon, nor for the morning."""
    floor.clock.set(local("2026-11-17 23:45"))
    at(floor, floor.clock.now())
    floor.work(mail)
    (alert,) = floor.alert()
    assert part in alert.text
    assert floor.alert() == []


def test_good_feedback_is_no_event(floor):
    """Four and five stars open nothing and tell nothing."""
    floor.work(feedback(1, rating=4))
    assert (floor.words(), floor.alert()) == ([], [])


def test_low_feedback_on_a_known_order_shows_its_stars(waiting):
    """It joins the buyer's case; the alert still says how bad it is."""
    waiting.work(feedback(1, rating=2))
    (alert,) = waiting.alert()
    assert "5段階の2" in subjects([alert])[0]


def test_events_that_come_together_are_one_mail(floor):
    """Three at once are one alert."""
    for number in (1, 2, 3):
        floor.receive(feedback(number))
    floor.read()
    (alert,) = floor.alert()
    for number in (1, 2, 3):
        assert order_of(number) in alert.text


def test_an_alert_that_cannot_be_written_does_not_silence_the_others(waiting, monkeypatch):
    """A bug in the wording of events leaves the daily alert; the events go when it is repaired."""
    render = daemon.alerts.render_alert

    def broken(context, language):
        if context.occasion == "event":
            raise RuntimeError("a bug of ours")
        return render(context, language)

    waiting.work(feedback(2))
    with monkeypatch.context() as patch:
        patch.setattr(daemon.alerts, "render_alert", broken)
        assert len(at(waiting, "12:00")) == 1
        assert waiting.words() == ["feedback"]
    assert len(waiting.alert()) == 1


# What is counted, and what is never shown


def test_quarantine_and_doubt_are_counted(waiting):
    """Every alert says how much a person has yet to look at."""
    waiting.work(buyer(2, proof="fail"))
    waiting.work(notice(f"新しい通知 {order_of(3)}", "<p>未知</p>", kind="TOTALLY_NEW_TYPE"))
    waiting.exits["main"].answer(Verdict.UNKNOWN)
    waiting.work(buyer(4))
    alert = at(waiting, "12:00")[0]
    assert "送れたか分からないメール 1通" in alert.text
    assert "疑いのあるメール 1通" in alert.text
    assert "読み取れなかったメール 1通" in alert.text


def test_no_alert_shows_a_forged_mails_words(waiting):
    """Neither text nor name nor order of a forged mail stands anywhere in what the owner reads."""
    forged = buyer(2, proof="fail", text="至急こちらに電話を 03-0000-0000", name="偽物 太郎")
    waiting.work(forged)
    for when in ("12:00", "17:00", "20:00"):
        for alert in at(waiting, when):
            for part in (forged.text, "偽物", order_of(2), "03-0000"):
                assert part not in alert.text


def test_a_forged_mail_alone_is_counted_at_closing(floor):
    """Nothing is unanswered, but something waits for a look."""
    floor.work(buyer(1, proof="fail"))
    (alert,) = at(floor, "20:00")
    assert "疑いのあるメール 1通" in alert.text
    assert "すべて回答済み" not in subjects([alert])[0]


# The second path


@pytest.fixture
def two_ways(shop_database):
    """A shop with a second SMTP server for alerts, and one unanswered case."""
    floor = Shopfloor(shop_database, second_exit=FakeSubmission())
    floor.read()
    floor.work(buyer(1))
    return floor


def test_the_second_path_is_used_when_the_first_fails(two_ways):
    """The account is dead; the alert leaves by the other server, once."""
    two_ways.exits["main"].answer(Verdict.DEFERRED, "AUTH: 535", before=True, times=9)
    assert at(two_ways, "12:00") == []
    (mail,) = two_ways.second_exit.mails
    assert (mail.recipient, mail.sender) == ("owner@shop.example", "alerts@other.example")
    assert order_of(1) in mail.text
    two_ways.clock.advance(HOUR)
    two_ways.alert()
    assert len(two_ways.second_exit.mails) == 1


def test_the_second_path_is_left_alone_when_the_first_works(two_ways):
    """One alert is one mail."""
    assert len(at(two_ways, "12:00")) == 1
    assert two_ways.second_exit.mails == []


def test_a_dead_account_is_told_over_the_second_path(two_ways):
    """The trouble of the account itself reaches the owner."""
    two_ways.exits["main"].answer(Verdict.DEFERRED, "AUTH: 535", before=True, times=9)
    two_ways.clock.advance(MINUTE)
    two_ways.work(buyer(2))
    two_ways.alert()
    (mail,) = two_ways.second_exit.mails
    assert "535" in mail.text


def test_alerts_wait_when_both_paths_fail(two_ways):
    """And go as soon as one of them works again."""
    for exit_ in (two_ways.exits["main"], two_ways.second_exit):
        exit_.answer(Verdict.DEFERRED, "no route", before=True)
    assert at(two_ways, "12:00") == []
    two_ways.clock.advance(MINUTE)
    two_ways.delivery.turn()
    assert len(two_ways.alerts()) + len(two_ways.second_exit.mails) == 1


def test_an_alert_that_the_first_path_refuses_takes_the_second(two_ways):
    """A provider that calls it spam does not silence us."""
    two_ways.exits["main"].answer(Verdict.REFUSED, "550 spam")
    at(two_ways, "12:00")
    assert len(two_ways.second_exit.mails) == 1


def test_an_alert_is_given_up_only_when_every_path_refuses(two_ways):
    """One path is out of order, the other refuses: the first may yet work."""
    two_ways.exits["main"].answer(Verdict.DEFERRED, "no route", before=True)
    two_ways.second_exit.answer(Verdict.REFUSED, "550 who are you")
    assert at(two_ways, "12:00") == []
    two_ways.clock.advance(MINUTE)
    two_ways.delivery.turn()
    assert len(two_ways.alerts()) == 1


def test_the_webhook_gets_the_brief(shop_database):
    """Numbers, orders and times; nothing that a buyer wrote or is called."""
    floor = Shopfloor(shop_database, make_shop(second_paths=("webhook",)))
    floor.read()
    floor.work(buyer(1))
    at(floor, "12:00")
    (call,) = floor.webhook.mails
    brief = call.content.decode()
    assert order_of(1) in brief
    assert buyer(1).text not in brief
    assert buyer(1).name not in brief


def test_a_dead_webhook_does_not_hold_the_mail(shop_database):
    """Each way fails by itself."""
    floor = Shopfloor(shop_database, make_shop(second_paths=("webhook",)))
    floor.read()
    floor.webhook.answer(Verdict.DEFERRED, "webhook failed", before=True, times=3)
    assert len(at(floor, "20:00")) == 1
    assert floor.words() == ["second_path_failed"]
    floor.webhook._orders.clear()
    floor.clock.advance(MINUTE)
    floor.alert()
    assert (floor.words(), len(floor.webhook.mails)) == ([], 2)


# Loops


@pytest.fixture
def own_owner(shop_database):
    """The owner reads in the very mailbox that is watched."""
    floor = Shopfloor(shop_database, make_shop(owner="main@shop.example"))
    floor.read()
    return floor


def test_alerts_to_the_watched_mailbox_do_not_loop(own_owner):
    """They arrive in the inbox and in Sent, day after day, and nothing comes of it."""
    floor = own_owner
    floor.work(buyer(1))
    for number in range(1, 13):
        for alert in at(floor, NOON + number * 4 * HOUR):
            floor.inbox.deliver(alert.content, at=floor.clock.now())
            floor.inbox.deliver(alert.content, "Sent", at=floor.clock.now())
        floor.work()
    assert len(floor.acknowledgments()) == 1
    assert [case.state for case in floor.cases()] == ["open"]
    with floor.database.read() as uow:
        assert set(uow.counts.all()) == {"buyer_message"}
        assert uow.quarantine.counts() == {}
    assert len(floor.alerts()) <= 12


def test_a_vacation_reply_to_an_alert_is_nothing(own_owner):
    """The owner's own robot answers our alert; we answer no robot."""
    floor = own_owner
    reply = answer_mail("main@shop.example", "休暇中です", Auto_Submitted="auto-replied")
    before = at(floor, "20:00")
    floor.work(reply)
    assert len(before) == 1
    assert (floor.cases(), floor.words(), floor.alert()) == ((), [], [])


def test_a_bounced_alert_does_not_loop(own_owner):
    """The report about our alert names a mail of ours that belongs to no case."""
    floor = own_owner
    (alert,) = at(floor, "20:00")
    floor.work(bounce("main@shop.example", alert.message["Message-ID"].strip("<>")))
    assert (floor.words(), floor.alert()) == ([], [])


# Mailboxes in trouble


def watcher(floor):
    """The life of the only mailbox, one round at a time."""
    return MailboxWatcher(
        floor.shop.first_account,
        floor.inbox.connect,
        reader=floor.readers["main"],
        filing=floor.filings["main"],
        drafts=floor.drafts_folders["main"],
        database=floor.database,
        clock=floor.clock,
        on_turn=lambda: None,
    )


def fail(floor, error=None):
    """A round in which the mail server does not let us in."""
    floor.inbox.fail("connect", error=error)
    with pytest.raises(MailboxUnavailable):
        watcher(floor).once()


def test_a_mailbox_that_refuses_the_password_is_told_once(floor):
    """At once, with the mailbox's name, and not at every attempt; a new trouble later is told again."""
    refused = LoginRefused("mx does not accept the password")
    for _ in range(3):
        fail(floor, refused)
        floor.clock.advance(MINUTE)
    (alert,) = floor.alert()
    assert "main" in alert.text
    watcher(floor).once()
    floor.clock.advance(DAY)
    fail(floor, refused)
    assert floor.words() == ["login_refused"]


def test_mail_of_a_mailbox_that_came_back_is_acknowledged(floor):
    """Whatever came during the trouble is found."""
    fail(floor)
    floor.receive(buyer(1))
    floor.clock.advance(2 * HOUR)
    watcher(floor).once()
    floor.delivery.turn()
    assert len(floor.acknowledgments()) == 1


def test_an_event_is_told_even_after_a_day_without_any_way_out(floor):
    """No daily alert repeats it, so it must not be given up like those."""
    exit_ = floor.exits["main"]
    floor.receive(feedback(2))
    floor.read()
    exit_.answer(Verdict.DEFERRED, "no route", before=True, times=1000)
    for _ in range(30):
        assert floor.alert() == []
        floor.clock.advance(HOUR)
    exit_._orders.clear()
    told = [alert.message["Subject"] for alert in (*floor.alert(), *floor.alert())]
    assert any("評価" in subject and "至急" in subject for subject in told)
