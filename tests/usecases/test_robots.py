"""Two robots facing each other: whatever answers us by itself gets one acknowledgment, and never a second."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from state.engine import open_engine
from state.migrations import upgrade
from state.unit_of_work import Database
from tests.beds.post import answer_mail, buyer
from tests.beds.shopfloor import Shopfloor
from tests.unit.parsers.mails import bounce, notice
from tests.unit.state.examples import HOUR

MINUTE = timedelta(minutes=1)
TURNS = 200


def case_of(number):
    return f"0f3b21c9-3fc2-4b43-8b26-{number:012d}"


WAYS = {
    "in the same case": lambda _number: {},
    "in ever new cases": lambda number: {"case": case_of(number)},
    "in ever new words": lambda number: {"text": f"お問い合わせ番号 {number * 7919} の件、まだでしょうか。"},
    "in new cases and words": lambda number: {
        "case": case_of(number),
        "text": f"{number * 7919} について教えてください。",
    },
    "in new cases without an order": lambda number: {"case": case_of(number), "order": None},
}
"""How a robot may word what it sends; the order is Amazon's, and no robot can make one up."""

VACATIONS = {
    "German": "Ich bin bis zum 30.11. im Urlaub. Ihre E-Mail wird nicht weitergeleitet.",
    "English": "Thank you for your e-mail. I am out of the office until Monday with limited access to email.",
    "Japanese": "現在、休暇をいただいており、メールを確認できません。来週あらためてご連絡いたします。",
    "curt": "Bin bis Montag weg.",
    "polite": "ご連絡ありがとうございます。確認のうえ、あらためてご連絡いたします。",
}


@dataclass
class Stage:
    """A shop and somebody who reads every mail of ours as it arrives.

    Attributes:
        floor: the shop.
        heard: how many mails of ours were read.
        numbers: for names that are new.
    """

    floor: Shopfloor
    heard: int = 0
    numbers: itertools.count = field(default_factory=lambda: itertools.count(2))

    def news(self):
        """What we sent to buyers since this was asked last."""
        fresh = self.floor.acknowledgments()[self.heard :]
        self.heard += len(fresh)
        return fresh

    def says(self, **changes):
        """The robot's next message, as Amazon hands it on."""
        number = next(self.numbers)
        return buyer(1, **({"key": f"A0ROBOT{number:013d}"} | changes))

    def robots(self):
        """The acknowledgments that left."""
        return [
            one for one in self.floor.acknowledgments() if one.message["Auto-Submitted"] == "auto-replied"
        ]


@pytest.fixture
def stage(floor):
    """A shop that a buyer's robot writes to."""
    floor.work(buyer(1))
    return Stage(floor)


def play(stage, answer, *, step, turns=TURNS, talks=None, every=1):
    """Let time go by; every mail of ours is answered at once, and a talkative robot writes by itself too."""
    for turn in range(turns):
        stage.floor.clock.advance(step)
        mails = [answer(stage, mail) for mail in stage.news()]
        if talks and turn % every == 0:
            mails.append(talks(stage))
        for mail in mails:
            stage.floor.receive(mail)
        if mails:
            stage.floor.work()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_robot_that_never_stops(stage, way):
    """It answers every mail, and writes by itself every 13 hours; no words or cases get it a second one."""

    def talk(stage, _mail=None):
        return stage.says(**way(next(stage.numbers)))

    play(stage, talk, step=13 * HOUR, turns=12, talks=talk)
    assert len(stage.robots()) == 1


def test_two_hundred_turns(stage):
    """Over five days and fifty new cases it stays at one, and every refusal has its name."""

    def talk(stage, _mail=None):
        return stage.says(**WAYS["in new cases and words"](next(stage.numbers)))

    play(stage, talk, step=40 * MINUTE, talks=talk, every=4)
    assert len(stage.robots()) == 1
    refusals = {one.refusal for case in stage.floor.cases() for one in stage.floor.messages(case.id)}
    assert refusals == {None, "cool_down", "awaiting_person"}


