"""Splits what buyers write into clauses, in Japanese and English."""

from __future__ import annotations

import re

_ENDS = re.compile(r"[。．｡！!？?\n\r…♪；;]+|\.(?=\s|$|[\"')])|\.{2,}|[\U0001F300-\U0001FAFF\u2600-\u27bf]+")
# Behind these a Japanese sentence goes on with something else.
_CONNECTIVES = re.compile(
    r"(?:(?<=[ただすいん])(?:けれども|けれど|けども|けど|が(?=[、,\s一-龠ァ-ヶ])|のに|ので|し(?=[、,一-龠])|から(?=[、,]))"
    r"|(?:(?<=です|ます|した|った|んだ|いた|きた|れた|えた)|(?<=[早遅良よ悪安高なた速い]い))が(?!って)"
    r"|(?<=[なるや])(?:のに|ので|けど|が(?=[、,])|し(?=[、,]))|[、，､])[、，,\s]{0,2}"
)
_CONJUNCTIONS = re.compile(
    r"(?:,|\s-{1,3}\s|--)\s{0,9}(?:(?:and|but|so|yet)\s)?"
    r"|\s(?:but|although|though|however|yet|because|while|whereas|except|plus|and then)\s",
    re.IGNORECASE,
)
_AND = re.compile(r"\s(?:and|&)\s", re.IGNORECASE)
# A space between Japanese letters stands where others put a comma.
_GAP = re.compile("(?<=[\u3040-\u30ff\u3400-\u9fff])[ \t\u3000]{1,9}(?=[\u3040-\u30ff\u3400-\u9fff])")
_LETTER = re.compile(r"\w")
_LEAST_WORDS = 3


def split_clauses(text: str) -> tuple[str, ...]:
    """The clauses of a text as they were written, those without a letter left out."""
    sentences = (part for one in _ENDS.split(text) for part in _GAP.split(one))
    pieces = (
        piece for one in sentences for part in _CONNECTIVES.split(one) for piece in _split_english(part)
    )
    stripped = (piece.strip(" \t\u3000、，､,") for piece in pieces)
    return tuple(piece for piece in stripped if _LETTER.search(piece))


def _split_english(sentence: str) -> list[str]:
    """The clauses of an English sentence; a word or two beside an "and" are no clause of their own."""
    return [part for clause in _CONJUNCTIONS.split(sentence) for part in _split_and(clause)]


def _split_and(clause: str) -> list[str]:
    parts = _AND.split(clause)
    return parts if all(len(part.split()) >= _LEAST_WORDS for part in parts) else [clause]
