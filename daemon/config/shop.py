"""Whose shop it is, and when somebody is there."""

# Pydantic reads the annotations of this module while the program runs, so they are not postponed.

from datetime import date, time
from typing import Annotated

from pydantic import Field, PlainValidator, ValidationInfo, field_validator

from daemon.config.addresses import Address
from daemon.config.readers import Line, List, one_of
from daemon.config.sentences import fault
from daemon.config.table import Table
from daemon.config.times import ClosedEntry, TimeOfDay, Zone, read_country

_DAYS_OF_A_WEEK = 7


class Shop(Table):
    """Whose shop it is and when somebody is there."""

    name: Line
    owner_email: Address
    timezone: Zone = Field(default="Asia/Tokyo", validate_default=True)
    country: Annotated[str, PlainValidator(read_country)] = "JP"
    language: Annotated[str, PlainValidator(one_of("ja", "en"))] = "ja"
    opening_time: TimeOfDay = time(10)
    closing_time: TimeOfDay = time(20)
    closed_on: Annotated[tuple[ClosedEntry, ...], List] = Field(
        default=["sat", "sun", "public"], validate_default=True
    )

    @field_validator("closing_time")
    @classmethod
    def _check_order(cls, closing: time, info: ValidationInfo) -> time:
        opening = info.data.get("opening_time")
        if opening is not None and closing <= opening:
            raise fault(
                f"閉店 {closing:%H:%M} は開店 {opening:%H:%M} より後にしてください。",
                f"closing {closing:%H:%M} must be later than opening {opening:%H:%M}.",
            )
        return closing

    @field_validator("closed_on")
    @classmethod
    def _check_some_day_open(cls, entries: tuple[ClosedEntry, ...]) -> tuple[ClosedEntry, ...]:
        if len({entry.weekday for entry in entries} - {None}) == _DAYS_OF_A_WEEK:
            raise fault(
                "すべての曜日が休みです。1 日は開けてください。", "every weekday is closed; open one."
            )
        return entries

    @property
    def closed_weekdays(self) -> frozenset[int]:
        """Weekdays without anybody, 0 for Monday to 6 for Sunday."""
        return frozenset(entry.weekday for entry in self.closed_on if entry.weekday is not None)

    @property
    def closed_ranges(self) -> tuple[tuple[date, date], ...]:
        """First and last local date of each closed time, both included."""
        return tuple(entry.days for entry in self.closed_on if entry.days is not None)

    @property
    def closed_on_public_holidays(self) -> bool:
        """Whether nobody is there on public holidays."""
        return any(entry.public for entry in self.closed_on)
