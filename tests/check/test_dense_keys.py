"""Keys in order, or close together, are shown to be unique without grouping by them; all others are grouped."""

from __future__ import annotations

import duckdb
import pytest
from checking import Asking
from sqlglot import exp

from dryland.check.scanning.scan import Measure, ScanRequest, scan
from dryland.engines.relation import Column, Relation

ROWS = 150_000
ALIKE = "(SELECT COUNT(*) FROM (SELECT k FROM keys WHERE NOT k IS NULL GROUP BY k HAVING COUNT(*) > 1))"


def failures(values: str, kind: str = "BIGINT", *, is_stored: bool = True) -> tuple[int, bool]:
    """What is said of keys, and whether bits said it."""
    found, asked = asked_of(values, kind, is_stored=is_stored)
    return found, not any("GROUP BY" in sql for sql in asked)


def asked_of(values: str, kind: str, *, is_stored: bool = True) -> tuple[int, list[str]]:
    """What is said of keys, and what was asked for it."""
    with duckdb.connect() as connection:
        connection.execute(f"create table keys (k {kind})")
        connection.execute(f"insert into keys select {values} from range({ROWS}) t(i)")
        session = Asking(connection)
        alike = Measure("unique", exp.maybe_parse(ALIKE, dialect="duckdb"), key=exp.column("k", quoted=True))
        request = ScanRequest(
            Relation("memory", "main", "keys"),
            (Column("k", kind.partition(" ")[0]),),
            (alike,),
            profile=False,
            is_stored=is_stored,
        )
        found = scan(session, request, "duckdb").failures["unique"]  # type: ignore[arg-type]
    return found, session.asked


SHUFFLED = f"(i * 7919) % {ROWS}"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ("i", "BIGINT"),
        ("i * 1000", "BIGINT"),
        ("-9000000000000000000 + i * 1000000", "BIGINT"),
        ("lpad(i::text, 9, '0')", "VARCHAR"),
        ("timestamp '2026-01-01' + to_seconds(i)", "TIMESTAMP"),
        ("i / 7", "DOUBLE"),
    ],
    ids=["in a row", "with gaps", "far below zero", "texts", "moments", "fractions"],
)
def test_keys_in_order_are_shown_unique_by_their_neighbours(values: str, kind: str) -> None:
    assert failures(values, kind) == (0, True)


@pytest.mark.parametrize(
    "values",
    [SHUFFLED, f"{SHUFFLED} - 75000", f"{SHUFFLED} * 31", f"case when i % 10 > 0 then {SHUFFLED} end"],
    ids=["without gaps", "around zero", "with gaps", "with nulls"],
)
def test_close_keys_are_shown_unique_by_bits(values: str) -> None:
    assert failures(values) == (0, True)


@pytest.mark.parametrize(("values", "alike"), [
    ("i // 2", ROWS // 2), ("greatest(i, 1)", 1), ("least(i, 149998)", 1), (f"greatest({SHUFFLED}, 1)", 1),
    ("case when i = 1 then null when i = 2 then 0 else i end", 1),
])  # fmt: skip
def test_what_is_there_twice_is_counted(values: str, alike: int) -> None:
    """A null between two that are alike hides neither."""
    assert failures(values) == (alike, False)


def test_what_is_not_equal_to_anything_is_in_no_order() -> None:
    assert failures("case when i > 149990 then 'nan'::double else i end", "DOUBLE") == (1, False)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (f"{SHUFFLED} * 1000", "BIGINT"),
        ("case when i = 7 then 9000000000000000000 else i end", "BIGINT"),
        (f"-{SHUFFLED} / 7", "DOUBLE"),
        (f"{SHUFFLED} * 1000000", "DECIMAL(38,9)"),
        (f"timestamp '2026-01-01' + to_seconds({SHUFFLED})", "TIMESTAMP"),
    ],
)
def test_keys_far_apart_are_shown_unique_by_their_neighbours_once_sorted(values: str, kind: str) -> None:
    assert failures(values, kind) == (0, True)


@pytest.mark.parametrize(
    "values",
    [f"lpad(({SHUFFLED})::text, 9, '0')", f"case when i % 10 > 0 then {SHUFFLED} || 'ü' end"],
    ids=["texts", "with nulls"],
)
def test_texts_are_shown_unique_by_as_many_groups(values: str) -> None:
    """How many rows each group has is not asked."""
    found, asked = asked_of(values, "VARCHAR")
    assert found == 0
    assert [sql for sql in asked if "GROUP BY" in sql] and not [sql for sql in asked if "HAVING" in sql]


@pytest.mark.parametrize("values", ["null", f"case when i % 10 > 0 then {SHUFFLED} * 1000 end"])
def test_keys_far_apart_with_nulls_among_them_are_grouped(values: str) -> None:
    assert failures(values) == (0, False)


@pytest.mark.parametrize("kind", ["VARCHAR", "DOUBLE", "DECIMAL(18,3)"])
@pytest.mark.parametrize("alike", [1, 7, 40_000])
def test_what_is_there_twice_is_counted_wherever_it_stands(kind: str, alike: int) -> None:
    values = f"({SHUFFLED} % {ROWS - alike}) * 1000"
    assert failures(values, kind)[0] == alike


def test_texts_that_a_collation_takes_for_equal_are_not_unique() -> None:
    """By GROUP BY: what is counted is what is grouped."""
    values = f"case when i = 9 then 'A' when i = 99 then 'a' else ({SHUFFLED})::text end"
    assert asked_of(values, "VARCHAR COLLATE NOCASE")[0] == 1


def test_what_the_warehouse_knows_is_asked_apart_from_what_it_scans_for() -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create table keys as select i / 7 as k from range({ROWS}) t(i)")
        session = Asking(connection)
        request = ScanRequest(Relation("memory", "main", "keys"), (Column("k", "DOUBLE"),), is_stored=True)
        profile = scan(session, request, "duckdb").profile  # type: ignore[arg-type]
    assert profile is not None and profile.rows == ROWS
    assert [("MIN(" in sql, "HASH(" in sql) for sql in session.asked[-2:]] == [(True, False), (False, True)]


def test_what_is_no_table_is_not_asked_for_its_bounds() -> None:
    """A view would be worked out twice."""
    assert failures("i", is_stored=False) == (0, False)
