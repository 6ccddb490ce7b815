"""Many unit tests of a model in one query say what each of them says alone."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import duckdb
import pytest

from dryland.check.unit_tests.apart import keeps_apart
from dryland.check.unit_tests.batch import MOST, batch_query, batches
from dryland.check.unit_tests.prepared import Prepared, Recipe
from dryland.check.unit_tests.query import Subject, actual_query
from dryland.check.unit_tests.rows import given_rows
from dryland.engines.relation import Column
from dryland.project.nodes import Place
from dryland.project.unit_test import Fixture, UnitTest

pytestmark = pytest.mark.slow  # each runs many unit tests

COLUMNS = (Column("id", "INTEGER"), Column("v", "INTEGER"))
INPUTS = {"g": "g", "h": "h"}
APART = (
    "select count(*) as n, sum(v) as s from g",
    "select 1 as one, count(*) as n from g where false",
    "select sum(n) as n from (select count(*) as n from g where false)",
    "select id, (select max(v) from g) as m from g",
    "select id from g where v > (select coalesce(max(v), 0) from h)",
    "select id from g where id in (1, 2) and id not in (3)",
    "select g.id, h.v from g left join h using (id)",
    "select g.id as a, h.id as b from g right join h on g.id = h.id and g.v < h.v",
    "select g.id as a, h.id as b from g cross join h",
    "select g.id as a, h.id as b from g, h where g.id < h.id",
    "select a.one, b.n from (select 1 as one) a left join (select count(*) as n from h having count(*) > 1) b on true",
    "select v, count(*) as n, sum(count(*)) over () as t from g group by v having count(*) > 0",
    "select count(distinct v) as d, sum(v) filter (where id > 1) as f, max(case when id = 1 then v end) as m from g",
    "select distinct v from g",
    "select distinct 1 as x from g",
    "select id from g union select id from h",
    "select id from g union all select count(*) from h union all select 7",
    "select 5 as id except select id from g",
    "select v from g intersect all select v from h",
    "select id, v, sum(v) over (partition by id order by v rows unbounded preceding) as s from g",
    "select id, v from g qualify row_number() over (partition by id order by v) = 1",
    "with a as (select id, count(*) as n from g group by id), b as (select a.*, h.v from a left join h on h.id = a.id) "
    "select b.*, t.total from b cross join (select sum(n) as total from a) as t",
    "with c as (select count(*) as n from g), d as (select max(n) as m, count(*) as k from c) select * from c, d",
)
MIXED = (
    "select id from g where id in (select id from h)",
    "select id from g where exists (select 1 from h)",
    "select id, (select max(h.v) from h where h.id < g.id) as m from g",
    "select id, (select max(v) + g.id from h) as m from g",
    "select id, (select max(v) from (select * from h)) as m from g",
    "select id from g where v > any (select v from h)",
    "select g.id from g full join h using (id)",
    "select g.id from g semi join h using (id)",
    "select g.id, h.v from g asof join h on g.id >= h.id",
    "select v, count(*) from g group by rollup (v)",
    "select distinct on (v) v, id from g",
    "select id from g limit 1",
    "select list(v) from g",
    "select first(v) from g",
    "select row_number() over () from g",
    "select id, unnest([v, 1]) from g",
    "select my_own(v) from g",
    "with recursive r as (select 1 as n union all select n + 1 from r where n < 3) select * from r",
    "select * from g using sample 1 rows",
    "this is no query",
)


def prepared(number: int, inputs: dict[str, list[tuple]], subject: Subject, expected: Sequence[dict] = ()) -> Prepared:
    given = tuple(
        Fixture(of, rows=tuple(dict(zip(("id", "v"), row, strict=True)) for row in rows)) for of, rows in inputs.items()
    )
    uid = f"unit_test.p.m.t{number}"
    test = UnitTest(uid, f"t{number}", "p", Place("m.yml"), (), "model.p.m", given, Fixture("", rows=tuple(expected)))
    return Prepared(test, Recipe(f"key{number}", subject, is_lasting=True))


def some_rows() -> Iterator[dict[str, list[tuple]]]:
    yield from ({"g": [], "h": []}, {"g": [], "h": [(1, 1)]}, {"g": [(1, 1)], "h": []})
    for _ in range(30):
        yield {
            name: [(random.randint(1, 4), random.choice([1, 2, 3, None])) for _ in range(random.randint(0, 5))]
            for name in INPUTS
        }


@pytest.mark.parametrize("sql", APART)
def test_a_batch_gives_what_each_gives_alone(sql) -> None:
    """Including tests without any rows, for which an aggregate still has an answer."""
    random.seed(sql)
    assert keeps_apart([sql], {name: ["id", "v"] for name in INPUTS})
    subject = Subject(sql, INPUTS)
    tests = [prepared(number, rows, subject) for number, rows in enumerate(some_rows())]
    with duckdb.connect(":memory:") as connection:
        alone = {}
        for number, each in enumerate(tests):
            query = actual_query(subject, [(one.of, given_rows(one, COLUMNS, one.of)) for one in each.test.given])
            alone[number] = sorted(map(texts, connection.execute(query).fetchall()))
        made = [Column(name, kind) for name, kind, *_ in connection.execute(f"describe {query}").fetchall()]
        names, batch = batch_query(tests, subject, dict.fromkeys(INPUTS, COLUMNS), made)
        found: dict[int, list[str]] = {number: [] for number in alone}
        for number, side, *row in connection.execute(batch).fetchall():
            assert side == 0, "no rows are expected"
            found[number].append(texts(row))
    assert names == tuple(column.name.lower() for column in made)
    assert {number: sorted(rows) for number, rows in found.items()} == alone


def texts(row: Sequence) -> str:
    return str([None if value is None else str(value) for value in row])


@pytest.mark.parametrize("sql", MIXED)
def test_what_the_database_would_mix_is_asked_alone(sql) -> None:
    assert not keeps_apart([sql], {name: ["id", "v"] for name in INPUTS})


def test_a_column_that_an_input_does_not_have_may_be_one_of_the_query_around() -> None:
    sql = "select id from g where v > (select max(n) from h)"
    assert keeps_apart([sql], {"g": ["id", "v"], "h": ["n"]})
    assert not keeps_apart([sql], {"g": ["id", "v", "n"], "h": ["id"]})


def test_only_tests_that_compare_the_same_columns_share_a_batch() -> None:
    one, other = Subject("select 1 as a, 2 as b", {}), Subject("select 1 as a, 2 as b", {})
    tests = [prepared(at, {}, one, [{"a": 1}]) for at in range(3)]
    tests += [prepared(at, {}, one, [{"A": 1, "b": 2}]) for at in range(3, 7)]
    tests += [prepared(at, {}, other, [{"a": 1}]) for at in range(7, 10)]
    assert [len(batch) for batch in batches(tests)] == [3, 4, 3]


def test_a_batch_has_an_end_and_two_tests_are_none() -> None:
    subject = Subject("select 1 as a", {})
    tests = [prepared(at, {}, subject) for at in range(MOST + 2)]
    assert [len(batch) for batch in batches(tests)] == [MOST]
