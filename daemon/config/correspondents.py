"""Who writes to the shop besides Amazon, and whom it may write to besides buyers."""

# Pydantic reads the annotations of this module while the program runs, so they are not postponed.

from typing import Annotated

from pydantic import PlainValidator, ValidationInfo

from daemon.config.addresses import Address, Sender
from daemon.config.readers import Line, one_of
from daemon.config.sentences import not_usable
from daemon.config.table import Table
from parsers.values import FeedbackRule


def read_pattern(value: object, info: ValidationInfo) -> str:
    """A regular expression of a feedback rule that may be run on a stranger's text."""
    from parsers.recognisers.feedback import check_feedback_rule  # noqa: PLC0415 - few shops have such rules

    if not isinstance(value, str) or not value:
        raise not_usable(value, "引用符で囲んだ正規表現", "a regular expression in quotation marks")
    try:
        check_feedback_rule(FeedbackRule("any@shop.example", **{str(info.field_name): value}))
    except ValueError as error:
        raise not_usable(value, f"別の正規表現 ({error}) ", f"another pattern: {error}") from None
    return value


Pattern = Annotated[str, PlainValidator(read_pattern)]


class FeedbackRuleTable(Table):
    """An extra sender of feedback notices and how they are read."""

    sender: Sender
    subject: Pattern | None = None
    rating: Pattern | None = None

    def rule(self) -> FeedbackRule:
        """The same as the parsers want it."""
        return FeedbackRule(self.sender, self.subject, self.rating)


class ShippingAgent(Table):
    """Somebody who ships for the shop and may be written to."""

    address: Address
    name: Line | None = None
    language: Annotated[str, PlainValidator(one_of("ja", "en"))] | None = None
