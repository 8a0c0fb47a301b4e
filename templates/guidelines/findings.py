"""What a check says: the rule, how grave it is, the words that it is about, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of the rules on outgoing messages.

    Attributes:
        rule: the rule's name.
        severity: an ``error`` blocks sending; a person may overrule a ``warning``.
        text: the words that it is about, exactly as they were written; empty where something is missing.
        reason: what is wrong and what to do, for the person who wrote it.
    """

    rule: str
    severity: Severity
    text: str
    reason: str


def is_blocked(findings: Iterable[Finding]) -> bool:
    """Whether the text must not be sent."""
    return any(finding.severity == "error" for finding in findings)
