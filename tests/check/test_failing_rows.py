"""A test's query that picks rows of one table counts as many rows as its condition does; others are left alone."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from dryland.check.cheap import count, families, no_row
from dryland.check.failing_rows import failing_rows
from dryland.engines.relation import Column

TABLE = '"w"."main"."t"'
COLUMNS = (Column("id", "INTEGER"), Column("name", "VARCHAR"), Column("day", "DATE"), Column("Odd one", "DOUBLE"))
ROWS = """
    (1, 'ana', '2026-01-01', 0.5), (2, null, '2026-01-02', 'nan'), (null, 'ben', null, -1),
    (4, '', '2026-02-28', null), (4, 'Zoë', '2026-03-01', 'infinity'), (-7, 'ana', '2025-12-31', 0)
"""
FUSED = [
    f"select * from {TABLE} where id is null",
    f"select id from {TABLE} as x where x.id > 2 and not (x.name = 'ana')",
    f'select * from (select * from {TABLE} where id > 0) as inside where "Odd one" >= 0',
    f"with a as (select id * 2 as twice from {TABLE}), b as (select * from a where not (twice > 3)) select * from b",
    f"with g as (select (name is not null) as expression from {TABLE}) select * from g where not (expression = true)",
    f"with g as (select ((1=1 and id >= 0 and id <= 3)) as e from {TABLE}) select * from g where not (e = true)",
    f"select id, name as id2 from {TABLE} where ID in (1, 2) or day between '2026-01-01' and '2026-02-01'",
    f"select * from {TABLE} where name like 'a%' order by id",
    f"select * from {TABLE}",
    f"with a as (select id from {TABLE} where id > 1), b as (with a as (select id from {TABLE} where id < 1) "
    "select * from a) select * from a",
    f"select id as name from {TABLE} where name = 'ana'",
    f"with n as (select count(*) as rows from {TABLE}) select * from n where not (rows between 1 and 5)",
    f"with n as (select sum(id) as s, max(day) as d from {TABLE} where id > 0) select * from n where s > 9",
    f"select avg(id) as a from {TABLE} having avg(id) > 100",
    f"select count(*) from (select id from {TABLE} where id > 1) x having count(*) >= 3",
    f"select case when count(distinct name) > 2 then 1 end as c from {TABLE}",
]
ALONE = [
    f"select name from {TABLE} group by name having count(*) > 1",
    f"select distinct name from {TABLE}",
    f"select * from {TABLE} limit 1",
    f"select * from {TABLE} a join {TABLE} b using (id)",
    f"select * from {TABLE} where id in (select id from {TABLE})",
    f"select *, row_number() over (order by id) as n from {TABLE}",
    f"select * from {TABLE} union all select * from {TABLE}",
    f"select * from {TABLE} where day < current_date",
    f"select * from {TABLE} where random() < 0.5",
    f"select * from {TABLE} where unknown = 1",
    f"select id + 1 as later, later + 1 as latest from {TABLE} where latest > 1",
    f"select * exclude (id) from {TABLE}",
    f"select * from {TABLE} as x(a, b) where a > 1",
    f"select * from (select id, name from {TABLE}) as x(name, id) where id > 1",
    f"with x(name, id) as (select id, name from {TABLE}) select * from x where id > 1",
    f"select unnest([1, 2]) as one from {TABLE}",
    f"select id, count(*) from {TABLE}",
    "select * from other where id = 1",
    "select 1 as id",
    "select * from (values (1)) as t(id)",
    "this is no query",
]


@pytest.fixture(scope="module")
def warehouse():
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as w")
        connection.execute(f'create table {TABLE} (id integer, name varchar, day date, "Odd one" double)')
        connection.execute(f"insert into {TABLE} values {ROWS}")
        yield connection


def read(sql: str):
    return failing_rows(sql, "duckdb", TABLE, [column.name for column in COLUMNS])


@pytest.mark.parametrize("sql", FUSED)
def test_a_condition_counts_what_the_query_gives(warehouse, sql) -> None:
    found = read(sql)
    assert found is not None
    asked = exp.If(this=found.condition, true=exp.Literal.number(1)) if found.is_whole else count(found.condition)
    term = exp.Coalesce(this=exp.Case(ifs=[asked]), expressions=[exp.Literal.number(0)]) if found.is_whole else asked
    ours = warehouse.execute(f"select {term.sql('duckdb')} from {TABLE}").fetchone()
    assert ours == warehouse.execute(f"select count(*) from ({sql})").fetchone()


@pytest.mark.parametrize("sql", ALONE)
def test_what_does_more_is_asked_by_itself(sql) -> None:
    assert read(sql) is None


CONDITIONS = st.recursive(
    st.sampled_from(
        ["id >= 0", "id < 5", "id <= -8", "id between -7 and 4", "id is null", "day is null", "name is not null",
         "name >= ''", "name < 'zz'", "day >= '2025-12-31'", "day < '2026-03-02'", '"Odd one" <= 1', '"Odd one" >= -1',
         "1 = 1", "id % 2 = 0", "name = 'ana'", "id > day", "length(name) < 9"]
    ),
    lambda inner: st.one_of(
        inner.map("not ({})".format), inner.map("({}) = true".format),
        st.tuples(inner, inner).map("({0[0]}) and ({0[1]})".format),
        st.tuples(inner, inner).map("({0[0]}) or ({0[1]})".format),
    ),
    max_leaves=4,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    condition=CONDITIONS.filter(lambda text: "id > day" not in text), some=st.sampled_from(["true", "id > 0", "false"])
)
def test_what_minimum_and_maximum_show_is_so(warehouse, condition, some) -> None:
    """Where they show that no row fails, none does; for nulls, NaN, infinities and no rows at all."""
    found = read(f"select * from {TABLE} where {condition}")
    assert found is not None
    shows = no_row(found.condition, families(COLUMNS))
    of = f"(select * from {TABLE} where {some})"
    failing = warehouse.execute(f"select count(*) from {of} where {condition}").fetchone()[0]
    assert (warehouse.execute(f"select {count(found.condition).sql('duckdb')} from {of}").fetchone()[0] or 0) == failing
    if shows is not None and warehouse.execute(f"select {shows.sql('duckdb')} from {of}").fetchone()[0]:
        assert failing == 0


@pytest.mark.parametrize(
    ("condition", "is_shown"),
    [
        ("not (id >= -7 and id <= 4)", True), ("not (id between -7 and 4)", True), ("id < -7 or id > 4", True),
        ("not ((1 = 1 and id >= -7) = true)", True), ("not (day >= '2025-12-31')", True), ("name < ''", True),
        ("not (id >= 0)", False), ('not ("Odd one" <= 100)', False), ("id > 4 and name like '%a%'", True),
    ],
)  # fmt: skip
def test_ranges_are_answered_without_counting(warehouse, condition, is_shown) -> None:
    found = read(f"select * from {TABLE} where {condition}")
    shows = no_row(found.condition, families(COLUMNS))
    assert shows is not None
    assert bool(warehouse.execute(f"select {shows.sql('duckdb')} from {TABLE}").fetchone()[0]) is is_shown


@pytest.mark.parametrize(
    "condition", ["not (name >= 5)", "not (id >= '0')", "not (length(name) >= 0)", "id > 0 = true"]
)
def test_a_literal_that_is_compared_otherwise_shows_nothing(condition) -> None:
    """The smallest text is not the smallest number that texts stand for."""
    assert no_row(read(f"select * from {TABLE} where {condition}").condition, families(COLUMNS)) is None or (
        condition == "id > 0 = true"
    )
