"""Mail servers: where they listen, and how the connection to them is protected."""

# Pydantic reads the annotations of this module while the program runs, so they are not postponed.

from typing import Annotated, ClassVar

from pydantic import PlainValidator, ValidationInfo

from daemon.config.addresses import Host, Port
from daemon.config.places import CaFile
from daemon.config.sentences import fault, not_usable
from daemon.config.table import Table
from daemon.loopback import is_loopback
from daemon.ports import Endpoint, Security


def read_security(value: object, info: ValidationInfo) -> Security:
    """How a connection is protected; unprotected only on this machine."""
    if value not in tuple(Security):
        raise not_usable(value, "tls、starttls、none のどれか", "one of tls, starttls, none")
    host = info.data.get("host")
    if value == Security.NONE and host is not None and not is_loopback(host):
        raise fault(
            f"{host} へ暗号化せずにログインすることはできません。tls か starttls にしてください。",
            f"logging in to {host} without encryption is not allowed; write tls or starttls.",
        )
    return Security(str(value))


Protection = Annotated[Security, PlainValidator(read_security)]


class Server(Table):
    """A mail server of one mailbox. The port depends on the protection where it is not given."""

    usual_ports: ClassVar[dict[Security, int]]

    host: Host
    port: Port | None = None
    security: Protection = Security.TLS
    ca_file: CaFile | None = None

    def endpoint(self) -> Endpoint:
        """Where it listens and how the connection is protected."""
        port = self.port or self.usual_ports[self.security]
        return Endpoint(self.host, port, self.security, self.ca_file)


class ImapServer(Server):
    """Where mail is read."""

    usual_ports: ClassVar[dict[Security, int]] = {
        Security.TLS: 993,
        Security.STARTTLS: 143,
        Security.NONE: 143,
    }


class SmtpServer(Server):
    """Where mail is handed in."""

    usual_ports: ClassVar[dict[Security, int]] = {
        Security.TLS: 465,
        Security.STARTTLS: 587,
        Security.NONE: 25,
    }
