"""Short forms of texts that stay the same where the wording around them does not."""

from __future__ import annotations

import hashlib
import re

from parsers.folding import fold_width

_VARYING = re.compile(
    r"[「『\"“(\[（][^」』\"”)\]）]{0,80}[」』\"”)\]）]|(?<![0-9A-Z])[0-9A-Z]*[0-9][0-9A-Z.,:/-]*|\s+"
)


def fingerprint_text(text: str) -> str:
    """The text without white space and width variants, for asking whether one text is contained in another.

    Amazon re-wraps what it copies, so only the letters themselves can be compared.
    """
    return "".join(fold_width(text).split())


def fingerprint_shape(*parts: str) -> str:
    """A stable word of 16 characters for all mails that differ in numbers, brackets and spaces only."""
    skeleton = "|".join(_VARYING.sub(" ", fold_width(part)[:500]).strip() for part in parts)
    return hashlib.sha256(skeleton.encode("utf-8", "surrogatepass")).hexdigest()[:16]
