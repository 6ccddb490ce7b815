"""What shows that no row fails says so only where none does, and takes no look at the rows."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
import sqlglot
from checking import Asking, made, open_shop
from sqlglot import exp

from dryland.check.scanning import cheap
from dryland.check.scanning.guards import parts_of
from dryland.check.scanning.scan import Measure, ScanRequest, ScanResult, scan
from dryland.engines.relation import Column, Relation

ROWS = 120_000
COLUMNS = {
    "id": ("INTEGER", "i + 1"),
    "near": ("INTEGER", "2147480000 + i % 3000"),
    "wide": ("BIGINT", "case when i % 9 > 0 then (i - 60000) * 1000000 end"),
    "tiny": ("UTINYINT", "i % 20"),
    "price": ("DECIMAL(12,2)", "(i % 50000) / 100 + 1"),
    "huge": ("DECIMAL(38,10)", "i + 0.5"),
    "share": ("DOUBLE", "case when i % 5 > 0 then (i % 50) / 100.0 end"),
    "total": ("DOUBLE", "10 + (i % 1000) / 100.0"),
    "odd": ("DOUBLE", "case when i = 7 then 'nan'::double when i = 8 then 'inf' when i = 9 then null else i % 100 end"),
    "low": ("DOUBLE", "case when i = 7 then '-inf'::double else i % 100 end"),
    "single": ("FLOAT", "(i % 40) / 4"),
    "none": ("INTEGER", "null"),
    "kind": ("VARCHAR", "case when i % 11 > 0 then ['a', 'B', 'it''s', '', 'ü'][1 + i % 5] end"),
    "state": ("VARCHAR COLLATE NOCASE", "['New', 'new', 'paid'][1 + i % 3]"),
    "named": ("VARCHAR", "'name ' || i"),
    "day": ("DATE", "date '2026-01-01' + (i % 90)::integer"),
}  # fmt: skip
CONDITIONS = (  # what is good
    "total > share", "total >= share", "total + price > 0", "price * tiny < 20000", "price * tiny <= 9500.81",
    "total * tiny < 400", "tiny - id < 20", "-id < tiny", "id - -id >= 2", "2 * id - 1 > 0", "total < 21 - share",
    "total < 20 - share", "share * share <= 0.25", "total between share and price", "total between share and 30",
    "single + total > 9", "odd + total > 0", "odd * -1 >= -100", "odd - low >= -1000", "low * tiny >= 0", "odd > share",
    "none + id > 0", "none < id", "wide * 10 < id", "wide * tiny < 5000000000000", "wide - wide <= 0", "huge > share",
    "huge + price > 1", "id + 1e300 > 0", "total * 1e300 > id", "total > 3000000000 * -1", "0 <= price", "id <> tiny",
    "kind <> 'a' or state <> 'x'", "kind <> 'x' or state = 'old'", "kind in ('a', 'B') or total > 0", "kind <> named",
    "state <> 'NEW' or kind <> 'zz'", "state <> 'OLD' or kind = 'a'", "kind is not null or id > 0",
    "kind > '' or id < 0", "kind is null or total > 5 or named = ''", "not (kind = 'q' and id > 5)",
    "kind = 'a' or day > '2025-01-01'",
    "length(kind) < 5 and total > share", "(kind <> 'B' or id > 0) and share < 0.5", "day > '2026-01-02' or kind = 'a'",
    "regexp_matches(kind, '^.{0,4}$') or total > 99", "kind = upper(kind) or price < 0",
    "id > 0 or 1 = 1 and kind = ''",
)  # fmt: skip
SHOWN = {
    "total > share", "total + price > 0", "price * tiny < 20000", "-id < tiny", "2 * id - 1 > 0", "single + total > 9",
    "total between share and 30", "huge > share", "kind <> 'x' or state = 'old'", "kind in ('a', 'B') or total > 0",
    "not (kind = 'q' and id > 5)", "regexp_matches(kind, '^.{0,4}$') or total > 99", "state <> 'NEW' or kind <> 'zz'",
    "total * tiny < 400", "share * share <= 0.25", "state <> 'OLD' or kind = 'a'", "total < 21 - share",
}  # fmt: skip
"""Some of which nothing is asked of the rows."""


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        for name, rows in (("keys", ROWS), ("empty", 0)):
            opened.execute(
                f"create table {name} ({', '.join(f'{each} {kind}' for each, (kind, _) in COLUMNS.items())})"
            )
            forms = ", ".join(form for _, form in COLUMNS.values())
            opened.execute(f"insert into {name} select {forms} from range({rows}) t(i)")
        yield opened


def measured(condition: str) -> Measure:
    wrong = sqlglot.parse_one(f"not ({condition})", dialect="duckdb")
    columns = tuple(Column(name, kind.partition(" COLL")[0]) for name, (kind, _) in COLUMNS.items())
    return Measure(condition, exp.CountIf(this=wrong), cheap.no_row(wrong, cheap.families(columns, "duckdb")))


def asked_of(
    connection: duckdb.DuckDBPyConnection, *measures: Measure, table: str = "keys", profile: bool = False,
    is_stored: bool = True,
) -> tuple[ScanResult, list[str]]:  # fmt: skip
    session = Asking(connection)
    columns = tuple(Column(name, kind.partition(" COLL")[0]) for name, (kind, _) in COLUMNS.items())
    request = ScanRequest(Relation("memory", "main", table), columns, measures, profile, table, is_stored=is_stored)
    return scan(session, request, "duckdb"), session.asked  # type: ignore[arg-type]


@pytest.mark.parametrize("profile", [False, True], ids=["checks alone", "with the profile"])
@pytest.mark.parametrize(
    ("table", "is_stored"), [("keys", True), ("keys", False), ("empty", True)], ids=["large", "view", "empty"]
)
def test_every_condition_counts_as_many_rows_as_a_plain_count(
    connection: duckdb.DuckDBPyConnection, table: str, is_stored: bool, profile: bool
) -> None:
    found, _ = asked_of(
        connection, *map(measured, CONDITIONS), table=table, profile=profile, is_stored=is_stored
    )  # fmt: skip
    plain = ", ".join(f"count(*) filter (where not ({condition}))" for condition in CONDITIONS)
    expected = connection.execute(f"select {plain} from {table}").fetchall()[0]
    assert dict(found.failures) == dict(zip(CONDITIONS, expected, strict=True))


@pytest.mark.parametrize("condition", sorted(SHOWN))
def test_what_the_bounds_or_the_values_show_is_not_counted(
    connection: duckdb.DuckDBPyConnection, condition: str
) -> None:
    found, asked = asked_of(connection, measured(condition))
    assert found.failures == {condition: 0}
    assert not any("COUNT_IF" in sql for sql in asked)


@pytest.mark.parametrize(
    "condition", ["odd * -1 >= -100", "odd - low >= -1000", "low * tiny >= 0", "none < id", "kind <> 'a' or id < 0"]
)
def test_what_nothing_shows_is_counted(connection: duckdb.DuckDBPyConnection, condition: str) -> None:
    """Infinities and NaN have no place between the corners; a value that is there shows nothing."""
    assert sum("COUNT_IF" in sql for sql in asked_of(connection, measured(condition))[1]) == 1


def test_what_overflows_in_a_row_is_refused_as_without_a_guard(connection: duckdb.DuckDBPyConnection) -> None:
    """The least values would do; somewhere above them the sum is no integer any more."""
    with pytest.raises(duckdb.OutOfRangeException):
        asked_of(connection, measured("near + near > id"))


def test_what_is_open_is_counted_in_the_same_look_as_all_else(connection: duckdb.DuckDBPyConnection) -> None:
    """A guard that a value refutes, a sum, and a condition that has none."""
    total = Measure("sum", sqlglot.parse_one("sum(price)::bigint", dialect="duckdb"))
    measures = [measured("kind <> 'a' or id < 0"), measured("id <> tiny"), measured("total > share"), total]
    _, asked = asked_of(connection, *measures)
    (look,) = [sql for sql in asked if "COUNT_IF" in sql or "SUM(PRICE)" in sql.upper()]
    assert look.count("COUNT_IF") == 2


def test_a_condition_on_one_column_has_no_guard_that_counts() -> None:
    """It would be counted twice."""
    assert measured("length(kind) < 5").none_fails is None
    guard = measured("length(kind) < 5 or id > 0").none_fails
    assert guard is not None and [type(part) for part in parts_of(guard)] == [exp.EQ, exp.Coalesce]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("select * from {} where not (n < 90)", [{"n": n, "kind": f"k{n}"} for n in range(90, 110)]),
        ("select kind as k from {} where n >= 119", [{"k": "k119"}]),
        ("with bad as (select * from {} p where p.n > 117) select kind from bad", [{"kind": "k118"}, {"kind": "k119"}]),
        ("select p.n + 1 as m from {} as p where p.kind = 'k3'", [{"m": 4}]),
        ("select payments__0123456789abcdef.n from {} where n = 5", [{"n": 5}]),
        (
            "with payments__0123456789abcdef as (from {}) select n from payments__0123456789abcdef where n = 5",
            [{"n": 5}],
        ),
        ("select max(n) as n from {} where n > 3", [{"n": 119}]),
    ],
    ids=["rows", "a column", "layers", "an alias", "by its name", "under its name", "one for all"],
)
def test_rows_that_offend_are_shown_as_their_query_gives_them(text: str, shown: list[dict[str, object]]) -> None:
    with open_shop() as shop:
        shop.table("select range::integer as n, 'k' || range as kind from range(120)")
        verdict = shop.verdict(made("own", rendered=text.format('"w"."main"."payments"')))
    assert verdict.status == "fail"
    assert [*verdict.sample] == shown


def test_of_many_that_offend_no_more_are_looked_for_than_are_shown() -> None:
    with open_shop() as shop:
        shop.table("select range::integer as n from range(120)")
        shop.check(made("own", rendered='select * from "w"."main"."payments" where n > 3'))
        assert any("rowid IN (SELECT rowid" in sql and "LIMIT 20" in sql for sql in shop.statements)


@pytest.mark.parametrize("values", [["a"], ["A", "ü"], ["nobody"], ["it''s", "B", "", "a"]])
def test_strangers_are_shown_with_how_often_they_are_there(values: list[str]) -> None:
    with open_shop() as shop:
        shop.table("select unnest(['a', 'a', 'B', null, '', 'it''s', 'ü', 'ü']) as kind")
        sample = shop.verdict(made("accepted_values", "kind", arguments={"values": values})).sample
    accepted = {value.replace("''", "'") for value in values}
    times = {"a": 2, "B": 1, "": 1, "it's": 1, "ü": 2}
    assert {row["kind"]: row["times"] for row in sample} == {k: n for k, n in times.items() if k not in accepted}
