"""The tables at the end of a soak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.soak.oracle import Wrong
from tests.soak.plan import place_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.soak.run import Outcome

_MOST_TOLD = 25


def tell(outcome: Outcome) -> str:
    """What a soak showed, as a person reads it."""
    truth = outcome.truth
    buyers = list(truth.to_buyers())
    lines = [
        _headline(outcome),
        *_table("faults survived", outcome.faults),
        *_table("mails", truth.by_sort()),
        *_table("lives", outcome.lives),
        *_table("mail to buyers, as recorded", outcome.rows),
        *_table(
            "mail, as the server took it",
            {"to buyers": len(buyers), "to the owner": len(truth.accepted) - len(buyers)},
        ),
        f"memory of the lives at the same age, median by quarters: {outcome.memory[0]} kB",
        f"memory of the longest life, median by quarters: {outcome.memory[1]} kB",
        *_table("what must not be", {what: _times(outcome, what) for what in Wrong}),
    ]
    return "\n".join([*lines, *_complaints(outcome)])


def _headline(outcome: Outcome) -> str:
    met, lives = sum(outcome.faults.values()), sum(outcome.lives.values())
    return (
        f"seed {outcome.scale.seed}: {len(outcome.truth.delivered)} mails, {met} faults met, {lives} lives, "
        f"{outcome.steps} steps, {outcome.seconds:.0f} s, {place_of(outcome.scale.seed).timezone}"
    )


def _times(outcome: Outcome, what: Wrong) -> int:
    return sum(one.what is what for one in outcome.violations)


def _table(title: str, counts: Mapping[Any, int]) -> list[str]:
    rows = [f"  {name:<48}{number:>6}" for name, number in sorted(counts.items())]
    return [f"{title}:", *rows]


def _complaints(outcome: Outcome) -> list[str]:
    if not outcome.violations:
        return ["all is well"]
    scale = outcome.scale
    told = [f"  {one}" for one in outcome.violations[:_MOST_TOLD]]
    broken = "".join(f" --sabotage {one}" for one in outcome.sabotage)
    again = f"./dev soak --seed {scale.seed} --mails {scale.mails} --faults {scale.faults}{broken}"
    return [f"{len(outcome.violations)} things are wrong:", *told, f"play it again with: {again}"]
