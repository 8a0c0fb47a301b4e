"""Hands the test beds' fixtures to every test."""

from __future__ import annotations

from tests.beds.browser import chromium, window
from tests.beds.certificates import certificate, expired_certificate
from tests.beds.dovecot import dovecot
from tests.beds.imap_script import imap_script
from tests.beds.oauth import token_server
from tests.beds.postgres import database_url, postgres, postgres_url
from tests.beds.pymap import pymap
from tests.beds.smtp import smtp_server

__all__ = [
    "certificate",
    "chromium",
    "database_url",
    "dovecot",
    "expired_certificate",
    "imap_script",
    "postgres",
    "postgres_url",
    "pymap",
    "smtp_server",
    "token_server",
    "window",
]
