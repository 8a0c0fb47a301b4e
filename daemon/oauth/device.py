"""Log in with a code that a person types into a page on any device (RFC 8628)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from daemon.errors import MailboxUnavailable
from daemon.oauth.grants import login_token, over, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from daemon.oauth.asking import Answer, Post
    from daemon.oauth.providers import Client
    from daemon.oauth.token import Token
    from daemon.ports import Clock

USUAL_INTERVAL = 5.0
"""Seconds between two questions if the provider does not say (RFC 8628, section 3.2)."""

SLOWER_BY = 5.0
"""Seconds that each ``slow_down`` adds to the interval (RFC 8628, section 3.5)."""

_LEAST_INTERVAL = 1.0
_LONGEST_INTERVAL = 60.0
_LONGEST_WAIT = 1800.0
_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_DECLINED = frozenset({"authorization_declined", "access_denied"})
_EXPIRED = frozenset({"expired_token", "code_expired", "bad_verification_code"})


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A login that waits for a person.

    Attributes:
        user_code: what the person types.
        page: where.
        secret: what we ask the provider with.
        interval: seconds between two questions.
        lasts: seconds until the code ends.
    """

    user_code: str
    page: str
    secret: str = field(repr=False)
    interval: float
    lasts: float


def begin(client: Client, account: str, *, post: Post) -> DeviceCode:
    """Ask for a code.

    Raises:
        MailboxUnavailable: the provider is out of reach, or gave none.
        LoginRefused: it does not know this program as it is configured.
    """
    answer = post(client.provider.login_url, client.form(scope=client.provider.scope))
    if answer.error is not None:
        raise refused(client, account, answer)
    page = answer.text("verification_uri") or answer.text("verification_url")
    code, secret = answer.text("user_code"), answer.text("device_code")
    if not (code and secret and urlsplit(page).scheme in {"https", "http"}):
        raise MailboxUnavailable(
            f"{client.provider.title} の答えにコードがありません。もう一度お試しください。"
            f" / The answer of {client.provider.title} holds no code; try again."
        )
    lasts = answer.seconds("expires_in")
    interval = answer.seconds("interval")
    return DeviceCode(
        user_code=code,
        page=page,
        secret=secret,
        interval=_bounded(USUAL_INTERVAL if interval is None else interval),
        lasts=_LONGEST_WAIT if lasts is None else min(float(lasts), _LONGEST_WAIT),
    )


def await_login(
    client: Client,
    account: str,
    code: DeviceCode,
    *,
    post: Post,
    clock: Clock,
    wait: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Token:
    """Ask the provider until the person has logged in.

    Args:
        client: who asks.
        account: the mailbox's name, for the sentence that says how to begin anew.
        code: what the person types.
        post: how to ask.
        clock: the time, for what the token says of its end.
        wait: lets that many seconds pass.
        monotonic: a clock that is only compared with itself.

    Raises:
        LoginRefused: the person declined, the code expired, or the provider does not know this program.
    """
    interval, end = code.interval, monotonic() + code.lasts
    form = client.form(grant_type=_GRANT, device_code=code.secret)
    while monotonic() < end:
        wait(interval)
        try:
            answer = post(client.provider.token_url, form)
        except MailboxUnavailable:
            # A network that fails for a moment, or a provider that is overrun, does not end the login.
            interval = _bounded(interval + SLOWER_BY)
            continue
        if answer.error is None:
            return login_token(client, answer, clock.now())
        interval = _next_interval(client, account, answer, interval)
    raise over(account, "コードの期限が切れました", "the code expired")


def _next_interval(client: Client, account: str, answer: Answer, interval: float) -> float:
    """How long to wait after a no that is not final.

    Raises:
        LoginRefused: it is final.
    """
    if answer.error == "authorization_pending":
        return interval
    if answer.error == "slow_down":
        return _bounded(interval + SLOWER_BY)
    if answer.error in _DECLINED:
        raise over(account, "ログインが断られました", "the login was declined")
    if answer.error in _EXPIRED:
        raise over(account, "コードの期限が切れました", "the code expired")
    raise refused(client, account, answer)


def _bounded(interval: float) -> float:
    return min(max(interval, _LEAST_INTERVAL), _LONGEST_INTERVAL)
