"""Whoever sees the same of every input gives the same rows: random queries over random tables, of which rows change."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import product

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from queries import LISTS, TABLES, WORDS, columns_of, predicates, queries
from worlds import Answer, Rows, World, projected

from dryland.errors import SqlError
from dryland.sql.analyse import understood
from dryland.sql.portion import Portion
from dryland.sql.portions import portions

pytestmark = pytest.mark.slow  # thousands of queries

SETTINGS = settings(
    deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None, max_examples=15
)

OF_T = (
    "(select * from t)",
    "(select a, b, c from t where b > 0)",
    "(select distinct a, b, c from t)",
    "(select max(a) as a, b, c from t group by b, c)",
    "(select a, max(b) over () as b, c from t)",
    "(select a, b, c from t qualify row_number() over (partition by a order by b, c) = 1)",
    "(select * from t order by all limit 2)",
    "(select a, b, c from t union all select d, a, e from u)",
)
"""Subqueries that have the columns of the table; not through all of them conditions can be carried."""

KNOWN = {
    "relations": {table: f"model.{table}" for table in TABLES},
    "schemas": {f"model.{table}": names for table, names in TABLES.items()},
}
CONDITIONS = ("p.a = 1", "p.b is null", "p.c = 'x' or p.b > 1")


def portions_of(query: str) -> Mapping[str, frozenset[Portion]] | None:
    """By table; None where the query does not parse."""
    try:
        found = portions(understood(query, "duckdb", **KNOWN))
    except SqlError:
        return None
    return {unique_id.removeprefix("model."): each for unique_id, each in found.items()}


def is_seen_again(table: str, portion: Portion, first: World, second: World) -> bool:
    """Whether a portion shows no difference between two worlds that differ in one table."""
    shown = [each.answer(f"select {shown_of(portion)} {rest_of(table, portion)}") for each in (first, second)]
    assert None not in shown, (table, portion)
    return same(*shown)


def same(first: Answer, second: Answer) -> bool:
    names = [*first[0]] if first else []
    return len(first) == len(second) and projected(first, names) == projected(second, names)


def shown_of(portion: Portion) -> str:
    """What is seen of each row, or of all; written here once more, without the product's help."""
    if portion.aggregates is not None:
        return ", ".join(
            f"{each.name}({each.column or '*'})::text as s{at}" for at, each in enumerate(portion.aggregates)
        )
    return ", ".join(f"it.{name}::text as {name}" for name in sorted(portion.columns)) or "1 as one"


def rest_of(table: str, portion: Portion) -> str:
    """Which rows count."""
    conditions = [f"({each.tree.sql(dialect='duckdb')})" for each in portion.conditions]
    for each in portion.matches:
        other = each.unique_id.removeprefix("model.")
        conditions.append(f"exists (select 1 from {other} as other where other.{each.other} = it.{each.column})")
    return f"from {table} as it" + (f" where {' and '.join(conditions)}" if conditions else "")


def hidden(world: World, table: str, found: Collection[Portion], rows: Rows) -> Rows:
    """Those of some rows of which the portions show nothing."""
    there = world.with_rows(table, rows)
    answers = [there.answer(f"select it.* {rest_of(table, each)}") for each in found]
    assert None not in answers
    seen = {tuple(row.values()) for answer in answers for row in answer}
    return tuple(row for row in rows if tuple(map(_as_answered, row)) not in seen)


def _as_answered(cell: object) -> object:
    return repr(list(cell)) if isinstance(cell, tuple) else cell


def world_of(chance: random.Random) -> World:
    return World({table: tuple(row_of(table, chance) for _ in range(chance.randint(0, 4))) for table in TABLES})


def row_of(table: str, chance: random.Random) -> tuple[object, ...]:
    return tuple(cell_of(name, chance) for name in TABLES[table])


def cell_of(name: str, chance: random.Random) -> object:
    values = ["x", "y", ""] if name in WORDS else [(), (0, 1), (2,)] if name in LISTS else [0, 1, 2]
    return chance.choice([None, *values])


def others(world: World, table: str, found: Collection[Portion], chance: random.Random) -> Iterator[World]:
    """Worlds of which the portions may show nothing: with many rows that they hide, without any, with other values."""
    rows, more = world.rows[table], tuple(row_of(table, chance) for _ in range(12))
    gone = Counter(rows) - Counter(hidden(world, table, found, rows))
    for others in (rows + hidden(world, table, found, more), tuple(gone.elements())):
        yield world.with_rows(table, others)
    for _ in range(2 if rows else 0):
        at, place = chance.randrange(len(rows)), chance.randrange(len(TABLES[table]))
        row = list(rows[at])
        row[place] = cell_of(TABLES[table][place], chance)
        yield world.with_rows(table, (*rows[:at], tuple(row), *rows[at + 1 :]))


