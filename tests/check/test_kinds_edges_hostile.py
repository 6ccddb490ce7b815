"""Hostile text in every argument of every kind of check: one clear error, or a value like any other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from checking import Shop, changed, made, open_shop

from dryland.check.given import arguments_of
from dryland.check.kinds import arguments
from dryland.check.kinds.catalogue import KINDS
from dryland.errors import ConfigError
from dryland.project.nodes import Check
from dryland.state.records import Profile

TO: dict[str, Any] = {"to": "people"}
ENOUGH: dict[str, dict[str, Any]] = {  # what a kind needs to be asked at all
    "accepted_range": {"min_value": 0}, "accepted_values": {"values": [1]}, "not_accepted_values": {"values": [1]},
    "aggregate_range": {"aggregate": "max", "max_value": 9}, "cardinality_equality": TO | {"field": "id"},
    "category_shares": {"shares": {"a": 1}}, "column_count": {"equals": 3}, "columns": {"columns": ["id"]},
    "columns_sum_to": {"columns": ["id", "other"], "total": 1},
    "compare_columns": {"column_a": "id", "column_b": "other", "operator": "="},
    "distinct_values": {"values": [1]}, "drift": {"of": "mean", "max_change": 1}, "equal_aggregate": TO,
    "equal_rowcount": TO, "equality": TO | {"columns": ["id"]}, "expression_is_true": {"expression": "> 0"},
    "expression_range": {"expression": "id", "min_value": 0}, "fewer_rows_than": TO, "format": {"format": "uuid"},
    "freshness": {"within": "1 day", "column": "day"}, "like": {"pattern": "a"}, "monotonic": {"sort_column": "id"},
    "most_common_value": {"values": [1]}, "no_gaps": {"column": "day"}, "of_type": {"types": ["int"]},
    "mutually_exclusive_ranges": {"lower_bound_column": "id", "upper_bound_column": "other"},
    "outliers": {"stdevs": 3}, "regex": {"regex": "a"}, "relationships": TO | {"field": "id"},
    "row_count": {"min_value": 1}, "sql": {"query": "select * from {table} where id > 1"},
    "unique_within_row": {"columns": ["id", "other"]}, "value_length": {"min_value": 1}, "volume": {"min_change": -1},
    "usual_period": {"column": "day"},
}  # fmt: skip
HOSTILE = [
    "'; drop table victim; --", '"; drop table victim; --', "1)) as c0 from victim --", "true), (select 1", "(", ")",
    "'", '"', "/*", "*/", "{{ ref('x') }}", "{% if x %}", "{# ' #}", "1 {# 2 #}", "$$", "$1", "?", "1; select 2", "\\",
    "[1", "{", "-- nothing else", "no such thing",
]  # fmt: skip
FEW = ("accepted_range", "accepted_values", "expression_is_true", "relationships", "sql")
OWN_SQL = (arguments.sql, arguments.bound, arguments.query)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        fill(shop)
        yield shop


def fill(shop: Shop) -> None:
    """The tables that are asked, and one that must come to no harm."""
    shop.table("select * from (values (1, 1, date '2026-01-01'), (null, 2, null)) as given (id, other, day)")
    shop.table("select 1 as id", "people")
    shop.table("select 1 as id", "victim")
    shop.history = (Profile(2, "x", {"id": {"mean": 1.0}}),)


def attacks(kind: str) -> Iterator[tuple[Check, bool]]:
    """Checks of a kind with hostile text in one of their arguments each, and whether it is read as SQL there."""
    takes = {**KINDS[kind].takes}
    if KINDS[kind].reads_rows:
        takes |= {"row_condition": arguments.sql, "where": arguments.sql}
    for name, parse in takes.items():
        for number, text in enumerate(HOSTILE):
            value = f"select * from {{table}} where {text}" if parse is arguments.query else text
            given = {**ENOUGH.get(kind, {})}
            where = {"where": value} if name == "where" else {}
            given |= {} if where else {name: [value] if parse in (arguments.columns, arguments.values) else value}
            column = "" if KINDS[kind].about == "table" else "id"
            check = made(kind, column, name=f"{kind} {name} {number}", arguments=given if name != "to" else {}, **where)
            yield changed(check, arguments=given) if name == "to" else check, parse in OWN_SQL


@pytest.mark.parametrize("kind", [pytest.param(each, marks=() if each in FEW else pytest.mark.slow) for each in KINDS])
def test_hostile_text_harms_no_check_but_its_own(shop: Shop, kind: str) -> None:
    asked = []
    for check, is_sql in attacks(kind):
        try:
            arguments_of(check)
        except ConfigError as error:
            assert error.location == "models/shop.yml:7" and error.hint
        else:
            asked.append((check, is_sql))
    beside = made("not_null", "id", name="beside"), made("unique", "other", name="beside too")
    outcome = shop.check(*(check for check, _ in asked), *beside)
    assert [each.failures for each in outcome.verdicts[-2:]] == [1, 0]
    for (check, is_sql), verdict in zip(asked, outcome.verdicts, strict=False):
        assert (verdict.status == "error") >= is_sql, (check, verdict)
        if verdict.status == "error":
            assert verdict.message.startswith("models/shop.yml:7: "), verdict.message
    assert shop.fetch("select * from dryland_store.victim__0123456789abcdef") == [(1,)]


def test_every_kind_is_asked_with_enough(shop: Shop) -> None:
    """Else hostile text would only ever meet an argument that is missing."""
    for kind in KINDS:
        verdict = shop.verdict(made(kind, "" if KINDS[kind].about == "table" else "id", arguments=ENOUGH.get(kind, {})))
        assert verdict.status in ("pass", "fail") or kind in ("freshness", "no_gaps", "usual_period"), verdict.message
