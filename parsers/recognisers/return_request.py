"""A buyer asked to send something back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.fields import has_column, read_column, read_field
from parsers.order_ids import find_order_ids
from parsers.rules import load_rules
from parsers.values import Kind, ReturnRequest

if TYPE_CHECKING:
    from parsers.evidence import Evidence


def recognise(evidence: Evidence) -> ReturnRequest | None:
    """Read the reason and the buyer's comment, from the table of the HTML part or from labelled lines."""
    rule = evidence.rule
    if rule is None or rule.kind is not Kind.RETURN_REQUEST:
        return None
    reason, comment = _value(evidence, "reason"), _value(evidence, "comment") or ""
    # The comment is the buyer's: a number in it is no number of Amazon's.
    order_ids = find_order_ids(f"{_without(evidence.text, comment)}\n{evidence.subject}")
    frame = evidence.frame(order_ids, f"return_request/{rule.name}", rule.confidence)
    return ReturnRequest(frame, reason, comment)


def _value(evidence: Evidence, name: str) -> str | None:
    """One value of the notice; several products' values on a line each."""
    labels = load_rules("notices")["return_labels"]
    html = evidence.mail.html or ""
    column = read_column(html, labels[name])
    if column:
        return "\n".join(column)
    if has_column(html, labels[name]):
        # The heading of an empty column is no label of the cells that follow it in the text.
        return None
    others = [label for key in ("reason", "comment", "other") for label in labels[key] if key != name]
    found = read_field(evidence.text, labels[name], others)
    return found.value or None if found else None


def _without(text: str, comment: str) -> str:
    """The text without the lines of the comment."""
    lines = frozenset(comment.split("\n"))
    return "\n".join(line for line in text.split("\n") if line not in lines) if comment else text
