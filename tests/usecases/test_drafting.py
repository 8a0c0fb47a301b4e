"""Which drafts are made, replaced and overtaken, and what they know of orders, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.work import Work
from state.drafts import DraftSource
from templates.drafting import DraftTemplates
from tests.beds.post import answer_mail, buyer, dated, opted_out, order_of, reply_copy
from tests.beds.reviewing import (
    DAMAGED,
    OWN_WORDS,
    QUESTION,
    answer_in_app,
    complaint,
    day_goes_on,
    drafts,
    left,
    open_draft,
    say_answered,
    states,
    write_anew,
)
from tests.unit.parsers.mails import notice
from tests.unit.state.examples import DAY, HOUR

MINUTE = timedelta(minutes=1)
ESCALATION = "対応がひどいので消費者センターに通報し、弁護士に相談して訴えます。"
THANKS = "ありがとうございました。無事に届きました。"


def order_notice(number=1, *, words="出荷予定日2026/11/25までに出荷してください。", proof="pass"):
    """Amazon tells of an order of that buyer."""
    order = order_of(number)
    body = f"<p>Amazonで新規の注文がありました。</p><p>注文番号:{order}</p><p>{words}</p>"
    subject = f"注文確定({order})"
    return notice(subject, body, sender="seller-notification@amazon.co.jp", proof=proof)


@pytest.mark.playbook("message through Amazon's mail")
def test_every_new_message_gets_a_draft(floor):
    """Two buyers write; each case has a version in its own words, and only acknowledgments were sent."""
    day_goes_on(floor, complaint(1))
    day_goes_on(floor, buyer(2, text=QUESTION))
    first, second = open_draft(floor, 1), open_draft(floor, 2)
    assert (first.version, first.situation, second.situation) == (1, "damaged", "question")
    assert (first.source, first.sight.message) == (DraftSource.TEMPLATE, floor.messages(1)[0].id)
    assert order_of(1) in first.text
    assert left(floor) == []


@pytest.mark.playbook("thanks")
@pytest.mark.playbook("threat, lawyer, consumer centre, injury")
@pytest.mark.parametrize(("text", "told"), [(THANKS, []), (ESCALATION, ["escalation"])])
def test_some_messages_get_no_draft(floor, text, told):
    """Thanks need none, and a threat needs a person at once."""
    day_goes_on(floor, buyer(1, text=text))
    day_goes_on(floor)
    assert (drafts(floor), floor.words()) == ([], told)


def test_a_later_message_replaces_the_draft(floor):
    """The new version knows both messages; the older one stays on record."""
    day_goes_on(floor, complaint(1))
    floor.clock.advance(HOUR)
    day_goes_on(floor, complaint(1, key="A0SECOND", text="返金でもかまいません。早くしてください。"))
    current = open_draft(floor)
    assert (current.version, len(states(floor))) == (2, 2)
    assert states(floor)[0] in {"replaced", "overtaken"}
    assert current.sight.message == floor.messages()[1].id


def test_a_persons_text_is_kept_as_an_older_version(floor):
    """The buyer writes again while a person's own words wait: they are not thrown away."""
    day_goes_on(floor, complaint(1))
    write_anew(floor, OWN_WORDS)
    floor.clock.advance(HOUR)
    day_goes_on(floor, complaint(1, key="A0SECOND"))
    sources = [(one.source.value, one.state.value != "open") for one in drafts(floor)]
    assert sources == [("template", True), ("command", True), ("template", False)]
    assert drafts(floor)[1].text == f"{OWN_WORDS}\n"


def test_thanks_after_a_complaint_do_not_take_its_draft_away(floor):
    """Who thanks in advance still wants what was asked for."""
    day_goes_on(floor, complaint(1))
    floor.clock.advance(HOUR)
    day_goes_on(floor, complaint(1, key="A0SECOND", text="ありがとうございます。"))
    assert (open_draft(floor).version, open_draft(floor).situation) == (2, "damaged")


@pytest.mark.playbook("threat, lawyer, consumer centre, injury")
def test_a_threat_after_a_draft_leaves_none_to_approve(floor):
    """What was drafted before the threat must not go, and no template answers a threat."""
    day_goes_on(floor, complaint(1))
    floor.clock.advance(HOUR)
    day_goes_on(floor, complaint(1, key="A0SECOND", text=ESCALATION))
    assert states(floor) == ["overtaken"]
    assert floor.words() == ["escalation"]


def test_an_unproven_message_replaces_nothing(floor):
    """Anybody could write it, so the draft for the genuine one stays as it is."""
    day_goes_on(floor, complaint(1))
    floor.clock.advance(HOUR)
    day_goes_on(floor, complaint(1, key="A0SECOND", proof="none"))
    assert (states(floor), len(floor.messages())) == (["open"], 2)


def test_an_unproven_first_message_gets_a_draft(floor):
    """A person may want to answer it, and decides that alone."""
    day_goes_on(floor, complaint(1, proof="none"))
    assert states(floor) == ["open"]


def by_sent_mail(floor):
    answer_in_app(floor)


