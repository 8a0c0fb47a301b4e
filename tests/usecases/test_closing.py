"""Closing a case: what is proposed, what is refused, and what stays on record."""

from __future__ import annotations

from datetime import timedelta

import pytest

import daemon.cli.asking
import daemon.cli.close
from daemon.aftercare.closing import close, propose_lesson
from daemon.aftercare.feedback import record
from daemon.commands import answered
from daemon.errors import SokuresuError
from daemon.housekeeping import CLOSED_AFTER, tidy
from daemon.work import Work
from parsers.values import Fulfilment
from state import tables
from state.lessons import Cause
from state.model import CaseState
from state.ratings import Rating, RatingSource
from state.repository.orders import OrderFacts
from tests.beds.commands import Counter
from tests.beds.post import buyer, order_of
from tests.unit.state.examples import DAY, HOUR, local

LOST = "商品がまだ届きません。どうなっていますか。"
DAMAGED = "届いた商品の箱がつぶれていて、中身も割れていました。"
LABEL = "送り状の住所が間違っていて、届きませんでした。"


@pytest.fixture
def counter(floor, tmp_path):
    """Where the seller types."""
    return Counter(floor, tmp_path)


def sold(floor, number, way=Fulfilment.OWN, sku="KB-104"):
    """An order of one item, and who ships it."""
    item = {"order_id": order_of(number), "line": "1", "sku": sku, "noted_at": floor.clock.now()}
    with floor.database.write() as uow:
        uow.orders.note(OrderFacts(order_of(number), way), floor.clock.now())
        uow._connection.execute(tables.order_item.insert().values(**item))
        uow.commit()


def done(floor, case):
    """Somebody answered."""
    with floor.database.write() as uow:
        answered(Work(uow, floor.shop, floor.clock.now()), case)
        uow.commit()


def complained(floor, number, text, way=Fulfilment.OWN):
    """A buyer complained and was answered."""
    sold(floor, number, way)
    floor.work(buyer(number, text=text))
    floor.clock.advance(HOUR)
    done(floor, floor.cases()[-1].id)


def proposal(floor, case=1):
    """Cause and prevention as they are proposed."""
    with floor.database.read() as uow:
        found = propose_lesson(Work(uow, floor.shop, floor.clock.now()), case)
    return found.cause, found.prevention


def finish(floor, case, cause, line=""):
    with floor.database.write() as uow:
        closed = close(Work(uow, floor.shop, floor.clock.now()), case, cause, line)
        uow.commit()
    return closed


@pytest.mark.playbook("After it is over / Cause")
@pytest.mark.parametrize(
    ("text", "way", "cause", "words"),
    [
        (LABEL, Fulfilment.OWN, Cause.AGENT_LABEL, "送り状の二重確認を委託先に頼む"),
        (LOST, Fulfilment.OWN, Cause.CARRIER, "追跡番号"),
        (DAMAGED, Fulfilment.OWN, Cause.PACKING, "KB-104の箱"),
        (DAMAGED, Fulfilment.FBA, Cause.CARRIER, "出品者サポート"),
    ],
)
def test_the_proposal_is_made_from_the_case(floor, text, way, cause, words):
    """What the buyer wrote and who ships decide; the item is named."""
    complained(floor, 1, text, way)
    found, line = proposal(floor)
    assert (found, words in line) == (cause, True)


@pytest.mark.playbook("First principles / Where the same delivery fault returns")
def test_the_second_fault_of_one_item_proposes_fba(floor):
    """Not for another item, not for another fault, and not after half a year."""
    complained(floor, 1, DAMAGED)
    complained(floor, 2, LOST)
    assert "FBA" not in proposal(floor, 2)[1]
    complained(floor, 3, DAMAGED)
    assert proposal(floor, 3) == (
        Cause.PACKING,
        "同じ商品で同じ配送トラブルが繰り返されたため、KB-104をFBAに切り替える",
    )
    floor.clock.advance(181 * DAY)
    complained(floor, 4, DAMAGED)
    assert "FBA" not in proposal(floor, 4)[1]


@pytest.mark.playbook("First principles / Where the same delivery fault returns")
def test_the_owner_is_told_of_a_returned_fault_while_the_case_is_open(floor):
    """The second alert says it, the first does not."""
    for number, at in ((1, "2026-11-17 12:00"), (2, "2026-11-17 17:00")):
        sold(floor, number)
        floor.work(buyer(number, text=DAMAGED))
        floor.clock.set(local(at))
        (alert,) = floor.alert()
        assert ("180日に2件目です" in alert.text) is (number == 2)
        done(floor, number)


