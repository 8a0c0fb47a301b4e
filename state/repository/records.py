"""Turns rows into the model's frozen records and back."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from parsers.values import Authenticity, Kind
from state.model import Case, CaseState, Message, OutboxItem, Place
from state.outbox_rules import OutboxKind, OutboxState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Table


def insert(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Store one row and tell its number."""
    number: int = connection.execute(table.insert().values(**values)).inserted_primary_key[0]  # type: ignore[index]
    return number


def case_of(row: Mapping[Any, Any], order_ids: tuple[str, ...]) -> Case:
    """One row of a case with its orders."""
    values = {**row, "kind": Kind(row["kind"]), "state": CaseState(row["state"])}
    return Case(**values, order_ids=order_ids)


def case_values(case: Case) -> dict[str, Any]:
    """The columns of a case, without number and orders."""
    return _values(case, without=("id", "order_ids"))


def message_of(row: Mapping[Any, Any]) -> Message:
    """One row of a message."""
    values = dict(row)
    place = Place(*(values.pop(name) for name in ("mailbox", "folder", "uidvalidity", "uid")))
    values |= {name: tuple(values[name]) for name in ("reply_chain", "attachments", "facts")}
    values |= {"kind": Kind(row["kind"]), "authenticity": Authenticity(row["authenticity"])}
    return Message(**values, place=place)


def message_values(message: Message) -> dict[str, Any]:
    """The columns of a message, without its number."""
    values = _values(message, without=("id", "place"))
    place = message.place
    values |= {name: list(values[name]) for name in ("reply_chain", "attachments", "facts")}
    return values | {
        "mailbox": place.mailbox,
        "folder": place.folder,
        "uidvalidity": place.uidvalidity,
        "uid": place.uid,
    }


def outbox_item_of(row: Mapping[Any, Any]) -> OutboxItem:
    """One row of the outbox."""
    return OutboxItem(**{**row, "kind": OutboxKind(row["kind"]), "state": OutboxState(row["state"])})


def outbox_values(item: OutboxItem) -> dict[str, Any]:
    """The columns of an outgoing mail, without its number."""
    return _values(item, without=("id",))


def _values(record: Any, *, without: tuple[str, ...]) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record) if field.name not in without}
