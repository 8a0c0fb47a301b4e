"""A person's own words in a reply: the mail that they answer and signatures taken away."""

from __future__ import annotations

from parsers.quoting import introduces_history, is_quoted

_LINES = 3_000


def own_words(text: str) -> str:
    """Take everything away that the person did not write; empty if nothing is left.

    Lines with the sign of a quotation go wherever they stand. An introduction without such lines below ends
    the words, for nobody can tell where the old mail ends.
    """
    lines = text.split("\n")[:_LINES]
    kept: list[str] = []
    for at, line in enumerate(lines):
        if introduces_history(lines, at):
            break
        if not is_quoted(line):
            kept.append(line)
    return "\n".join(kept).strip()
