"""Tries the token of a mailbox with OAuth2, and says how old its login is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.inspection import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.config import Mailbox
    from daemon.oauth.keyring import Keyring
    from daemon.oauth.token import Token
    from daemon.showing.reader import Reader


def inspect_token(one: Mailbox, keyring: Keyring, reader: Reader) -> Iterator[Finding]:
    """Renew the token of a mailbox, if it has one; beside a running service that is harmless."""
    if one.oauth is None:
        return
    try:
        token = keyring.keeper(one).renew()
    except LoginRefused as refusal:
        yield Finding(Level.BROKEN, f"ログインが必要です: {refusal}", f"login needed: {refusal}")
    except MailboxUnavailable as failure:
        yield _passing(failure, keyring.file(one).read(), reader)
    else:
        age = reader.ago(token.granted_at)
        yield Finding(
            Level.FINE,
            f"OAuth2: {age}のログインです。トークンを更新できました",
            f"OAuth2: logged in {age}; the token can be renewed",
        )
        yield from _end(token, one, reader)


def _passing(failure: MailboxUnavailable, token: Token, reader: Reader) -> Finding:
    age = reader.ago(token.granted_at)
    return Finding(
        Level.BROKEN,
        f"OAuth2: {age}のログインですが、トークンを更新できません: {failure}",
        f"OAuth2: logged in {age}, but the token cannot be renewed: {failure}",
    )


def _end(token: Token, one: Mailbox, reader: Reader) -> Iterator[Finding]:
    """A login that the provider ends by itself, as Google does for a client in testing."""
    if token.login_until is not None:
        by = reader.moment(token.login_until)
        command = f"sokuresu login {one.name}"
        yield Finding(
            Level.WARNING,
            f"OAuth2: このログインは {by} に切れます。その前に {command} を",
            f"OAuth2: this login ends at {by}; before that: {command}",
        )
