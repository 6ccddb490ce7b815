"""Rows go into frames and back with and without ADBC, and are the same either way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from opening import at, make, rows

from dryland.engines import postgres_arrow
from dryland.engines.protocol import Engine
from dryland.errors import DrylandError

EVERYTHING = """
    select 1::smallint as a, 2 as b, 3::bigint as c, 1.5::real as d, 2.5::double precision as e,
        12.30::numeric(12,2) as f, 99999999999999999999.5::numeric as g, true as h, 'it''s "x", \\ ' as i, '' as j,
        null::text as k, date '2026-01-02' as l, timestamp '2026-01-02 03:04:05.678901' as m,
        timestamptz '2026-01-02 03:04:05+02' as n, time '03:04:05' as o, interval '1 month 2 days' as p,
        '6f1c7d7e-0000-4000-8000-000000000001'::uuid as q, '{"a": [1, "x"]}'::jsonb as r, array[1, 2, null] as s,
        '\\x00ff'::bytea as t, 'nan'::double precision as u, 'abc'::varchar(10) as "Odd name"
"""


@pytest.fixture(params=["ADBC", "COPY"])
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    with mock.patch.object(postgres_arrow, "is_there", return_value=request.param == "ADBC"):
        yield request.param


def test_a_table_is_a_frame_with_the_same_values_either_way(warehouse: Engine, way: str) -> None:
    relation = make(warehouse, "everything", EVERYTHING)
    with warehouse.session() as session:
        session.execute(f"insert into {warehouse.render(relation)} default values")
        frame: Any = session.table(relation)
        assert [str(kind) for kind in frame.types] == [
            "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL(12,2)", "DOUBLE", "BOOLEAN", "VARCHAR",
            "VARCHAR", "VARCHAR", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIME", "VARCHAR", "UUID", "VARCHAR",
            "VARCHAR", "VARCHAR", "DOUBLE", "VARCHAR",
        ]  # fmt: skip
        told, nothing = [[str(value) for value in row] for row in frame.fetchall()]
    assert nothing == ["None"] * 22
    assert told[:13] == [
        "1", "2", "3", "1.5", "2.5", "12.30", "1e+20", "True", "it's \"x\", \\ ", "", "None", "2026-01-02",
        "2026-01-02 03:04:05.678901",
    ]  # fmt: skip
    assert told[14:] == [
        "03:04:05", "1 mon 2 days", "6f1c7d7e-0000-4000-8000-000000000001", '{"a": [1, "x"]}', "{1,2,NULL}", "\\x00ff",
        "nan", "abc",
    ]  # fmt: skip


def test_what_a_transaction_has_not_committed_is_in_its_frames(warehouse: Engine, way: str) -> None:
    relation = make(warehouse, "numbers", "select 1 as x")
    with warehouse.session() as session, session.transaction():
        session.execute(f"insert into {warehouse.render(relation)} values (2)")
        assert sorted(session.table(relation).fetchall()) == [(1,), (2,)]  # type: ignore[attr-defined]


def test_a_frame_that_is_loaded_belongs_to_the_transaction(warehouse: Engine, way: str) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    relation = at(warehouse, "loaded")
    with warehouse.session() as session, pytest.raises(ZeroDivisionError), session.transaction():
        session.load(relation, pyarrow.table({"x": [1, 2], "y": ["a", None]}))
        assert session.fetch(f"select count(*) from {warehouse.render(relation)}").rows == ((2,),)
        raise ZeroDivisionError
    assert warehouse.columns([relation]) == {}
    with warehouse.session() as session:
        session.load(relation, pyarrow.table({"x": [1, 2], "y": ["a", None]}))
        session.load(relation, pyarrow.table({"x": [3], "y": [""]}))
    assert rows(warehouse, relation) == [(3, "")]


def test_every_kind_of_value_comes_back_as_it_was_loaded(warehouse: Engine, way: str) -> None:
    import duckdb

    frame = duckdb.sql(
        """select 1::utinyint as a, 18446744073709551615::ubigint as b, 1.25::decimal(9, 3) as c, 'a"b,c\\d' as d,
        '' as e, null::varchar as f, {'x': 1} as g, [1, 2] as h, '\\x00\\xFF'::blob as i, interval 3 day as j,
        'nan'::double as k, '-infinity'::double as l, time '01:02:03' as m, true as n, 'z' as "Odd name" """
    )
    with warehouse.session() as session:
        session.load(at(warehouse, "loaded"), frame)
        (row,) = session.fetch(f"select * from {warehouse.render(at(warehouse, 'loaded'))}").rows
    assert [str(value) for value in row] == [
        "1", "18446744073709551615", "1.250", 'a"b,c\\d', "", "None", '{"x": 1}', "[1, 2]", "b'\\x00\\xff'",
        "3 days, 0:00:00", "nan", "-inf", "01:02:03", "True", "z",
    ]  # fmt: skip


def test_rows_that_do_not_fit_are_an_error_and_leave_nothing(warehouse: Engine, way: str) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    with warehouse.session() as session, pytest.raises(DrylandError):
        session.load(at(warehouse, "loaded"), pyarrow.table({"x": ["ten"]}), {"x": "bigint"})
    assert warehouse.columns([at(warehouse, "loaded")]) == {}
