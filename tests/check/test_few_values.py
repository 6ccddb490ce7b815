"""What is asked of the different values of a column says what a count of its rows would say."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
import sqlglot
from checking import Asking
from sqlglot import exp

from dryland.check.scanning.few_values import over_values
from dryland.check.scanning.scan import Measure, ScanRequest, ScanResult, scan
from dryland.engines.relation import Column, Relation

ROWS = 120_000
COLUMNS = {
    "kind": ("VARCHAR", "case when i % 11 > 0 then ['a', 'B', 'it''s', '', ' ', 'ü'][1 + i % 6] end"),
    "cased": ("VARCHAR COLLATE NOCASE", "['a', 'A', 'b', null][1 + i % 4]"),
    "named": ("VARCHAR", "'name ' || i"),
    "size": ("INTEGER", "case when i % 3 > 0 then i % 40 end"),
    "price": ("DECIMAL(9,2)", "(i % 700) / 100"),
    "weight": ("DOUBLE", "['nan', '-0.0', '0', '7.5', null][1 + i % 5]::double"),
    "day": ("DATE", "date '2026-01-01' + (i % 90)::integer"),
    "seen": ("TIMESTAMPTZ", "timestamptz '2026-01-01 00:00:00+00' + to_seconds(i % 50)"),
    "flag": ("BOOLEAN", "case when i % 7 > 0 then i % 2 = 0 end"),
    "none": ("VARCHAR", "null"),
}  # fmt: skip
CONDITIONS = (
    "regexp_matches(kind, '^[a-z]$')", "not regexp_matches(kind, '^[a-z]$')", "kind is null", "kind = 'a'",
    "kind not in ('a', 'B')", "length(kind) > 1", "kind <> ''", "regexp_matches(cased, 'A')", "cased = 'A'",
    "not regexp_matches(cased, '^[ab]$')", "regexp_matches(named, '7$')", "size > 10", "size is null or size < 3",
    "price between 1 and 2", "weight > 3", "regexp_matches(weight::varchar, '^-')", "weight = 0", "isnan(weight)",
    "day > '2026-02-01'", "seen < timestamptz '2026-01-01 00:00:20+00'", "flag", "not flag", "none = 'x'",
    "regexp_matches(none, 'x') is null", "true", "kind = named", "keys.kind = 'a'", "length(upper(trim(kind))) = 1",
)  # fmt: skip
AGGREGATES = (
    "count(distinct kind)", "count(distinct kind) filter (where kind not in ('a'))", "count(distinct cased)",
    "count(cased)", "count(*) - count(none)", "count(*) filter (where kind = 'a')",
    "count(kind) filter (where size > 3)",
    "count(distinct size) filter (where size > 3)", "count(size) filter (where size > 3)", "max(length(kind))",
    "sum(size)", "case when count(size) / count(*) between 0.1 and 0.9 then 1 else 0 end", "count(distinct none)",
    "count(distinct upper(kind))", "(select count(*) from (select kind from keys group by 1 having count(*) > 9))",
)  # fmt: skip


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(f"create table keys ({', '.join(f'{name} {kind}' for name, (kind, _) in COLUMNS.items())})")
        opened.execute(
            f"insert into keys select {', '.join(form for _, form in COLUMNS.values())} from range({ROWS}) t(i)"
        )
        yield opened


def asked_of(
    connection: duckdb.DuckDBPyConnection, *terms: exp.Expr, profile: bool = False, is_stored: bool = True
) -> tuple[ScanResult, list[str]]:
    session = Asking(connection)
    columns = tuple(Column(name, kind.partition(" COLL")[0]) for name, (kind, _) in COLUMNS.items())
    measures = tuple(Measure(str(at), term) for at, term in enumerate(terms))
    request = ScanRequest(
        Relation("memory", "main", "keys"), columns, measures, profile=profile, alias="keys", is_stored=is_stored
    )
    return scan(session, request, "duckdb"), session.asked  # type: ignore[arg-type]


def parsed(text: str) -> exp.Expr:
    return sqlglot.parse_one(text, dialect="duckdb")


@pytest.mark.parametrize("profile", [False, True], ids=["checks alone", "with the profile"])
def test_every_condition_counts_as_many_rows_as_a_plain_count(
    connection: duckdb.DuckDBPyConnection, profile: bool
) -> None:  # fmt: skip
    counts = [exp.CountIf(this=parsed(condition)) for condition in CONDITIONS]
    found, asked = asked_of(connection, *counts, *map(parsed, AGGREGATES), profile=profile)
    plain = [f"count(*) filter (where {condition})" for condition in CONDITIONS]
    expected = connection.execute(f"select {', '.join([*plain, *AGGREGATES])} from keys").fetchall()[0]
    said = [found.failures[str(at)] for at in range(len(expected))]
    assert dict(zip([*CONDITIONS, *AGGREGATES], said, strict=True)) == dict(
        zip([*CONDITIONS, *AGGREGATES], map(int, expected), strict=True)
    )
    grouped = {sql.partition('GROUP BY ENCODE("')[2].partition('"')[0] for sql in asked} - {""}
    assert grouped == {"kind", "cased", *(["none"] if "none" in grouped else [])}


def test_a_profile_has_the_same_numbers_with_and_without_what_is_known(connection: duckdb.DuckDBPyConnection) -> None:
    """But the numbers of different values: where they are few they are exact, else off by a few of a hundred."""
    known, plain = (asked_of(connection, profile=True, is_stored=each)[0].profile for each in (True, False))
    assert known is not None and plain is not None
    assert (known.rows, known.content_hash) == (plain.rows, plain.content_hash)
    for name, measures in plain.columns.items():
        both = known.columns[name]
        assert both["nulls"] == measures["nulls"], name
        extremes = [[str(found.get(each)).lower() for each in ("min", "max")] for found in (both, measures)]
        assert extremes[0] == extremes[1], name  # which of "a" and "A" is the smallest is nobody's to say
    distinct = connection.execute(f"select {', '.join(f'count(distinct {name})' for name in COLUMNS)} from keys")
    for (name, (kind, _)), exact in zip(COLUMNS.items(), distinct.fetchall()[0], strict=True):
        said = known.columns[name]["distinct"]
        assert said == exact if kind != "DOUBLE" and name != "named" else 0.8 * exact <= said <= 1.25 * exact, name  # type: ignore[operator]


@pytest.mark.parametrize(
    "text",
    [
        "avg(size)",
        "sum(size)",
        "stddev(size)",
        "list(size)",
        "size > 1",
        "count_if(size > other)",
        "count_if(elsewhere.size > 1)",
        "count_if(size in (select 1))",
    ],
)
def test_what_says_something_else_of_values_is_asked_of_rows(text: str) -> None:
    assert over_values(parsed(text), "size", exp.to_table("keys")) is None
