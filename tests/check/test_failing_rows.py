"""A test's query that comes to terms of a scan counts as many rows as the query gives; others are left alone."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from dryland.check.reading.failing_rows import Read, failing_rows
from dryland.check.scanning.cheap import count, families, no_row
from dryland.engines.relation import Column

TABLE, OTHER = '"w"."main"."t"', '"w"."main"."u"'
COLUMNS = (Column("id", "INTEGER"), Column("name", "VARCHAR"), Column("day", "DATE"), Column("Odd one", "DOUBLE"))
READ = [Read(text, exp.to_table(text, dialect="duckdb"), COLUMNS) for text in (TABLE, OTHER)]
ROWS = """
    (1, 'ana', '2026-01-01', 0.5), (2, null, '2026-01-02', 'nan'), (null, 'ben', null, -1),
    (4, '', '2026-02-28', null), (4, 'Zoë', '2026-03-01', 'infinity'), (-7, 'ana', '2025-12-31', 0)
"""
NAMES = "select 'ana' as v union all select 'ben' union all select 'zoe'"
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
    f"select x.* from {TABLE} as x where id > 1",
    f"select * from (select id, name from {TABLE}) as x(name, id) where name > 1",
    f"with x(name, id) as (select id, name from {TABLE}) select * from x where name > 1",
    f"select * from {TABLE} where day < current_date and day < now()",
]
OF_THE_WHOLE = [
    f"with n as (select count(*) as rows from {TABLE}) select * from n where not (rows between 1 and 5)",
    f"with n as (select sum(id) as s, max(day) as d from {TABLE} where id > 0) select * from n where s > 9",
    f"select avg(id) as a from {TABLE} having avg(id) > 100",
    f"select count(*) from (select id from {TABLE} where id > 1) x having count(*) >= 3",
    f"select case when count(distinct name) > 2 then 1 end as c from {TABLE}",
    f"with n as (select count(*) as a from {TABLE}), m as (select a + 1 as b from n) select max(b) from m where b > 3",
    f"select count(*) filter (where id > 1) as c from {TABLE} where name = 'ana' having c < 5",
    f"select percentile_cont(0.5) within group (order by id) as p from {TABLE} where id > 0 having p > 1",
    f"with n as (select 1 as k, count(*) as a from {TABLE} group by k) select * from n where a > 3",
    f"with n as (select 1 as k, count(*) as a from {TABLE} where id > 99 group by 1) select * from n",
    f"with a as (select count(*) as n from {TABLE}), b as (select max(id) as n from {TABLE} where id < 3) "
    "select * from a cross join b where a.n > b.n",
    f"select count(*) as n from {TABLE} having n > (select max(id) from {TABLE})",
    f"with a as (select count(*) as n from {TABLE}), b as (select count(*) as n from {OTHER}) "
    "select a.n, b.n from a full join b on a.n = b.n where a.n is null or b.n is null",
    f"select count(*) as n from (select max(id) as m from {TABLE} having max(id) > 3) x having count(*) = 0",
    "select 1 as id",
    "select 1 as id where 1 = 2",
    "select * from (values (1), (2)) as t(id) where id > 1",
    f"with s as (select 1 as a union all select 2), l as (select t.id from {TABLE} as t left join s on t.id = s.a) "
    "select l.id from l left join s as r on l.id = r.a",  # what is alike stands at different places of conditions
]
OF_SETS = [
    f"select v.* from {TABLE} v left join ({NAMES}) s on v.name = s.v where s.v is null",
    f"select v.* from {TABLE} v join ({NAMES}) s on v.name = s.v",
    f"select v.* from {TABLE} v join ({NAMES} union all select 'ana') s on s.v = v.name",
    f"select * from {TABLE} where name not in ({NAMES})",
    f"select * from {TABLE} where name not in (select v from ({NAMES} union all select null) s)",
    f"select * from {TABLE} v anti join ({NAMES}) s on v.name = s.v",
    f"select * from {TABLE} v semi join (values ('ana'), (null), ('x')) s(v) on v.name = s.v",
    f"select s.v from ({NAMES}) s left join {TABLE} v on v.name = s.v where v.id is null",
    f"with d as (select distinct name from {TABLE}), s as (select distinct v from ({NAMES} union all {NAMES}) x) "
    "select * from d full outer join s on d.name = s.v where d.name is null or s.v is null",
    f"select name from {TABLE} except ({NAMES})",
    f"({NAMES}) except select name from {TABLE}",
    f"select name from {TABLE} intersect ({NAMES})",
    f"select distinct name from {TABLE} where name in ('ana', 'ben')",
    f"select * from {TABLE} v left join (select 1 as k union select 4) s on v.id = s.k where s.k is null or id > 3",
    f"select * from {TABLE} where id > (select avg(id) from {TABLE} where id > 0)",
    f"select * from {TABLE} v cross join (select max(id) as m from {OTHER}) x where v.id >= x.m",
    f"select id from {TABLE} where id < 3 union all select id from {TABLE} where id > 3",
    f"select id from {TABLE} union all select id from {OTHER} where id is null",
]
OF_GROUPS = [
    f"select name from {TABLE} group by name having count(*) > 1",
    f"select name, id % 2 as odd, count(*) as n from {TABLE} where id > 0 group by 1, odd having n >= 1",
    f"select distinct name from {TABLE}",
    f"select distinct 1 as one from {TABLE}",
    f"with g as (select name, max(day) as d from {TABLE} group by name) select * from g where d < '2026-02-01'",
    f"select id from {TABLE} where id is not null group by id having count(*) > 1",
    f"with d as (select distinct name from {TABLE}), n as (select count(1) as a, "
    "count(distinct left(name, 1)) as b from d) select * from n where a <> b",
    f"select name from {TABLE} group by name having max(id) > (select max(id) from {OTHER})",
]
ALONE = [
    f"select * from {TABLE} limit 1",
    f"select * from {TABLE} a join {TABLE} b using (id)",
    f"select * from {TABLE} a join {OTHER} b on a.id = b.id",
    f"select * from {TABLE} a anti join ({NAMES}) s using (name)",
    f"select * from {TABLE} where id in (select id from {TABLE})",
    f"select * from {TABLE} v where exists (select 1 from {OTHER} u where u.id = v.id)",
    f"select *, row_number() over (order by id) as n from {TABLE}",
    f"with l as (select id, lag(id) over (order by id) as b from {TABLE}) select * from l where id <= b",
    f"select * from {TABLE} where random() < 0.5",
    f"select * from {TABLE} where unknown = 1",
    f"select id + 1 as later, later + 1 as latest from {TABLE} where latest > 1",
    f"select * exclude (id) from {TABLE}",
    f"select * from {TABLE} as x(a, b) where a > 1",
    f"select * from (select id, name as id from {TABLE}) x where id > 1",
    f"select * from (select id as v from {TABLE} union all select name from {TABLE}) x where v = '1'",
    f"select unnest([1, 2]) as one from {TABLE}",
    f"select id, count(*) from {TABLE}",
    f"select name, id from {TABLE} group by name",
    f"select name from {TABLE} group by rollup (name)",
    f"select * from {TABLE} natural join (select 1 as id) x",
    f"select * from {TABLE} positional join (select 1 as k) x",
    f"select * from {TABLE} tablesample 10 percent (bernoulli, 7)",
    f"select id from {TABLE} qualify row_number() over (order by id) = 1",
    f"select id, name from {TABLE} union all by name select name, id from {OTHER}",
    f"select distinct n from (select name, count(*) as n from {TABLE} group by name) g",
    f"select n, count(*) from (select name, count(*) as n from {TABLE} group by name) g group by n",
    f"select mad(id) from {TABLE}",
    f"select list_filter([id], name -> name > 1) as l from {TABLE}",
    f"select distinct on (name) * from {TABLE}",
    f"select name from {TABLE} except all select name from {OTHER}",
    f"select a.n from (select id % 2 as k, count(*) as n from {TABLE} group by 1) a join "
    f"(select id % 2 as k, count(*) as n from {OTHER} group by 1) b on a.k = b.k where a.n <> b.n",
    "select * from other where id = 1",
    "this is no query",
]


@pytest.fixture(scope="module")
def warehouse():
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as w")
        for table in (TABLE, OTHER):
            connection.execute(f'create table {table} (id integer, name varchar, day date, "Odd one" double)')
            connection.execute(f"insert into {table} values {ROWS}")
        connection.execute(f"delete from {OTHER} where id = 4 or name is null")
        yield connection


def read(sql: str, fail_calc: str = "count(*)"):
    return failing_rows(sql, "duckdb", READ, fail_calc)


def asked(warehouse, term: exp.Expr) -> object:
    """The answer to a term of a scan."""
    return warehouse.execute(f"select {term.sql('duckdb')}, count(*) from {TABLE}").fetchone()[0]


def verify(warehouse, sql: str) -> bool:
    """A query that comes to terms counts the same, and what shows that nothing fails is right; others come to none."""
    found = read(sql)
    if found is None:
        return False
    failing = warehouse.execute(f"select count(*) from ({sql})").fetchone()[0]
    assert asked(warehouse, found.failures) == failing, found.failures.sql("duckdb")
    if found.condition is not None:
        assert (asked(warehouse, count(found.condition)) or 0) == failing
    if found.none_fails is not None:
        assert asked(warehouse, found.none_fails) == (failing == 0)
    if found.unique is not None:
        name = found.unique.sql("duckdb")
        is_unique = asked(warehouse, exp.maybe_parse(f"count({name}) = count(distinct {name})", dialect="duckdb"))
        assert failing == 0 or not is_unique
    return True


@pytest.mark.parametrize("sql", [*FUSED, *OF_THE_WHOLE, *OF_SETS, *OF_GROUPS])
def test_terms_count_what_the_query_gives(warehouse, sql) -> None:
    assert verify(warehouse, sql)
    warehouse.execute(f"begin; delete from {TABLE}")
    try:
        assert verify(warehouse, sql)
    finally:
        warehouse.execute("rollback")


@pytest.mark.parametrize("sql", FUSED)
def test_a_query_that_picks_rows_is_a_condition(sql) -> None:
    """Of a condition there may be cheaper questions than a count."""
    assert read(sql).condition is not None


@pytest.mark.parametrize("sql", ALONE)
def test_what_does_more_is_asked_by_itself(sql) -> None:
    assert read(sql) is None


def test_a_list_of_constants_is_one_condition() -> None:
    """A list is looked up at once; a term for each of its values would look at all rows as often."""
    found = read(f"select t.* from {TABLE} t join ({NAMES}) s on t.name = s.v")
    assert (
        found.condition.sql("duckdb") == "\"name\" IN (CAST('ana' AS TEXT), CAST('ben' AS TEXT), CAST('zoe' AS TEXT))"
    )


def test_groups_that_are_picked_by_keys_are_shown_not_to_be_there() -> None:
    found = read(f"select distinct name from {TABLE} where id > 3 and name <> 'ana'")
    assert found.none_fails is not None and not found.none_fails.find(exp.Query)
    assert read(f"select name from {TABLE} where id > 3 group by name having count(*) > 1").none_fails is None


def test_a_key_is_known() -> None:
    """There are cheaper ways to show that a column is unique; where nulls count as well they say nothing."""
    query = f"select id from {TABLE} where 1 = 1 and not (id is null) group by id having count(*) > 1"
    assert read(query).unique.name == "id"
    assert read(query.replace("not (id is null)", "not (name is null)")).unique is None
    assert read(query.replace("> 1", ">= 1")).unique is None
    assert read(query.replace("by id", "by id, name")).unique is None


@pytest.mark.parametrize(
    ("fail_calc", "sql"),
    [
        ("sum(coalesce(n, 0))", f"select abs(a.n - b.n) as n from (select count(*) as n from {TABLE}) a full join "
         f"(select 1 + count(*) as n from {OTHER}) b on 1 = 1"),
        ("sum(id)", f"select id from {TABLE} where id > 1"),
        ("max(id)", f"select id from {TABLE} where id > 1"),
        ("sum(id)", f"select id from {TABLE} where id > 99"),
        ("cast(count(*) = 0 as int)", f"select name from {TABLE} group by name having count(*) > 1"),
    ],
)  # fmt: skip
def test_a_sum_of_failures_is_a_term(warehouse, fail_calc, sql) -> None:
    expected = warehouse.execute(f"select {fail_calc} from ({sql})").fetchone()[0]
    assert (asked(warehouse, read(sql, fail_calc).failures) or 0) == (expected or 0)


ROW = st.tuples(
    st.sampled_from(["null", "0", "1", "2", "-1"]),
    st.sampled_from(["null", "'x'", "'y'", "''", "'X'"]),
    st.sampled_from(["null", "'2026-01-01'", "'2026-01-02'"]),
    st.sampled_from(["null", "'nan'", "0", "-0.0", "1", "'infinity'"]),
)
PREDICATES = st.sampled_from(
    ["a is null", "b is null", "a > 0", "b = 'x'", "a = 1 or b is null", "not (a = 1)", "a in (1, 2)", "b <> 'y'",
     "1 = 1", "a in (select 1 as v union all select 2)", "b not in (select 'x' union all select null)",
     f"a >= (select max(id) from {TABLE})",
     f"a <= (select max(id) from {OTHER} having count(*) > 1)", "a is not null and b is not null"]
)  # fmt: skip
SETS = st.sampled_from(
    ["select 1 as a, 'x' as b union all select 2, 'y'", "select * from (values (1, 'x'), (null, 'y')) as s(a, b)",
     "select 0 as a, 'x' as b", f"select max(id) as a, 'x' as b from {OTHER}", "select distinct 1 as a, 'x' as b"]
)  # fmt: skip
ROWS_OF_IT = st.sampled_from(
    [f"select id as a, name as b from {TABLE}", f'select "Odd one" as a, name as b from {TABLE} where id > 0']
)
BASES = ROWS_OF_IT | ROWS_OF_IT | SETS | st.just(f"select id as a, name as b from {OTHER}")
GROUPS = (
    "select distinct a, b from ({}) q", "select max(a) as a, b from ({}) q group by b",
    "select a, b from ({}) q group by 1, 2 having count(*) > 1",
    "select max(a) as a, 'x' as b from ({}) q having a > 1", "select count(*) as a, min(b) as b from ({}) q",
    "select count(distinct b) as a, max(b) as b from ({}) q having a < 3",
)  # fmt: skip
JOINS = ("join", "left join", "right join", "full join", "semi join", "anti join")


def layers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Queries over queries, each of columns `a` and `b`."""
    on = st.sampled_from(["l.a = r.a", "l.b = r.b", "l.a = r.a and l.b = r.b", "l.a > r.a", "true"])
    joins = st.tuples(inner, st.sampled_from(JOINS), SETS, on) | st.tuples(SETS, st.sampled_from(JOINS), inner, on)
    unions = st.sampled_from(["union all", "union", "except", "intersect"])
    return st.one_of(
        st.tuples(inner, PREDICATES).map("select * from ({0[0]}) q where {0[1]}".format),
        st.tuples(inner, PREDICATES).map("select * from ({0[0]}) q where not ({0[1]})".format),
        st.tuples(inner, st.sampled_from(GROUPS)).map(lambda pair: pair[1].format(pair[0])),
        joins.map("select l.a as a, l.b as b from ({0[0]}) l {0[1]} ({0[2]}) r on {0[3]}".format),
        joins.filter(lambda join: join[1] not in JOINS[4:]).map(
            "select r.a, l.b from ({0[0]}) l {0[1]} ({0[2]}) r on {0[3]} where l.a is null or r.b <> 'x'".format
        ),
        st.tuples(inner, unions, inner | SETS).map("select * from (({0[0]}) {0[1]} ({0[2]})) q".format),
    )


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(ROW, max_size=8), others=st.lists(ROW, max_size=4), sql=st.recursive(BASES, layers, max_leaves=4))
def test_whatever_comes_to_terms_counts_the_same(warehouse, rows, others, sql) -> None:
    """For nulls, NaN, duplicates and no rows at all, over any layers."""
    warehouse.execute("begin")
    try:
        for table, made in ((TABLE, rows), (OTHER, others)):
            warehouse.execute(f"delete from {table}")
            if made:
                warehouse.execute(f"insert into {table} values " + ", ".join(f"({', '.join(row)})" for row in made))
        verify(warehouse, sql)
    finally:
        warehouse.execute("rollback")


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
    impossible = found.condition is None  # it contradicts itself, which needs no look at the table
    shows = None if impossible else no_row(found.condition, families(COLUMNS, "duckdb"))
    of = f"(select * from {TABLE} where {some})"
    failing = warehouse.execute(f"select count(*) from {of} where {condition}").fetchone()[0]
    counted = found.failures if impossible else count(found.condition)
    assert (warehouse.execute(f"select {counted.sql('duckdb')} from {of}").fetchone()[0] or 0) == failing
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
    shows = no_row(found.condition, families(COLUMNS, "duckdb"))
    assert shows is not None
    assert bool(warehouse.execute(f"select {shows.sql('duckdb')} from {TABLE}").fetchone()[0]) is is_shown


@pytest.mark.parametrize(
    "condition", ["not (name >= 5)", "not (id >= '0')", "not (length(name) >= 0)", "id > 0 = true"]
)
def test_a_literal_that_is_compared_otherwise_shows_nothing(condition) -> None:
    """The smallest text is not the smallest number that texts stand for."""
    assert no_row(read(f"select * from {TABLE} where {condition}").condition, families(COLUMNS, "duckdb")) is None or (
        condition == "id > 0 = true"
    )
