"""One scan of a table says what a query for each check and each number would say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from checking import Shop, made, open_shop
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dryland.check.dialects import family
from dryland.check.scanning.scan import plain
from dryland.project.nodes import Check
from dryland.state.records import Profile

pytestmark = pytest.mark.slow  # each asks a shop's checks in several ways

TABLE = "dryland_store.payments__0123456789abcdef"
COLUMNS = {  # name -> type, values: few, so that they repeat
    "id": ("INTEGER", st.integers(-2, 3)),
    "name": ("VARCHAR", st.sampled_from(["", "a", "b", "A", "it's", "ü", "NULL", " "])),
    'quo"te': ("DOUBLE", st.sampled_from([0.0, 1.5, -2.25, 1e9])),
    "select": ("DATE", st.dates(date(2026, 1, 1), date(2026, 1, 4))),
    "payments": ("BOOLEAN", st.booleans()),
    "Größe": ("DECIMAL(9,2)", st.sampled_from([Decimal("0.00"), Decimal("1.10"), Decimal("-7.25")])),
}
ROW = st.tuples(*(st.none() | values for _, values in COLUMNS.values()))
ROWS = st.lists(ROW, max_size=9)
ACCEPTED = {
    "id": ([1, 2], ["1", "2"]), "name": (["'a'", "'it''s'"], ["a", "it's", ""]), 'quo"te': ([1.5], ["0"]),
    "select": (["date '2026-01-02'"], ["2026-01-01", "2026-01-03"]), "payments": (["true"], [True]),
    "Größe": ([1.1, "-7.25"], ["0"]),
}  # fmt: skip
WHERES = ("", "id > 0", "payments.name <> ''", '"quo""te" > 0 or name is null -- or else', "id in (select 1)")
CONDITIONS = ("!= 0", ">1", ">= 2", "<>1", "= 0", "< 2", "<= 1", "between 1 and 2", "in (2, 3)", "not in (0, 1)")


@st.composite
def checks(draw: st.DrawFn) -> Check:
    kind = draw(st.sampled_from(["not_null", "unique", "accepted_values"]))
    column = draw(st.sampled_from(list(COLUMNS)))
    arguments: dict[str, Any] = {}
    if kind == "accepted_values":
        quote = draw(st.booleans())
        arguments = {"values": ACCEPTED[column][quote], "quote": quote}
    return made(
        kind, column, name=draw(st.uuids()).hex, arguments=arguments,
        where=draw(st.sampled_from(WHERES)), limit=draw(st.none() | st.integers(1, 2)),
        warn_if=draw(st.sampled_from(CONDITIONS)), error_if=draw(st.sampled_from(CONDITIONS)),
        severity=draw(st.sampled_from(["error", "warn"])),
        fail_calc=draw(st.sampled_from(["count(*)"] * 3 + ["count(*) + 1"])),
    )  # fmt: skip


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        yield opened


def cell(value: Any, kind: str) -> str:
    text = "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"
    return f"CAST({text} AS {kind})"


def build(shop: Shop, rows: list[tuple[Any, ...]]) -> None:
    kinds = [kind for kind, _ in COLUMNS.values()]
    names = ", ".join('"' + name.replace('"', '""') + '"' for name in COLUMNS)
    lines = [", ".join(cell(*each) for each in zip(row, kinds, strict=True)) for row in rows]
    empty = ", ".join(cell(None, kind) for kind in kinds)
    values = ", ".join(f"({line})" for line in lines) or f"({empty})"
    shop.table(f"SELECT * FROM (VALUES {values}) AS t({names})" + ("" if lines else " WHERE false"))


def naive_failures(shop: Shop, check: Check) -> int:
    """As dbt asks: each check on its own, over a subquery for `where`."""
    column = '"' + check.column.replace('"', '""') + '"'
    source = f"{TABLE} AS payments"
    if check.where:
        source = f"(SELECT * FROM {TABLE} AS payments WHERE {check.where}\n) AS dbt_subquery"
    if check.kind == "not_null":
        failing = f"SELECT {column} FROM {source} WHERE {column} IS NULL"
    elif check.kind == "unique":
        failing = f"SELECT {column} FROM {source} WHERE {column} IS NOT NULL GROUP BY {column} HAVING count(*) > 1"
    else:
        quoted = check.arguments["quote"]
        values = ", ".join(
            "'" + str(v).replace("'", "''") + "'" if quoted else str(v) for v in check.arguments["values"]
        )
        failing = f"SELECT {column} FROM {source} GROUP BY {column} HAVING {column} NOT IN ({values})"
    limit = f" LIMIT {check.limit}" if check.limit else ""
    return int(shop.fetch(f"SELECT {check.fail_calc} FROM (\n{failing}{limit})")[0][0])


def naive_status(shop: Shop, check: Check, failures: int) -> str:
    (error, warn), = shop.fetch(
        f"SELECT failures {check.error_if}, failures {check.warn_if} FROM (SELECT {failures} AS failures)"
    )  # fmt: skip
    if error and check.severity == "error":
        return "fail"
    return "warn" if warn else "pass"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS, asked=st.lists(checks(), min_size=1, max_size=6))
def test_a_shared_scan_says_what_each_check_alone_would(shop: Shop, rows: list[Any], asked: list[Check]) -> None:
    build(shop, rows)
    outcome = shop.check(*asked, profile=True)
    found = [(verdict.failures, verdict.status) for verdict in outcome.verdicts]
    alone = [naive_failures(shop, check) for check in asked]
    assert found == [(count, naive_status(shop, check, count)) for check, count in zip(asked, alone, strict=True)]
    assert outcome.profile is not None and outcome.profile.rows == len(rows)


@settings(max_examples=12, deadline=None)
@given(rows=ROWS, asked=st.lists(checks(), max_size=6))
def test_checks_and_profile_are_one_scan(shop: Shop, rows: list[Any], asked: list[Check]) -> None:
    """Beside it stand what statistics know, samples of what failed, checks with a sum of their own, and one count.

    A check of some of the rows is open when the whole table cannot tell: one more query counts all of these.
    """
    build(shop, rows)
    outcome = shop.check(*asked, profile=True)
    alone = sum(check.fail_calc != "count(*)" for check in asked)
    samples = sum(verdict.status != "pass" for verdict in outcome.verdicts)
    counted = sum("COUNT_IF" in statement and "HASH(" not in statement for statement in shop.statements)
    bounds = int(shop.statements[0].startswith('SELECT MIN("id")'))  # of whole numbers that must be unique
    statistics, scanned = shop.statements[bounds : bounds + 2]
    assert len(shop.statements) == 2 + bounds + alone + samples + counted
    assert counted <= 1
    assert "HASH(" not in statistics
    assert scanned.count("dryland_store") == 1 + sum(
        check.kind == "unique" and check.fail_calc == "count(*)" for check in asked
    )


@settings(max_examples=12, deadline=None)
@given(rows=ROWS)
def test_a_profile_has_the_numbers_of_plain_sql(shop: Shop, rows: list[Any]) -> None:
    """Distinct values are DuckDB's estimate: counting them exactly would cost more than all else together."""
    build(shop, rows)
    profile = profile_of(shop)
    for name, (kind, _) in COLUMNS.items():
        column = '"' + name.replace('"', '""') + '"'
        nulls, distinct, low, high = shop.fetch(
            f"SELECT count(*) FILTER (WHERE {column} IS NULL), approx_count_distinct({column}), "
            f"min({column}), max({column}) FROM {TABLE}"
        )[0]  # fmt: skip
        expected = {"nulls": nulls, "distinct": distinct, "min": plain(low), "max": plain(high)}
        if family(kind) == "number":
            expected["mean"] = shop.fetch(f"SELECT avg({column}::DOUBLE) FROM {TABLE}")[0][0]
        assert profile.columns[name] == expected