@st.composite
def joined(draw: st.DrawFn) -> str:
    """Queries of the kind in which conditions decide what is seen, which chance seldom finds."""
    both = columns_of("p", TABLES["t"]) + columns_of("r", TABLES["u"])
    nulls = st.sampled_from([f"{name} is null" for name in (*both.numbers, *both.words)])
    asked = st.one_of(nulls, predicates(both, 0), predicates(both, 1))
    first = draw(st.sampled_from(["t", *OF_T]))
    second = draw(st.sampled_from(["u", "u", "w", "(select a, d, e from w where d is not null)"]))
    how = draw(st.sampled_from(["join", "left join", "left join", "right join", "full join", ","]))
    keys = draw(st.sampled_from(["p.a = r.a", "r.a = p.b", "p.a = r.d"]))
    on = "" if how == "," else " on " + " and ".join([keys, *draw(st.lists(asked, max_size=1))])
    on = " using (a)" if on and not draw(st.integers(0, 4)) else on
    again = draw(st.sampled_from(["", "", "", " left join v as s on s.b = p.b", " join v as s on s.d = p.a",
                                  " join v as s using (b)", " left join v as s using (d)",
                                  " full join v as s on s.b = p.b", " right join v as s on s.d = r.d"]))  # fmt: skip
    where = [*([keys] if how == "," else []), *draw(st.lists(asked, min_size=1, max_size=2))]
    made = draw(st.sampled_from(["p.a as x, r.d as y", "sum(p.b) as x, count(*) as y", "max(r.d) as x", "p.b as x",
                                 "count(r.a) as x", "r.a as x"]))  # fmt: skip
    text = f"select {made} from {first} as p {how} {second} as r{on}{again}"
    text += f" where {' and '.join(where)}"
    return f"with w as (select u.* from u{draw(st.sampled_from(['', ' where u.d > 0', ' where e is null']))}) {text}"


@SETTINGS
@given(queries(), st.randoms(use_true_random=False))
def test_who_sees_the_same_gives_the_same(query: str, chance: random.Random) -> None:
    assume(portions_of(query))
    assert_decided_by_what_is_seen(query, random.Random(chance.random()), worlds=3)


@settings(SETTINGS, max_examples=30)
@given(joined(), st.randoms(use_true_random=False))
def test_who_joins_and_sees_the_same_gives_the_same(query: str, chance: random.Random) -> None:
    assume(portions_of(query))
    assert_decided_by_what_is_seen(query, random.Random(chance.random()), worlds=4)


@pytest.mark.parametrize("table", OF_T)
def test_who_asks_a_subquery_and_sees_the_same(table: str) -> None:
    chance = random.Random(table)
    for shown, asked in product(("p.a as x, p.c as y", "sum(p.b) as x", "p.b as x"), CONDITIONS):
        assert_decided_by_what_is_seen(f"select {shown} from {table} as p where {asked}", chance, worlds=2)


@pytest.mark.parametrize(
    "total", ["max(b)", "count(*)", "sum(a) + 1", "count(b)", "count(distinct a)", "max(a) over ()"]
)
def test_who_asks_for_totals_and_sees_the_same(total: str) -> None:
    chance = random.Random(total)
    for asked in (*CONDITIONS, "length(p.c) = 1", "p.a = 1 and length(p.c) = 1", "p.a in (select d from u)", "true"):
        assert_decided_by_what_is_seen(f"select {total} as x from t as p where {asked}", chance, worlds=2)
        within = f"select p.a, (select {total} from t as q where {asked} and q.b >= p.b) as x from t as p"
        assert_decided_by_what_is_seen(within, chance, worlds=1)


@pytest.mark.parametrize("how", ["join", "left join", "right join", "full join"])
def test_who_joins_two_tables_and_sees_the_same(how: str) -> None:
    chance = random.Random(how)
    for on, asked in product((" and r.d = 1", " and p.b = 1", ""), (*CONDITIONS, "r.d is null", "r.d > 0")):
        query = f"select p.c as x, r.e as y from t as p {how} u as r on r.a = p.a{on} where {asked}"
        assert_decided_by_what_is_seen(query, chance, worlds=2)


def assert_decided_by_what_is_seen(query: str, chance: random.Random, *, worlds: int) -> None:
    """Where one table changes, and no portion of it, the query's answer does not."""
    found = portions_of(query)
    assert found is not None
    for _ in range(worlds if found else 0):
        world, table = world_of(chance), chance.choice(sorted(found))
        before = world.answer(query)
        for other in others(world, table, found[table], chance):
            is_same = all(is_seen_again(table, each, world, other) for each in found[table])
            after = other.answer(query) if is_same and before is not None else None
            if after is not None:
                assert same(before, after), f"\n{query}\n{table}\n{found[table]}\n{world}\n{other}"
