"""Which shipping agents may be asked: those that the configuration names, and no buyer's address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.errors import ConfigurationError
from daemon.recipients import is_plain_address
from parsers.values import BuyerAlias

if TYPE_CHECKING:
    from daemon.shop import Agent, Shop


NO_AGENTS = (
    "発送の委託先が設定にありません。設定ファイルに次の行を足してください。",
    "No shipping agent is configured; add these lines to the configuration:",
)
"""What to do where nobody may be asked, in Japanese and English; `AGENT_LINES` follow."""


AGENT_LINES = """[[shipping_agent]]
address = "agent@logistics.example"   # 問い合わせの宛先。返事もここから届きます / written to, and heard from
name = "〇〇ロジスティクス"
language = "ja"                       # ja / en"""
"""What names an agent in the configuration."""


def agents_of(shop: Shop) -> tuple[Agent, ...]:
    """The agents that may be written to: an address that is a buyer's is none, whatever is configured."""
    return tuple(
        one
        for one in shop.agents
        if is_plain_address(one.address) and BuyerAlias.parse(one.address.lower()) is None
    )


def agent_at(shop: Shop, address: str | None) -> Agent | None:
    """The configured agent with this very address; None if there is none."""
    wanted = (address or "").lower()
    return next((one for one in agents_of(shop) if one.address.lower() == wanted), None)


def choose_agent(shop: Shop, address: str | None = None) -> Agent | None:
    """The agent that is meant: the named one, else the only one; None where a person has to choose.

    Raises:
        ConfigurationError: none is configured, or none with this address.
    """
    known = agents_of(shop)
    if not known:
        ja, en = NO_AGENTS
        raise ConfigurationError((f"{ja} / {en}\n\n{AGENT_LINES}",))
    if address is None:
        return known[0] if len(known) == 1 else None
    found = agent_at(shop, address)
    if found is None:
        listed = ", ".join(one.address for one in known)
        raise ConfigurationError(
            (f"--agent は設定にある宛先から選びます: {listed} / --agent names one of: {listed}",)
        )
    return found