EVERY_TYPE = (
    "interval 3 days", "'{}'::json", "map{'a': 1}", "union_value(a := 1)", "'101'::bit", "'x'::blob", "1::bignum",
    "'a'::enum('a', 'b')", "{'a': 1}", "[1, 2]", "[1, 2]::int[2]", "null", "time '10:00'", "timetz '10:00:00+02'",
    "timestamp_ns '2020-01-01'", "timestamp_s '2020-01-01'", "1::utinyint", "1::hugeint", "1::uhugeint", "1.5::float",
    "1.5::decimal(38, 5)", "uuid()", "timestamptz '2020-01-01 00:00:00+00'", "'infinity'::date", "date '20000-01-01'",
    "'-infinity'::timestamptz", "timestamp '290000-01-01'", "'nan'::double", "'infinity'::float", "repeat('x', 100000)",
)  # fmt: skip


@pytest.mark.parametrize("value", EVERY_TYPE)
def test_a_column_of_any_type_is_profiled_and_checked(shop: Shop, value: str) -> None:
    shop.table(f"SELECT {value} AS x UNION ALL SELECT null")
    outcome = shop.check(made("not_null", "x"), made("unique", "x"), profile=True)
    assert outcome.profile is not None and outcome.profile.columns["x"]["nulls"] == (2 if value == "null" else 1)
    assert [verdict.failures for verdict in outcome.verdicts] == [2 if value == "null" else 1, 0]


def test_moments_are_told_as_the_warehouse_writes_them(shop: Shop) -> None:
    shop.table("SELECT unnest(['infinity'::date, date '2026-01-02', date '0044-03-15 (BC)']) AS day")
    profile = profile_of(shop)
    assert profile.columns["day"] == {"nulls": 0, "distinct": 3, "min": "0044-03-15 (BC)", "max": "infinity"}


