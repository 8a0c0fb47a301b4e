"""Which hosts are this machine itself, where a password may travel in clear."""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether a host name or address never leaves this machine; a name other than ``localhost`` does."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
