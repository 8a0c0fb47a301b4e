"""A shop in the middle of its day, as it is seen at the desk: invented people, all kinds of things that wait.

The tests in the browser look at it, and the pictures of the documentation are taken of it.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from daemon.aftercare.calls import CallEntry, log_call
from daemon.ports import Verdict
from daemon.review import approve
from daemon.shop import Agent
from daemon.web.app import build
from daemon.work import Work
from parsers.values import Fulfilment
from state.engine import open_engine
from state.migrations import upgrade
from state.repository.orders import OrderFacts, OrderItem
from state.unit_of_work import Database
from tests.beds.desk import Browser, make_desk
from tests.beds.desk_server import serving
from tests.beds.fake_submission import FakeSubmission
from tests.beds.post import buyer, feedback, order_of, sample
from tests.beds.reviewing import day_goes_on
from tests.beds.shopfloor import Shopfloor, make_shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.unit.parsers.mails import BuyerMail

SATO, SUZUKI, CLARKE, TAKAHASHI, RATED, ITO = 1, 2, 3, 4, 5, 6
"""Numbers of buyers, and of their orders; the first six cases are theirs in this order."""

AGENT = Agent("warehouse@agent.example", "発送代行センター")
MINUTES = timedelta(minutes=1)

_NAMES = {
    SATO: "佐藤 美咲",
    SUZUKI: "鈴木 健太",
    CLARKE: "Emily Clarke",
    TAKAHASHI: "高橋 優子",
    ITO: "伊藤 大輔",
}
_LATE = (
    "11月12日に注文した加湿器がまだ届きません。\n配達予定日は14日でした。追跡番号を見ても14日から動いていないようです。\n"
    "来客があるので困っています。いつ届くか教えてください。"
)
_STILL = "先ほどの件、その後いかがでしょうか。今日中にお返事をいただけると助かります。"
_BROKEN = "届いた商品の箱がつぶれていて、中のカップが一つ割れていました。写真を添付します。交換してください。"
_HOW = "Hello,\nhow do I clean the filter of the humidifier? The leaflet is in Japanese only.\nThank you!"
_QUESTION = "この商品は屋外でも使えますか?\n物置の前に置こうと思っています。"
_THANKS_LATER = "領収書を会社名で発行していただけますか。宛名は株式会社はるかぜです。"
_RATING = "配送が予定より三日も遅れました。"


def _mail(number: int, text: str, **changes: object) -> BuyerMail:
    name = _NAMES[number]
    return buyer(
        number,
        text=text,
        name=name,
        subject=f"Amazonのカスタマー {name} 様から商品についてのお問い合わせ(注文: {order_of(number)})",
        **changes,
    )


@dataclass(frozen=True, slots=True)
class DeskDay:
    """The shop, its desk, and where a browser finds it.

    Attributes:
        floor: the shop at work.
        person: somebody who is signed in.
        address: of the desk.
    """

    floor: Shopfloor
    person: Browser
    address: str

    def sign_in(self, page: Page) -> Page:
        """Let a window of the browser sit down in a session of its own."""
        seat = Browser(self.person.desk).sign_in().seat
        assert seat is not None
        page.context.add_cookies([{"name": "sokuresu_desk", "value": seat.token, "url": self.address}])
        return page

    def case_of(self, number: int) -> int:
        """The newest case of a buyer."""
        with self.floor.database.read() as uow:
            return max(case.id for case in uow.cases.with_orders([order_of(number)]))


@contextmanager
def open_shop(folder: Path, *, furnished: bool = True) -> Iterator[DeskDay]:
    """A shop with its desk behind a real web server, until the end of the block.

    Args:
        folder: for its database and its configuration.
        furnished: with a day's work in it; else nothing has come yet.
    """
    engine = open_engine(f"sqlite:///{folder / 'shop.db'}")
    upgrade(engine)
    database = Database(engine)
    floor = Shopfloor(database, shop=make_shop(agents=(AGENT,), usual_fulfilment="own"))
    floor.read()
    if furnished:
        furnish(floor)
    try:
        with _served(floor, folder) as day:
            yield day
    finally:
        database.close()


@contextmanager
def _served(floor: Shopfloor, folder: Path) -> Iterator[DeskDay]:
    """The desk is built for the address that the server got."""
    later: list[object] = []

    async def app(scope: object, receive: object, send: object) -> None:
        await later[0](scope, receive, send)  # type: ignore[operator]

    with serving(app) as address:  # type: ignore[arg-type]
        desk = make_desk(floor, folder, origins=frozenset({address}))
        later.append(build(desk))
        yield DeskDay(floor, Browser(desk).sign_in(), address)


def furnish(floor: Shopfloor) -> None:
    """Let a Tuesday pass until the afternoon."""
    _know_orders(floor)
    day_goes_on(floor, _mail(SATO, _LATE))
    _wait(floor, 15)
    day_goes_on(floor, _mail(SUZUKI, _BROKEN, attachments=("割れたカップ.jpg",)))
    _wait(floor, 25)
    day_goes_on(floor, _mail(CLARKE, _HOW))
    _decide(floor, lambda work: _approve(work, 2))
    day_goes_on(floor)
    _wait(floor, 60)
    day_goes_on(floor, _mail(TAKAHASHI, _QUESTION))
    day_goes_on(floor, feedback(RATED, 1, _RATING))
    _wait(floor, 90)
    exit_ = floor.exits["main"]
    assert isinstance(exit_, FakeSubmission)
    exit_.answer(Verdict.UNKNOWN, "the connection was lost")
    day_goes_on(floor, _mail(ITO, _THANKS_LATER))
    day_goes_on(floor, sample("return-request-ja"))
    day_goes_on(floor, sample("ja-auth-fail-spoof"))
    _decide(floor, _take_a_call)
    _wait(floor, 160)
    day_goes_on(floor, _mail(SATO, _STILL, key="A0KEYSECOND"))
    _wait(floor, 12)
    _say_alive(floor)


def _wait(floor: Shopfloor, minutes: int) -> None:
    floor.clock.advance(minutes * MINUTES)


def _decide(floor: Shopfloor, decision: Callable[[Work], object]) -> None:
    with floor.database.write() as uow:
        decision(Work(uow, floor.shop, floor.clock.now()))
        uow.commit()


def _say_alive(floor: Shopfloor) -> None:
    """The service runs, and has just read its mailbox."""
    floor.read()
    with floor.database.write() as uow:
        uow.runs.begin("run-1", floor.clock.now(), "sokuresu")
        uow.commit()


def _know_orders(floor: Shopfloor) -> None:
    """What the order report told."""
    with floor.database.write() as uow:
        for number in (SATO, SUZUKI, TAKAHASHI, ITO):
            order, ordered, came = order_of(number), date(2026, 11, 12), date(2026, 11, 15)
            facts = OrderFacts(order, Fulfilment.OWN, ordered_on=ordered, delivered_on=came, currency="JPY")
            uow.orders.note(facts, floor.clock.now())
            item = OrderItem(order, "1", title="卓上加湿器 KS-20", quantity=1, price=9800, shipping=0)
            uow.orders.keep_items([item], floor.clock.now())
        uow.orders.note(OrderFacts(order_of(RATED), Fulfilment.FBA), floor.clock.now())
        uow.commit()


def _approve(work: Work, case: int) -> None:
    draft = work.uow.drafts.open_of(case)
    assert draft is not None
    approve(work, draft.id, despite_warnings=True, how="command")


def _take_a_call(work: Work) -> None:
    log_call(
        work,
        CallEntry(
            "掃除のしかたを知りたい。説明書をなくした。",
            caller="小川 かおり",
            number="03-0000-0123",
            hours="午後ならいつでも",
            promised_by=work.now + timedelta(hours=20),
        ),
    )
