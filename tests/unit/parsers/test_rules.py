"""The tables of rules hold what the code expects of them."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from parsers.rules import CONFIDENCES, load_rules
from parsers.values import MARKETPLACES, Intent, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = sorted(
    file.name.removesuffix(".toml")
    for file in resources.files("parsers.rules").iterdir()
    if file.name.endswith(".toml")
)


def confidences(table: Any) -> Iterator[str]:
    """Every confidence anywhere in a table."""
    if isinstance(table, dict):
        if "confidence" in table:
            yield table["confidence"]
        for value in table.values():
            yield from confidences(value)
    elif isinstance(table, list):
        for value in table:
            yield from confidences(value)


def test_all_tables_are_known() -> None:
    """A table that nobody loads, or a missing one, is a mistake."""
    assert [
        *(
            "comments",
            "feedback",
            "intent",
            "links",
            "markers",
            "marketplaces",
            "notices",
            "orders",
            "owner_mail",
        ),
        *("quoting", "relay", "reports"),
    ] == TABLES


@pytest.mark.parametrize("name", [name for name in TABLES if name not in {"marketplaces", "relay"}])
def test_confidence_is_one_of_three(name: str) -> None:
    """Every rule says how well it is founded."""
    found = list(confidences(load_rules(name)))
    assert found
    assert set(found) <= set(CONFIDENCES)


def test_grouped_tables_use_the_three_words() -> None:
    """Tables whose entries need no further fields are grouped by confidence."""
    assert set(load_rules("marketplaces")) == set(CONFIDENCES)
    assert all(set(part) <= set(CONFIDENCES) for part in load_rules("relay").values())


def test_every_entry_of_a_list_has_its_own_confidence() -> None:
    """No marker, notice or pattern of a mail program goes without."""
    rows = [
        *load_rules("markers")["marker"],
        *load_rules("notices")["notice"],
        *load_rules("notices")["types"].values(),
        *load_rules("quoting")["attribution"],
        *load_rules("quoting")["divider"],
        *load_rules("orders")["cue"],
        *load_rules("owner_mail")["sign_off"],
        *load_rules("owner_mail")["alert_head"],
        *load_rules("links")["no_response"],
        *load_rules("links")["host"],
    ]
    assert all(row["confidence"] in CONFIDENCES for row in rows)


def test_marketplaces_exist() -> None:
    """Every id leads to a marketplace of the list, and no id stands twice."""
    groups = load_rules("marketplaces").values()
    assert {end for group in groups for end in group.values()} <= MARKETPLACES
    assert len({key for group in groups for key in group}) == sum(map(len, groups))


def test_kinds_and_intents_exist() -> None:
    """The tables speak the words of the values."""
    notices = load_rules("notices")
    assert {Kind(row["kind"]) for row in [*notices["notice"], *notices["types"].values()]}
    assert {Intent(row["name"]) for row in load_rules("intent")["intent"]} == set(Intent) - {
        Intent.QUESTION,
        Intent.THANKS,
        Intent.OTHER,
    }
    assert {Intent(row["name"]) for row in load_rules("intent")["topic"]} == {Intent.QUESTION, Intent.OTHER}
    rows = [*load_rules("intent")["intent"], *load_rules("intent")["topic"]]
    assert all(Intent(name) is not Intent(row["name"]) for row in rows for name in row["outranks"])


def test_feedback_patterns_have_their_group() -> None:
    """A rating pattern without a group could name no rating."""
    assert all(re.compile(pattern).groups == 1 for pattern in load_rules("feedback")["rating"])


def test_unknown_table_is_an_error() -> None:
    """A misspelt name is found at once."""
    with pytest.raises(FileNotFoundError):
        load_rules("nothing")
