"""Which days are public holidays; the calendar library is loaded only if the shop asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date


def public_holidays(country: str) -> Callable[[date], bool]:
    """Whether a day is a public holiday; in Japan bank holidays count, for they are the turn of the year.

    Args:
        country: two letters, such as ``JP``.
    """
    import holidays  # noqa: PLC0415 - costs a tenth of a second that most commands need not pay

    supported = holidays.country_holidays(country).supported_categories
    categories = tuple({"public", "bank"} & set(supported)) if country == "JP" else ("public",)
    days = holidays.country_holidays(country, categories=categories)
    return days.__contains__
