"""What is asked of DuckDB in fewer statements is what it was in more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from opening import STORE, at, duckdb_at, kinds, opened

from dryland.engines.protocol import Engine
from dryland.engines.relation import Relation
from dryland.errors import QueryError

EVERY_TYPE = """
    select 1::tinyint as a, 1::utinyint as b, 1::smallint as c, 1 as d, 1::bigint as e, 1::hugeint as f,
        1::uhugeint as g, 1.5::float as h, 1.5::double as i, 1.5::decimal(18, 3) as j, 'x' as k,
        'a'::enum('a', 'it''s') as l, true as m, date '2020-01-01' as n, timestamp '2020-01-01' as o,
        timestamptz '2020-01-01 00:00:00+00' as p, timestamp_s '2020-01-01' as q, timestamp_ns '2020-01-01' as r,
        time '10:00' as s, '10:00:00+01'::timetz as t, interval 1 day as u, uuid() as v, 'x'::blob as w,
        '101'::bit as x, [[1]] as y, [1, 2]::integer[2] as z, {'a b': 1, 'c': [{'x': 'y'}]} as "A a",
        map {'a': 1} as "B b", union_value(n := 1) as cc, '{}'::json as dd, null as ee, 'x' collate nocase as ff
"""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = opened(duckdb_at(tmp_path))
    yield engine
    engine.close()


def test_columns_have_the_types_that_duckdb_describes(engine: Engine, tmp_path: Path) -> None:
    table, view = at(engine, "table"), at(engine, "view")
    path = tmp_path / "rows.csv"
    path.write_text("id,said\n1,x\n")
    file = replace(at(engine, "file"), expression=f"read_csv('{path}')")
    with engine.session() as session:
        session.create_table_as(table, EVERY_TYPE)
        session.create_view(view, EVERY_TYPE)
        for relation in (table, view, file):
            described = session.fetch(f"DESCRIBE FROM {engine.render(relation)}").rows
            found = session.columns([relation])[relation]
            assert [(each.name, each.type) for each in found] == [row[:2] for row in described]


def test_what_is_not_there_or_cannot_be_read_has_no_columns(engine: Engine) -> None:
    missing = replace(at(engine, "file"), expression="read_csv('missing.csv')")
    with engine.session() as session:
        session.create_table_as(at(engine, "read"), "select 1 as x")
        session.create_view(at(engine, "view"), f'select x from "{STORE}"."read"')
        session.drop([(at(engine, "read"), "table")])
        assert session.columns([missing, Relation(engine.database, STORE, "nothing")]) == {}


def test_columns_are_told_of_what_a_transaction_has_made(engine: Engine) -> None:
    with engine.session() as session:
        with session.transaction():
            session.create_table_as(at(engine, "made"), "select 1 as x")
            assert [each.name for each in session.columns([at(engine, "made")])[at(engine, "made")]] == ["x"]
        assert session.rows_made(at(engine, "made")) == 1


def test_a_table_that_fails_leaves_nothing_and_the_session_goes_on(engine: Engine) -> None:
    with engine.session() as session:
        assert session.makes_at_once
        with pytest.raises(QueryError):
            session.create_table_as(at(engine, "broken"), "select error('no ' || range) as x from range(3)")
        assert kinds(engine, STORE) == {}
        session.create_table_as(at(engine, "broken"), "select 1 as x")
        assert kinds(engine, STORE) == {"broken": "table"}
