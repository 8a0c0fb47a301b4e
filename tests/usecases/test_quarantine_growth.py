"""The quarantine grows: when the owner hears of it, and that an update can empty it."""

from __future__ import annotations

import pytest

import parsers.reading
from daemon import quarantined_mail
from daemon.errors import SokuresuError
from daemon.reading.rereading import Rereading
from daemon.work import Work
from parsers.values import Trust
from tests.beds.post import buyer
from tests.beds.shopfloor import Shopfloor, make_account, make_shop
from tests.beds.signing import zone_of
from tests.unit.parsers.mails import notice
from tests.unit.state.examples import DAY, HOUR


def unknown(floor, number: int = 1, *, kind: str = "NEVER_SEEN") -> None:
    """One more mail of Amazon's that no rule reads; mails of one type have one shape."""
    floor.work(notice(f"お知らせ {number}", "<p>注文 250-1111111-2222222</p>", kind=kind))


def forged(floor, first: int, last: int) -> None:
    """Mails that look forged, read together."""
    for number in range(first, last + 1):
        floor.receive(buyer(number, proof="fail"))
    floor.read()


def test_three_mails_of_one_shape_in_a_day_say_that_a_format_may_have_changed(floor):
    """The first alarms for its shape, the second does not, the third does, and that is all for the day."""
    told = []
    for number in range(1, 5):
        unknown(floor, number)
        told.append([notice.word for notice in floor.notices()])
        floor.alert()
    assert told == [["unrecognised"], [], ["format_changed"], []]


def test_the_alert_names_an_example_and_the_next_step(floor):
    """Japanese first; the owner need not know what a fingerprint is."""
    for number in range(1, 4):
        unknown(floor, number)
    (alert,) = floor.alert()
    assert "書式が変わったようです" in alert.text
    assert "sokuresu quarantine" in alert.text
    assert "お知らせ 3" in alert.text


def test_a_format_is_told_again_only_when_it_grows(floor):
    """Three on every day are told twice; only a day as large as everything before is news."""
    told = []
    for day in range(4):
        for number in range(3):
            unknown(floor, 3 * day + number)
        told.append("format_changed" in floor.words())
        floor.alert()
        floor.clock.advance(DAY)
    assert told == [True, True, False, False]


def test_different_shapes_in_one_day_are_no_changed_format(floor):
    """Three notices of three kinds are three new kinds."""
    for kind in ("NEVER_SEEN", "ALSO_NEW", "NEW_AS_WELL"):
        unknown(floor, kind=kind)
    assert floor.words() == ["unrecognised"] * 3


def test_the_owner_hears_of_the_fifth_waiting_mail_and_of_the_tenth_another_day(floor):
    """At certain numbers, once a day; whoever cleared the list away hears of the next five."""
    forged(floor, 1, 4)
    assert floor.words() == []
    forged(floor, 5, 10)
    assert floor.words() == ["quarantine_grows"]
    floor.alert()
    floor.clock.advance(DAY)
    forged(floor, 11, 19)
    assert floor.words() == []
    forged(floor, 20, 20)
    assert floor.words() == ["quarantine_grows"]
    floor.alert()
    floor.clock.advance(DAY)
    with floor.database.write() as uow:
        for entry in uow.quarantine.unsettled():
            uow.quarantine.settle(entry.id, "dropped", floor.clock.now())
        uow.commit()
    forged(floor, 21, 25)
    assert floor.words() == ["quarantine_grows"]


@pytest.fixture
def outdated(floor, monkeypatch):
    """A shop whose program could not read two of three mails, and has been updated since."""
    honest = parsers.reading.read

    def older(content, trust):
        if b"A0KEY000000000000001" in content or b"A0KEY000000000000002" in content:
            raise LookupError("unknown charset")
        return honest(content, trust)

    with monkeypatch.context() as before:
        before.setattr("daemon.reading.taking.read", older)
        floor.work(buyer(1))
        floor.work(buyer(2))
    unknown(floor)
    floor.alert()
    floor.clock.advance(HOUR)
    return floor


def test_after_an_update_the_owner_hears_what_can_be_read_now(outdated):
    """Once; nothing is taken in before the owner says so."""
    before = outdated.everything()
    for _ in range(2):
        chore = Rereading(outdated.database, outdated.shop, outdated.shop.first_account, outdated.clock)
        assert [chore.turn(outdated.connection("main")) for _ in range(2)] == [False, False]
    (told,) = outdated.notices()
    assert (told.word, told.detail) == ("quarantine_readable", "main: 2/3")
    assert len(set(outdated.everything().split("\n")) - set(before.split("\n"))) == 1
    (alert,) = outdated.alert()
    assert "sokuresu quarantine retry --all" in alert.text
    assert outdated.cases() == ()


def test_reading_again_locks_nothing_while_it_asks_dns(outdated, monkeypatch):
    """A name server may be silent for seconds, and meanwhile the service has to store mail."""
    pool = outdated.database._engine.pool
    asked = []
    honest = quarantined_mail.read

    def counted(content, trust, received_at):
        asked.append(pool.checkedout())
        return honest(content, trust, received_at)

    monkeypatch.setattr(quarantined_mail, "read", counted)
    Rereading(outdated.database, outdated.shop, outdated.shop.first_account, outdated.clock).turn(None)
    assert asked == [0, 0, 0]


def test_within_a_transaction_no_dns_is_asked(shop_database):
    """Whoever decides without having read the mail before gets what it says by itself."""
    keys = zone_of()
    floor = Shopfloor(shop_database, make_shop(make_account(trust=Trust(keys=keys))))
    floor.read()
    floor.receive(notice("x", "<p>250-1111111-2222222</p>", kind="NEVER_SEEN", proof="none"))
    floor.read()
    keys.asked.clear()
    with floor.database.write() as uow, pytest.raises(SokuresuError, match="still no rule"):
        quarantined_mail.retry_quarantined(Work(uow, floor.shop, floor.clock.now()), 1)
    assert keys.asked == []
