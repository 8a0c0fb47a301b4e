"""Hands the test beds' fixtures to every test."""

from __future__ import annotations

from tests.beds.certificates import certificate
from tests.beds.postgres import database_url, postgres, postgres_url
from tests.beds.smtp import smtp_server

__all__ = ["certificate", "database_url", "postgres", "postgres_url", "smtp_server"]
