"""The commands of a seller on a shop's floor: the same database, and the floor's clock."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from daemon.cli import main, present

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from tests.beds.shopfloor import Shopfloor


@dataclass
class Counter:
    """Where a seller types.

    Attributes:
        floor: the shop; its database has to be a file.
        folder: holds the configuration.
    """

    floor: Shopfloor
    folder: Path

    def call(self, *arguments: str, **options: Any) -> Result:
        """Call a command inside this process."""
        with present.lent(self.floor.clock):
            return CliRunner().invoke(main, ["--config", str(self.config), *arguments], **options)

    @property
    def config(self) -> Path:
        """The configuration of the floor's shop as a file."""
        config = self.folder / "shop.toml"
        if not config.exists():
            config.write_text(self._configuration(), "utf-8")
        return config

    def json(self, *arguments: str) -> Any:
        """What a command tells scripts."""
        result = self.call(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def _configuration(self) -> str:
        url = self.floor.database._engine.url.render_as_string(hide_password=False)
        shop, server = self.floor.shop, '{ host = "127.0.0.1", port = 9, security = "none" }'
        return (
            f'database_url = "{url}"\n[shop]\nname = "{shop.name}"\nlanguage = "{shop.language}"\n'
            f'owner_email = "{shop.owner}"\ntimezone = "Asia/Tokyo"\nopening_time = "10:00"\n'
            'closing_time = "20:00"\n[[mailbox]]\nname = "main"\naddress = "main@shop.example"\n'
            f'username = "main"\npassword_file = "none"\nimap = {server}\nsmtp = {server}\n'
        )
