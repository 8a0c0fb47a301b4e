"""A return at the desk: one step after the other, each once, and an honest description at the end."""

from __future__ import annotations

import pytest

from state.steps import Matter
from tests.beds.post import order_of
from tests.unit.parsers.mails import notice

PAGE = "/case/1/return"
FINDINGS = {"box": "damaged", "accessories": "complete", "scratches": "slight", "tested": "works"}

INSPECTED = (
    "外箱: 傷みあり / 付属品: そろっている / 傷や汚れ: 少しある / 動作: 動作する / メモ: サイズ違いのメモあり"
)


@pytest.fixture
def sent_back(floor, browser):
    """A buyer sends something back and says nothing."""
    order = order_of(1)
    floor.work(
        notice(
            f"注文番号 {order} の返品リクエスト",
            f"<ul><li><b>Order ID:</b> {order}</li></ul>",
            kind="RETURN_REQUEST",
        )
    )
    return browser


def steps(floor):
    """What is recorded of the return: the words with their details."""
    with floor.database.read() as uow:
        return [(one.word, one.detail) for one in uow.steps.of_case(1, Matter.RETURN)]


def last(floor):
    """The number of the last step, as the page's forms bring it."""
    with floor.database.read() as uow:
        found = uow.steps.of_case(1, Matter.RETURN)
    return str(found[-1].id) if found else "0"


def do(floor, browser, what, **fields):
    """A person presses a button of the page as it stands now."""
    return browser.post(f"{PAGE}/{what}", seen=last(floor), **fields)


def test_a_return_goes_from_the_parcel_to_the_listing(floor, sent_back):
    """What was opened is looked at first, and the description says what was found."""
    assert order_of(1) in sent_back.text(PAGE)
    assert "メモが手がかりです" in sent_back.text(PAGE)
    done = do(floor, sent_back, "arrived", how="opened")
    assert (done.status_code, done.headers["location"]) == (303, f"{PAGE}?done=recorded")
    assert "再出品した" not in sent_back.text(PAGE)
    do(floor, sent_back, "inspected", note="サイズ違いのメモあり", **FINDINGS)
    page = sent_back.text(PAGE)
    for words in ("外箱に傷みがあります。", "本体に小さな傷", "付属品はそろっています", "動作を確認"):
        assert words in page, page
    assert "2026年11月17日" in page
    do(floor, sent_back, "relisted", condition="very_good", **FINDINGS)
    assert "再出品しました: 非常に良い" in sent_back.text(PAGE)
    assert steps(floor) == [
        ("arrived_opened", ""),
        ("inspected", INSPECTED),
        ("relisted", "very_good"),
    ]


def test_a_second_click_records_nothing(floor, sent_back):
    """The button brings what the page had seen; a page that is behind cannot decide something else."""
    fields = {"seen": "0", "how": "unopened"}
    assert sent_back.post(f"{PAGE}/arrived", **fields).headers["location"].endswith("done=recorded")
    assert sent_back.post(f"{PAGE}/arrived", **fields).headers["location"].endswith("done=nothing")
    refused = sent_back.post(f"{PAGE}/written-off", seen="0")
    assert (refused.status_code, "開き直してください" in refused.text) == (409, True)
    assert "sokuresu" not in refused.text
    assert steps(floor) == [("arrived_unopened", "")]


def test_a_step_out_of_order_is_refused(floor, sent_back):
    """Nothing that is still on its way is listed again."""
    assert do(floor, sent_back, "relisted", condition="").status_code == 409
    assert steps(floor) == []


def test_the_description_follows_the_choice_and_no_condition_is_too_good(floor, sent_back):
    """The part that a browser fetches says why not, and which; the button is gone until it holds."""
    do(floor, sent_back, "arrived", how="opened")
    do(floor, sent_back, "inspected", note="", **FINDINGS)
    part = sent_back.get(f"{PAGE}/wording?condition=used_like_new").text
    assert "いちばん良くて「非常に良い」です" in part
    assert "再出品した" not in part
    assert "確認していません: 外箱" in sent_back.get(f"{PAGE}/wording?condition=good&box=").text
    refused = do(floor, sent_back, "relisted", condition="used_like_new", **FINDINGS)
    assert (refused.status_code, "いちばん良くて" in refused.text) == (409, True)
    assert [word for word, _ in steps(floor)] == ["arrived_opened", "inspected"]


def test_what_does_not_work_can_only_be_written_off(floor, sent_back):
    """There is one button then, and it says so."""
    do(floor, sent_back, "arrived", how="opened")
    do(floor, sent_back, "inspected", note="", tested="fails")
    page = sent_back.text(PAGE)
    assert "動作しない商品は出品できません" in page
    assert "説明文を作る" not in page
    do(floor, sent_back, "written-off")
    assert "廃棄しました" in sent_back.text(PAGE)


def test_an_empty_inspection_is_asked_again_and_hostile_words_stay_words(floor, sent_back):
    """Nothing is recorded without a finding; a note is text wherever it stands, and proves nothing."""
    do(floor, sent_back, "arrived", how="opened")
    assert do(floor, sent_back, "inspected", note="  ").status_code == 409
    note = "<script>alert(1)</script> / 動作: 動作する"
    do(floor, sent_back, "inspected", note=note)
    page = sent_back.get(PAGE).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "動作を確認しています" not in page


def test_an_unknown_case_has_no_return(browser):
    """Neither to look at nor to decide on."""
    assert browser.get("/case/9/return").status_code == 404
    assert browser.post("/case/9/return/written-off", seen="0").status_code == 404
