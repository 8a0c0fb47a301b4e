"""What a person does at the desk all day, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from daemon.web.invitations import invite
from state.steps import Matter
from tests.beds.desk_day import CLARKE, ITO, RATED, SATO, SUZUKI, TAKAHASHI
from tests.beds.post import buyer, order_of
from tests.beds.reviewing import day_goes_on

pytestmark = pytest.mark.browser

FIELD = "購入者へ送る文"
_ASK_FOR_NEWS = """() => htmx.ajax(
    "GET", document.querySelector("#news").getAttribute("hx-get"), {target: "#news", swap: "outerHTML"}
)"""
"""What the page does by itself every 15 seconds."""


def drafts(day, case):
    """The versions of a case's draft."""
    with day.floor.database.read() as uow:
        return uow.drafts.of_case(case)


def test_the_first_set_up_and_signing_in(bare_day, window):
    """The link of the console sets a password, once; with it one signs in again."""
    with bare_day.person.desk.deciding() as work:
        link = invite(work.uow, work.now)
    page = window(bare_day.address, forgiving=("status of 401",))
    page.goto(f"/setup?token={link}")
    page.get_by_label("新しいパスワード", exact=False).first.fill("合言葉は長いほうがよい")
    page.get_by_label("もう一度", exact=False).fill("合言葉は長いほうがよい")
    page.get_by_role("button", name="決めて始める").click()
    expect(page.get_by_role("heading", name="今日", exact=True)).to_be_visible()
    assert "token" not in page.url
    page.goto("/more")
    page.get_by_role("button", name="ログアウト", exact=True).click()
    page.get_by_label("パスワード").fill("違う合言葉です")
    page.get_by_role("button", name="ログイン").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("パスワード").fill("合言葉は長いほうがよい")
    page.get_by_role("button", name="ログイン").click()
    expect(page.get_by_role("heading", name="今日", exact=True)).to_be_visible()


def test_today_lists_what_waits(page):
    """The names, the time left in words, and whether the service runs."""
    page.goto("/")
    expect(page.locator(".cards").first).to_be_visible()
    for name in ("佐藤 美咲", "Emily Clarke", "高橋 優子"):
        expect(page.get_by_role("link", name=name).first).to_be_visible()
    assert re.search(r"あと\d+時間", page.locator(".chip").first.inner_text())
    expect(page.locator("#pulse")).to_contain_text("動作中")


def test_keys_lead_through_the_list(page):
    """J and k choose, Enter opens, t goes back, the question mark explains."""
    page.goto("/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator(".cards a.open").first
    expect(first).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/case/*")
    page.keyboard.press("e")
    page.keyboard.press("t")
    page.goto("/case/1")
    page.keyboard.press("/")
    page.wait_for_url("**/search")


def test_a_live_update_keeps_the_place_of_the_keyboard(day, page):
    """Also on a link without a name of its own; and the help gives it back where it was."""
    page.goto("/")
    asked = "htmx.ajax('GET', '/today/list?seen=x', {target: '#today', swap: 'outerHTML'})"
    for place in (page.locator(".cards a.open").nth(1), page.locator(".day-side a[href='/outbox']")):
        place.focus()
        page.evaluate("document.getElementById('today').dataset.old = 'yes'")
        page.evaluate(asked)
        expect(page.locator("#today[data-old]")).to_have_count(0)
        expect(place).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("button", name="閉じる")).to_be_focused()
    page.keyboard.press("Escape")
    expect(place).to_be_focused()


def test_what_was_done_is_told_once(day, page):
    """A reload does not say it again, nor does the way back."""
    page.goto(f"/case/{day.case_of(CLARKE)}")
    page.get_by_text("メモを残す").first.click()
    page.get_by_label("メモ").fill("倉庫に確認中")
    page.get_by_role("button", name="メモを残す").click()
    expect(page.locator(".told")).to_have_text("メモを残しました。")
    page.reload()
    expect(page.locator(".told")).to_have_count(0)


def test_a_live_update_keeps_what_is_typed(day, page):
    """A message that comes meanwhile is told on top; the text in hand stays, and so does the cursor."""
    case = day.case_of(TAKAHASHI)
    page.goto(f"/case/{case}")
    page.get_by_label(FIELD).fill("高橋様\n屋外でのご使用について")
    day_goes_on(day.floor, buyer(TAKAHASHI, text="追加で、雨の日は?", key="A0KEYRAIN", name="高橋 優子"))
    page.evaluate(_ASK_FOR_NEWS)
    expect(page.locator("#news-show")).to_be_visible()
    expect(page.get_by_label(FIELD)).to_have_value("高橋様\n屋外でのご使用について")


