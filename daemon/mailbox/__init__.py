"""Mailboxes on IMAP servers; the only room that knows imapclient and its traps."""

from daemon.mailbox.adapter import ImapMailbox, connect

__all__ = ["ImapMailbox", "connect"]
