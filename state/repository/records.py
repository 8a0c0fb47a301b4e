"""Turns rows into the model's frozen records and back, with statements that are made once.

Building a statement costs SQLAlchemy four times what executing it costs, so those of the way of every mail
are constants with named parameters.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam

from parsers.values import Authenticity, Kind
from state.model import Case, CaseState, Message, OutboxItem, Place
from state.outbox_rules import OutboxKind, OutboxState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Column, Connection, CursorResult, Insert, Table, Update

_WHICH = "which_row"


def insert(connection: Connection, table: Table, values: dict[str, Any]) -> int:
    """Store one row and tell its number."""
    number: int = connection.execute(_insertion(table), values).inserted_primary_key[0]  # type: ignore[index]
    return number


def insert_all(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Store rows whose numbers nobody needs."""
    if rows:
        connection.execute(_insertion(table), list(rows))


def change(connection: Connection, column: Column[Any], value: Any, columns: Mapping[str, Any]) -> int:
    """Set columns of the rows in which ``column`` has that value; tells how many there are."""
    return connection.execute(_change(column), {_WHICH: value, **columns}).rowcount


@cache
def _insertion(table: Table) -> Insert:
    return table.insert()


@cache
def _change(column: Column[Any]) -> Update:
    return column.table.update().where(column == bindparam(_WHICH))


def dicts(result: CursorResult[Any]) -> Iterator[dict[str, Any]]:
    """The rows by the names of their columns."""
    names = tuple(result.keys())
    return (dict(zip(names, row, strict=True)) for row in result)


def case_of(row: Sequence[Any], order_ids: tuple[str, ...]) -> Case:
    """One whole row of a case, in the order of the table's columns, with its orders."""
    number, kind, state, mailbox, case_key, buyer_key, alias, marketplace, buyer_name, subject = row[:10]
    return Case(
        number,
        Kind(kind),
        CaseState(state),
        mailbox,
        case_key,
        buyer_key,
        alias,
        marketplace,
        buyer_name,
        subject,
        order_ids,
        *row[10:],
    )


def case_values(case: Case) -> dict[str, Any]:
    """The columns of a case, without number and orders."""
    return _values(case, without=("id", "order_ids"))


def message_of(row: Sequence[Any]) -> Message:
    """One whole row of a message, in the order of the table's columns.

    Lists have many rows, and asking a row for a column by its name costs more than all the rest.
    """
    number, case_id, kind, mailbox, folder, uidvalidity, uid, message_id, message_key, reply_chain = row[:10]
    received_at, stored_at, wants_answer, amazon_by, respond_by, answered_at, alerted_at = row[10:17]
    authenticity, proof, subject, text, full_text, attachments, intent, confident, facts, refusal = row[17:]
    return Message(
        number,
        case_id,
        Kind(kind),
        Place(mailbox, folder, uidvalidity, uid),
        received_at,
        stored_at,
        wants_answer,
        amazon_by,
        respond_by,
        Authenticity(authenticity),
        message_id,
        message_key,
        subject,
        text,
        full_text,
        answered_at,
        alerted_at,
        tuple(reply_chain),
        tuple(attachments),
        intent,
        confident,
        tuple(facts),
        proof,
        refusal,
    )


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


def outbox_item_of(row: dict[str, Any]) -> OutboxItem:
    """One row of the outbox."""
    row |= {"kind": OutboxKind(row["kind"]), "state": OutboxState(row["state"])}
    return OutboxItem(**row)


def outbox_values(item: OutboxItem) -> dict[str, Any]:
    """The columns of an outgoing mail, without its number."""
    return _values(item, without=("id",))


def _values(record: Any, *, without: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(record, name) for name in _names(record.__class__, without)}


@cache
def _names(kind: type, without: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name not in without)
