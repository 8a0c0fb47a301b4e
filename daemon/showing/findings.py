"""What a check of an outgoing text found, for scripts and for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daemon.showing.reader import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daemon.showing.reader import Reader
    from daemon.words import Words
    from templates.guidelines import Finding

SEVERITIES: Words = {"error": ("送信できません", "must not be sent"), "warning": ("注意", "warning")}
BLANK = "blank"
"""The rule that finds what nobody filled in yet."""

_QUOTE_LIMIT = 120
_REASON_LIMIT = 400


def records_of(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """What was found, as plain values.

    Args:
        findings: of one text.
    """
    return [
        {"rule": one.rule, "severity": one.severity, "text": one.text, "reason": one.reason}
        for one in findings
    ]


def finding_lines(findings: Sequence[Finding], reader: Reader) -> Iterator[str]:
    """Each reason once, below the words that it is about; says so if there is nothing to find."""
    if not findings:
        yield reader.say("問題は見つかりませんでした。", "Nothing was found.")
    for reason in dict.fromkeys(one.reason for one in findings):
        for one in (found for found in findings if found.reason == reason):
            yield f"[{reader.word(SEVERITIES, one.severity)}] {clean(one.text, _QUOTE_LIMIT)}".rstrip()
        yield f"    {clean(reason, _REASON_LIMIT)}"


def state_words(findings: Sequence[Finding], reader: Reader) -> str:
    """In short whether a text may go, with how many of each."""
    counts = {
        ("空欄あり", "blanks"): sum(one.rule == BLANK for one in findings),
        ("要修正", "to mend"): sum(one.severity == "error" and one.rule != BLANK for one in findings),
        ("注意", "warnings"): sum(one.severity == "warning" for one in findings),
    }
    told = [f"{reader.say(*words)}({count})" for words, count in counts.items() if count]
    return " ".join(told) or reader.say("このまま送れます", "ready to send")
