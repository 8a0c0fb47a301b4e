"""Reports are taken in once, keep nobody's name, and tell drafts and cases what is known."""

from __future__ import annotations

import json
import stat
from datetime import date

import pytest
from click.testing import CliRunner

from daemon import imports
from daemon.aftercare.advising import advise
from daemon.aftercare.buyer_prints import BuyerKeyUnavailable, buyer_key, print_of
from daemon.cli import main
from daemon.drafting import earlier_cases, redraft
from daemon.imports import Summary, WrongFile, import_feedback, import_orders
from daemon.order_facts import orders_of_buyer, shipping_of
from daemon.work import Work
from parsers.reports.faults import Fault, Reason
from parsers.values import Fulfilment
from state.repository.orders import OrderFacts, OrderItem
from templates.drafting import DraftTemplates
from tests.beds.post import buyer, order_of
from tests.beds.reviewing import complaint, day_goes_on, open_draft

KEY = b"k" * 32
HEADER = (
    "amazon-order-id\torder-item-id\tpurchase-date\tsku\tproduct-name\tquantity\tcurrency\titem-price\t"
    "shipping-price\tfulfillment-channel\tbuyer-email\tbuyer-name\tship-address-1\n"
)
RATED = "Date\tRating\tComments\tYour Response\tOrder ID\tRater Email\n"
TITLE = "充電式ランタン"


def line(number=1, *, item="1", day="2026-11-10T03:00:00+00:00", price="3980", who="a"):
    """One line of an order of that buyer."""
    cells = (order_of(number), item, day, "SKU", TITLE, "1", "JPY", price, "600", "Merchant")
    return "\t".join((*cells, f"{who}@marketplace.amazon.co.jp", "山田 太郎", "東京都千代田区1-1")) + "\n"


def rated(number=1, rating=1, day="2026/11/16", comment="箱がつぶれていた"):
    """One line of the feedback report."""
    return f"{day}\t{rating}\t{comment}\t\t{order_of(number)}\ta@marketplace.amazon.co.jp\n"


def take(floor, text, how=import_orders, key=KEY, seen=None):
    """Take a report in."""
    heard = (lambda _: None) if seen is None else seen.append
    return how(floor.database, floor.shop, floor.clock, [text.encode()], key=key, on_progress=heard)


def counts(summary):
    """Read, taken, known, faulty."""
    return summary.read, summary.taken, summary.known, summary.faulty


def asked(floor, question, number=1):
    """What a question about a case is answered."""
    with floor.database.read() as uow:
        case = uow.cases.get(number)
        return question(Work(uow, floor.shop, floor.clock.now()), case)


# Orders


def test_an_order_report_is_taken_in_once(floor):
    """Bad lines are named and the rest is taken; the same again is nothing new, and more of it a little."""
    text = HEADER + line(1) + "broken\n" + line(1, item="2") + line(2, day="11/12/2026") + line(2)
    first = take(floor, text)
    assert counts(first) == (5, 3, 0, 2)
    assert first.faults == [Fault(3, Reason.COLUMNS), Fault(5, Reason.DATE, "ordered_on")]
    assert counts(take(floor, text)) == (5, 0, 3, 2)
    assert counts(take(floor, text + line(3) * 3)) == (8, 1, 5, 2)
    with floor.database.read() as uow:
        (facts,) = uow.orders.of([order_of(1)])
        assert (facts.fulfilment, facts.ordered_on, facts.currency) == (
            Fulfilment.OWN,
            date(2026, 11, 10),
            "JPY",
        )
        item = OrderItem(order_of(1), "1", None, "SKU", TITLE, 1, 3980, 600)
        assert uow.orders.items_of([order_of(1)])[0] == item
        assert uow.imports.newest("orders") == floor.clock.now()
        assert uow.imports.newest("feedback") is None


