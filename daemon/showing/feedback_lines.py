"""A rating as the commands show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daemon.aftercare.feedback_advice import is_worth_asking, left, say_outlook
from daemon.aftercare.feedback_cases import find_rating
from daemon.showing.findings import finding_lines
from daemon.showing.reader import NOTHING, clean, clean_lines, indented
from daemon.words import FULFILMENTS, REMOVALS
from templates.feedback import render_steps, seller_page
from templates.guidelines import check
from templates.wording import LONG_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from daemon.aftercare.feedback_cases import RatedCase, Texts
    from daemon.showing.reader import Reader
    from daemon.work import Work
    from state.feedback_score import Tally
    from state.model import Case
    from templates.contexts import FeedbackContext

_CLAUSE_LIMIT = 200


def stars_of(rated: RatedCase) -> str:
    """Such as ``1/5``."""
    return NOTHING if rated.stars is None else f"{rated.stars}/5"


def day_of(day: date | None, reader: Reader) -> str:
    """A date as letters write it."""
    return NOTHING if day is None else LONG_DAYS[reader.language](day)


def score_lines(tallies: Iterable[Tally], reader: Reader) -> Iterator[str]:
    """The score of each window on a line."""
    for tally in tallies:
        window = reader.say("全期間", "lifetime") if tally.days is None else _days(tally.days, reader)
        shares = (
            (("良い (4・5)", "positive (4, 5)"), tally.positive),
            (("普通 (3)", "neutral (3)"), tally.neutral),
            (("悪い (1・2)", "negative (1, 2)"), tally.negative),
        )
        told = " ・ ".join(f"{reader.say(*name)} {_share(tally, count)}" for name, count in shares)
        yield f"{window}: {reader.say(f'{tally.count}件', _ratings(tally.count))} — {told}"


def _days(days: int, reader: Reader) -> str:
    return reader.say(f"{days}日間", f"{days} days")


def _ratings(count: int) -> str:
    return f"{count} rating{'s'[: count != 1]}"


def _share(tally: Tally, count: int) -> str:
    share = tally.share(count)
    return str(count) if share is None else f"{count} ({share}%)"


def summary_lines(work: Work, case: Case, reader: Reader) -> tuple[str, ...]:
    """What `case N` shows of its rating; nothing where it has none."""
    rated = find_rating(work, case)
    if rated is None:
        return ()
    today = work.shop.calendar.local_day(work.now)
    told = reader.say(
        f"くわしく: sokuresu feedback show {case.id}", f"More: sokuresu feedback show {case.id}"
    )
    stars = f"{reader.say('星', 'stars')}: {stars_of(rated)}"
    return (stars, *_facts(rated, reader), *_outlook(rated, today, reader), told)


def page(
    rated: RatedCase, texts: Texts, context: FeedbackContext, today: date, reader: Reader
) -> Iterator[str]:
    """Everything about one rating, with the texts to copy."""
    yield reader.say(
        f"案件 {rated.case.id}: 評価 {stars_of(rated)}", f"Case {rated.case.id}: rating {stars_of(rated)}"
    )
    yield from (f"  {line}" for line in _facts(rated, reader))
    yield from _text(("コメント", "Comment"), rated.comment, reader)
    if rated.response:
        yield from _text(("公開中の返信", "Public reply so far"), rated.response, reader)
    yield from ("", reader.say("削除・取り消し線の見込み", "Whether Amazon removes or strikes it"))
    yield from (f"  {line}" for line in _outlook(rated, today, reader))
    if texts.request:
        yield from _request(texts, context, reader)
    if not rated.raised:
        yield from _answers(rated, texts, reader)
    yield from ("", reader.say("次のコマンド", "What to type next"))
    yield from (f"  {line}" for line in _next(rated, reader))


def _request(texts: Texts, context: FeedbackContext, reader: Reader) -> Iterator[str]:
    """What to ask of Amazon, and how."""
    title = ("Amazonへの申請文 (コピー用)", "Request to Amazon (to copy)")
    yield from _text(title, texts.request, reader)
    yield from ("", reader.say("セラーセントラルでの手順", "Steps in Seller Central"))
    steps = enumerate(render_steps(context, reader.language), 1)
    yield from (f"  {number}. {step}" for number, step in steps)


def _answers(rated: RatedCase, texts: Texts, reader: Reader) -> Iterator[str]:
    """What to say to the buyer and to everybody, and where."""
    title = (
        "購入者への文面 (コピー用。評価には触れません)",
        "To the buyer (to copy; not a word about the rating)",
    )
    yield from _text(title, texts.buyer, reader)
    # A name of the shop may hold what no message may.
    if found := check(texts.buyer, order_id=rated.order_id, language=reader.language):
        yield from (f"  {line}" for line in finding_lines(found, reader))
    title = ("公開の返信 (コピー用。後から直せません)", "Public reply (to copy; it can never be edited)")
    yield from _text(title, texts.reply, reader)
    checking = reader.say("直したら確かめる", "check your own words")
    yield f"  {checking}: sokuresu feedback reply"
    place = seller_page(reader.language)
    yield f"  {reader.say('開く画面', 'Page to open')}: {place.name} — {place.menu} ({place.host})"


def _facts(rated: RatedCase, reader: Reader) -> Iterator[str]:
    facts = (
        (("注文", "order"), clean(rated.order_id)),
        (("評価日", "rated on"), day_of(rated.rated_on, reader)),
        (("発送", "shipped by"), reader.word(FULFILMENTS, rated.fulfilment)),
    )
    yield from (f"{reader.say(*name)}: {value}" for name, value in facts if value)


def _outlook(rated: RatedCase, today: date, reader: Reader) -> Iterator[str]:
    """What Amazon may do, why, until when, and where the request stands."""
    found, which = rated.assessment, int(reader.language == "en")
    yield say_outlook(rated, which)
    yield from _clauses(reader.say("根拠になる文", "speaks for it"), found.speaks_for)
    yield from _clauses(reader.say("妨げになる文", "speaks against it"), found.speaks_against)
    if rated.request_by is not None and is_worth_asking(rated):
        told = left(rated.request_by, today)[which]
        name = reader.say("申請の期限 (90日)", "request due (90 days)")
        yield f"{name}: {day_of(rated.request_by, reader)} ({told})"
    if rated.change_by is not None:
        told = left(rated.change_by, today)[which]
        name = reader.say("購入者が変更できる期限 (60日)", "the buyer can change it until (60 days)")
        never = reader.say("こちらからはお願いしません", "nobody asks for it")
        yield f"{name}: {day_of(rated.change_by, reader)} ({told}){reader.say('。', '; ')}{never}"
    word = rated.removal.word
    state = reader.say("未申請", "not requested") if word is None else reader.word(REMOVALS, word)
    since = "" if rated.removal.on is None else f" ({day_of(rated.removal.on, reader)})"
    yield f"{reader.say('申請の状況', 'request')}: {state}{since}"


def _clauses(title: str, clauses: Iterable[str]) -> Iterator[str]:
    told = [f"「{clean(one, _CLAUSE_LIMIT)}」" for one in clauses]
    if told:
        yield f"{title}: {' '.join(told)}"


def _text(title: tuple[str, str], text: str, reader: Reader) -> Iterator[str]:
    yield from ("", reader.say(*title))
    yield indented(clean_lines(text) or reader.say("(コメントなし)", "(no comment)"))


def _next(rated: RatedCase, reader: Reader) -> Iterator[str]:
    number = rated.case.id
    if rated.settled:
        yield _step(reader, "ほかに用がなければ", "if nothing else is left", f"no-reply-needed {number}")
        return
    if rated.alias_case is not None:
        yield _step(
            reader,
            "購入者への文面を下書きにする",
            "make the text to the buyer a draft",
            f"feedback draft {number}",
        )
    if rated.ground is not None and rated.removal.may_be_requested:
        yield _step(reader, "申請したら", "when you have asked Amazon", f"feedback step {number} requested")
    if rated.removal.word == "requested":
        yield _step(
            reader,
            "結果が出たら (removed / struck / refused)",
            "when it is decided (removed, struck or refused)",
            f"feedback step {number} removed",
        )
    if rated.fulfilment == "unknown":
        yield _step(
            reader,
            "発送元が分かったら (fba / own)",
            "when you know who shipped (fba or own)",
            f"feedback step {number} fba",
        )
    yield _step(reader, "対応を終えたら", "when you are done", f"answered {number}")


def _step(reader: Reader, ja: str, en: str, line: str) -> str:
    return f"{reader.say(ja, en)}: sokuresu {line}"


def record_of(rated: RatedCase, texts: Texts) -> dict[str, Any]:
    """The same for scripts."""
    found, removal = rated.assessment, rated.removal
    return {
        "case": rated.case.id,
        "rating": rated.stars,
        "order_id": rated.order_id,
        "rated_on": _iso(rated.rated_on),
        "comment": rated.comment,
        "response": rated.response,
        "fulfilment": rated.fulfilment,
        "ground": found.ground.value,
        "confident": found.confident,
        "speaks_for": list(found.speaks_for),
        "speaks_against": list(found.speaks_against),
        "request_by": _iso(rated.request_by),
        "change_by": _iso(rated.change_by),
        "removal": removal.word,
        "removal_on": _iso(removal.on),
        "draft_case": rated.alias_case,
        "request": texts.request,
        "buyer": texts.buyer,
        "public_reply": texts.reply,
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
