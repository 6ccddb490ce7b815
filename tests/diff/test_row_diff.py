"""What a diff says is what a diff by brute force says, whatever the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dryland.diff.compare import compare
from dryland.diff.difference import TableDifference
from dryland.diff.request import DiffRequest
from dryland.diff.side import Side
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.relation import Relation
from dryland.errors import UnknownNameError, UnsupportedError

pytestmark = pytest.mark.slow  # many tables, compared by brute force

ASKED = DiffRequest("t", "duckdb", ("id",), buckets=4)
Row = tuple[object, ...]

ids = st.one_of(st.none(), st.integers(0, 6))
texts = st.sampled_from([None, "", "a", "A", "é", "null", "a|b"])
numbers = st.sampled_from([None, 0.0, -0.0, 1.5, float("nan"), float("inf"), float("-inf")])
rows = st.lists(st.tuples(ids, texts, numbers), max_size=8)
unique_rows = st.lists(st.tuples(ids, texts, numbers), max_size=8, unique_by=lambda row: row[0])


@pytest.fixture(scope="module")
def session():
    with duckdb.connect() as connection:
        yield DuckDBSession(connection)


def side(session: DuckDBSession, name: str, query: str = "") -> Side:
    """A table of this name, made by a query if there is one."""
    relation = Relation("memory", "main", name)
    if query:
        session.execute(f'CREATE OR REPLACE TABLE "{name}" AS {query}')
    return Side(session, relation, session.columns([relation])[relation])


def filled(session: DuckDBSession, name: str, rows: Sequence[Row]) -> Side:
    values = ", ".join(f"({literal(key)}, {literal(label)}, {literal(amount)})" for key, label, amount in rows)
    typed = "id::integer as id, label::varchar as label, amount::double as amount"
    return side(
        session,
        name,
        f"select {typed} from (values {values or '(0, null, 0)'}) t(id, label, amount) where {bool(rows)}",
    )


def literal(value: object) -> str:
    return "null" if value is None else f"'{value}'"


def seen(value: object) -> object:
    """A value as SQL tells it from others: NaN is itself, and there is one zero."""
    return "nan" if value != value else value + 0.0 if isinstance(value, float) else value


def brute(before: Sequence[Row], after: Sequence[Row]) -> tuple[int, int, int, list[int]]:
    """Added, removed, changed rows, and changes of the second and third column."""
    ours, theirs = ({row[0]: tuple(map(seen, row)) for row in rows} for rows in (before, after))
    both = [(ours[key], theirs[key]) for key in ours.keys() & theirs.keys()]
    return (
        len(theirs.keys() - ours.keys()), len(ours.keys() - theirs.keys()), sum(one != other for one, other in both),
        [sum(one[at] != other[at] for one, other in both) for at in (1, 2)],
    )  # fmt: skip


def told(found: TableDifference) -> tuple[int, int, int, list[int]]:
    changes = {column.name: column.changed for column in found.columns}
    return found.added, found.removed, found.changed, [changes["label"], changes["amount"]]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=unique_rows, after=unique_rows, at_once=st.sampled_from([1, 3, 1000]))
def test_by_key_it_counts_what_brute_force_counts(session, before, after, at_once) -> None:
    asked = replace(ASKED, rows_at_once=at_once, shifts=False)
    found = compare(filled(session, "b", before), filled(session, "a", after), asked)
    assert told(found) == brute(before, after)
    assert (found.rows_before, found.rows_after) == (len(before), len(after))
    assert (found.status == "equal") == (
        Counter(map(str, map(seen_row, before))) == Counter(map(str, map(seen_row, after)))
    )


def seen_row(row: Row) -> Row:
    return tuple(map(seen, row))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=rows, after=rows, at_once=st.sampled_from([1, 1000]))
def test_without_a_key_it_counts_how_often_each_row_is_there(session, before, after, at_once) -> None:
    asked = replace(ASKED, key=(), rows_at_once=at_once, shifts=False)
    found = compare(filled(session, "b", before), filled(session, "a", after), asked)
    ours, theirs = Counter(map(seen_row, before)), Counter(map(seen_row, after))
    assert (found.added, found.removed) == ((theirs - ours).total(), (ours - theirs).total())
    assert found.changed == 0


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=rows, after=rows)
def test_a_key_that_repeats_is_noticed_or_does_no_harm(session, before, after) -> None:
    """Rows of a key that repeats where nothing differs, or on one side alone, may be told by key: that is true too."""
    found = compare(filled(session, "b", before), filled(session, "a", after), ASKED)
    ours, theirs = Counter(map(seen_row, before)), Counter(map(seen_row, after))
    surplus = (theirs - ours).total(), (ours - theirs).total()
    assert (found.added + found.changed, found.removed + found.changed) == surplus
    assert found.key or found.notes == ("id is not unique, so rows are compared whole",)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            [(1, "a"), (1, "a"), (2, "b")],
            [(1, "a"), (2, "b"), (2, "b")],
        ),  # every row has an equal one to be joined with
        ([(1, "a"), (1, "b"), (2, "x")], [(1, "a"), (1, "b"), (2, "y")]),  # what is too much on both sides is the same
    ],
)
def test_a_key_that_repeats_on_both_sides_is_noticed(session, before, after) -> None:
    sides = [filled(session, name, [(*row, 0.0) for row in rows]) for name, rows in (("b", before), ("a", after))]
    found = compare(*sides, replace(ASKED, buckets=1))
    assert (found.key, found.added, found.removed, found.changed) == ((), 1, 1, 0)


def test_examples_are_the_first_by_key_and_show_where_long_texts_part(session) -> None:
    long = "x" * 300
    before = side(session, "b", f"select i as id, '{long}' || i as note, i as n from range(9) t(i)")
    after = side(session, "a", f"select i as id, '{long}' || (i + 1) as note, i as n from range(1, 10) t(i)")
    found = compare(before, after, ASKED)
    note = next(column for column in found.columns if column.name == "note")
    assert [dict(example.key) for example in note.examples] == [{"id": 1}, {"id": 2}, {"id": 3}]
    assert (note.examples[0].before, note.examples[0].after) == ("…xxxxxxxxxxxx1", "…xxxxxxxxxxxx2")
    assert [example.key["id"] for example in found.examples_added] == [9]
    assert [example.key["id"] for example in found.examples_removed] == [0]


def test_nothing_of_a_person_is_shown(session) -> None:
    before = side(session, "b", "select i as id, 'ana' || i as name, i as n from range(9) t(i)")
    after = side(session, "a", "select i + 1 as id, 'bo' || i as \"Name\", 100 * i as n from range(9) t(i)")
    for asked in (ASKED, replace(ASKED, key=()), replace(ASKED, key=("name",))):
        found = compare(before, after, replace(asked, persons=frozenset({"name"})))
        assert found.status == "different"
        assert "ana" not in repr(found) and "bo" not in repr(found)
        assert "***" in repr(found)


WHOLE = """
    select 1::bigint as "the ""Id"" nr", 'x' as "größe, ¤", 0.1::double as c0, {decimal}::decimal(38, 0) as wide,
    timestamptz '2026-01-01 00:00:00{zone}' as at, {{'a': [1, {nested}], 'b c': null}} as nested,
    map {{'k': {nested}}} as m, [1.0, 'nan'::double] as list, date '2026-01-01' as day, interval 1 month as span,
    uuid() is null as flag,
    'happy'::enum('happy', 'sad') as mood, '\\x00'::blob as bytes, '{moment}'::timestamp as moment
    """


@pytest.mark.parametrize(
    ("column", "changed"),
    [
        ("wide", {"decimal": "99999999999999999999999999999999999998"}),
        ("at", {"zone": "+01"}),
        ("nested", {"nested": "3"}),
        ("moment", {"moment": "-infinity"}),
        ("", {"zone": "+00:00"}),
    ],
)
def test_every_kind_of_value_compares(session, column, changed) -> None:
    """Decimals of 38 digits, moments with zones and without end, nested values, and names that need quotes."""
    plain = {"decimal": "99999999999999999999999999999999999999", "zone": "+00", "nested": "2", "moment": "infinity"}
    session.execute("SET TimeZone = 'UTC'")
    before = side(session, "b", WHOLE.format(**plain))
    after = side(session, "ä quoted", WHOLE.format(**{**plain, **changed}))
    for key in (('THE "ID" NR',), ()):
        found = compare(before, after, replace(ASKED, key=key))
        assert found.status == ("different" if column else "equal"), key
        if key and column:
            moved = [each.name for each in found.columns if each.changed]
            assert moved == ([column, "m"] if column == "nested" else [column])


def test_equal_instants_in_two_zones_are_equal(session) -> None:
    before = side(session, "b", "select 1 as id, timestamptz '2026-01-01 00:00:00+00' as at")
    after = side(session, "a", "select 1 as id, timestamptz '2026-01-01 01:00:00+01' as at")
    assert compare(before, after, ASKED).status == "equal"


def test_columns_that_come_go_or_turn_are_told_and_the_others_compared(session) -> None:
    before = side(session, "b", "select 1 as id, 5 as n, 'old' as gone, [1] as turned")
    after = side(session, "a", "select 1::bigint as \"ID\", 6.5 as n, 'new' as came, 'text' as turned")
    found = compare(before, after, ASKED)
    changes = {column.name: column.schema_change for column in found.schema}
    assert changes == {"ID": "retyped", "n": "retyped", "gone": "removed", "came": "added", "turned": "retyped"}
    assert {column.name for column in found.columns if column.changed} == {"n", "turned"}


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("12345::bigint", "12345::decimal(18, 2)", 0),
        ("2::decimal(38, 0)", "1.5::decimal(38, 10)", 1),  # in their common type both are 2
        ("170141183460469231731687303715884105727::hugeint", "1.5::decimal(38, 10)", 1),  # which has no common type
        ("date '2026-01-01'", "timestamp '2026-01-01 00:00:00'", 0),
        ("date '2026-01-01'", "timestamp '2026-01-01 00:00:01'", 1),
        ("5", "'5'", 0),
    ],
)
def test_a_column_of_another_type_is_compared_in_one_that_holds_both(session, before, after, changed) -> None:
    sides = [side(session, name, f"select 1 as id, {value} as x") for name, value in (("b", before), ("a", after))]
    assert compare(*sides, ASKED).changed == changed


def test_a_type_alone_is_a_difference(session) -> None:
    found = compare(side(session, "b", "select 1 as id"), side(session, "a", "select 1::bigint as id"), ASKED)
    assert (found.status, found.changed, found.equal) == ("different", 0, 1)


def test_empty_tables_and_tables_without_a_column_in_common(session) -> None:
    empty = side(session, "b", "select 1 as id, 'x' as t where false")
    one = side(session, "a", "select 1 as id, 'x' as t")
    assert compare(empty, empty, ASKED).status == "equal"
    assert (compare(empty, one, ASKED).added, compare(one, empty, ASKED).removed) == (1, 1)
    stranger = side(session, "c", "select 1 as other from range(3)")
    found = compare(one, stranger, replace(ASKED, key=()))
    assert (found.status, found.rows_before, found.rows_after) == ("different", 1, 3)


def test_five_hundred_columns(session) -> None:
    names = ", ".join(f"i + {number} as c{number}" for number in range(499))
    before = side(session, "b", f"select i as id, {names} from range(50) t(i)")
    after = side(session, "a", "select * replace (c7 + 1 as c7, null as c400) from b")
    found = compare(before, after, ASKED)
    assert {column.name: column.changed for column in found.columns if column.changed} == {"c7": 50, "c400": 50}


def test_a_key_that_is_not_there_is_told(session) -> None:
    table = side(session, "b", "select 1 as id")
    with pytest.raises(UnknownNameError, match="no column `nr`"):
        compare(table, table, replace(ASKED, key=("nr",)))


def test_nothing_is_left_behind(session) -> None:
    compare(side(session, "b", "select 1 as id"), side(session, "a", "select 2 as id"), ASKED)
    assert not session.fetch("select table_name from duckdb_tables() where temporary").rows


def test_sides_of_two_warehouses_are_refused(session) -> None:
    with duckdb.connect() as other:
        theirs = DuckDBSession(other)
        with pytest.raises(UnsupportedError):
            compare(side(session, "b", "select 1 as id"), side(theirs, "b", "select 1 as id"), ASKED)
