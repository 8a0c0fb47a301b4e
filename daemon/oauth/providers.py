"""Who hands out tokens, and where. The addresses are constants: a wrong one would be told our secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote


class Flow(StrEnum):
    """How a person logs in.

    Attributes:
        DEVICE: a code is typed into a page on any device (RFC 8628).
        REDIRECT: a browser comes back to a port of this machine (RFC 8252).
    """

    DEVICE = "device"
    REDIRECT = "redirect"


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider of mail accounts.

    Attributes:
        name: as in the configuration.
        title: as people know it.
        flow: how a person logs in.
        login_url: where the login begins: the page of the browser, or where a device's code is asked for.
        token_url: where grants are exchanged for tokens.
        scope: what is asked for: reading and sending mail, nothing else.
    """

    name: str
    title: str
    flow: Flow
    login_url: str
    token_url: str
    scope: str


@dataclass(frozen=True, slots=True)
class Client:
    """This program as the provider knows it.

    Attributes:
        provider: who knows it.
        client_id: under which name.
        client_secret: what goes with it; None for a public client.
    """

    provider: Provider
    client_id: str
    client_secret: str | None = field(default=None, repr=False)

    @property
    def identity(self) -> str:
        """What a stored token is bound to."""
        return f"{self.provider.name}:{self.client_id}"

    def form(self, **fields: str) -> dict[str, str]:
        """The fields of a request to the provider, with our name and secret."""
        secret = {} if self.client_secret is None else {"client_secret": self.client_secret}
        return {"client_id": self.client_id, **secret, **fields}


GOOGLE = Provider(
    name="google",
    title="Google",
    flow=Flow.REDIRECT,
    login_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address, no password
    scope="https://mail.google.com/",
)

_MICROSOFT = "https://login.microsoftonline.com"
_MICROSOFT_SCOPE = (
    "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
)


def microsoft(tenant: str) -> Provider:
    """Microsoft 365 for one organisation.

    Args:
        tenant: its id or domain; ``common``, ``organizations`` and ``consumers`` stand for many.
    """
    place = f"{_MICROSOFT}/{quote(tenant, safe='')}/oauth2/v2.0"
    return Provider(
        name="microsoft",
        title="Microsoft",
        flow=Flow.DEVICE,
        login_url=f"{place}/devicecode",
        token_url=f"{place}/token",
        scope=_MICROSOFT_SCOPE,
    )


def known_provider(name: str, tenant: str) -> Provider:
    """The provider of that name; the tenant is for Microsoft alone."""
    return GOOGLE if name == GOOGLE.name else microsoft(tenant)