def test_no_name_and_no_address_is_kept(floor):
    """Only a digest says that two orders are of one buyer; without a key there is none."""
    take(floor, HEADER + line(1) + line(2, who="A") + line(3, who="b"))
    stored = floor.everything()
    assert TITLE in stored
    assert not any(
        word in stored for word in ("山田", "千代田", "a@market", "b@market", "marketplace.amazon")
    )
    mine = print_of("a@marketplace.amazon.co.jp", KEY)
    with floor.database.read() as uow:
        assert [one.order_id for one in uow.orders.of_buyer(mine)] == sorted([order_of(1), order_of(2)])
    take(floor, HEADER + line(4), key=None)
    with floor.database.read() as uow:
        assert uow.orders.of([order_of(4)])[0].buyer_print is None


def test_a_long_report_is_taken_in_batches(floor, monkeypatch):
    """Each is a transaction of its own, of which the person hears; only the first faults are listed."""
    monkeypatch.setattr(imports, "BATCH", 4)
    seen = []
    text = HEADER + "".join(line(1, item=str(number)) for number in range(6)) + "x\n" * 25
    summary = take(floor, text, seen=seen)
    assert (counts(summary), seen[:2], seen[-1]) == ((31, 6, 0, 25), [4, 8], 31)
    assert [one.line for one in summary.faults] == list(range(8, 28))


@pytest.mark.parametrize("how", [import_orders, import_feedback])
def test_a_wrong_file_takes_nothing_in(floor, how):
    """One sentence in both languages names the columns that were sought, and no data."""
    with pytest.raises(WrongFile, match="Columns needed") as caught:
        take(floor, "山田 太郎\t東京都\n", how)
    assert "注文番号" in str(caught.value)
    assert "山田" not in str(caught.value)
    with floor.database.read() as uow:
        assert uow.imports.newest("orders") is None


# Ratings


def test_a_feedback_report_is_taken_in_once(floor):
    """A low rating opens a case and alerts, a good one bothers nobody, and the same again is nothing new."""
    text = RATED + rated(1, 1) + rated(2, 5) + rated(3, 9)
    assert counts(take(floor, text, import_feedback)) == (3, 2, 0, 1)
    assert counts(take(floor, text, import_feedback)) == (3, 0, 2, 1)
    (case,) = floor.cases()
    assert (case.order_ids, case.rating) == ((order_of(1),), 1)
    with floor.database.read() as uow:
        known = {one.order_id: one for one in uow.ratings.all()}
    assert known[order_of(1)].rater_print == print_of("a@marketplace.amazon.co.jp", KEY)
    assert (known[order_of(1)].rated_on, known[order_of(2)].rating) == (date(2026, 11, 16), 5)


# What drafts and cases know


def test_drafts_know_the_order(floor):
    """Item, price, who ships and when; a template of the shop's own may name them."""
    take(floor, HEADER + line(1))
    day_goes_on(floor, complaint(1))
    shipping = asked(floor, shipping_of)
    assert (shipping.item, shipping.price, shipping.currency) == (TITLE, 3980, "JPY")
    draft = open_draft(floor, 1)
    assert (draft.fulfilment, TITLE in draft.text) == ("own", False)


def test_a_template_of_the_shops_own_may_name_item_and_price(floor, tmp_path):
    """A long title is cut, for it stands in a sentence."""
    (tmp_path / "ja").mkdir()
    words = "{{ context.item }}／{{ context.price }}"
    (tmp_path / "ja" / "damaged.j2").write_text(words, "utf-8")
    take(floor, HEADER + line(1).replace(TITLE, "ランタン" * 40))
    day_goes_on(floor, complaint(1))
    with floor.database.write() as uow:
        work = Work(uow, floor.shop, floor.clock.now())
        draft = redraft(work, DraftTemplates(tmp_path), 1, situation="damaged")
    assert draft.text.strip() == ("ランタン" * 15)[:59] + "…／3,980円"


def test_what_orders_of_a_case_do_not_agree_on_is_not_said(floor):
    """Several things have no one name, and a sum with an unknown part is none."""
    take(floor, HEADER + line(1) + line(1, item="2", price="").replace(TITLE, "別の品"))
    floor.work(buyer(1))
    shipping = asked(floor, shipping_of)
    assert (shipping.item, shipping.price, shipping.fulfilment) == (None, None, "own")