def test_a_moment_with_a_zone_needs_nothing_installed_beside(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB hands such a value to Python only with pytz, which Dryland does not bring."""
    monkeypatch.setitem(__import__("sys").modules, "pytz", None)
    shop.table("SELECT timestamptz '2026-01-02 00:00:00+00' AS at")
    profile = shop.check(made("not_null", "at"), profile=True).profile
    assert profile is not None and str(profile.columns["at"]["min"]).startswith("2026-01-0")


def test_of_persons_only_the_numbers_are_kept(shop: Shop) -> None:
    shop.table("SELECT unnest(['ana@x.org', 'bo@x.org', null]) AS Email, 7 AS id")
    private = Shop(shop.engine, {"payments": ["email"]})
    profile, open_profile = private.check(profile=True).profile, shop.check(profile=True).profile
    assert profile is not None and open_profile is not None
    assert profile.columns["Email"] == {"nulls": 1, "distinct": 2}
    assert profile.columns["id"] == open_profile.columns["id"]
    assert profile.content_hash == open_profile.content_hash


def content(shop: Shop, rows: list[Any]) -> str:
    build(shop, rows)
    return profile_of(shop).content_hash


def profile_of(shop: Shop) -> Profile:
    profile = shop.check(profile=True).profile
    assert profile is not None
    return profile


@settings(max_examples=12, deadline=None)
@given(rows=ROWS, data=st.data())
def test_the_content_hash_ignores_the_order_of_rows(shop: Shop, rows: list[Any], data: st.DataObject) -> None:
    assert content(shop, rows) == content(shop, data.draw(st.permutations(rows)))


@settings(max_examples=15, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=6), data=st.data())
def test_the_content_hash_sees_one_changed_cell(shop: Shop, rows: list[Any], data: st.DataObject) -> None:
    """Also a NULL in place of an empty text, or of the text NULL."""
    at, column = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.integers(0, len(COLUMNS) - 1))
    value = data.draw(st.none() | list(COLUMNS.values())[column][1])
    assume(value != rows[at][column])
    after = [*rows[:at], (*rows[at][:column], value, *rows[at][column + 1 :]), *rows[at + 1 :]]
    assert content(shop, rows) != content(shop, after)


@settings(max_examples=12, deadline=None)
@given(rows=st.lists(ROW, min_size=2, max_size=6), data=st.data())
def test_the_content_hash_sees_values_that_changed_places(shop: Shop, rows: list[Any], data: st.DataObject) -> None:
    """The columns each have the same values as before, the rows do not."""
    column = data.draw(st.integers(0, len(COLUMNS) - 1))
    one, other = rows[0], rows[1]
    assume(
        one[column] != other[column] and (*one[:column], *one[column + 1 :]) != (*other[:column], *other[column + 1 :])
    )
    swapped = [
        (*mine[:column], theirs[column], *mine[column + 1 :]) for mine, theirs in ((one, other), (other, one))
    ]  # fmt: skip
    assert content(shop, rows) != content(shop, [*swapped, *rows[2:]])


@settings(max_examples=15, deadline=None)
@given(rows=ROWS, row=ROW, times=st.integers(1, 4))
def test_the_content_hash_counts_repeated_rows(shop: Shop, rows: list[Any], row: Any, times: int) -> None:
    """Also an even number of them, and rows of nothing but nulls."""
    assert content(shop, rows) != content(shop, [*rows, *[row] * times])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NULL::VARCHAR AS x", "'' AS x"),
        ("'a' AS x, NULL::VARCHAR AS y", "NULL::VARCHAR AS x, 'a' AS y"),
        ("'ab' AS x, 'c' AS y", "'a' AS x, 'bc' AS y"),
        ("1 AS x, 2 AS y", "2 AS x, 1 AS y"),
        ("1 AS x, 2 AS y", "1 AS y, 2 AS x"),
        ("1 AS x", "1::BIGINT AS x"),
        ("1 AS x", "1 AS X"),
        ("[1, NULL] AS x", "[NULL, 1] AS x"),
        ("{'a': 1, 'b': NULL::INT} AS x", "{'a': NULL::INT, 'b': 1} AS x"),
        ("'a ' AS x", "'a' AS x"),
        ("0 AS x", "NULL::INTEGER AS x"),
        ("1.10 AS x", "1.1 AS x"),
    ],
)
def test_the_content_hash_tells_near_things_apart(shop: Shop, one: str, other: str) -> None:
    shop.table(f"SELECT {one}")
    before = profile_of(shop).content_hash
    shop.table(f"SELECT {other}")
    assert profile_of(shop).content_hash != before
