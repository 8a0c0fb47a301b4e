"""Keeps one account's token alive: everything that logs in to the account asks here."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.oauth.asking import post_form
from daemon.oauth.grants import renew
from daemon.oauth.token import AHEAD

if TYPE_CHECKING:
    from collections.abc import Callable

    from daemon.oauth.asking import Post
    from daemon.oauth.providers import Client
    from daemon.oauth.token import Token
    from daemon.oauth.token_file import Signature, TokenFile
    from daemon.ports import Clock

PAUSES = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)
"""Seconds without asking the provider after each failure in a row; the last one repeats."""

REPLACED_PAUSE = 600.0
"""Seconds in which a token that came for a rejected one is not replaced again: that would change nothing."""

REFUSED_PAUSE = 900.0
"""Seconds without asking a provider that said no: only a new login helps, and that is noticed at once."""

_JUST_ENOUGH = timedelta(seconds=30)
"""What an access token must last to be used while the provider is out of reach: long enough to log in."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why the last renewal failed, and until when it is not tried again with the same file."""

    reason: MailboxUnavailable
    signature: Signature | None
    until: float
    in_a_row: int


class TokenKeeper:
    """The access tokens of one account, for IMAP and SMTP together.

    Renewals happen one at a time, also between processes. A new token is in the file before anybody gets it:
    a refresh token that the provider rotated must survive whatever happens next.
    """

    def __init__(
        self,
        account: str,
        client: Client,
        file: TokenFile,
        clock: Clock,
        *,
        unkept: Token | None = None,
        post: Post = post_form,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Set up the keeper; nothing is read or asked yet.

        Args:
            account: the mailbox's name.
            client: who asks the provider.
            file: where the token lies.
            clock: the time, for what expires.
            unkept: a renewed token that the account's last keeper could not write down.
            post: how the provider is asked.
            monotonic: a clock that is only compared with itself.
        """
        self._account = account
        self._client = client
        self._file = file
        self._clock = clock
        self._post = post
        self._monotonic = monotonic
        self._turn = threading.Lock()
        self._token: Token | None = None
        self._seen: Signature | None = None
        self._rejected: str | None = None
        self._replaced_at: float | None = None
        self._unkept = unkept
        self._failure: _Failure | None = None

    @property
    def unkept(self) -> Token | None:
        """A renewed token that could not be written down; the refresh token in the file may be spent."""
        return self._unkept

    def keep(self) -> bool:
        """Try once more to write down what could not be; whether nothing is left that only memory holds."""
        with self._turn:
            try:
                with self._file.locked():
                    if self._unkept is not None and self._continues(self._current()):
                        self._keep(self._unkept)
            except MailboxUnavailable:
                return False
        return True

    def fresh(self) -> str:
        """An access token that will be good for some minutes.

        Raises:
            MailboxUnavailable: none can be had at the moment; try again later.
            LoginRefused: none can be had until a person does something; the sentence says what.
        """
        with self._turn:
            token = self._current()
            if self._is_good(token):
                return token.access
            try:
                self._respect_pause()
                return self._renewed().access
            except LoginRefused:
                raise
            except MailboxUnavailable:
                if not self._is_good(token, _JUST_ENOUGH):
                    raise
                return token.access

    def reject(self, access: str) -> bool:
        """Say that a mail server did not accept an access token; whether another one may fare better."""
        with self._turn:
            if self._token is None or self._token.access != access:
                return True
            lately = self._replaced_at is not None and self._monotonic() < self._replaced_at + REPLACED_PAUSE
            if not lately:
                self._rejected = access
            return not lately

    def renew(self) -> Token:
        """Renew now, however fresh the token is, to see whether that works.

        Raises:
            MailboxUnavailable: it does not at the moment.
            LoginRefused: it does not until a person does something.
        """
        with self._turn:
            self._rejected = self._current().access
            return self._renewed()

    def _current(self) -> Token:
        """The token as it lies in the file; the file is read again only when it was replaced."""
        signature = self._file.signature()
        if self._token is None or signature is None or signature != self._seen:
            self._token = None
            self._token = self._bound(self._file.read())
            self._seen = signature
        return self._token

    def _bound(self, token: Token) -> Token:
        """The token if it is the configured client's: another provider must never be shown it."""
        if token.client != self._client.identity:
            raise self._file.login_needed(
                "provider か client_id が変わりました", "provider or client_id changed"
            )
        return token

    def _is_good(self, token: Token, ahead: timedelta = AHEAD) -> bool:
        return token.access != self._rejected and token.is_fresh(self._clock.now(), ahead)

    def _respect_pause(self) -> None:
        failure = self._failure
        if failure and failure.signature == self._file.signature() and self._monotonic() < failure.until:
            raise type(failure.reason)(str(failure.reason))

    def _renewed(self) -> Token:
        try:
            with self._file.locked():
                token = self._current()
                if not self._is_good(token):
                    # Otherwise another process renewed it while we waited for our turn.
                    token = self._exchange(token)
        except MailboxUnavailable as reason:
            self._note(reason)
            raise
        self._failure = None
        return token

    def _exchange(self, token: Token) -> Token:
        renewed = self._unkept
        if renewed is None or not self._continues(token):
            renewed = renew(self._client, token, self._account, post=self._post, now=self._clock.now())
        self._keep(renewed)
        self._replaced_at = self._monotonic() if token.access == self._rejected else None
        self._rejected = None
        return renewed

    def _continues(self, token: Token) -> bool:
        """Whether what could not be written is the renewal of this very login."""
        unkept = self._unkept
        return unkept is not None and (unkept.client, unkept.granted_at) == (token.client, token.granted_at)

    def _keep(self, renewed: Token) -> None:
        """Write a new token down before anybody uses it.

        Raises:
            LoginRefused: the file cannot be written. The token is kept in memory, and the provider is not
                asked again, for the refresh token in the file may be spent.
        """
        self._unkept = renewed
        try:
            self._file.write(renewed)
        except OSError as failure:
            raise self._file.unwritable(failure) from None
        self._unkept = None
        self._token, self._seen = renewed, self._file.signature()

    def _note(self, reason: MailboxUnavailable) -> None:
        before = 0 if self._failure is None else self._failure.in_a_row
        pause = PAUSES[min(before, len(PAUSES) - 1)]
        if isinstance(reason, LoginRefused) and self._unkept is None:
            pause = REFUSED_PAUSE
        self._failure = _Failure(reason, self._file.signature(), self._monotonic() + pause, before + 1)
