"""``sokuresu close N``: a case is over; what caused it, and what is done so that it does not come again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.aftercare.closing import PREVENTION_LIMIT, close, propose_lesson
from daemon.cli.access import considering, deciding
from daemon.cli.asking import at_terminal, need_a_person
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of, say_json
from daemon.showing.reader import clean
from daemon.words import CAUSES, FULFILMENTS, SITUATIONS
from state.lessons import Cause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.aftercare.closing import Proposed
    from daemon.cli import Context
    from daemon.showing.reader import Reader

_CAUSE = click.Choice([one.value for one in Cause])


@click.command("close")
@click.argument("number", metavar="N", type=NUMBER)
@click.option("--cause", type=_CAUSE, help="原因 (where it came from).")
@click.option("--prevention", metavar="TEXT", help="再発防止を一行で (what is done about it, one line).")
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")
@click.pass_obj
def command(
    context: Context, number: int, *, cause: str | None, prevention: str | None, as_json: bool
) -> None:
    """原因と再発防止を記録して、案件を終了します (close a case with its cause and a prevention)."""
    settings = context.settings_without_secrets
    if cause is None:
        need_a_person("--cause を指定してください。", "Say --cause, for nobody is there to be asked.")
    with considering(settings) as work:
        proposed = propose_lesson(work, number)
        noted = work.uow.lessons.of_cases([number]).get(number)
    if prevention is None and not at_terminal() and noted is not None and noted.cause.value == cause:
        # The same cause said again takes no promise back; an empty --prevention does.
        prevention = noted.prevention
    reader = reader_of(settings)
    chosen, line = _asked(proposed, cause, prevention, reader)
    with deciding(settings) as work:
        closed = close(work, number, chosen, line)
        line = work.uow.lessons.of_cases([number])[number].prevention
    if as_json:
        say_json({"case": number, "closed_now": closed, "cause": chosen.value, "prevention": line})
    else:
        click.echo("\n".join(_result(number, closed, chosen, line, reader)))


def _asked(
    proposed: Proposed, cause: str | None, prevention: str | None, reader: Reader
) -> tuple[Cause, str]:
    """What stands on the line, and else what the person says; Enter takes what is proposed."""
    if at_terminal() and (cause is None or prevention is None):
        click.echo("\n".join(_proposal(proposed, reader)), err=True)
    if cause is None:
        question = reader.say("原因 (Enter でそのまま)", "cause (Enter takes it)")
        cause = click.prompt(
            question, default=proposed.cause.value, type=_CAUSE, show_choices=False, err=True
        )
    chosen = Cause(cause)
    if prevention is None:
        prevention = _asked_prevention(chosen, proposed, reader) if at_terminal() else ""
    return chosen, prevention


def _asked_prevention(chosen: Cause, proposed: Proposed, reader: Reader) -> str:
    question = reader.say("再発防止 (一行、Enter でそのまま)", "prevention (one line, Enter takes it)")
    # A line that was thought up for another cause is not offered.
    default = proposed.prevention if chosen is proposed.cause else ""
    return str(click.prompt(question, default=default, show_default=bool(default), err=True))


def _proposal(proposed: Proposed, reader: Reader) -> Iterator[str]:
    situation = reader.word(SITUATIONS, proposed.situation) if proposed.situation else "—"
    fulfilment = reader.word(FULFILMENTS, proposed.fulfilment)
    yield reader.say(
        f"内容: {situation} / 出荷: {fulfilment}", f"about: {situation} / shipping: {fulfilment}"
    )
    if proposed.same_fault > 1:
        yield reader.say(
            f"同じ商品の同じ配送トラブルは、180日で {proposed.same_fault} 件目です。",
            f"This is fault no. {proposed.same_fault} of this kind with the item in 180 days.",
        )
    yield reader.say("原因の一覧:", "causes:")
    for cause in Cause:
        yield f"  {cause:<12} {reader.word(CAUSES, cause)}"


def _result(number: int, closed: bool, cause: Cause, line: str, reader: Reader) -> Iterator[str]:
    if closed:
        yield reader.say(f"案件 {number} を終了しました。", f"Case {number} is closed.")
    else:
        yield reader.say(
            f"終了している案件 {number} に原因を記録しました。",
            f"The cause of case {number}, which was closed before, is noted.",
        )
    promised = clean(line, PREVENTION_LIMIT) or "—"
    yield reader.say(f"原因: {reader.word(CAUSES, cause)}", f"cause: {reader.word(CAUSES, cause)}")
    yield reader.say(f"再発防止: {promised}", f"prevention: {promised}")