def by_copy(floor):
    floor.receive(reply_copy(floor.acknowledgments()[0].text))
    floor.read()
    floor.clock.advance(MINUTE)
    floor.receive(reply_copy(OWN_WORDS))


@pytest.mark.parametrize("answer", [by_sent_mail, by_copy, say_answered])
def test_an_answered_case_needs_no_draft(floor, answer):
    """However a person answered, the draft is settled and comes back with the next message only."""
    day_goes_on(floor, complaint(1))
    floor.clock.advance(HOUR)
    answer(floor)
    day_goes_on(floor)
    assert (floor.case().state, states(floor)) == ("answered", ["overtaken"])
    day_goes_on(floor)
    assert len(drafts(floor)) == 1
    floor.clock.advance(HOUR)
    day_goes_on(floor, complaint(1, key="A0SECOND"))
    assert states(floor) == ["overtaken", "open"]


def test_what_an_answer_did_not_answer_is_drafted_anew(floor):
    """The person's mail was read after a newer message had its draft: that message still waits for one."""
    day_goes_on(floor, complaint(1))
    floor.clock.advance(HOUR)
    written = floor.clock.now()
    floor.clock.advance(MINUTE)
    day_goes_on(floor, complaint(1, key="A0SECOND"))
    floor.receive(answer_mail(buyer(1).address), folder="Sent", at=written)
    day_goes_on(floor)
    assert [message.unanswered for message in floor.messages()] == [False, True]
    draft = open_draft(floor)
    assert (draft.version, draft.sight.message, states(floor)[:2]) == (3, 2, ["overtaken"] * 2)
    day_goes_on(floor)
    assert len(drafts(floor)) == 3


@pytest.mark.playbook('"the mail to the buyer was not delivered" (the buyer refuses seller mail)')
def test_an_answer_that_was_not_delivered_is_drafted_anew(floor):
    """Amazon did not hand the person's mail on: the buyer waits again, and so does a draft."""
    day_goes_on(floor, complaint(1))
    floor.clock.advance(HOUR)
    answer_in_app(floor)
    day_goes_on(floor)
    assert states(floor) == ["overtaken"]
    floor.clock.advance(MINUTE)
    day_goes_on(floor, opted_out(1))
    assert states(floor) == ["overtaken", "open"]


def test_a_discarded_draft_does_not_come_back(floor):
    """Until the buyer writes again nobody is bothered with it."""
    day_goes_on(floor, complaint(1))
    with floor.database.write() as uow:
        from_person = Work(uow, floor.shop, floor.clock.now())
        from_person.uow.drafts.settle(1, "discarded", from_person.now)
        uow.commit()
    day_goes_on(floor)
    assert states(floor) == ["discarded"]


def test_a_case_that_cannot_be_drafted_does_not_stop_the_others(floor):
    """One faulty case is logged and tried again; the next buyer's draft is made."""

    class Moody(DraftTemplates):
        def render(self, context, language):
            if context.order_id == order_of(1):
                raise KeyError("unforeseen")
            return super().render(context, language)

    floor.templates = Moody()
    floor.start()
    day_goes_on(floor, complaint(1))
    day_goes_on(floor, complaint(2))
    assert (states(floor, 1), states(floor, 2)) == ([], ["open"])


# Facts


def fulfilment_and_days(floor, case=1):
    draft = open_draft(floor, case)
    return draft.fulfilment, "2026年11月10日ご注文" in draft.text, "2026年11月12日お届け" in draft.text


def test_a_notice_of_the_order_tells_who_ships_and_since_when(floor):
    """The shop ships this order itself, so only that part of the letter is there, with the day."""
    day_goes_on(
        floor, order_notice(1, words="注文日: 2026/11/10<br>出荷予定日2026/11/25までに出荷してください。")
    )
    day_goes_on(floor, complaint(1))
    assert fulfilment_and_days(floor) == ("own", True, False)
    assert "〔" not in open_draft(floor).text


@pytest.mark.parametrize("proof", ["none", "fail"])
def test_only_a_proven_notice_tells_anything(floor, proof):
    """Anybody could have written it: the letter leaves the choice visible."""
    day_goes_on(floor, order_notice(1, proof=proof))
    day_goes_on(floor, complaint(1))
    assert open_draft(floor).fulfilment == "unknown"
    assert "〔ここから" in open_draft(floor).text


def test_notices_add_up(floor):
    """A later notice that tells less takes nothing away."""
    own = "出荷予定日2026/11/25までに出荷してください。"
    day_goes_on(floor, order_notice(1, words=f"注文日: 2026/11/10<br>{own}"))
    day_goes_on(floor, order_notice(1, words="商品をご確認ください。"))
    day_goes_on(floor, complaint(1))
    assert fulfilment_and_days(floor) == ("own", True, False)


def two_orders(floor):
    """One case of two orders."""
    day_goes_on(floor, complaint(1))
    floor.clock.advance(HOUR)
    second = order_of(2)
    day_goes_on(floor, complaint(1, key="A0SECOND", order=second, subject=f"お問い合わせ(注文: {second})"))
    assert floor.case().order_ids == (order_of(1), order_of(2))


