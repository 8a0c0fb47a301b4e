"""The end of a case at the desk: one cause, one line, both proposed and both to be changed."""

from __future__ import annotations

import re

import pytest

from daemon.commands import answered
from daemon.work import Work
from state.lessons import Cause
from state.model import CaseState
from tests.beds.post import buyer

PAGE = "/case/1/close"


def learnt(floor):
    """What is on record: the state, the cause and the line."""
    with floor.database.read() as uow:
        lesson = uow.lessons.of_cases([1]).get(1)
        case = uow.cases.get(1)
    return case.state, lesson and lesson.cause, lesson and lesson.prevention


@pytest.fixture
def over(floor, browser):
    """A buyer complained and was answered."""
    floor.work(buyer(1, text="届いた商品の箱がつぶれていて、中身も割れていました。"))
    with floor.database.write() as uow:
        answered(Work(uow, floor.shop, floor.clock.now()), 1)
        uow.commit()
    return browser


def test_the_proposal_is_taken_or_changed_and_the_case_closed_once(floor, over):
    """The proposed cause is chosen; what the person says instead is kept; a second click is harmless."""
    page = over.get(PAGE).text
    assert re.search(r'value="[a-z_]+" required checked', page)
    fields = {"cause": "packing", "prevention": "箱を替える\n<script>alert(1)</script>"}
    assert over.post(PAGE, **fields).headers["location"] == "/case/1?done=closed"
    kept = (CaseState.CLOSED, Cause.PACKING, "箱を替える <script>alert(1)</script>")
    assert learnt(floor) == kept
    assert over.post(PAGE, **fields).headers["location"] == "/case/1?done=nothing"
    assert "<script>alert" not in over.get(PAGE).text
    changed = over.post(PAGE, cause="carrier", prevention="")
    assert changed.headers["location"] == "/case/1?done=lesson_noted"
    assert learnt(floor) == (CaseState.CLOSED, Cause.CARRIER, "")


def test_an_unknown_cause_is_asked_again_and_keeps_what_was_written(floor, over):
    """Nothing is noted."""
    refused = over.post(PAGE, cause="moon", prevention="新しい箱")
    assert (refused.status_code, "新しい箱" in refused.text) == (409, True)
    assert learnt(floor) == (CaseState.ANSWERED, None, None)


def test_what_is_unanswered_is_not_closed(floor, browser):
    """The page says what comes first, in words of the shop."""
    floor.work(buyer(1))
    assert "先に回答してください" in browser.text(PAGE)
    for cause in ("none", "moon"):
        refused = browser.post(PAGE, cause=cause, prevention="")
        assert (refused.status_code, "sokuresu" in refused.text) == (409, False)
    assert learnt(floor)[0] is CaseState.OPEN
