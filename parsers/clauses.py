"""Splits what buyers write into clauses, in Japanese and English."""

from __future__ import annotations

import re

_ENDS = re.compile(r"[。．｡！!？?\n\r…♪；;]+|\.(?=\s|$|[\"')])|\.{2,}|[\U0001F300-\U0001FAFF\u2600-\u27bf]+")
# Names of persons and things that end like a verb or an adjective go before a "ga" that joins nothing.
_GA = (
    "(?<!さん)(?<!くん)(?<!ふた)(?<!ぶた)(?<!かた)(?<!なた)(?<!におい)(?<!匂い)(?<!臭い)(?<!違い)(?<!扱い)(?<!思い)(?<!使い)"
    r"が(?=[、,\s一-龠ァ-ヶ])"
)
# Behind these a Japanese sentence goes on with something else.
_CONNECTIVES = re.compile(
    rf"(?:(?<=[ただすいん])(?:けれども|けれど|けども|けど|{_GA}|のに|ので|し(?=[、,一-龠])|から(?=[、,]))"
    r"|(?:(?<=です|ます|した|った|んだ|いた|きた|れた|えた)|(?<=[早遅良よ悪安高なた速い]い))が(?!って)"
    r"|(?<=[なるや])(?:のに|ので|けど|が(?=[、,])|し(?=[、,]))"
    r"|(?<=[いただる])(?:うえに?|上に)(?=[、,一-龠ァ-ヶ])|だけ(?:で|じゃ)は?なく|[、，､])[、，,\s]{0,2}"
)
_CONJUNCTIONS = re.compile(
    r"(?:,|\s-{1,3}\s|--)\s{0,9}(?:(?:and|but|so|yet)\s)?"
    r"|\s(?:but|although|though|however|yet|because|while|whereas|except|plus|and then)\s",
    re.IGNORECASE,
)
_AND = re.compile(r"\s(?:and|&)\s", re.IGNORECASE)
# A space between Japanese letters stands where others put a comma.
# So does one between Japanese and two words of English or the last, or a number with a Japanese word.
_SECOND_WORD = "|".join(rf"(?<=[a-z] [a-z]{{{length}}})" for length in range(2, 14))
_GAP = re.compile(
    "(?<=[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f])[ \t\u3000]{1,9}"
    "(?=[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]|[0-9０-９]{1,3}[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]"
    "|[A-Za-z']{1,20} [A-Za-z']{2}|[A-Za-z']{3,20}$)"
    rf"|(?:{_SECOND_WORD})[ \t\u3000]{{1,9}}(?=[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f])"
)
_LETTER = re.compile(r"\w")
_LEAST_WORDS = 3
# What begins a clause with a subject and a verb of its own, so that less may stand before the "and".
_SUBJECT = re.compile(
    r"(?:the|it|they|this|my|i|he|she|nobody|nothing)\b.{0,40}?(?:n't|\b(?:is|was|are|were|does|did|has|had|never)\b)"
    r"|(?:the )?(?:sellers?|vendor|shop|store) \w",
    re.IGNORECASE,
)


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
    standing = (len(part.split()) >= _LEAST_WORDS for part in parts)
    goes_on = len(parts) > 1 and all(_SUBJECT.match(part.strip()) for part in parts[1:])
    return parts if goes_on or all(standing) else [clause]
