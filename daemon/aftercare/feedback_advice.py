"""What the owner does about a rating, a sentence or two each; it stands in alerts and quotes no buyer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.aftercare.feedback_cases import find_rating
from parsers.values import Kind
from state.feedback_policy import AssessmentReason, Remedy
from state.removals import Word
from templates.wording import LONG_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from daemon.aftercare.feedback_cases import RatedCase
    from daemon.work import Work
    from state.model import Case, Message

Both = tuple[str, str]
"""A sentence in Japanese and in English."""

_GONE = (
    "この評価はもう数えられません。ほかに用がなければ: sokuresu no-reply-needed {n}",
    "This rating does not count any more. If nothing else is to be done: sokuresu no-reply-needed {n}",
)
_RAISED = (
    "購入者が評価を {stars} に上げました。ほかに用がなければ: sokuresu no-reply-needed {n}",
    "The buyer raised the rating to {stars}. If nothing else is to be done: sokuresu no-reply-needed {n}",
)
_REQUESTED = (
    "削除を申請済みです。結果が出たら: sokuresu feedback step {n} removed (または struck、refused)",
    "Its removal was requested. When it is decided: sokuresu feedback step {n} removed (or struck, refused)",
)
_REFUSED = (
    "申請は認められませんでした。公開の返信と、購入者への対応が残っています。",
    "The request was refused. What is left is the public reply, and helping the buyer.",
)
_CAN_BE = {
    Remedy.REMOVAL: (
        "Amazonに削除を申請できる見込みがあります ({sure})。{why}",
        "Amazon may remove it ({sure}). {why}",
    ),
    Remedy.STRIKE: (
        "Amazonが取り消し線を引き、点数から外す見込みがあります ({sure})。{why}",
        "Amazon may strike it through, so that it does not count ({sure}). {why}",
    ),
    Remedy.STAYS: ("削除の見込みは低いです。{why}", "It will most likely stay. {why}"),
}
_WHO_SHIPPED = (
    "{why} 分かったら: sokuresu feedback step {n} fba (または own)",
    "{why} When you know: sokuresu feedback step {n} fba (or own)",
)
_SURE = (("要確認", "確かです"), ("read it yourself", "certain"))
_BY = (
    "申請の期限は {day}、{left}。窓口は一つだけにしてください。",
    "The request is due by {day}, {left}; make it in one place only.",
)
_TOO_LATE = (
    "申請の期限 ({day}) は過ぎました。",
    "The time for a request ended on {day}.",
)
_TEXTS = (
    "申請文・手順・購入者への文面・公開の返信: sokuresu feedback show {n} ／ 済んだら: sokuresu answered {n}",
    "Request, steps and texts to copy: sokuresu feedback show {n}. When you are done: sokuresu answered {n}",
)
_UNTIL = (
    "購入者が自分で評価を変えられるのは {day} まで、{left}。こちらからはお願いしません。",
    "The buyer can change the rating until {day}, {left}. Nobody asks for it.",
)


def advise_on_rating(work: Work, case: Case, messages: Sequence[Message]) -> tuple[str, ...]:
    """Ground, deadlines and next step of the rating that a case is about; none for other cases."""
    if not any(one.kind is Kind.FEEDBACK for one in messages):
        return ()
    rated = find_rating(work, case)
    if rated is None:
        return ()
    which = int(work.shop.language == "en")
    today = work.shop.calendar.local_day(work.now)
    return tuple(_sentences(rated, which, today))


def _sentences(rated: RatedCase, which: int, today: date) -> Iterator[str]:
    number = rated.case.id
    if rated.settled:
        said = _GONE if rated.removal.gone else _RAISED
        yield said[which].format(n=number, stars=rated.stars)
        return
    yield from _of_removal(rated, which, today)
    yield _TEXTS[which].format(n=number)
    if rated.change_by is not None and today <= rated.change_by:
        yield _UNTIL[which].format(**_told(rated.change_by, today, which))


def _of_removal(rated: RatedCase, which: int, today: date) -> Iterator[str]:
    """What may be had of Amazon, or where the request stands."""
    if rated.removal.word is Word.REQUESTED:
        yield _REQUESTED[which].format(n=rated.case.id)
        return
    if rated.removal.word is Word.REFUSED:
        yield _REFUSED[which]
        return
    yield say_outlook(rated, which)
    if is_worth_asking(rated) and rated.request_by is not None:
        said = _BY if today <= rated.request_by else _TOO_LATE
        yield said[which].format(**_told(rated.request_by, today, which))


def say_outlook(rated: RatedCase, which: int) -> str:
    """Whether Amazon may help, how sure that is, and why; `which` is 0 for Japanese and 1 for English."""
    found = rated.assessment
    why = found.say(("ja", "en")[which])
    if found.reason is AssessmentReason.UNKNOWN_FULFILMENT:
        return _WHO_SHIPPED[which].format(why=why, n=rated.case.id)
    return _CAN_BE[found.remedy][which].format(sure=_SURE[which][found.confident], why=why)


def is_worth_asking(rated: RatedCase) -> bool:
    """There is a ground, or there is one as soon as somebody says who shipped."""
    return rated.ground is not None or rated.assessment.reason is AssessmentReason.UNKNOWN_FULFILMENT


def _told(by: date, today: date, which: int) -> dict[str, str]:
    return {"day": LONG_DAYS[("ja", "en")[which]](by), "left": left(by, today)[which]}


def left(by: date, today: date) -> Both:
    """How many days there are until a last day, itself included; or that it has passed."""
    days = (by - today).days
    if days < 0:
        return "期限切れ", "over"
    return ("今日まで", "today") if days == 0 else (f"あと{days}日", f"{days} days left")
