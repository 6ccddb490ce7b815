"""A table of DuckDB and one of PostgreSQL are told apart by hashes that both compute alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import test_row_diff as duckdbs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp
from test_diff_postgres import Tables, both, values  # noqa: F401 - a fixture

from dryland.check.writing import render_sql
from dryland.diff.canonical import canonical, form_of
from dryland.diff.compare import compare
from dryland.diff.difference import TableDifference
from dryland.diff.request import DiffRequest

pytestmark = pytest.mark.slow  # many tables, on two engines

Both = tuple[Tables, Tables]


def across(both: Both, ours: str, theirs: str, *key: str, **asked: Any) -> TableDifference:  # noqa: F811
    """PostgreSQL's table before, DuckDB's after."""
    sides = [replace(each.side(name, query), dialect=each.engine.dialect)
             for each, name, query in zip(both, ("b", "a"), (ours, theirs), strict=True)]  # fmt: skip
    return compare(*sides, DiffRequest("t", "postgres", key, **asked))


VALUES: dict[str, tuple[str, str, list[str]]] = {
    "integer": ("integer", "INTEGER", ["0", "-1", "2147483647"]),
    "wide": ("numeric", "HUGEINT", ["170141183460469231731687303715884105727", "-5"]),
    "decimal": ("numeric(20,4)", "DECIMAL(20,4)", ["0", "1.5", "-0.0001", "100", "1000000000000000.0001"]),
    "decimal and integer": ("numeric(10,2)", "INTEGER", ["0", "10", "-100"]),
    "double": ("double precision", "DOUBLE", [
        "0", "'-0.0'", "0.1", "1e20", "1.7976931348623157e308", "5e-324", "123456789.123456789", "'nan'", "'infinity'",
        "'-infinity'", "-1e-7", "1e15", "9007199254740993",
    ]),
    "real": ("real", "FLOAT", ["0.1", "16777217", "1e-40", "'-infinity'"]),
    "real and double": ("double precision", "FLOAT", ["0.5", "1e10"]),
    "boolean": ("boolean", "BOOLEAN", ["true", "false"]),
    "date": ("date", "DATE", ["'2026-02-28'", "'0001-01-01'", "'9999-12-31'", "'infinity'"]),
    "timestamp": ("timestamp", "TIMESTAMP", [
        "'2026-01-01 10:00:00.000001'", "'1969-12-31 23:59:59.999999'", "'-infinity'", "'0001-01-01 00:00:00'",
    ]),
    "instant": ("timestamptz", "TIMESTAMPTZ", ["'2026-01-01 10:00:00+02'", "'2026-01-01 08:00:00+00'"]),
    "date and timestamp": ("timestamp", "DATE", ["'2026-01-01'"]),
    "time": ("time", "TIME", ["'10:00:00'", "'23:59:59.999999'"]),
    "text": ("text", "VARCHAR", ["''", "'a'", "'größe 🙂'", "'a\nb'", "'-'", "'1:a'"]),
    "varchar": ("character varying(20)", "VARCHAR", ["'a b '"]),
    "char": ("char(5)", "VARCHAR", ["'ab'"]),
    "uuid": ("uuid", "UUID", ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"]),
    "uuid and text": ("uuid", "VARCHAR", ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"]),
    "bytes": ("bytea", "BLOB", ["'abc'", "''"]),
    "span": ("interval", "INTERVAL", ["'1 month'", "'30 days'", "'-1 day 2 hours 3.5 seconds'", "'14 months'"]),
}  # fmt: skip


@pytest.mark.parametrize("title", VALUES)
def test_a_value_is_written_alike_whatever_its_types_are_called(both: Both, title: str) -> None:  # noqa: F811
    """And no setting of the session is in it; different values are written differently."""
    ours, theirs, listed = VALUES[title]
    form = form_of(ours, theirs)
    assert form is not None
    both[0].session.execute("set timezone = 'Asia/Kathmandu'; set datestyle = 'German'; set extra_float_digits = -10")
    both[0].session.execute("set intervalstyle = 'iso_8601'; set bytea_output = 'escape'")
    written = []
    for each, kind in zip(both, (ours, theirs), strict=True):
        term = render_sql(canonical(exp.column("x"), form, each.engine.dialect), each.engine.dialect)
        rows = ", ".join(f"({at}, cast({value} as {kind}))" for at, value in enumerate([*listed, "null"]))
        found = each.session.fetch(f"select {term} from (values {rows}) as t(nr, x) order by nr").rows
        written.append([row[0] for row in found])
    for name in ("timezone", "datestyle", "extra_float_digits", "intervalstyle", "bytea_output"):
        both[0].session.execute(f"reset {name}")
    assert written[0] == written[1]
    same = {"double": 1, "instant": 1, "real": 0}.get(title, 0)  # two zeros; one instant in two zones
    assert len({*written[0]}) == len(listed) + 1 - same


ROW = """select i as id, (i * 7) % 10 as n, case when i % 2 = 0 then 'x' end as t, i % 3 = 0 as f,
    date '2026-01-01' + cast(i % 30 as integer) as d, cast(i / 4.0 as decimal(10, 2)) as m,
    cast(i / 4.0 as double precision) as x, timestamp '2026-01-01 00:00:00' + interval '1 hour' * i as at,
    timestamptz '2026-01-01 00:00:00+00' + interval '1 minute' * i as tz, interval '1 day' * i as s,
    uuid '00000000-0000-0000-0000-000000000001' as u, cast('ab' as {bytes}) as b
    from generate_series(1, {rows}) as s(i)"""
OURS, THEIRS = ROW.replace("{bytes}", "bytea"), ROW.replace("{bytes}", "blob")


def test_the_same_rows_are_equal(both: Both) -> None:  # noqa: F811
    for key in (("id",), ()):
        found = across(both, OURS.format(rows=5000), THEIRS.format(rows=5000), *key)
        assert (found.status, found.rows_before, found.rows_after) == ("equal", 5000, 5000)
        assert not [each for each in found.columns if each.schema_change]


def test_what_differs_is_told_row_by_row_and_only_that_is_fetched(both: Both) -> None:  # noqa: F811
    """Of 20,000 rows three, in their columns, with values as people write them."""
    theirs = THEIRS.format(rows=20_000)
    changed = theirs.replace("(i * 7) % 10 as n", "case when i in (7, 8) then -1 else (i * 7) % 10 end as n")
    changed = changed.replace("'x' end as t", "'x' when i = 7 then 'new' end as t") + " where i <> 12345"
    changed = changed.replace("from gen", "from (select 20001 as i union all select * from gen").replace(
        "as s(i) where", "as g(i)) as s where"
    )
    fetched: list[int] = []
    session = both[1].session
    fetch = session.fetch

    def counting(sql: str, **more: Any) -> Any:
        found = fetch(sql, **more)
        fetched.append(len(found.rows))
        return found

    session.fetch = counting  # type: ignore[method-assign]
    try:
        found = across(both, OURS.format(rows=20_000), changed, "id")
    finally:
        session.fetch = fetch  # type: ignore[method-assign]
    assert (found.added, found.removed, found.changed) == (1, 1, 2)
    assert {each.name: each.changed for each in found.columns if each.changed} == {"n": 2, "t": 1}
    changes = {each.name: each.examples for each in found.columns if each.changed}
    assert [(dict(each.key), each.before, each.after) for each in changes["t"]] == [({"id": 7}, None, "new")]
    assert {(each.key["id"], each.after) for each in changes["n"]} == {(7, -1), (8, -1)}
    assert [each.key["id"] for each in found.examples_added] == [20001]
    assert [each.key["id"] for each in found.examples_removed] == [12345]
    assert sum(fetched) < 10_000


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=duckdbs.unique_rows, after=duckdbs.unique_rows)
def test_by_key_it_counts_what_brute_force_counts(both: Both, before: Any, after: Any) -> None:  # noqa: F811
    found = across(both, values(before), values(after), "id")
    assert duckdbs.told(found) == duckdbs.brute(before, after)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=duckdbs.rows, after=duckdbs.rows, keyed=st.booleans())
def test_a_key_that_repeats_is_noticed_or_does_no_harm(both: Both, before: Any, after: Any, keyed: bool) -> None:  # noqa: F811
    ours, theirs = (duckdbs.Counter(map(duckdbs.seen_row, rows)) for rows in (before, after))
    found = across(both, values(before), values(after), *(["id"] if keyed else []))
    surplus = (theirs - ours).total(), (ours - theirs).total()
    assert (found.added + found.changed, found.removed + found.changed) == surplus


def test_columns_that_only_one_has_or_nobody_can_compare_are_told(both: Both) -> None:  # noqa: F811
    found = across(both, "select 1 as id, array[1] as l, 2 as gone", "select 1 as id, [1] as l, 3 as came", "id")
    assert found.notes == ("l has types that cannot be compared between these warehouses",)
    assert {each.name: each.schema_change for each in found.columns} == {"id": "", "gone": "removed", "came": "added"}


def test_nothing_of_a_person_is_shown(both: Both) -> None:  # noqa: F811
    found = across(
        both, "select 1 as id, 'ana' as name", "select 1 as id, 'bo' as name", "id", persons=frozenset({"name"})
    )
    assert found.changed == 1 and "ana" not in repr(found) and "bo" not in repr(found)
