"""Whether a mail is proven to come from the domain that it names (RFC 8601), and which domains are Amazon's.

The header is read with a tokenizer of our own: the usual library takes longer for one header than all the
rest of a mail takes, and raises on the headers of Microsoft 365.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parsers.values import MARKETPLACES, Authenticity

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsers.mime import Mail

NO_AUTHSERV_ID = "(none)"
"""What to configure for a host that signs its results with no name, as Microsoft 365 does.

Then only the topmost of all results counts, and only if it names no host. It is no host's name, so that
nobody gets there by accident: with any other setting a nameless header is not believed.
"""

_MAX_HEADER = 8_192
_FAILED = frozenset(("fail", "hardfail"))
_AMAZON = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.){0,8}amazon\.(?P<marketplace>[a-z.]{2,6})")
_HOST = re.compile(r"[A-Za-z0-9_.:-]{1,253}")
# A string or comment without its end runs to the end of the header, so no character is looked at twice.
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[()]|\\.|[^"()\\]+|\\', re.DOTALL)
_BREAKS_OUT = re.compile(r'[\s;="()\\]+')
_QUOTATION = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_IN_NO_NAME = "?"
"""Stands for what a quotation hides; whatever it is joined to is the name of no domain."""

_IDENTITY = re.compile(r"(?:[^@?]{0,64}@)?[a-z0-9_.-]{1,253}")
_EQUALS = re.compile(r"(?<![ \t])[ \t]*=[ \t]*")
_COUNTRY_SUFFIX = re.compile(
    r"(?:ac|ad|co|com|ed|edu|go|gob|gov|gr|ind|info|lg|ltd|me|mil|name|ne|net|nom|or|org|plc|sch)\.[a-z]{2}"
)


@dataclass(frozen=True, slots=True)
class _Result:
    """One method's result, such as ``dkim=pass header.d=amazon.co.jp``; words in lower case."""

    method: str
    outcome: str
    properties: dict[str, str]

    @property
    def domain(self) -> str:
        """Whose identity was checked; empty if the header does not tell."""
        if self.method == "dmarc":
            identity = self.properties.get("header.from", "")
        else:
            identity = self.properties.get("header.d") or self.properties.get("header.i", "")
        return _domain_of(identity) if _IDENTITY.fullmatch(identity) else ""


def judge(
    mail: Mail,
    authserv_id: str | None,
    own_check: Callable[[], tuple[Authenticity, str]] | None = None,
) -> tuple[Authenticity, str]:
    """Decide whether the From domain is proven; never raises.

    Args:
        mail: the mail.
        authserv_id: the host whose Authentication-Results are believed, compared without regard to case;
            None believes nobody. Only its topmost header counts, for the host puts its own above whatever
            a forger wrote.
        own_check: decides where no believed host wrote any result, and never where one did; None leaves
            such mail unproven.

    Returns:
        The verdict and one short sentence of why; two, parted by a semicolon, where neither of two ways led
        to a proof.
    """
    if not authserv_id:
        if own_check is not None:
            return own_check()
        return Authenticity.NONE, "no host is configured whose results are believed"
    results = _trusted_results(mail.headers.raw_all("Authentication-Results"), authserv_id)
    if results is None:
        return _without_result(own_check)
    if mail.several_senders or mail.sender is None:
        return _without_pass(results, "the mail does not name exactly one sender")
    return _weigh(results, _domain_of(mail.sender))


def _without_result(own_check: Callable[[], tuple[Authenticity, str]] | None) -> tuple[Authenticity, str]:
    """The verdict where the configured host is silent; its silence is told, for it may be misspelt."""
    reason = "no result of the trusted host"
    if own_check is None:
        return Authenticity.NONE, reason
    verdict, why = own_check()
    return verdict, why if verdict is Authenticity.PASS else f"{reason}; {why}"


def amazon_domain(domain: str | None) -> str | None:
    """The marketplace end (``co.jp``) of a domain of Amazon's, compared by label; None for any other."""
    name = (domain or "").lower()
    found = _AMAZON.fullmatch(name) if len(name) < 254 else None
    if found is None or "xn--" in name or found["marketplace"] not in MARKETPLACES:
        return None
    return found["marketplace"]


