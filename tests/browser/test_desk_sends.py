"""From the button to the wire: what is approved at the desk arrives at a real SMTP server, once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from daemon.config import load
from daemon.configured_shop import shop_of
from daemon.existing import existing_database
from daemon.web import sessions
from daemon.web.app import build
from daemon.web.desk import Desk
from tests.beds.desk_server import serving
from tests.beds.reviewing import complaint
from tests.beds.smtp import running_smtp
from tests.integration.test_drafts import FBA, MINUTE, OFTEN, in_drafts, is_answered, placed, to_buyers
from tests.integration.test_main_job import live, watched
from tests.system.running import await_that

pytestmark = [pytest.mark.browser, pytest.mark.dovecot]

TEXT = "お詫び申し上げます。本日、新しい品をお送りいたします。\n"


@pytest.fixture
def smtp(dovecot):
    """A server that accepts the same login as Dovecot."""
    with running_smtp(auth=True) as server:
        yield server


@pytest.fixture
def shop(chromium, tmp_path, dovecot, smtp):
    """A running shop on real servers, with one draft that waits."""
    with live(tmp_path, [watched(dovecot, smtp, extra=OFTEN)], extra=FBA) as running:
        running.await_watching()
        running.receive(complaint(1))
        await_that(lambda: placed(running) == 1, "the draft is put in")
        running.clock.advance(MINUTE)
        yield running


@pytest.fixture
def desk(shop):
    """The desk of that shop beside the running service: where it is, and the cookie of somebody signed in.

    Named before ``window`` among a test's fixtures, so that the pages close before the desk does.
    """
    settings = load(shop.files.config, secrets=False)
    database = existing_database(settings)
    built = []

    async def app(scope, receive, send):
        await built[0](scope, receive, send)

    with serving(app) as address:
        desk = Desk(settings, shop_of(settings), database, shop.clock, frozenset({address}))
        built.append(build(desk))
        with desk.deciding() as work:
            seat = sessions.begin(work.uow, work.now)
        yield address, {"name": sessions.COOKIE, "value": seat.token, "url": address}
    database.close()


@pytest.fixture
def page(desk, window):
    """A window of the browser at that desk."""
    address, cookie = desk
    page = window(address)
    page.context.add_cookies([cookie])
    return page


def test_an_approved_answer_arrives_once(shop, smtp, page):
    """Exactly the text, sender and recipient that stood on the last page; the draft's copy is taken out."""
    page.goto("/")
    page.locator("#case-1").click()
    page.get_by_label("購入者へ送る文").fill(TEXT)
    page.get_by_role("button", name="内容を確かめて送る").click()
    shown = {
        name: page.locator(f"#letter-{name}").inner_text() for name in ("recipient", "sender", "subject")
    }
    if page.locator("#despite").count():
        page.locator("#despite").check()
    page.get_by_role("button", name="承認して送る").dblclick()
    page.wait_for_url("**/case/1*")
    expect(page.get_by_role("status").first).to_be_visible()
    await_that(lambda: is_answered(shop), "it leaves")
    (mail,) = to_buyers(smtp)
    assert mail.recipients == (shown["recipient"],)
    assert mail.message["From"].addresses[0].addr_spec in shown["sender"]
    assert str(mail.message["Subject"]) == shown["subject"]
    assert mail.text.strip() == TEXT.strip()
    assert in_drafts(shop) == {}
    page.reload()
    expect(page.get_by_text(TEXT.strip()).first).to_be_visible()
