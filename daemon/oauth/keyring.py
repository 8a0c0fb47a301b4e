"""Every account's credentials: a password, or access tokens from the one keeper that the account has."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from daemon.oauth.keeper import TokenKeeper
from daemon.oauth.providers import Client, known_provider
from daemon.oauth.token_file import TokenFile
from daemon.ports import Credentials

if TYPE_CHECKING:
    from collections.abc import Callable

    from daemon.config.settings import Mailbox, Settings
    from daemon.oauth.providers import Provider
    from daemon.ports import Clock

    ProviderOf = Callable[[str, str], Provider]


class Keyring:
    """The credentials of one configuration; IMAP and SMTP of an account share what it hands out."""

    def __init__(self, settings: Settings, clock: Clock, provider_of: ProviderOf = known_provider) -> None:
        """Set up the keyring; no file is read yet.

        Args:
            settings: the configuration with its secrets.
            clock: the time, for what expires.
            provider_of: finds the provider by its name and the tenant; tests put a server of their own here.
        """
        self._settings = settings
        self._clock = clock
        self._provider_of = provider_of
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
                keeper = TokenKeeper(one.name, self.client(one), self.file(one), self._clock)
                self._keepers[one.name] = keeper
            return self._keepers[one.name]

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
