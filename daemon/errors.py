"""The failures that the use cases tell apart; every sentence says what to do next."""

from __future__ import annotations


class SokuresuError(Exception):
    """A failure that is told to the person in one sentence, without a stack of frames."""

    exit_status = 1


class ConfigurationError(SokuresuError):
    """The configuration cannot be used; carries every fault at once.

    Attributes:
        faults: one sentence each.
    """

    exit_status = 2

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class MailboxUnavailable(SokuresuError):  # noqa: N818 - reads as what it is
    """The mail server cannot be reached or broke the connection: try again later, for ever."""


class LoginRefused(MailboxUnavailable):
    """The server is there and does not accept the user name or the password."""


class FolderMissing(MailboxUnavailable):
    """A folder that is to be watched does not exist on the server."""


class AlreadyRunning(SokuresuError):  # noqa: N818 - reads as what it is
    """Another process of this shop holds the lock; carries who."""


class RecipientForbidden(SokuresuError):  # noqa: N818 - reads as what it is
    """An address outside the allow-list was about to be written to. Nothing was sent."""