@pytest.mark.playbook("First principles / A repeat customer who is angry")
def test_a_repeat_customer_is_known_by_the_orders(floor):
    """Under another address the same buyer wrote before: the case, the alert and its advice say so."""
    floor.work(buyer(1, text="使い方を教えてください"))
    day_goes_on(floor, complaint(2))
    assert asked(floor, lambda work, case: earlier_cases(work.uow, case), 2) == ()
    take(floor, HEADER + line(1) + line(2) + line(3, day="2026-01-10T03:00:00+00:00") + line(4, who="b"))
    known = asked(floor, lambda work, case: orders_of_buyer(work.uow, case), 2)
    assert [one.order_id for one in known] == [order_of(3), *sorted([order_of(1), order_of(2)])]
    assert asked(floor, lambda work, case: earlier_cases(work.uow, case), 2) == (1,)
    (told,) = [one for one in asked(floor, lambda work, case: advise(work, case, ()), 2) if "何度も" in one]
    assert "3件" in told
    assert "sokuresu case 2" in told


def test_one_order_makes_no_repeat_customer(floor):
    """Nor does an order of which no report told."""
    floor.work(buyer(1))
    assert asked(floor, lambda work, case: orders_of_buyer(work.uow, case)) == ()
    take(floor, HEADER + line(1))
    assert asked(floor, lambda work, case: advise(work, case, ())) == ()


# The key


def test_the_key_is_made_once_and_is_nobody_elses_to_read(tmp_path):
    """Another call finds the same one; rights of others are taken away."""
    path = tmp_path / "new" / "buyers.key"
    key = buyer_key(path)
    assert (len(key), stat.S_IMODE(path.stat().st_mode)) == (32, 0o600)
    path.chmod(0o644)
    assert buyer_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key.hex() not in repr(Summary("orders"))


@pytest.mark.parametrize("content", ["", "open sesame", "aa" * 31])
def test_a_damaged_key_is_told_and_not_replaced(tmp_path, content):
    """Another key would make strangers of all buyers; what is in the file is not shown."""
    path = tmp_path / "buyers.key"
    path.write_text(content)
    with pytest.raises(BuyerKeyUnavailable) as caught:
        buyer_key(path)
    assert str(path) in str(caught.value)
    assert path.read_text() == content
    assert not content or content not in str(caught.value)


def test_a_key_in_an_impossible_place_is_told(tmp_path):
    """A folder is no file, and a link leads nowhere that was meant."""
    (tmp_path / "folder.key").mkdir()
    (tmp_path / "link.key").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "file").write_text("")
    for name in ("folder.key", "link.key", "file/buyers.key"):
        with pytest.raises(BuyerKeyUnavailable):
            buyer_key(tmp_path / name)


def test_prints_do_not_depend_on_how_an_address_is_written():
    """Case, width and the conversation's part do not count; another buyer or another key makes another."""
    one = print_of("abc@marketplace.amazon.co.jp", KEY)
    for same in (" ABC+1234@Marketplace.Amazon.co.jp", "ａｂｃ@marketplace.amazon.co.jp"):
        assert print_of(same, KEY) == one
    others = {
        print_of("abd@marketplace.amazon.co.jp", KEY),
        print_of("abc@marketplace.amazon.co.jp", b"x" * 32),
    }
    assert one not in others
    assert len(one) == 64
    assert (print_of("", KEY), print_of(None, KEY), print_of("a@b.example", None)) == (None, None, None)
    assert {print_of(one, KEY) for one in ("山田太郎", "N/A", "-", "@", " @x.example", "***@x.example")} == {
        None
    }
    assert print_of("a+b@x.example", KEY) != print_of("a@x.example", KEY)


# The command


