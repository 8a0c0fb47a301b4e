"""Every account's credentials: a password, or access tokens from the one keeper that the account has."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from daemon.log import get_logger
from daemon.oauth.keeper import TokenKeeper
from daemon.oauth.providers import Client, known_provider
from daemon.oauth.token_file import TokenFile
from daemon.ports import Credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from daemon.config import Mailbox, Settings
    from daemon.oauth.providers import Provider
    from daemon.oauth.token import Token
    from daemon.ports import Clock

    ProviderOf = Callable[[str, str], Provider]

_log = get_logger(__name__)


class Keyring:
    """The credentials of one configuration; IMAP and SMTP of an account share what it hands out."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        provider_of: ProviderOf = known_provider,
        *,
        unkept: Mapping[str, Token] | None = None,
    ) -> None:
        """Set up the keyring; no file is read yet.

        Args:
            settings: the configuration with its secrets.
            clock: the time, for what expires.
            provider_of: finds the provider by its name and the tenant; tests put a server of their own here.
            unkept: renewed tokens that could not be written down, by the mailbox's name.
        """
        self._settings = settings
        self._clock = clock
        self._provider_of = provider_of
        self._unkept = dict(unkept or {})
        self._keepers: dict[str, TokenKeeper] = {}
        self._turn = Lock()

    def credentials(self, one: Mailbox) -> Credentials:
        """Who logs in at both servers of a mailbox.

        Raises:
            ConfigurationError: the configuration was loaded without its secrets.
        """
        if one.oauth is None:
            return one.credentials()
        return Credentials(one.login, tokens=self.keeper(one))

    def keeper(self, one: Mailbox) -> TokenKeeper:
        """The keeper of a mailbox that has ``oauth``."""
        with self._turn:
            if one.name not in self._keepers:
                unkept = self._unkept.pop(one.name, None)
                keeper = TokenKeeper(one.name, self.client(one), self.file(one), self._clock, unkept=unkept)
                self._keepers[one.name] = keeper
            return self._keepers[one.name]

    def succeeded_by(self, settings: Settings) -> Keyring:
        """The keyring of another configuration, with every token that lies in no file yet."""
        with self._turn:
            held = {name: keeper.unkept for name, keeper in self._keepers.items()}
            unkept = self._unkept | {name: token for name, token in held.items() if token is not None}
        return Keyring(settings, self._clock, self._provider_of, unkept=unkept)

    def keep(self) -> None:
        """Try a last time to write down every token that could not be, and say loudly what would be lost."""
        for name, keeper in self._keepers.items():
            if keeper.unkept is not None and not keeper.keep():
                _log.critical("renewed token cannot be kept", action="login_may_be_needed", mailbox=name)

    def client(self, one: Mailbox) -> Client:
        """This program as the mailbox's provider knows it."""
        assert one.oauth is not None
        secret = one.client_secret
        return Client(
            self._provider_of(one.oauth.provider, one.oauth.tenant or "common"),
            one.oauth.client_id,
            None if secret is None else secret.get_secret_value(),
        )

    def file(self, one: Mailbox) -> TokenFile:
        """Where the mailbox's token lies."""
        return TokenFile(self._settings.token_file(one), one.name)
