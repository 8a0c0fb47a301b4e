"""Exchange a grant for a token: what is sent, and what an answer means."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.oauth.token import Token

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.oauth.asking import Answer, Post
    from daemon.oauth.providers import Client

_LIFETIME = timedelta(minutes=10)
"""How long an access token is trusted of which the provider does not say when it ends."""

_LONGEST_LIFETIME = timedelta(days=1)
_LONGEST_TOKEN = 16 * 1024
_OUR_REGISTRATION = frozenset({"invalid_client", "unauthorized_client", "invalid_request", "invalid_scope"})
"""Errors that no login cures: the provider does not know this program as it is configured."""


def renew(client: Client, token: Token, account: str, *, post: Post, now: datetime) -> Token:
    """A new access token for the refresh token; a rotated refresh token is in it.

    Args:
        client: who asks.
        token: what was kept.
        account: the mailbox's name, for the sentence that says how to log in.
        post: how to ask.
        now: the present instant.

    Raises:
        MailboxUnavailable: the provider is out of reach; try again later.
        LoginRefused: it does not accept the refresh token any more, or does not know this program.
    """
    form = client.form(grant_type="refresh_token", refresh_token=token.refresh)
    answer = post(client.provider.token_url, form)
    if answer.error is not None:
        raise refused(client, account, answer)
    return token_of(client, answer, now).renewed_from(token)


def token_of(client: Client, answer: Answer, now: datetime) -> Token:
    """The token in a provider's answer.

    Raises:
        MailboxUnavailable: there is no usable one in it.
    """
    access, rotated = answer.text("access_token"), answer.text("refresh_token")
    if not _is_usable(access) or len(rotated) > _LONGEST_TOKEN:
        raise MailboxUnavailable(
            f"{client.provider.title} の答えにトークンがありません。自動でやり直します。"
            f" / The answer of {client.provider.title} holds no token; it is tried again."
        )
    seconds = answer.seconds("expires_in")
    lifetime = _LIFETIME if seconds is None else timedelta(seconds=seconds)
    ends_in = answer.seconds("refresh_token_expires_in")
    return Token(
        client=client.identity,
        access=access,
        refresh=rotated,
        granted_at=now,
        renewed_at=now,
        expires_at=now + min(lifetime, _LONGEST_LIFETIME),
        login_until=None if not ends_in else now + timedelta(seconds=ends_in),
    )


def login_token(client: Client, answer: Answer, now: datetime) -> Token:
    """The token of a new login.

    Raises:
        MailboxUnavailable: there is no usable one in the answer.
        LoginRefused: it cannot be renewed, so it would be dead within the hour.
    """
    token = token_of(client, answer, now)
    if not token.refresh:
        raise LoginRefused(
            f"{client.provider.title} が更新用のトークンを出しませんでした。アプリの登録を確かめてください。"
            f" / {client.provider.title} gave no refresh token; check the registration of the application."
        )
    return token


def _is_usable(access: str) -> bool:
    """One word in ASCII, as RFC 6750 wants it: it goes into a line of a mail server's dialogue."""
    return 0 < len(access) <= _LONGEST_TOKEN and access.isascii() and " " not in access


def refused(client: Client, account: str, answer: Answer) -> LoginRefused:
    """What to raise when the provider says no."""
    title, reason, command = client.provider.title, answer.reason, f"sokuresu login {account}"
    if answer.error in _OUR_REGISTRATION:
        return LoginRefused(
            f"{title} が client_id か client_secret を受け付けません ({reason})。"
            f"設定を直し、{command} を実行してください。"
            f" / {title} does not accept client_id or the secret ({reason}); correct them, then: {command}"
        )
    return LoginRefused(
        f"{command} でログインし直してください ({title} の許可が切れています: {reason})。"
        f" / Log in again with: {command} ({title} accepts the last login no more: {reason})."
    )


def over(account: str, ja: str, en: str) -> LoginRefused:
    """What to raise when a login came to nothing and may be begun anew."""
    again = f"sokuresu login {account}"
    return LoginRefused(f"{ja}。もう一度: {again} / {en[0].upper()}{en[1:]}; try again: {again}")
