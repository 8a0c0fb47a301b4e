"""The numbers by which people name cases, outgoing mail and quarantined mail."""

from __future__ import annotations

import click

NUMBER = click.IntRange(1, 2**31 - 1)
"""What a database's number can be; anything else is a usage error."""
