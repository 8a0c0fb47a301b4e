"""``sokuresu returns N``: follows an item that a buyer sends back, and words its condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daemon.aftercare.returns import begun, record
from daemon.case_lookup import known_case
from daemon.cli import asking
from daemon.cli.access import considering, deciding
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of, say_json
from daemon.errors import SokuresuError
from daemon.showing.reader import clean, indented
from daemon.showing.return_lines import checklist, record_of
from daemon.words import CHECKS as CHECK_WORDS
from daemon.words import CONDITIONS
from state.item_conditions import CHECKS, Checked, Condition, best_condition, objections
from state.returns import ReturnWord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli import Context
    from daemon.showing.reader import Reader
    from daemon.work import Work
    from state.model import Case
    from state.returns import Progress

_NOTE_LIMIT = 500
_UNCHECKED = "unchecked"


@click.command("returns")
@click.argument("number", metavar="N", type=NUMBER)
@click.option(
    "--arrived",
    type=click.Choice(["unopened", "opened"]),
    help="届きました: 未開封か開封済みか (it arrived, unopened or opened).",
)
@click.option(
    "--inspected", metavar="TEXT", help="確かめました: メモの内容と状態 (inspected: the note, the state)."
)
@click.option("--relisted", is_flag=True, help="再出品しました (it is listed again).")
@click.option("--written-off", is_flag=True, help="廃棄した、または戻りませんでした (written off).")
@click.option(
    "--condition",
    type=click.Choice([one.value for one in Condition]),
    help="出品に貼り付ける説明文を作ります (word the condition for the listing).",
)
@click.option("--box", type=click.Choice(CHECKS["box"]), help="外箱 (the box).")
@click.option("--accessories", type=click.Choice(CHECKS["accessories"]), help="付属品 (accessories).")
@click.option("--scratches", type=click.Choice(CHECKS["scratches"]), help="傷や汚れ (scratches, marks).")
@click.option("--tested", type=click.Choice(CHECKS["tested"]), help="動作 (whether it works).")
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")
@click.pass_obj
def command(context: Context, /, number: int, *, as_json: bool, condition: str | None, **given: Any) -> None:
    """返品の手順を表示し、済んだことを記録します (show the checklist of a return, note what is done)."""
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    done = _done(given, condition)
    wording = None if condition is None else Condition(condition)
    checked = _checked(given, reader, ask=wording is not None and not as_json)
    with deciding(settings) if done else considering(settings) as work:
        case = known_case(work, number)
        progress = record(work, case, done) if done else begun(work, case)
        text = None if wording is None else _text(work, wording, checked, progress, reader)
        told = record_of(work, case, progress) | {"condition": condition, "text": text}
        lines = list(_page(work, case, progress, reader))
    if as_json:
        say_json(told)
    else:
        click.echo("\n".join([*lines, *_copied(text, wording, reader)]))


def _done(given: dict[str, Any], condition: str | None) -> list[tuple[ReturnWord, str]]:
    """What is to be recorded, in the order in which it happens."""
    if given["relisted"] and given["written_off"]:
        raise click.UsageError(
            "--relisted と --written-off は一方だけです。 / Give one of --relisted and --written-off."
        )
    if given["inspected"] is not None and not given["inspected"].strip():
        raise click.UsageError(
            "--inspected には、メモの内容と状態を書いてください。"
            " / Say with --inspected what the note tells and in what state the item is."
        )
    applies = (
        (ReturnWord.ARRIVED_UNOPENED, given["arrived"] == "unopened", ""),
        (ReturnWord.ARRIVED_OPENED, given["arrived"] == "opened", ""),
        (ReturnWord.INSPECTED, given["inspected"] is not None, clean(given["inspected"], _NOTE_LIMIT)),
        (ReturnWord.RELISTED, given["relisted"], condition or ""),
        (ReturnWord.WRITTEN_OFF, given["written_off"], ""),
    )
    return [(word, detail) for word, holds, detail in applies if holds]


def _checked(given: dict[str, Any], reader: Reader, *, ask: bool) -> Checked:
    """What a person checked: as given on the line, and what is missing asked for at a terminal."""
    found = {name: given[name] for name in CHECKS}
    if ask and asking.at_terminal():
        for name in (name for name, value in found.items() if value is None):
            found[name] = _ask(name, reader)
    return Checked(**found)


def _ask(name: str, reader: Reader) -> str | None:
    choice = click.Choice([*CHECKS[name], _UNCHECKED])
    answer = click.prompt(reader.word(CHECK_WORDS, name), type=choice, default=_UNCHECKED)
    return None if answer == _UNCHECKED else str(answer)


def _text(work: Work, condition: Condition, checked: Checked, progress: Progress, reader: Reader) -> str:
    """The words for the listing.

    Raises:
        SokuresuError: what was found, or not looked at, does not allow this condition.
    """
    from templates.relisting import ConditionContext, render_condition  # noqa: PLC0415 - knows jinja2

    against = objections(condition, checked)
    if against:
        raise _too_good(condition, against, best_condition(checked), reader)
    context = ConditionContext(
        progress.opened,
        checked.box,
        checked.accessories,
        checked.scratches,
        checked.tested,
        checked.unchecked,
    )
    return render_condition(context, work.shop.language)


def _too_good(
    condition: Condition, against: tuple[str, ...], best: Condition | None, reader: Reader
) -> SokuresuError:
    names = reader.say("、", ", ").join(reader.word(CHECK_WORDS, name) for name in against)
    word = reader.word(CONDITIONS, condition)
    if best is None:
        return SokuresuError(
            reader.say(
                f"動作しない商品は「{word}」では出品できません。廃棄するなら: --written-off",
                f"What does not work cannot be offered as {word}; write it off: --written-off",
            )
        )
    return SokuresuError(
        reader.say(
            f"「{word}」では出品できません ({names})。いちばん良くて {best.value} です。",
            f"It cannot be offered as {word} ({names}); at best as {best.value}.",
        )
    )


def _page(work: Work, case: Case, progress: Progress, reader: Reader) -> Iterator[str]:
    orders = " ".join(case.order_ids)
    title = reader.say(f"案件 {case.id} の返品", f"Return of case {case.id}")
    yield f"{title}: {orders}" if orders else title
    yield from (f"  {line}" for line in checklist(work, case, progress, reader))


def _copied(text: str | None, condition: Condition | None, reader: Reader) -> Iterator[str]:
    if text is None or condition is None:
        return
    yield ""
    word = reader.word(CONDITIONS, condition)
    yield reader.say(f"出品に貼り付ける説明 (コンディション: {word})", f"For the listing (condition: {word})")
    yield indented(text.strip())