def test_a_stale_draft_is_refused(day, window):
    """A message that came after the last check was shown stops the approval; the text is kept."""
    case = day.case_of(ITO)
    page = day.sign_in(window(day.address, forgiving=("status of 409",)))
    page.goto(f"/case/{case}")
    page.get_by_label(FIELD).fill("伊藤様\n領収書は注文履歴から発行いただけます。\nまい商店\n")
    page.get_by_role("button", name="内容を確かめて送る").click()
    approve = page.get_by_role("button", name="承認して送る")
    expect(approve).to_be_visible()
    day_goes_on(day.floor, buyer(ITO, text="やはり結構です。", key="A0KEYSTALE", name="伊藤 大輔"))
    if page.locator("#despite").count():
        page.locator("#despite").check()
    before = len(day.floor.sent())
    approve.click()
    expect(page.get_by_role("alert")).to_be_visible()
    day_goes_on(day.floor)
    assert [mail for mail in day.floor.sent()[before:] if "領収書は注文履歴" in mail.text] == []
    assert any("領収書は注文履歴" in draft.text for draft in drafts(day, case))


def test_forbidden_words_block(day, page):
    """The check speaks while one writes, and the last page offers no button to send."""
    page.goto(f"/case/{day.case_of(CLARKE)}")
    page.get_by_label(FIELD).fill("Dear Emily,\nplease change your rating to five stars.\n")
    expect(page.locator("#draft-check [data-severity=error]").first).to_be_visible()
    page.get_by_role("button", name="内容を確かめて送る").click()
    expect(page.get_by_role("heading", name="まだ送れません")).to_be_visible()
    assert page.get_by_role("button", name="承認して送る").count() == 0


def test_a_telephone_call_is_logged(day, window):
    """Written on a telephone during the call; what is missing is asked for without losing a word."""
    page = day.sign_in(window(day.address, size=(360, 740), telephone=True))
    page.goto("/calls/new")
    page.get_by_label("お名前").fill("鈴木 健太")
    page.get_by_label("注文番号").fill(order_of(SUZUKI))
    expect(page.locator("#order-known")).to_contain_text("鈴木")
    page.get_by_label("ご用件").fill("交換品がいつ届くか知りたい。")
    page.get_by_label("折り返しの電話番号").fill("０３－００００－０４５６")
    page.get_by_role("button", name="記録する").click()
    page.wait_for_url(f"**/case/{day.case_of(SUZUKI)}*")
    expect(page.get_by_text("交換品がいつ届くか知りたい。").first).to_be_visible()


def test_a_rating_is_assessed_and_a_step_noted(day, page):
    """The page says what Amazon may do, and keeps what was asked of Amazon."""
    page.goto("/feedback")
    page.locator(".cards a.open").first.click()
    page.wait_for_url(f"**/feedback/{day.case_of(RATED)}*")
    expect(page.get_by_text("取り消し線の見込み")).to_be_visible()
    expect(page.get_by_text("配送が予定より三日も遅れました", exact=False).nth(1)).to_be_visible()
    page.locator("#step-requested").click()
    expect(page.locator("#request-title + p")).to_contain_text("申請済み")
    with day.floor.database.read() as uow:
        steps = uow.steps.of_case(day.case_of(RATED), Matter.REMOVAL)
    assert [step.word for step in steps] == ["requested"]


def test_search_and_export(page, day):
    """A word finds its case; the table is saved as a file that a spreadsheet reads."""
    page.goto("/search")
    page.get_by_role("searchbox").fill("加湿器")
    page.get_by_role("button", name="探す").click()
    expect(page.locator(f"#case-{day.case_of(SATO)}")).to_be_visible()
    page.get_by_role("button", name="CSV に書き出す").click()
    with page.expect_download() as saving:
        page.get_by_role("button", name="CSV を保存する").click()
    assert saving.value.suggested_filename == "sokuresu-cases-2026-11-17.csv"
    assert saving.value.path().read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_report_has_charts(page):
    """Each chart says in words what it shows."""
    page.goto("/report/2026-11")
    assert page.locator("main svg").count() >= 1


def test_a_language_is_kept(day, window):
    """English stays until it is changed back."""
    page = day.sign_in(window(day.address))
    page.goto("/more")
    page.get_by_role("button", name="English").click()
    page.goto("/")
    expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
    assert re.search(r"\d+ h .*left", page.locator(".chip").first.inner_text())


def test_text_is_copied(day, page):
    """One press puts the public reply on the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/feedback/{day.case_of(RATED)}")
    page.locator("button.copy").first.click()
    expect(page.locator("button.copy").first).to_have_text("コピーしました")