def test_orders_that_differ_leave_the_choice_visible(floor):
    """Amazon ships one and the shop the other, so nobody can know which is meant."""
    day_goes_on(floor, order_notice(1))
    day_goes_on(floor, order_notice(2, words="この商品はAmazonが発送しました。"))
    two_orders(floor)
    assert [one.fulfilment for one in drafts(floor)] == ["own", "unknown"]
    assert order_of(1) not in open_draft(floor).text


def test_an_order_of_which_nothing_is_known_leaves_the_choice_visible(floor):
    """Of the one order that is known nothing follows for the other."""
    day_goes_on(floor, order_notice(1))
    two_orders(floor)
    assert open_draft(floor).fulfilment == "unknown"


@pytest.mark.parametrize("usual", ["fba", "own"])
def test_the_usual_way_counts_where_nothing_tells(floor, usual):
    """A shop that always ships the same way need not be asked, unless a notice says otherwise."""
    floor.start(usual_fulfilment=usual)
    day_goes_on(floor, order_notice(2))
    day_goes_on(floor, complaint(1))
    day_goes_on(floor, complaint(2))
    assert (open_draft(floor, 1).fulfilment, open_draft(floor, 2).fulfilment) == (usual, "own")


@pytest.mark.playbook("asks months later")
def test_after_thirty_days_another_letter_is_written(floor):
    """Amazon takes no return any more, which the notice's day tells."""
    words = "注文日: 2026/09/10<br>出荷予定日2026/09/15までに出荷してください。"
    day_goes_on(floor, order_notice(1, words=words))
    day_goes_on(floor, complaint(1))
    assert open_draft(floor).situation == "after_30_days"


@pytest.mark.playbook("First principles / A repeat customer who is angry")
def test_a_buyer_who_came_before_is_known(floor):
    """The second case of the same buyer says so, a case of another buyer does not."""
    floor.start(usual_fulfilment="fba")
    day_goes_on(floor, complaint(1))
    say_answered(floor)
    floor.clock.advance(DAY)
    day_goes_on(floor, complaint(1, case="0f3b21c9-3fc2-4b43-8b26-999999999999", key="A0OTHER"))
    day_goes_on(floor, complaint(2))
    again = ["以前にも" in drafts(floor, case)[0].text for case in (1, 2, 3)]
    assert again == [False, True, False]


def test_photographs_are_thanked_for(floor):
    """What the buyer attached is known by its name."""
    floor.start(usual_fulfilment="own")
    day_goes_on(floor, complaint(1, attachments=("damage.jpg",)))
    day_goes_on(floor, complaint(2))
    thanked = ["お写真をお送りいただき" in open_draft(floor, case).text for case in (1, 2)]
    assert thanked == [True, False]


@pytest.mark.parametrize(
    ("text", "language"),
    [(DAMAGED, "ja"), ("The box was crushed and the cup is broken. Please replace it.", "en")],
)
def test_a_draft_is_in_the_buyers_language(floor, text, language):
    """An English buyer on the Japanese marketplace is written to in English."""
    day_goes_on(floor, buyer(1, text=text))
    draft = open_draft(floor)
    assert (draft.language, draft.template.partition("/")[0]) == (language, language)


# Templates of the shop's own


@pytest.mark.parametrize("fault", ["{% if %}", "{{ context.nothing_of_the_kind }}"])
def test_a_fault_in_a_template_is_told_once(floor, tmp_path, fault):
    """Two drafts meet the same fault: ours is used, and the owner hears once of the file and the line."""
    (tmp_path / "ja").mkdir()
    (tmp_path / "ja" / "damaged.j2").write_text(f"お詫びします。\n{fault}\n", "utf-8")
    floor.templates = DraftTemplates(tmp_path)
    floor.start(usual_fulfilment="fba")
    day_goes_on(floor, complaint(1))
    day_goes_on(floor, complaint(2))
    assert "心よりお詫び申し上げます" in open_draft(floor, 1).text
    assert states(floor, 2) == ["open"]
    (told,) = floor.notices()
    assert told.word == "template_fault"
    assert "damaged.j2:2: " in told.detail


def test_a_template_of_the_shops_own_is_used(floor, tmp_path):
    """What the seller wrote takes the place of ours, and nothing is told."""
    (tmp_path / "ja").mkdir()
    (tmp_path / "ja" / "damaged.j2").write_text("{{ context.order_id }} をお取り替えします。\n", "utf-8")
    floor.templates = DraftTemplates(tmp_path)
    floor.start()
    day_goes_on(floor, complaint(1))
    assert open_draft(floor).text.strip() == f"{order_of(1)} をお取り替えします。"
    assert floor.words() == []


def test_a_message_from_before_the_draft_read_late_replaces_it(floor):
    """It arrived in the junk folder first and is found later: what counts is that nobody had seen it."""
    written = floor.clock.now()
    floor.clock.advance(HOUR)
    day_goes_on(floor, complaint(1))
    second = dated(complaint(1, key="A0SECOND").build(), written)
    day_goes_on(floor, second, folder="Junk", date=written)
    assert (open_draft(floor).version, open_draft(floor).sight.message) == (2, 2)
