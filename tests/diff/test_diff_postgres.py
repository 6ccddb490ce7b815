"""A diff of the same two tables says the same on PostgreSQL as on DuckDB."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import test_row_diff as duckdbs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dryland.diff.compare import compare
from dryland.diff.difference import TableDifference
from dryland.diff.request import DiffRequest
from dryland.diff.side import Side
from dryland.engines.protocol import Engine, Session
from dryland.engines.registry import Address, open_engine
from dryland.engines.relation import Relation
from postgres_server import Server

pytestmark = pytest.mark.slow  # many tables, compared on two engines

ROOT = Path("/nowhere")


@dataclass
class Tables:
    """Where tables are made and compared."""

    engine: Engine
    session: Session

    def side(self, name: str, query: str) -> Side:
        relation = Relation(self.engine.database, "store", name)
        self.session.create_schema([(relation.database, relation.schema)])
        self.session.create_table_as(relation, query)
        return Side(self.session, relation, self.session.columns([relation])[relation])

    def compared(self, before: str, after: str, *key: str, **asked: Any) -> TableDifference:
        sides = self.side("b", before), self.side("a", after)
        return compare(*sides, DiffRequest("t", self.engine.dialect, key, **{"buckets": 4, **asked}))


@contextmanager
def opened(given: dict[str, Any]) -> Iterator[Tables]:
    engine = open_engine(given["type"], Address(given, given.get("dbname", "memory"), ROOT, "store"))
    try:
        with engine.session() as session:
            yield Tables(engine, session)
    finally:
        engine.close()


@pytest.fixture(scope="module")
def both(postgres_server: Server) -> Iterator[tuple[Tables, Tables]]:
    name = postgres_server.new_database()
    with opened(postgres_server.settings(name)) as ours, opened({"type": "duckdb"}) as theirs:
        yield ours, theirs
    postgres_server.drop_database(name)


def told(found: TableDifference) -> Any:
    """All that is said but the names of types, and how floats are written: 10 or 10.0, NaN or nan."""
    said = asdict(found)
    for column in said["columns"]:
        column["type_before"], column["type_after"] = bool(column["type_before"]), bool(column["type_after"])
        if column["shift"]:
            column["shift"] = re.sub(r"(\d)\.0(?=')", r"\1", str(column["shift"]).lower().replace("infinity", "inf"))
    return said


BASE = """select i as id, (i * 7) % 10 as n, case when i % 2 = 0 then 'x' else 'Y' end as t, i % 3 = 0 as f,
    date '2026-01-01' + cast(i % 30 as integer) as d, cast(i / 4.0 as decimal(10, 2)) as m,
    cast(i / 4.0 as double precision) as x, timestamp '2026-01-01 00:00:00' + interval '1 hour' * i as at,
    timestamptz '2026-01-01 00:00:00+00' + interval '1 minute' * i as tz, cast(null as integer) as nothing,
    uuid '00000000-0000-0000-0000-000000000001' as u
    from generate_series(1, {rows}) as s(i)"""
CHANGES = {
    "nothing": ("", ""),
    "rows": ("", "where i % 7 <> 0"),
    "numbers": ("(i * 7) % 10", "(i * 7) % 5"),
    "texts": ("'Y'", "'Zoë'"),
    "nulls": ("date '2026-01-01' + cast(i % 30 as integer)", "cast(null as date)"),
    "moments": ("interval '1 hour'", "interval '2 hour'"),
    "zones": ("00:00:00+00", "01:00:00+01"),
    "money": ("cast(i / 4.0 as decimal(10, 2))", "cast(i / 8.0 as decimal(10, 2))"),
    "floats": ("cast(i / 4.0 as double precision)", "cast(case i % 2 when 0 then 'nan' else 'infinity' end as float8)"),
    "types": ("cast(i / 4.0 as decimal(10, 2))", "cast(i / 4.0 as decimal(12, 4))"),
    "integers": ("(i * 7) % 10", "cast((i * 7) % 10 as smallint)"),
    "columns": ("cast(null as integer) as nothing", "1 as something"),
    "shuffled": ("i % 3 = 0", "(i + 1) % 3 = 0"),
}  # fmt: skip


@pytest.mark.parametrize("key", [("id",), ()])
@pytest.mark.parametrize("change", CHANGES)
def test_a_diff_says_the_same_on_both(both: tuple[Tables, Tables], change: str, key: tuple[str, ...]) -> None:
    """Rows, columns, examples and distributions, by key and without one."""
    before, (from_, to) = BASE.format(rows=400), CHANGES[change]
    after = before.replace(from_, to) if from_ else f"{before} {to}"
    ours, theirs = (each.compared(before, after, *key) for each in both)
    assert told(ours) == told(theirs)
    assert (ours.status == "equal") == (change in ("nothing", "zones"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=duckdbs.unique_rows, after=duckdbs.unique_rows, at_once=st.sampled_from([1, 3, 1000]))
def test_by_key_it_counts_what_brute_force_counts(
    both: tuple[Tables, Tables], before: Any, after: Any, at_once: int
) -> None:
    """Nulls, NaN, two zeros, infinities, and texts in capitals."""
    found = both[0].compared(values(before), values(after), "id", rows_at_once=at_once, shifts=False)
    assert duckdbs.told(found) == duckdbs.brute(before, after)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=duckdbs.rows, after=duckdbs.rows)
def test_a_key_that_repeats_is_noticed_or_does_no_harm(both: tuple[Tables, Tables], before: Any, after: Any) -> None:
    ours, theirs = (Counter(tuple(map(duckdbs.seen, row)) for row in rows) for rows in (before, after))
    surplus = (theirs - ours).total(), (ours - theirs).total()
    for key in (("id",), ()):
        found = both[0].compared(values(before), values(after), *key)
        assert (found.added + found.changed, found.removed + found.changed) == surplus


def values(rows: Any) -> str:
    listed = ", ".join(f"({', '.join(map(duckdbs.literal, row))})" for row in rows)
    typed = "cast(id as integer) as id, cast(label as varchar) as label, cast(amount as double precision) as amount"
    return f"select {typed} from (values {listed or '(null, null, null)'}) as t(id, label, amount) where {bool(rows)}"


def test_every_type_of_its_own_is_compared(both: tuple[Tables, Tables]) -> None:
    """Equal values that are written in several ways, and types that PostgreSQL itself cannot compare."""
    ours = both[0]
    ours.session.execute("drop type if exists mood, pair cascade")
    ours.session.execute("create type mood as enum ('happy', 'sad')")
    ours.session.execute("create type pair as (a int, b text)")
    row = """select 1 as id, '{"a": [1, null]}'::json as j, '{"a": 1}'::jsonb as jb, '(1,2)'::point as p, 1.50 as n,
        '[1,5)'::int4range as r, '{1,2}'::int[] as l, array[1.5] as nl, '1 day'::interval as s, 'happy'::mood as m,
        '(1,x)'::pair as c, '12:00+00'::time with time zone as tz, '10.0.0.1'::inet as ip, '\\x00'::bytea as bs,
        'a b'::tsvector as ts, 'ab'::char(5) as ch, '1'::money as mo, b'101' as bits, -0.0::float8 as zero"""
    assert ours.compared(row, row, "id").status == "equal"
    assert ours.compared(row, row.replace("1.50 as n", "1.5 as n").replace("-0.0::", "0.0::"), "id").status == "equal"
    changes = {
        "j": ("[1, null]", "[1, 2]"), "jb": ('{"a": 1}', '{"a": 2}'), "p": ("(1,2)", "(1,3)"), "n": ("1.50", "1.51"),
        "r": ("[1,5)", "[1,6)"), "l": ("{1,2}", "{2,1}"), "nl": ("array[1.5]", "array[1.6]"), "s": ("1 day", "2 day"),
        "m": ("'happy'", "'sad'"), "c": ("(1,x)", "(1,y)"), "tz": ("12:00+00", "13:00+01"), "ip": ("0.1'", "0.2'"),
        "bs": ("x00", "x01"), "ts": ("a b", "a c"), "ch": ("'ab'", "'ac'"), "mo": ("'1'", "'2'"),
        "bits": ("b'101'", "b'111'"), "zero": ("-0.0", "0.1"),
    }  # fmt: skip
    for name, (from_, to) in changes.items():
        for key in (("id",), ()):
            found = ours.compared(row, row.replace(from_, to), *key)
            assert found.status == "different", name
            assert not key or [each.name for each in found.columns if each.changed] == [name]


def test_no_setting_of_a_session_changes_what_is_said(both: tuple[Tables, Tables]) -> None:
    ours = both[0]
    before = BASE.format(rows=50)
    plain = told(ours.compared(before, before.replace("/ 4.0", "/ 4.0000001"), "id"))
    for setting in ("extra_float_digits = -15", "datestyle = 'German'", "intervalstyle = 'iso_8601'"):
        ours.session.execute(f"set {setting}")
    found = ours.compared(before, before.replace("/ 4.0", "/ 4.0000001"), "id")
    for name in ("extra_float_digits", "datestyle", "intervalstyle"):
        ours.session.execute(f"reset {name}")
    assert [each["changed"] for each in told(found)["columns"]] == [each["changed"] for each in plain["columns"]]


def test_nothing_is_left_behind(both: tuple[Tables, Tables]) -> None:
    both[0].compared("select 1 as id", "select 2 as id", "id")
    assert not both[0].session.fetch("select relname from pg_class where relpersistence = 't'").rows


def test_equal_tables_are_read_once_each(both: tuple[Tables, Tables]) -> None:
    """And different ones once more where they differ: no statement for a column or a row."""
    asked = both[0]
    sides = [asked.side(name, BASE.format(rows=1000)) for name in ("b", "a")]
    heard: list[str] = []
    fetch, execute = asked.session.fetch, asked.session.execute

    class Heard:
        def __getattr__(self, name: str) -> Any:
            return getattr(asked.session, name)

        def fetch(self, sql: str, **more: Any) -> Any:
            heard.append(sql)
            return fetch(sql, **more)

        def execute(self, sql: str) -> int:
            heard.append(sql)
            return execute(sql)

    session: Any = Heard()
    found = compare(*(replace(each, session=session) for each in sides), DiffRequest("t", "postgres", ("id",)))
    assert found.status == "equal"
    assert sum('"store"."b"' in each for each in heard) == 1