@pytest.mark.playbook("First principles / Weekends")
def test_a_lost_parcel_on_a_closed_saturday_is_an_absence(floor):
    """Nobody was at the phone."""
    floor.clock.set(local("2026-11-21 15:00"))
    complained(floor, 1, LOST)
    assert proposal(floor)[0] is Cause.ABSENCE


def test_a_rating_tells_by_its_comment_what_went_wrong(floor):
    """It carries no intent of its own."""
    sold(floor, 1)
    low = Rating(1, RatingSource.HAND, order_id=order_of(1), comment=DAMAGED)
    with floor.database.write() as uow:
        record(Work(uow, floor.shop, floor.clock.now()), low)
        uow.commit()
    done(floor, 1)
    assert proposal(floor)[0] is Cause.PACKING


def test_what_is_unanswered_is_not_closed(floor):
    """The sentence names the commands; nothing is recorded, and there must be such a case."""
    floor.work(buyer(1))
    with pytest.raises(SokuresuError, match="sokuresu answered 1"):
        finish(floor, 1, Cause.CARRIER)
    with pytest.raises(SokuresuError, match="cases --all"):
        finish(floor, 9, Cause.CARRIER)
    with floor.database.read() as uow:
        assert (floor.case().state, uow.lessons.all()) == (CaseState.OPEN, {})


def test_a_closed_case_stays_closed_until_the_buyer_writes(floor):
    """Its event names the cause; the next message of the conversation opens a linked one."""
    floor.work(buyer(1))
    floor.clock.advance(HOUR)
    done(floor, 1)
    assert finish(floor, 1, Cause.PACKING, "箱を\n替える")
    with floor.database.read() as uow:
        assert uow.lessons.all()[1].prevention == "箱を 替える"
        assert uow.events.of_case(1)[-1][1:] == ("closed", "packing")
    assert (floor.case().state, floor.case().closed_at) == (CaseState.CLOSED, floor.clock.now())
    floor.work(buyer(1, key="A0OTHER"))
    assert [one.linked_to for one in floor.cases()] == [None, 1]


def test_a_case_that_time_closed_gets_its_lesson_afterwards(floor):
    """When it was closed does not change; a second lesson takes the place of the first."""
    floor.work(buyer(1))
    floor.clock.advance(HOUR)
    done(floor, 1)
    floor.clock.advance(CLOSED_AFTER + timedelta(minutes=1))
    tidy(floor.database, floor.shop, floor.clock)
    closed_at = floor.case().closed_at
    floor.clock.advance(DAY)
    assert not finish(floor, 1, Cause.MAKER, "a")
    assert not finish(floor, 1, Cause.STOCK, "b")
    assert (floor.case().closed_at, proposal(floor)) == (closed_at, (Cause.STOCK, "b"))


def test_enter_takes_what_is_proposed(counter, monkeypatch):
    """At a terminal; a case shows its lesson afterwards."""
    complained(counter.floor, 1, LABEL)
    monkeypatch.setattr(daemon.cli.asking, "at_terminal", lambda: True)
    monkeypatch.setattr(daemon.cli.close, "at_terminal", lambda: True)
    result = counter.call("close", "1", input="\n\n")
    assert result.exit_code == 0, result.output
    assert "送り状の二重確認を委託先に頼む" in result.stdout
    page = counter.call("case", "1").stdout
    assert "原因と再発防止" in page
    assert "再発防止: 送り状の二重確認を委託先に頼む" in page


def test_scripts_name_the_cause(counter):
    """Without a terminal nothing is proposed into the record; an unknown cause is a usage error."""
    complained(counter.floor, 1, LABEL)
    assert counter.call("close", "1").exit_code == 2
    assert counter.call("close", "1", "--cause", "fate").exit_code == 2
    told = counter.json("close", "1", "--cause", "carrier")
    assert told == {"case": 1, "closed_now": True, "cause": "carrier", "prevention": ""}


def test_the_same_cause_again_takes_no_promise_back(counter):
    """Where nobody can be asked, what was promised stays until it is said to be another, or none."""
    complained(counter.floor, 1, DAMAGED)
    said = [
        counter.json("close", "1", "--cause", "packing", *more)["prevention"]
        for more in (("--prevention", "箱を替える"), (), ("--prevention", ""))
    ]
    assert said == ["箱を替える", "箱を替える", ""]
    assert counter.json("close", "1", "--cause", "maker")["prevention"] == ""
