"""Hand mail to the world, and know of every attempt whether it was taken (decision 4 of the design).

The dialogue is stepped by hand: `smtplib` raises the same error for a connection that was lost before the
content was offered, when the mail certainly did not go, and after it, when nobody can know. All its errors
are kinds of `OSError`.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
import time
from base64 import b64encode
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPAuthenticationError,
    SMTPNotSupportedError,
    SMTPResponseException,
)
from typing import TYPE_CHECKING

from daemon.errors import ConfigurationError, MailboxUnavailable, RecipientForbidden
from daemon.loopback import is_loopback
from daemon.ports import Attempt, Security, Verdict
from daemon.recipients import is_plain_address

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from daemon.ports import Credentials, Endpoint

TIMEOUT = 30.0
"""Seconds for connecting and for each reply before the content is offered."""

FINAL_TIMEOUT = 60.0
"""Seconds for the reply to the final dot: as long as a shutdown waits for the mail in hand."""

MOST_IDLE = 50.0
"""Seconds after which a kept connection is not used any more; servers end them after a minute or more."""

_OUR_NAME = "[127.0.0.1]"
"""What EHLO says: the machine's real name is nobody's business, and looking it up may take seconds."""

_LONGEST_REASON = 200
_LONGEST_REPLY = 2000
_WORD = re.compile(r"[^\s<>()\[\],;:\"']+")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)

_OK = range(200, 300)
_DEFER = range(400, 500)
_REFUSE = range(500, 600)
_GO_AHEAD = range(354, 355)
_TAKEN = 250
_CLOSING = 421


class _NoDialogue(Exception):  # noqa: N818 - a step of the flow, never seen outside
    """The server was not reached or did not let us in; the mail has no part in it."""


class _TokenStale(_NoDialogue):
    """The server did not accept an access token, and another one may fare better."""


class _ConnectionLost(Exception):  # noqa: N818 - a step of the flow, never seen outside
    """The connection ended, or is out of step, before the content was offered."""


@dataclass(frozen=True, slots=True)
class _Mail:
    sender: str
    recipient: str
    wire: bytes

    def commands(self, smtp: SMTP) -> Iterator[tuple[str, str, Container[int]]]:
        """The verbs before the content, each with its command and the codes that let us go on."""
        yield "MAIL", f"MAIL FROM:<{self.sender}>{self._options(smtp)}", _OK
        yield "RCPT", f"RCPT TO:<{self.recipient}>", _OK
        yield "DATA", "DATA", _GO_AHEAD

    def _options(self, smtp: SMTP) -> str:
        size = f" SIZE={len(self.wire)}" if smtp.has_extn("size") else ""
        body = " BODY=8BITMIME" if not self.wire.isascii() and smtp.has_extn("8bitmime") else ""
        return size + body


class SmtpSubmission:
    """A way to hand mail to one server; used by one thread only.

    The connection is kept between mails. One that died meanwhile is replaced once and at once, as long as the
    content was not offered on it.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials | None,
        allowed: Callable[[str], bool],
        *,
        timeout: float = TIMEOUT,
        final_timeout: float = FINAL_TIMEOUT,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep what is needed; nothing is opened yet.

        Args:
            endpoint: where the server listens.
            credentials: who logs in; None where nobody needs to.
            allowed: whether an address may be written to; asked again for every mail.
            timeout: seconds for connecting and each reply before the content.
            final_timeout: seconds for the reply after the content.
            monotonic: a clock that is only compared with itself.

        Raises:
            ConfigurationError: a password or a token would travel in clear to another machine.
        """
        if credentials and endpoint.security is Security.NONE and not is_loopback(endpoint.host):
            raise ConfigurationError((_IN_CLEAR.format(host=endpoint.host),))
        self._endpoint = endpoint
        self._credentials = credentials
        self._allowed = allowed
        self._timeout = timeout
        self._final_timeout = final_timeout
        self._monotonic = monotonic
        self._kept: SMTP | None = None
        self._used_at = 0.0

    def send(self, *, sender: str, recipient: str, content: bytes) -> Attempt:
        """Hand over one mail to one recipient.

        Raises:
            RecipientForbidden: the recipient is outside the allow-list; nothing was opened.
        """
        if not self._allowed(recipient):
            raise RecipientForbidden(_FORBIDDEN)
        if not (is_plain_address(sender) and is_plain_address(recipient)):
            return Attempt(Verdict.REFUSED, "an address is not plain ASCII")
        mail = _Mail(sender, recipient, _on_the_wire(content))
        try:
            return self._offer_on_kept(mail) or self._offer(self._connect(), mail)
        except _NoDialogue as failure:
            return Attempt(Verdict.DEFERRED, str(failure), before_dialogue=True)
        except _ConnectionLost as loss:
            return Attempt(Verdict.DEFERRED, str(loss))

    def probe(self) -> str | None:
        """Connect, log in and say goodbye without offering any mail; why that failed, or None."""
        try:
            _hang_up(self._connect())
        except _NoDialogue as failure:
            return str(failure)
        return None

    def close(self) -> None:
        """End the connection; never raises."""
        smtp, self._kept = self._kept, None
        if smtp is not None:
            _hang_up(smtp)

    def _offer_on_kept(self, mail: _Mail) -> Attempt | None:
        smtp, self._kept = self._kept, None
        if smtp is None:
            return None
        if self._monotonic() - self._used_at > MOST_IDLE or not _is_quiet(smtp):
            _hang_up(smtp)
            return None
        with suppress(_ConnectionLost):
            return self._offer(smtp, mail)
        return None

    def _offer(self, smtp: SMTP, mail: _Mail) -> Attempt:
        """Step through one mail; the connection is kept only if it is clean afterwards."""
        clean = False
        try:
            attempt = _say_envelope(smtp, mail) or self._hand_over(smtp, mail)
            clean = attempt.verdict is Verdict.ACCEPTED or (
                attempt.verdict is not Verdict.UNKNOWN and _reset(smtp)
            )
        finally:
            if not clean:
                smtp.close()
        if clean:
            self._kept, self._used_at = smtp, self._monotonic()
        return attempt

    def _hand_over(self, smtp: SMTP, mail: _Mail) -> Attempt:
        """Send the content; from here on only a numeric reply tells what became of it."""
        try:
            _set_timeout(smtp, self._final_timeout)
            smtp.send(mail.wire)
            code, text = smtp.getreply()
            _set_timeout(smtp, self._timeout)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the server may have the mail
            return Attempt(Verdict.UNKNOWN, _reason("content", _why(error)))
        return Attempt(_final_verdict(code), _reason("content", _reply(code, text)))

    def _connect(self) -> SMTP:
        try:
            return self._open()
        except _TokenStale:
            return self._open()

    def _open(self) -> SMTP:
        # Where there is no token the server is not even called.
        access = self._fresh_token()
        with _stage("connect"):
            smtp = self._reach()
        try:
            self._log_in(smtp, access)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _fresh_token(self) -> str | None:
        if self._credentials is None or self._credentials.tokens is None:
            return None
        try:
            return self._credentials.tokens.fresh()
        except MailboxUnavailable as failure:
            raise _NoDialogue(_reason("token", str(failure))) from None

    def _reach(self) -> SMTP:
        host, port = self._endpoint.host, self._endpoint.port
        smtp: SMTP
        if self._endpoint.security is Security.TLS:
            smtp = SMTP_SSL(host, port, _OUR_NAME, timeout=self._timeout, context=self._tls)
        else:
            smtp = SMTP(host, port, _OUR_NAME, timeout=self._timeout)
        assert smtp.sock is not None
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return smtp

    def _log_in(self, smtp: SMTP, access: str | None) -> None:
        _greet(smtp)
        if self._endpoint.security is Security.STARTTLS:
            with _stage("STARTTLS"):
                smtp.starttls(context=self._tls)
            _greet(smtp)
        if self._credentials is None:
            return
        with _stage("AUTH"):
            if access is None:
                smtp.login(self._credentials.username, self._credentials.password)
            else:
                _log_in_with_token(smtp, self._credentials, access)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Certificates and host names are verified; TLS is 1.2 or newer."""
        context = ssl.create_default_context(cafile=self._endpoint.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


_IN_CLEAR = (
    "{host} へ暗号化せずにパスワードを送ることはできません。tls か starttls にしてください。"
    " / A password is not sent to {host} without encryption; use tls or starttls."
)
_FORBIDDEN = (
    "許可されていない宛先なので送りませんでした。"
    " / The recipient is neither a buyer nor an address that was configured; nothing was sent."
)


def _say_envelope(smtp: SMTP, mail: _Mail) -> Attempt | None:
    """Go as far as 354; an attempt if the server says no on the way.

    Raises:
        _ConnectionLost: the connection ended or is out of step.
    """
    for verb, command, expected in mail.commands(smtp):
        try:
            code, text = smtp.docmd(command)
        except OSError as error:
            raise _ConnectionLost(_reason(verb, _why(error))) from None
        if code not in expected:
            return _rejected(code, _reason(verb, _reply(code, text)))
    return None


def _rejected(code: int, reason: str) -> Attempt:
    """What a reply means that was not the hoped for one, before the content was offered.

    Raises:
        _ConnectionLost: the server hangs up, or answers something that belongs to another question.
    """
    if code != _CLOSING and code in _DEFER:
        return Attempt(Verdict.DEFERRED, reason)
    if code in _REFUSE:
        return Attempt(Verdict.REFUSED, reason)
    raise _ConnectionLost(reason)


def _final_verdict(code: int) -> Verdict:
    if code == _TAKEN:
        return Verdict.ACCEPTED
    if code in _DEFER:
        return Verdict.DEFERRED
    return Verdict.REFUSED if code in _REFUSE else Verdict.UNKNOWN


@contextmanager
def _stage(name: str) -> Iterator[None]:
    """Whatever fails before MAIL is the account's or the network's fault, never the mail's."""
    try:
        yield
    # A ValueError is a password outside ASCII, which must not show in any message.
    except (OSError, ValueError) as error:
        raise _NoDialogue(_reason(name, _why(error))) from None


def _log_in_with_token(smtp: SMTP, credentials: Credentials, access: str) -> None:
    """Say AUTH XOAUTH2.

    Raises:
        _TokenStale: the token was not accepted, and another one may fare better.
        OSError: nor would another one, or the connection failed.
    """
    if "XOAUTH2" not in str(smtp.esmtp_features.get("auth", "")).upper().split():
        raise SMTPNotSupportedError("the server offers no XOAUTH2")
    proof = credentials.xoauth2(access)
    try:
        # A challenge is the server's error in JSON; the empty answer asks for its last word.
        smtp.auth("XOAUTH2", lambda challenge=None: proof if challenge is None else "")
    except SMTPAuthenticationError as refusal:
        assert credentials.tokens is not None
        code, said = refusal.smtp_code, _unless_repeated(refusal.smtp_error, access, proof)
        if code in _REFUSE and credentials.tokens.reject(access):
            raise _TokenStale(_reason("AUTH", _reply(code, said))) from None
        raise SMTPResponseException(code, said) from None


def _unless_repeated(said: bytes | str, *secrets: str) -> bytes | str:
    """What the server answered, or nothing if it repeats what it was told."""
    told = [form for secret in secrets for form in (secret.encode(), b64encode(secret.encode()))]
    plain = said.encode() if isinstance(said, str) else said
    return b"" if any(form in plain for form in told) else said


def _greet(smtp: SMTP) -> None:
    with _stage("EHLO"):
        code, text = smtp.ehlo()
        if code not in _OK:
            raise SMTPResponseException(code, text)


def _reset(smtp: SMTP) -> bool:
    """Make the connection ready for another mail; False if it is of no more use."""
    try:
        return smtp.docmd("RSET")[0] in _OK
    except OSError:
        return False


def _hang_up(smtp: SMTP) -> None:
    """Say goodbye without waiting for an answer."""
    with suppress(OSError):
        smtp.putcmd("QUIT")
    smtp.close()


def _is_quiet(smtp: SMTP) -> bool:
    """Whether nothing came since the last reply: a server that speaks unasked, or hung up, is gone."""
    if smtp.sock is None:
        return False
    waiting = select.poll()
    waiting.register(smtp.sock, select.POLLIN)
    return not waiting.poll(0)


def _set_timeout(smtp: SMTP, seconds: float) -> None:
    if smtp.sock is not None:
        smtp.sock.settimeout(seconds)


def _on_the_wire(content: bytes) -> bytes:
    """The content with CRLF at every line's end, leading dots doubled, and the final dot.

    A lone CR or LF would let a server see the end of the mail where there is none.
    """
    lines = _LINE_END.sub(b"\r\n", content)
    ended = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return _LEADING_DOT.sub(b"..", ended) + b".\r\n"


def _reply(code: int, text: bytes | str) -> str:
    words = text if isinstance(text, str) else text[:_LONGEST_REPLY].decode("utf-8", "replace")
    return f"{code} {words}"


def _why(error: Exception) -> str:
    """What failed; never the arguments of a ValueError, for they may quote the password."""
    if isinstance(error, SMTPResponseException):
        return _reply(error.smtp_code, error.smtp_error)
    if isinstance(error, OSError):
        return str(error) or type(error).__name__
    return "not ASCII" if isinstance(error, ValueError) else type(error).__name__


def _reason(stage: str, what: str) -> str:
    """One line for the log and the person, mail addresses masked."""
    printable = "".join(sign if sign.isprintable() else " " for sign in what[:_LONGEST_REPLY])
    masked = _WORD.sub(lambda word: "…@…" if "@" in word[0] else word[0], printable)
    return " ".join(f"{stage}: {masked}".split())[:_LONGEST_REASON]
