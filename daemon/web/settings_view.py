"""The configuration in force as people read it: every table, every value, and no secret."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import TYPE_CHECKING, get_args

from pydantic import SecretStr
from sqlalchemy import make_url

from daemon.config import AcknowledgeHere, ClosedOn, Mailbox, Oauth, Orders, Server, Table, Web
from daemon.ports import Security
from daemon.showing.reader import clean
from daemon.web.settings_words import (
    ABSENT,
    CHOICES,
    HEADINGS,
    LABELS,
    SECURITY,
    UNITS,
    WEEKDAYS,
)
from templates.wording import LONG_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from daemon.config import Settings
    from daemon.showing.reader import Reader

_LONGEST = 400
_FIRST = ("shop", "mailbox", "acknowledge", "alerts", "drafts", "report")
"""What is looked up most; the rest follows as the file has it."""

_SET = ("設定済み(この画面からは読めません)", "set; this desk cannot read it")
_UNSET = ("なし(設定ファイルには書かれていません)", "none in the file")
_NONE = ("なし", "none")


@dataclass(frozen=True, slots=True)
class Value:
    """One key.

    Attributes:
        key: its name in the file.
        label: what it is called in a shop.
        text: what is in force, as people write it.
        usual: it does not stand in the file.
    """

    key: str
    label: str
    text: str
    usual: bool


@dataclass(frozen=True, slots=True)
class Section:
    """One table.

    Attributes:
        name: the table as it stands in the file, such as ``[shop]``; empty for what stands above all tables.
        path: the same without brackets.
        heading: what it is called in a shop, with what tells it from others of its kind.
        values: its keys.
        parts: the tables inside it.
    """

    name: str
    path: str
    heading: str
    values: tuple[Value, ...]
    parts: tuple[Section, ...] = ()


def sections_of(settings: Settings, reader: Reader) -> tuple[Section, ...]:
    """Every table of the configuration with what is in force.

    Args:
        settings: as the desk loaded them; secrets that are there all the same are not shown.
        reader: who reads it.
    """
    view = _View(settings, reader)
    found = view.section(settings, "")
    order = {path: place for place, path in enumerate(_FIRST)}
    top = [*found.parts, replace(found, parts=())]
    return tuple(sorted(top, key=lambda one: order.get(one.path, len(order))))


@dataclass(frozen=True, slots=True)
class _View:
    """The configuration and who reads it."""

    settings: Settings
    reader: Reader

    def section(self, table: Table, path: str, mark: str = "[{}]", own: str = "") -> Section:
        """A table with all that is in it."""
        fields = [(key, field) for key, field in type(table).model_fields.items() if not field.exclude]
        plain = [(key, field) for key, field in fields if not _holds_tables(field)]
        values = tuple(self._value(table, path, key, field) for key, field in plain)
        nested = [key for key, field in fields if _holds_tables(field)]
        parts = tuple(part for key in nested for part in self._parts(table, path, key))
        heading = " ".join(filter(None, (self.reader.word(HEADINGS, path), own)))
        return Section(mark.format(path) if path else "", path, heading, values, parts)

    def _parts(self, table: Table, path: str, key: str) -> Iterator[Section]:
        """What a key holds that stands for tables: one, none, or any number."""
        found, place = getattr(table, key), _joined(path, key)
        mark = "[[{}]]" if isinstance(found, tuple) else "[{}]"
        tables = found if isinstance(found, tuple) else () if found is None else (found,)
        for number, one in enumerate(tables, 1):
            yield self.section(self._in_force(one), place, mark, _told_apart(one, number, len(tables)))
        if not tables:
            nothing = Value("", "", self._absent(place), usual=True)
            yield Section(mark.format(place), place, self.reader.word(HEADINGS, place), (nothing,))

    def _in_force(self, table: Table) -> Table:
        """A mailbox acknowledges as all do where it says nothing else."""
        if not isinstance(table, AcknowledgeHere):
            return table
        own = {key for key in table.model_fields_set if getattr(table, key) is not None}
        values = {**self.settings.acknowledge.model_dump(), **table.model_dump(include=own)}
        return AcknowledgeHere.model_construct(_fields_set=own, **values)

    def _value(self, table: Table, path: str, key: str, field: FieldInfo) -> Value:
        place, written = _joined(path, key), key in table.model_fields_set
        text = self._secret(table, key, place) if _is_secret(field) else self._text(table, key, place)
        return Value(key, self.reader.word(LABELS, place), clean(text, _LONGEST), usual=not written)

    def _secret(self, table: Table, key: str, place: str) -> str:
        """Whether it is given; of the database where it is, without user and password."""
        if place == "database_url":
            return _database_place(self.settings.database)
        beside = getattr(table, key.removesuffix("_file"), None)
        given = key in table.model_fields_set or getattr(table, key) is not None or beside is not None
        return self.reader.say(*(_SET if given else _UNSET))

    def _text(self, table: Table, key: str, place: str) -> str:
        value = self._effective(table, key)
        if value is None:
            return self._absent(place)
        chosen = CHOICES.get(f"{place}.{value}")
        if chosen:
            return self.reader.say(*chosen)
        return (
            _hours(value, self.reader) if place == "alerts.quiet_hours" else written_out(value, self.reader)
        )

    def _absent(self, place: str) -> str:
        return self.reader.say(*ABSENT.get(place, _NONE))

    def _effective(self, table: Table, key: str) -> object:
        """What holds, also where a key is not given and something else decides."""
        settings = self.settings
        match table, key:
            case Server(), "port":
                return table.endpoint().port
            case Mailbox(), "username":
                return table.login
            case Oauth(), "token_file":
                return next(settings.token_file(one) for one in settings.mailbox if one.oauth is table)
            case Orders(), "buyer_key_file":
                return settings.buyer_key_file
            case Web(), "address":
                return settings.web.home
        return getattr(table, key)


def written_out(value: object, reader: Reader) -> str:
    """A value of the configuration as people write it; a secret only as being there."""
    match value:
        case tuple():
            said = [written_out(one, reader) for one in value]
            return reader.say("、", ", ").join(said) or reader.say(*_NONE)
        case timedelta():
            return _length(value, reader)
        case ClosedOn():
            return _closed(value, reader)
        case _:
            return _one_word(value, reader)


def _one_word(value: object, reader: Reader) -> str:
    match value:
        case SecretStr():
            return reader.say(*_SET)
        case bool():
            return reader.say("はい", "yes") if value else reader.say("いいえ", "no")
        case Security():
            return reader.word(SECURITY, value.value)
        case time():
            return f"{value:%H:%M}"
        case _:
            return str(value)


def _length(length: timedelta, reader: Reader) -> str:
    """A length of time in the units that people count it in."""
    rest, parts = int(length.total_seconds()), []
    for seconds, ja, en in UNITS:
        count, rest = divmod(rest, seconds)
        if count:
            parts.append(reader.say(f"{count}{ja}", f"{count} {en}"))
    return reader.say("", " ").join(parts) or reader.say("0秒", "0 s")


def _hours(hours: object, reader: Reader) -> str:
    assert isinstance(hours, tuple)
    start, end = (f"{one:%H:%M}" for one in hours)
    return reader.say(f"{start}から{end}まで", f"{start} to {end}")


def _closed(entry: ClosedOn, reader: Reader) -> str:
    if entry.weekday is not None:
        return reader.say(*WEEKDAYS[entry.weekday])
    if entry.days is None:
        return reader.say("祝日", "public holidays")
    first, last = (LONG_DAYS[reader.language](day) for day in entry.days)
    return first if first == last else reader.say(f"{first}から{last}まで", f"{first} to {last}")


def _database_place(url: str) -> str:
    """Where the database is: the file, or server and name; user, password and options are left out."""
    parts = make_url(url)
    if parts.host is None and parts.drivername.startswith("sqlite"):
        return f"SQLite {parts.database}"
    port = f":{parts.port}" if parts.port else ""
    return f"PostgreSQL {parts.host or ''}{port}/{parts.database or ''}"


def _told_apart(table: Table, number: int, count: int) -> str:
    """What tells a table from its neighbours of the same name."""
    return clean(table.name) if isinstance(table, Mailbox) else str(number) if count > 1 else ""


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _kinds(annotation: object) -> Iterator[object]:
    """Every type that an annotation is made of."""
    yield annotation
    for inner in get_args(annotation):
        yield from _kinds(inner)


def _holds_tables(field: FieldInfo) -> bool:
    return any(isinstance(kind, type) and issubclass(kind, Table) for kind in _kinds(field.annotation))


def _is_secret(field: FieldInfo) -> bool:
    return SecretStr in _kinds(field.annotation)
