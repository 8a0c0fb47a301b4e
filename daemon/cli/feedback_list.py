"""``sokuresu feedback list``: every rating that is known, newest first, below the score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daemon.aftercare.feedback_cases import current_score, removal_words
from daemon.cli.access import considering
from daemon.cli.showing import reader_of, say_json, say_table
from daemon.showing.feedback_lines import score_lines
from daemon.showing.reader import NOTHING, clean
from daemon.words import REMOVALS
from state.model import LOW_RATING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daemon.cli import Context
    from daemon.showing.reader import Reader
    from state.feedback_score import Tally
    from state.ratings import Rating


@click.command("list")
@click.option("--low", is_flag=True, help="1から3だけ (only 1 to 3).")
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")
@click.pass_obj
def command(context: Context, *, low: bool, as_json: bool) -> None:
    """評価を、点数とともに新しいものから表示します (list the ratings, newest first, below the score)."""
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    with considering(settings) as work:
        ratings = [one for one in work.uow.ratings.all() if not low or one.rating <= LOW_RATING]
        ratings.sort(key=_newest_first)
        removals = removal_words(work.uow, ratings)
        tallies = current_score(work)
    if as_json:
        say_json(_record(tallies, ratings, removals))
        return
    click.echo("\n".join(score_lines(tallies, reader)))
    click.echo()
    if ratings:
        say_table(_headings(reader), [_row(one, removals, reader) for one in ratings])
    else:
        click.echo(reader.say("記録した評価はありません。", "No rating is on record."))


def _newest_first(rating: Rating) -> tuple[int, int]:
    return -(rating.rated_on.toordinal() if rating.rated_on else 0), -rating.id


def _headings(reader: Reader) -> list[str]:
    if reader.language == "ja":
        return ["案件", "評価日", "星", "注文", "申請", "コメント"]
    return ["case", "rated on", "stars", "order", "removal", "comment"]


def _row(rating: Rating, removals: Mapping[int, str], reader: Reader) -> list[str]:
    word = removals.get(rating.id)
    return [
        str(rating.case_id or NOTHING),
        NOTHING if rating.rated_on is None else rating.rated_on.isoformat(),
        str(rating.rating),
        rating.order_id or NOTHING,
        NOTHING if word is None else reader.word(REMOVALS, word),
        clean(rating.comment) or NOTHING,
    ]


def _record(
    tallies: Iterable[Tally], ratings: Iterable[Rating], removals: Mapping[int, str]
) -> dict[str, Any]:
    return {
        "score": [_tally_record(one) for one in tallies],
        "ratings": [_rating_record(one, removals) for one in ratings],
    }


def _tally_record(tally: Tally) -> dict[str, Any]:
    names = ("days", "count", "positive", "neutral", "negative")
    shares = {f"{name}_percent": tally.share(getattr(tally, name)) for name in names[2:]}
    return {name: getattr(tally, name) for name in names} | shares


def _rating_record(rating: Rating, removals: Mapping[int, str]) -> dict[str, Any]:
    return {
        "case": rating.case_id,
        "rating": rating.rating,
        "order_id": rating.order_id,
        "rated_on": None if rating.rated_on is None else rating.rated_on.isoformat(),
        "comment": rating.comment,
        "response": rating.response,
        "source": rating.source.value,
        "removal": removals.get(rating.id),
        "noted_at": rating.noted_at,
    }
