"""Every kind of check on PostgreSQL: the verdicts, numbers and profiles are those of DuckDB on the same rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import test_kinds_edges as edges
import test_kinds_edges_hostile as hostile
from checking import Shop, made, open_shop
from test_kinds import BEFORE, CASES, ORDERS, PEOPLE
from test_kinds_edges import Input, number, quoted

from dryland.state.records import Verdict
from postgres_server import Server

pytestmark = pytest.mark.medium

SAID_OTHERWISE = {"product(id)": "max(id)", "null or true": "1"}
"""DuckDB's own SQL in the cases, and what says the same there in PostgreSQL's."""


@pytest.fixture
def shop(postgres_server: Server, postgres: str) -> Iterator[Shop]:
    with open_shop(postgres_server.settings(postgres, search_path="public")) as shop:
        yield shop


@pytest.fixture
def duckdb() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


def every_case() -> list[tuple[Any, int]]:
    found = []
    for at, (kind, column, arguments, failures) in enumerate(CASES):
        text = json.dumps(arguments)
        for theirs, ours in SAID_OTHERWISE.items():
            text = text.replace(theirs, ours)
        found.append((made(kind, column, name=f"{at}_{kind}", arguments=json.loads(text)), failures))
    return found


def shown(verdict: Verdict) -> list[str]:
    return sorted(str(sorted((name, str(value)) for name, value in row.items())) for row in verdict.sample)


def test_every_kind_fails_as_often_as_on_duckdb(shop: Shop) -> None:
    """All in one scan, of which the profile is a part."""
    shop.table(ORDERS)
    shop.table(PEOPLE, "people")
    shop.history = BEFORE
    checks, failures = zip(*every_case(), strict=True)
    outcome = shop.check(*checks, profile=True)
    found = {each.check: (each.status, each.failures, each.message) for each in outcome.verdicts}
    assert {
        check.unique_id: found[check.unique_id]
        for check, count in zip(checks, failures, strict=True)
        if found[check.unique_id][:2] != ("fail" if count else "pass", count)
    } == {}
    scans = [each for each in shop.statements if "HASH_RECORD_EXTENDED" in each]
    assert len(scans) == 1 and scans[0].count("HASH_RECORD_EXTENDED") == 1
    assert not [each for each in outcome.verdicts if each.status == "fail" and not each.sample]


TYPES: dict[str, Input] = {
    "smallint": number("SMALLINT", "1", "2"),
    "integer": number("INTEGER", "1", "2"),
    "bigint": number("BIGINT", "1", "9223372036854775807"),
    "decimal": number("DECIMAL(10,2)", "1", "2"),
    "real": number("REAL", "1", "2"),
    "double": number("DOUBLE PRECISION", "1", "2"),
    "nan": quoted("DOUBLE PRECISION", "1", "NaN", "number"),
    "infinity": quoted("DOUBLE PRECISION", "1", "Infinity", "number"),
    "minus infinity": quoted("REAL", "-Infinity", "1", "number"),
    "varchar": quoted("VARCHAR(10)", "a", "b", "text"),
    **{title: edges.INPUTS[title] for title in (
        "boolean", "text", "line break", "date", "date infinity", "time", "timestamp", "timestamp infinity",
        "timestamp with zone", "interval", "uuid", "called {n}", 'called we"ird', "called CamelCase", "called previous",
    )},
}  # fmt: skip
"""Types that both have, and odd names."""
UNLIKE = {("boolean", "columns_sum_to", 0): edges.ERROR}  # PostgreSQL adds no booleans up, and says so


@pytest.mark.slow
@pytest.mark.parametrize("title", TYPES)
def test_every_kind_over_every_type_says_what_duckdb_says(shop: Shop, duckdb: Shop, title: str) -> None:
    found = []
    for each in (shop, duckdb):
        edges.tables(each, TYPES[title])
        found.append(edges.asked_of_all(each, TYPES[title]))
    (ours, profile), (theirs, expected) = found
    unlike = {
        (title, kind, number): edges.told(verdict)
        for (kind, number, _, verdict), (*_, other) in zip(ours, theirs, strict=True)
        if edges.told(verdict) != edges.told(other)
    }
    assert unlike == {key: said for key, said in UNLIKE.items() if key[0] == title}
    assert {name: dict(each) for name, each in profile.columns.items()} == {
        name: dict(each) for name, each in expected.columns.items()
    }


OWN: dict[str, Input] = {
    "numeric of any scale": number("NUMERIC", "1.0", "2.50"),
    "numeric nan": quoted("NUMERIC", "1", "NaN", "number"),
    "char": quoted("CHAR(3)", "a", "b", "text"),
    "timetz": quoted("TIMETZ", "10:00:00+00", "11:00:00+00", "other"),
}


@pytest.mark.slow
@pytest.mark.parametrize("title", OWN)
def test_types_of_its_own_are_judged_as_their_like(shop: Shop, title: str) -> None:
    at, alike = OWN[title], {"numeric nan": "nan", "numeric of any scale": "decimal 38"}.get(title, title)
    edges.tables(shop, at)
    asked, _ = edges.asked_of_all(shop, at)
    wrong = {(kind, number): (edges.told(verdict), verdict.message) for kind, number, each, verdict in asked
             if edges.told(verdict) != edges.expected(each, alike, at)}  # fmt: skip
    allowed = {
        "numeric of any scale": {
            ("columns_sum_to", 0),
            ("drift", 1),
        },  # which overflow where values are DuckDB's widest
    }
    assert wrong.keys() <= allowed.get(title, set()), wrong


def test_texts_are_in_the_order_of_their_bytes(shop: Shop) -> None:
    """In whatever language the database sorts; the server of the tests has no other order, so the SQL is looked at."""
    shop.table("select * from (values ('a', 1), ('B', 2), ('c', 3)) as t (x, n)")
    outcome = shop.check(
        made("accepted_range", "x", arguments={"min_value": "'a'"}),
        made("aggregate_range", "x", arguments={"aggregate": "min", "min_value": "'a'"}),
        made("monotonic", "x", arguments={"sort_column": "n"}), profile=True,
    )  # fmt: skip
    assert [each.failures for each in outcome.verdicts] == [1, 1, 1]
    (scan,) = [each for each in shop.statements if "HASH_RECORD_EXTENDED" in each]
    x = 'CAST("x" AS TEXT) COLLATE "C"'
    wanted = (f"{x} < ", f"MIN({x}) < ", f'{x} <= "previous"', f"COUNT(DISTINCT {x})", f"MAX({x})")
    assert [each for each in wanted if each not in scan] == []


def test_a_column_may_be_written_in_other_letters(shop: Shop) -> None:
    """PostgreSQL tells `"ID"` from `"id"`; whoever writes YAML need not, unless both are there."""
    shop.table('select 1 as "Id", 1 as b union all select 1, null')
    shop.table("select 2 as id", "people")
    asked = [
        made("unique", "ID"), made("not_null", "B"),
        made("unique", "", name="both", arguments={"columns": ["iD", "B"]}),
        made("relationships", "id", arguments={"to": "people", "field": "ID"}),
    ]  # fmt: skip
    assert [each.failures for each in shop.check(*asked).verdicts] == [1, 1, 0, 2]
    shop.table('select 1 as "Id", 1 as id, 2 as b')
    assert shop.verdict(made("unique", "ID")).status == "error"


@pytest.mark.parametrize("kind", ["integer", "double precision", "numeric"])
def test_sums_that_might_overflow_are_looked_at_all_the_same(shop: Shop, kind: str) -> None:
    """Where DuckDB tries and takes null, integers are numbers of any size."""
    shop.table(f"select x::{kind} as x, y::{kind} as y from (values (2147483647, 1), (1, 2147483646)) as t (x, y)")
    outcome = shop.check(
        made("expression_is_true", "", name="a", arguments={"expression": "x > y - 2147483646"}),
        made("expression_is_true", "", name="b", arguments={"expression": "x - 1 >= y"}), profile=True,
    )  # fmt: skip
    assert [each.failures for each in outcome.verdicts] == [0, 1]


def test_a_check_that_cannot_be_asked_spoils_no_transaction(shop: Shop) -> None:
    """Incremental models are checked within the transaction that changes them: the others are asked all the same."""
    shop.table("select 1 as id union all select null")
    checks = [
        made("not_null", "id"), made("expression_is_true", "", name="wrong", arguments={"expression": "nowhere > 1"}),
        made("expression_is_true", "", name="zero", arguments={"expression": "1 / (id - 1) > 0"}), made("unique", "id"),
    ]  # fmt: skip
    with shop.engine.session() as session, session.transaction():
        outcome = shop.check_in(session, *checks, profile=True)
        session.execute("select 1")
    assert [each.status for each in outcome.verdicts] == ["fail", "error", "error", "pass"]
    assert outcome.profile is not None and outcome.profile.rows == 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", hostile.KINDS)
def test_hostile_text_harms_no_check_but_its_own(shop: Shop, kind: str) -> None:
    """In PostgreSQL's SQL as in DuckDB's."""
    hostile.fill(shop)
    hostile.test_hostile_text_harms_no_check_but_its_own(shop, kind)


def test_a_table_of_many_columns_takes_a_few_scans(shop: Shop) -> None:
    """PostgreSQL has no room for more than 1,664 terms in a query."""
    columns = ", ".join(f"nullif(i, {n}) as c{n}" for n in range(500))
    shop.table(f"select {columns} from generate_series(1, 9) as s(i)")
    outcome = shop.check(*(made("not_null", f"c{n}") for n in range(500)), profile=True)
    assert outcome.profile is not None and len(outcome.profile.columns) == 500
    assert [each.failures for each in outcome.verdicts] == [1 if 1 <= n <= 9 else 0 for n in range(500)]
    assert len([each for each in shop.statements if "LIMIT" not in each]) < 5
