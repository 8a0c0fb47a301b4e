"""Every way in which a mail server can fail, told as one sentence and without anybody's text."""

from __future__ import annotations

import contextlib
import imaplib
import re
import socket
import ssl
from typing import TYPE_CHECKING

from imapclient.exceptions import ProtocolError

from daemon.errors import MailboxUnavailable, SokuresuError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daemon.ports import Endpoint

# A server that answers nonsense makes the response parser fail in all of these ways.
_FAILURES = (imaplib.IMAP4.error, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
# Where messages begin to repeat what came over the wire; a server's own refusal is kept.
_REPEATED = re.compile(r"\[?b['\"]|['\"({]")
_REPEATED_BY_PARSERS = re.compile(r"[:'\"(\[{]")
_LONGEST_REASON = 160


def reason_of(failure: BaseException) -> str:
    """The failure in a few words, cut before it repeats what the server sent: that may be a buyer's text."""
    text = str(failure.args[0]) if len(failure.args) == 1 else str(failure)
    refused = isinstance(failure, imaplib.IMAP4.error) and not isinstance(failure, ProtocolError)
    plain = (_REPEATED if refused else _REPEATED_BY_PARSERS).split(text, maxsplit=1)[0]
    words = "".join(character if character.isprintable() else " " for character in plain)
    return words.strip(" :=>")[:_LONGEST_REASON] or type(failure).__name__


def scrubbed(failure: BaseException) -> BaseException:
    """The same exception, and those behind it, without the bytes that the server sent."""
    link: BaseException | None = failure
    while link is not None:
        # The system's errors and the codecs' repeat nothing in their messages, and need their arguments.
        if not isinstance(link, (OSError, UnicodeError)):
            link.args = (reason_of(link),)
        link = link.__cause__ or link.__context__
    return failure


def unreachable(endpoint: Endpoint, failure: BaseException) -> MailboxUnavailable:
    """What to tell when the connection could not be made."""
    place = f"{endpoint.host}:{endpoint.port}"
    if isinstance(failure, socket.gaierror):
        return MailboxUnavailable(f"The name {endpoint.host} is not known: check imap.host and the network.")
    if isinstance(failure, ssl.SSLCertVerificationError):
        return MailboxUnavailable(
            f"The certificate of {place} is not trusted ({failure.verify_message}): check imap.host, or name "
            "the server's own authority in imap.ca_file."
        )
    if isinstance(failure, ssl.SSLError):
        return MailboxUnavailable(
            f"{place} does not speak TLS as expected ({failure.reason or 'no reason'}): check imap.port and "
            "imap.security; 993 goes with tls, 143 with starttls."
        )
    if isinstance(failure, TimeoutError):
        return MailboxUnavailable(f"{place} does not answer: check imap.host, imap.port and the network.")
    return MailboxUnavailable(
        f"{place} cannot be reached ({_in_words(failure)}): check imap.host, imap.port and the network."
    )


def broken(endpoint: Endpoint, failure: BaseException) -> MailboxUnavailable:
    """What to tell when a connection that had worked fails."""
    if isinstance(failure, TimeoutError):
        return MailboxUnavailable(f"{endpoint.host} did not answer in time; connect anew.")
    return MailboxUnavailable(
        f"The connection to {endpoint.host} failed ({_in_words(failure)}); connect anew."
    )


def _in_words(failure: BaseException) -> str:
    if isinstance(failure, OSError) and failure.strerror:
        return failure.strerror
    return reason_of(failure)


@contextlib.contextmanager
def told_as(
    tell: Callable[[Endpoint, BaseException], MailboxUnavailable], endpoint: Endpoint
) -> Iterator[None]:
    """Turn whatever the server's failure raises into one of our failures; ours pass through."""
    try:
        yield
    except SokuresuError:
        raise
    except _FAILURES as failure:
        raise tell(endpoint, failure) from scrubbed(failure)
