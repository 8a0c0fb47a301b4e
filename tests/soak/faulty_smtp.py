"""The real SMTP server of the test beds, failing on cue, with the truth about what it took."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from daemon.ports import Credentials, Endpoint, Security
from tests.beds.smtp import CREDENTIALS, Cue, Stage, running_smtp
from tests.soak.faulty_cues import Cues
from tests.soak.faulty_doors import guarded_door

if TYPE_CHECKING:
    import ssl
    from collections import Counter

    from tests.beds.certificates import Certificate
    from tests.beds.smtp import SentMail, SmtpServer


class SmtpFault(StrEnum):
    """What can go wrong between us and the server that takes our mail."""

    REFUSED = "refused"
    """Nobody listens: the next connection is refused. Seen only in the process that the server is in."""
    CERTIFICATE_EXPIRED = "certificate_expired"
    """The next connection is shown an expired certificate; needs a server that speaks TLS."""
    SLOW_GREETING = "slow_greeting"
    """The next greeting comes `FaultySmtp.delay` seconds late."""
    GREETING_4XX = "greeting_4xx"
    """The next connection is greeted with a passing refusal."""
    GREETING_5XX = "greeting_5xx"
    """The next connection is greeted with a refusal for good."""
    EHLO_4XX = "ehlo_4xx"
    """The next EHLO is refused for now."""
    EHLO_5XX = "ehlo_5xx"
    """The next EHLO is refused for good."""
    AUTH_4XX = "auth_4xx"
    """Every AUTH of the next connection that tries one is refused for now."""
    AUTH_5XX = "auth_5xx"
    """Every AUTH of the next connection that tries one is refused for good: the password has expired."""
    MAIL_4XX = "mail_4xx"
    """The next MAIL is refused for now."""
    MAIL_5XX = "mail_5xx"
    """The next MAIL is refused for good."""
    RCPT_4XX = "rcpt_4xx"
    """The next RCPT is refused for now."""
    RCPT_5XX = "rcpt_5xx"
    """The next RCPT is refused for good."""
    DATA_4XX = "data_4xx"
    """The next DATA is refused for now."""
    DATA_5XX = "data_5xx"
    """The next DATA is refused for good."""
    DOT_4XX = "dot_4xx"
    """The next content is refused for now; nothing is taken."""
    DOT_5XX = "dot_5xx"
    """The next content is refused for good; nothing is taken."""
    GARBAGE_REPLY = "garbage_reply"
    """The next MAIL is answered with what is no reply."""
    SPLIT_REPLY = "split_reply"
    """The next content is taken, and the 250 comes byte by byte."""
    DROP_IN_DATA = "drop_in_data"
    """The connection ends in the middle of the next content; nothing is taken."""
    DROP_BEFORE_TAKING = "drop_before_taking"
    """The connection ends when the next content was read; nothing is taken."""
    DROP_BEFORE_250 = "drop_before_250"
    """The next content is taken, and the connection ends before the 250."""
    DROP_AFTER_250 = "drop_after_250"
    """The next content is taken, the client is told so, and then the connection ends."""
    SLOW_250 = "slow_250"
    """The next content is taken, and the 250 comes `FaultySmtp.delay` seconds late."""
    GARBAGE_250 = "garbage_250"
    """The next content is taken, and what should be the 250 is no reply."""

    @property
    def leaves_doubt(self) -> bool:
        """Whether the client cannot know what became of the mail, if it is not patient enough for it."""
        return self in _DOUBTS

    @property
    def refuses(self) -> bool:
        """Whether the mail is refused for good."""
        return self in {SmtpFault.MAIL_5XX, SmtpFault.RCPT_5XX, SmtpFault.DATA_5XX, SmtpFault.DOT_5XX}


_DOUBTS = {
    SmtpFault.DROP_IN_DATA,
    SmtpFault.DROP_BEFORE_TAKING,
    SmtpFault.DROP_BEFORE_250,
    SmtpFault.SLOW_250,
    SmtpFault.GARBAGE_250,
}
_BITE = 300
_GARBAGE = "?\x01\x02 what"
_STAGES: dict[Stage, dict[SmtpFault, Cue]] = {
    Stage.GREETING: {
        SmtpFault.GREETING_4XX: Cue(reply="421 4.3.2 too busy"),
        SmtpFault.GREETING_5XX: Cue(reply="554 5.3.2 no service here"),
    },
    Stage.EHLO: {
        SmtpFault.EHLO_4XX: Cue(reply="451 4.3.0 not now"),
        SmtpFault.EHLO_5XX: Cue(reply="550 5.7.1 not you"),
    },
    Stage.AUTH: {
        SmtpFault.AUTH_4XX: Cue(reply="454 4.7.0 temporary authentication failure"),
        SmtpFault.AUTH_5XX: Cue(reply="535 5.7.8 authentication credentials invalid"),
    },
    Stage.MAIL: {
        SmtpFault.MAIL_4XX: Cue(reply="451 4.3.0 not now"),
        SmtpFault.MAIL_5XX: Cue(reply="550 5.1.8 sender refused"),
        SmtpFault.GARBAGE_REPLY: Cue(reply=_GARBAGE),
    },
    Stage.RCPT: {
        SmtpFault.RCPT_4XX: Cue(reply="450 4.2.1 not now"),
        SmtpFault.RCPT_5XX: Cue(reply="550 5.1.1 no such user"),
    },
    Stage.DATA: {
        SmtpFault.DATA_4XX: Cue(reply="451 4.3.0 not now"),
        SmtpFault.DATA_5XX: Cue(reply="554 5.5.1 no"),
    },
    Stage.CONTENT: {SmtpFault.DROP_IN_DATA: Cue(bite=_BITE, drop=True)},
    Stage.DOT: {
        SmtpFault.DOT_4XX: Cue(reply="452 4.3.1 disk full"),
        SmtpFault.DOT_5XX: Cue(reply="554 5.7.1 looks like spam"),
        SmtpFault.DROP_BEFORE_TAKING: Cue(drop=True),
    },
    Stage.TAKEN: {
        SmtpFault.SPLIT_REPLY: Cue(split=True),
        SmtpFault.DROP_BEFORE_250: Cue(drop=True),
        SmtpFault.DROP_AFTER_250: Cue(end=True),
        SmtpFault.GARBAGE_250: Cue(reply=_GARBAGE),
    },
}
_SLOW = {Stage.GREETING: SmtpFault.SLOW_GREETING, Stage.TAKEN: SmtpFault.SLOW_250}


@dataclass(frozen=True, slots=True)
class Accepted:
    """A mail that the server took responsibility for, whether the client was told or not.

    Attributes:
        recipient: of the envelope.
        message_id: without brackets.
        content: the bytes as they came.
        fault: what happened to the client's 250, if anything.
    """

    recipient: str
    message_id: str
    content: bytes
    fault: SmtpFault | None


class FaultySmtp:
    """An SMTP server on a free port of loopback that wants a login and fails on cue.

    Attributes:
        server: the server itself, with all mails that it took.
        delay: seconds that a slow reply takes longer; the client's patience decides what becomes of it.
    """

    server: SmtpServer

    def __init__(
        self,
        certificate: Certificate | None = None,
        expired: Certificate | None = None,
        *,
        credentials: Credentials = CREDENTIALS,
        delay: float = 0.5,
    ) -> None:
        """Set up the server; it listens from the block's begin to its end.

        Args:
            certificate: what clients are shown; without one they talk without encryption.
            expired: what `SmtpFault.CERTIFICATE_EXPIRED` shows.
            credentials: what it accepts.
            delay: seconds that a slow reply takes longer.
        """
        self.delay = delay
        self.cues: Cues[SmtpFault] = Cues()
        self._credentials = credentials
        self._certificate = certificate
        self._expired = None if expired is None else expired.server_context()
        self._told: dict[int, SmtpFault] = {}
        self._locked_out: dict[int, Cue] = {}
        self._exit = contextlib.ExitStack()

    @property
    def endpoint(self) -> Endpoint:
        """Where clients connect to."""
        return self.server.endpoint

    @property
    def port(self) -> int:
        """Where it listens on loopback."""
        return self.endpoint.port

    @property
    def fired(self) -> Counter[SmtpFault]:
        """How often each fault really happened."""
        return self.cues.fired

    @property
    def pending(self) -> Counter[SmtpFault]:
        """How often each fault is still to happen."""
        return self.cues.pending

    @property
    def accepted(self) -> list[Accepted]:
        """Every mail that the server took, once for each recipient of its envelope."""
        return [
            _accepted(mail, recipient, self._told.get(number))
            for number, mail in enumerate(list(self.server.mails))
            for recipient in mail.recipients
        ]

    def cue(self, fault: SmtpFault, times: int = 1, *, after: int = 0) -> None:
        """Let a fault happen at its next fitting moments.

        Args:
            fault: what.
            times: how often.
            after: how many fitting moments pass in peace first.

        Raises:
            ValueError: this server has no TLS, or no expired certificate, to fail with.
        """
        if fault is SmtpFault.CERTIFICATE_EXPIRED and (self._expired is None or self._certificate is None):
            raise ValueError("an expired certificate needs a server with two certificates")
        self.cues.add(fault, times, after, None)

    def heal(self) -> None:
        """Forget all cues and be a well-behaved server again."""
        self.cues.clear()

    def forget(self) -> None:
        """Let no mail have come so far."""
        self.server.mails.clear()
        self._told.clear()

    def cut_connections(self) -> None:
        """Cut every connection, so that clients have to connect anew."""
        self.server.cut_connections()

    def shut(self) -> contextlib.AbstractContextManager[None]:
        """Do not listen for the time of the block; connections that are there live on."""
        return self.server.shut()

    def __enter__(self) -> Self:
        context = None if self._certificate is None else self._choosing(self._certificate)
        security = Security.NONE if context is None else Security.TLS
        running = running_smtp(security=security, auth=True, certificate=self._certificate, context=context)
        self.server = self._exit.enter_context(running)
        self.server.credentials = self._credentials
        self.server.director = self._direct
        self._exit.enter_context(guarded_door(self.port, self._refusal))
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    def _refusal(self) -> contextlib.AbstractContextManager[None] | None:
        return self.shut() if self.cues.take(SmtpFault.REFUSED) else None

    def _choosing(self, certificate: Certificate) -> ssl.SSLContext:
        """A context that shows the certificate that the cues want."""
        context = certificate.server_context()

        def choose(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
            if self._expired is not None and self.cues.take(SmtpFault.CERTIFICATE_EXPIRED):
                connection.context = self._expired

        context.sni_callback = choose
        return context

    def _direct(self, connection: int, stage: Stage) -> Cue | None:
        if stage is Stage.AUTH and connection in self._locked_out:
            return self._locked_out[connection]
        known = _STAGES.get(stage, {})
        late = _SLOW.get(stage)
        fault = self.cues.take(*known, *([late] if late else []))
        if fault is None:
            return None
        cue = known.get(fault) or Cue(slow=self.delay)
        if stage is Stage.TAKEN:
            self._told[len(self.server.mails) - 1] = fault
        if stage is Stage.AUTH:
            # A client may try one mechanism after the other.
            self._locked_out[connection] = cue
        return cue


def _accepted(mail: SentMail, recipient: str, fault: SmtpFault | None) -> Accepted:
    head = BytesHeaderParser().parsebytes(mail.content)
    message_id = str(head["Message-ID"] or "").strip().strip("<>")
    return Accepted(recipient, message_id, mail.content, fault)