@pytest.mark.parametrize("text", VACATIONS.values(), ids=VACATIONS)
def test_a_vacation_reply_without_any_header(stage, text):
    """Each of our mails, a person's too, is answered by it; only a person's answer may bring it another."""

    def away(stage, _mail):
        return stage.says(text=text, case=case_of(next(stage.numbers)))

    play(stage, away, step=4 * HOUR, turns=10)
    assert len(stage.robots()) == 1
    answers = 3
    for _ in range(answers):
        stage.floor.receive(answer_mail(buyer(1).address), folder="Sent")
        stage.floor.receive(away(stage, None))
        stage.floor.work()
        play(stage, away, step=4 * HOUR, turns=10)
    assert len(stage.robots()) <= 1 + answers


@pytest.mark.parametrize("name", ["German", "English", "Japanese"])
def test_a_vacation_reply_that_opens_the_matter(floor, name):
    """A notice in the usual words is seen to be one, and is not acknowledged at all."""
    (taken,) = floor.work(buyer(1, text=VACATIONS[name]))
    assert (taken.refusal, floor.acknowledgments()) == ("automatic", [])


def test_amazons_own_automatic_reply(stage):
    """Its header ends it at once, from the alias and from Amazon's own address."""
    marked = (("X-Amazon-Auto-Reply", "true"),)

    def reply(stage, _mail=None):
        number = next(stage.numbers)
        return stage.says(extra=marked, case=case_of(number))

    def own(_stage):
        body = "<p>This address does not accept mail.</p>"
        return notice("Your message", body, sender="nobody@bounces.amazon.com", extra=marked)

    play(stage, reply, step=13 * HOUR, turns=8, talks=reply)
    play(stage, reply, step=13 * HOUR, turns=8, talks=own)
    assert len(stage.robots()) == 1


def test_a_mailer_daemon(stage):
    """It returns every mail of ours, alerts too, and what it says never brings forth another mail to it."""

    def back(stage, mail):
        return bounce(mail.recipient, mail.message["Message-ID"].strip("<>"))

    for _ in range(20):
        stage.floor.clock.advance(4 * HOUR)
        for mail in [*stage.news(), *stage.floor.alert()]:
            content = back(stage, mail)
            stage.floor.receive(content)
        stage.floor.work()
    assert len(stage.robots()) == 1
    assert all(one.recipient in {buyer(1).address, stage.floor.shop.owner} for one in stage.floor.sent())
    assert len(stage.floor.alerts()) < 20


def test_a_server_that_returns_one_mail_for_ever(stage):
    """The owner is told of it once, beside the planned alerts of the day."""
    (mail,) = stage.news()
    planned = 3
    for _ in range(12):
        stage.floor.clock.advance(30 * MINUTE)
        stage.floor.work(bounce(mail.recipient, mail.message["Message-ID"].strip("<>")))
        stage.floor.alert()
    assert len(stage.robots()) == 1
    assert len(stage.floor.alerts()) <= planned + 1


@pytest.mark.parametrize("cut", [False, True], ids=["word for word", "its last lines lost"])
def test_two_shops_of_ours(floor, tmp_path, cut):
    """Each takes the other for a buyer; with the words that name a robot or without, one each ends it."""
    engine = open_engine(f"sqlite:///{tmp_path / 'other.db'}")
    upgrade(engine)
    other = Shopfloor(Database(engine), clock=floor.clock)
    other.read()
    shops = Stage(floor), Stage(other)
    floor.work(buyer(1))
    for _ in range(TURNS):
        floor.clock.advance(37 * MINUTE)
        for ours, theirs in (shops, shops[::-1]):
            for mail in ours.news():
                lines = mail.text.splitlines()
                text = "\n".join(lines[: len(lines) // 2] if cut else lines)
                theirs.floor.work(theirs.says(text=text, case=case_of(next(theirs.numbers))))
    assert [len(one.robots()) for one in shops] == [1, 1]
    engine.dispose()