@pytest.fixture
def shop_file(floor, tmp_path):
    """The configuration of the shop at work."""
    url = floor.database._engine.url.render_as_string(hide_password=False)
    config = tmp_path / "shop.toml"
    config.write_text(
        f'database_url = "{url}"\n[shop]\nname = "まい商店"\nowner_email = "owner@shop.example"\n'
        f'[orders]\nbuyer_key_file = "{tmp_path / "buyers.key"}"\n'
        '[[mailbox]]\nname = "main"\naddress = "main@shop.example"\n'
        'username = "main"\npassword_file = "none"\n'
        'imap = { host = "127.0.0.1", port = 1, security = "none" }\n'
        'smtp = { host = "127.0.0.1", port = 1, security = "none" }\n',
        "utf-8",
    )
    return config


def call(config, *arguments, given=None):
    """Type a command."""
    return CliRunner().invoke(main, ["--config", str(config), *map(str, arguments)], input=given)


def test_the_command_takes_a_file_in_and_tells_what_became_of_it(floor, shop_file, tmp_path):
    """With the numbers of bad lines; the case shows the order and the history of its buyer."""
    floor.work(buyer(1))
    path = tmp_path / "orders.txt"
    path.write_text(HEADER + line(1) + line(2) + line(3, price="abc"), "cp932")
    done = call(shop_file, "import", "orders", path)
    assert (done.exit_code, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert first == "3 行を読みました: 新しい内容 2、すでに取り込み済み 0、使えない行 1。"
    assert second == "  4 行目 商品の価格: 金額をはっきり読み取れません"
    shown = call(shop_file, "case", "1").stdout
    told = (f"商品: {TITLE}", "支払額 (送料を除く): 3,980円", "購入日: 2026-11-10", "この購入者の注文は 2 件")
    assert all(words in shown for words in (*told, f"・2026-11-10 {order_of(2)}"))
    facts = json.loads(call(shop_file, "draft", "1", "--json").stdout)["facts"]
    assert (facts["item"], facts["price"], facts["currency"]) == (TITLE, 3980, "JPY")


def test_the_command_reads_standard_input_and_says_when_nothing_was_usable(floor, shop_file, tmp_path):
    """JSON for scripts; a key that cannot be made is said, and the rest goes on."""
    (tmp_path / "buyers.key").mkdir()
    done = call(shop_file, "import", "orders", "-", "--json", given=HEADER + line(1))
    told = json.loads(done.stdout)
    assert (done.exit_code, told["taken"], told["recognises_buyers"]) == (0, 1, False)
    assert "リピーターを見分けずに" in done.stderr
    done = call(shop_file, "import", "feedback", "-", "--json", given=RATED + rated(1, 9))
    told = json.loads(done.stdout)
    assert (done.exit_code, told["faulty"]) == (1, 1)
    assert told["faults"] == [{"line": 2, "reason": "rating", "column": "rating"}]
    wrong = call(shop_file, "import", "feedback", "-", given=HEADER + line(1))
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "見出し行が見つかりません" in wrong.stderr


def test_facts_of_another_report_are_kept(floor):
    """What a notice told stays where the report says nothing."""
    with floor.database.write() as uow:
        uow.orders.note(OrderFacts(order_of(1), delivered_on=date(2026, 11, 12)), floor.clock.now())
        uow.commit()
    take(floor, HEADER + line(1))
    with floor.database.read() as uow:
        (facts,) = uow.orders.of([order_of(1)])
    assert (facts.delivered_on, facts.ordered_on) == (date(2026, 11, 12), date(2026, 11, 10))


def test_a_file_that_is_not_there_is_told_in_japanese(shop_file, tmp_path):
    """The likeliest mistake of all; so is a folder."""
    for path in (tmp_path / "none.txt", tmp_path):
        refused = call(shop_file, "import", "orders", path)
        assert (refused.exit_code, "ファイルを開けません" in refused.stderr) == (2, True)


def test_a_case_tells_by_what_way_its_rating_came(floor, shop_file):
    """A rating of a report was not entered by hand."""
    call(shop_file, "import", "feedback", "-", given=RATED + rated(1, 1))
    assert "出品者の評価 (評価レポート)" in call(shop_file, "case", "1").stdout