def is_aligned(signer: str, sender: str) -> bool:
    """Whether a signature of one domain speaks for a sender of the other (relaxed, RFC 7489 section 3.1).

    Equal, or one below the other, or both of one Amazon marketplace. A public suffix speaks for nobody.
    """
    if signer == sender:
        return signer != ""
    if (marketplace := amazon_domain(sender)) is not None:
        return amazon_domain(signer) == marketplace
    shorter, longer = sorted((signer, sender), key=len)
    return longer.endswith(f".{shorter}") and not _is_public_suffix(shorter)


def _is_public_suffix(domain: str) -> bool:
    return "." not in domain or _COUNTRY_SUFFIX.fullmatch(domain) is not None


def _domain_of(identity: str) -> str:
    return identity.rpartition("@")[2].lower()


def _weigh(results: list[_Result], sender: str) -> tuple[Authenticity, str]:
    for result in results:
        if result.outcome == "pass" and _proves(result, sender):
            return Authenticity.PASS, f"{result.method} passed for {result.domain}"
    return _without_pass(results, f"nothing passed for {sender or 'the sender'}")


def _proves(result: _Result, sender: str) -> bool:
    if result.method == "dmarc":
        return result.domain == sender != ""
    return result.method == "dkim" and is_aligned(result.domain, sender)


def _without_pass(results: list[_Result], reason: str) -> tuple[Authenticity, str]:
    failed = [each.method for each in results if each.method in {"dkim", "dmarc"} and each.outcome in _FAILED]
    if failed:
        return Authenticity.FAIL, f"{reason}, and {failed[0]} failed"
    return Authenticity.NONE, reason


def _trusted_results(headers: tuple[str, ...], authserv_id: str) -> list[_Result] | None:
    """The results of the topmost header of the trusted host; None if it wrote none."""
    wanted = authserv_id.strip().lower()
    if wanted == NO_AUTHSERV_ID:
        host, results = _read(headers[0]) if headers else ("", [])
        return results if host is None else None
    return next((results for host, results in map(_read, headers) if host and host == wanted), None)


def _read(header: str) -> tuple[str | None, list[_Result]]:
    """Split a header into its host and its results.

    The host is None if the header goes straight to its results, and empty if it is unreadable. Statements
    that are no results are left out.
    """
    first, *others = _EQUALS.sub("=", _strip_comments(header[:_MAX_HEADER])).split(";")
    if "=" in first:
        return None, _results([first, *others])
    words = first.split()
    return (words[0].lower() if words and _HOST.fullmatch(words[0]) else ""), _results(others)


def _strip_comments(header: str) -> str:
    """Drop comments, and from quoted strings all that could pass for structure.

    Comments repeat what the sender said of himself. So where brackets do not match, or a quotation stands
    inside a comment or has no end, a forger may have broken out of it and nothing behind the host's name is
    believed.
    """
    kept: list[str] = []
    depth = 0
    for piece in _PIECE.findall(header):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if depth < 0 or (depth > 0 and piece.startswith('"')) or _is_endless(piece):
            return header.partition(";")[0]
        if depth == 0 and piece != ")":
            kept.append(_BREAKS_OUT.sub(_IN_NO_NAME, piece[1:-1]) if piece.startswith('"') else piece)
    return "".join(kept) if depth == 0 else header.partition(";")[0]


def _is_endless(piece: str) -> bool:
    """A quotation that runs to the end of the header."""
    return piece.startswith('"') and _QUOTATION.fullmatch(piece) is None


def _results(statements: list[str]) -> list[_Result]:
    found = (_result(statement.lower().split()) for statement in statements)
    return [result for result in found if result is not None]


def _result(words: list[str]) -> _Result | None:
    if not words or "=" not in words[0]:
        return None
    method, _, outcome = words[0].partition("=")
    properties: dict[str, str] = {}
    for word in words[1:]:
        name, _, value = word.partition("=")
        # Two different values for one property prove neither.
        properties[name] = value if properties.get(name, value) == value else ""
    return _Result(method.partition("/")[0], outcome, properties)
