"""Whoever sees the same of every input gives the same rows: random queries over random tables, of which rows change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from queries import TABLES, columns_of, predicates, queries, scalars
from worlds import WORLDS, World, meaning_of, projected, rows_of

from dryland.errors import SqlError
from dryland.sql.portion import Portion
from dryland.sql.portions import portions

pytestmark = pytest.mark.slow  # thousands of queries

SETTINGS = settings(
    deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None, max_examples=150
)


def portions_of(query: str) -> Mapping[str, frozenset[Portion]] | None:
    """By table; None where the query is not understood at all."""
    try:
        meaning = meaning_of(query)
    except SqlError:
        return None
    schemas = {f"model.{table}": names for table, names in TABLES.items()}
    relations = {table: f"model.{table}" for table in TABLES}
    found = portions(query, "duckdb", relations=relations, schemas=schemas, meaning=meaning)
    return {unique_id.removeprefix("model."): each for unique_id, each in found.items()}


def is_seen_again(table: str, portion: Portion, first: World, second: World) -> bool:
    """Whether a portion shows no difference between two worlds that differ in one table."""
    shown = [each.answer(asked(table, portion)) for each in (first, second)]
    assert None not in shown, asked(table, portion)
    names = list(shown[0][0]) if shown[0] else []
    return len(shown[0]) == len(shown[1]) and projected(shown[0], names) == projected(shown[1], names)


def asked(table: str, portion: Portion) -> str:
    """The portion as a query, written here once more and without the product's help."""
    conditions = [f"({each.tree.sql(dialect='duckdb')})" for each in portion.conditions]
    for each in portion.matches:
        other = each.unique_id.removeprefix("model.")
        conditions.append(f"exists (select 1 from {other} as other where other.{each.other} = it.{each.column})")
    if portion.aggregates is not None:
        shown = [f"{each.name}({each.column or '*'})::text as s{at}" for at, each in enumerate(portion.aggregates)]
    else:
        shown = [f"it.{name}::text as {name}" for name in sorted(portion.columns)] or ["1 as one"]
    where = f" where {' and '.join(conditions)}" if conditions else ""
    return f"select {', '.join(shown)} from {table} as it{where}"


@st.composite
def changes(draw: st.DrawFn, world: World, table: str) -> World:
    """A row more, or less, or another one instead."""
    rows = list(world.rows[table])
    if rows and draw(st.booleans()):
        del rows[draw(st.integers(0, len(rows) - 1))]
    if draw(st.booleans()):
        rows += draw(rows_of(table))[:1]
    return world.with_rows(table, tuple(draw(st.permutations(rows))))


@st.composite
def joined(draw: st.DrawFn) -> str:
    """Queries of the kind in which conditions decide what is seen, which chance seldom finds."""
    how = draw(st.sampled_from(["join", "left join", "right join", "full join"]))
    again = draw(st.sampled_from(["", "", " left join v as s on s.b = p.b", " join v as s on s.d = p.a",
                                  " full join v as s on s.b = p.b", " right join v as s on s.d = r.d"]))  # fmt: skip
    both = columns_of("p", TABLES["t"]) + columns_of("r", TABLES["u"])
    first = draw(st.sampled_from(["t", "(select * from t)", "(select a, b, c from t where b > 0)",
                                  "(select distinct a, b, c from t)"]))  # fmt: skip
    second = draw(st.sampled_from(["u", "w", "(select a, d, e from w where d is not null)"]))
    on = " and ".join([draw(st.sampled_from(["p.a = r.a", "r.a = p.b", "p.a = r.d"])),
                       *draw(st.lists(predicates(both, 0), max_size=2))])  # fmt: skip
    where = " and ".join(draw(st.lists(predicates(both, 1), max_size=2)))
    made = draw(st.sampled_from([f"{draw(scalars(both, 1))} as x, p.a as y", "sum(p.b) as x, count(*) as y",
                                 "p.a as x, r.d as y", "max(r.d) as x, 1 as y", "count(r.a) as x"]))  # fmt: skip
    text = f"select {made} from {first} as p {how} {second} as r on {on}{again}" + (f" where {where}" if where else "")
    return f"with w as (select u.* from u{draw(st.sampled_from(['', ' where u.d > 0', ' where e is null']))}) {text}"


@st.composite
def totals(draw: st.DrawFn) -> str:
    """One row of totals, each of its own part of a table."""
    made = []
    for name in "xyz"[: draw(st.integers(1, 3))]:
        table = draw(st.sampled_from(["t", "u"]))
        column = draw(st.sampled_from(["a", "b" if table == "t" else "d"]))
        how = draw(st.sampled_from([f"max({column})", "count(*)", f"sum({column}) + 1", f"min({column})"]))
        where = draw(st.sampled_from(["", f" where {draw(predicates(columns_of(table, TABLES[table]), 1))}"]))
        made.append(f"(select {how} from {table}{where}) as {name}")
    return f"select {', '.join(made)}"


@SETTINGS
@given(st.data(), st.one_of(queries(), joined(), joined(), totals()), WORLDS)
def test_who_sees_the_same_gives_the_same(data: st.DataObject, query: str, world: World) -> None:
    found = portions_of(query)
    assume(found)
    table = data.draw(st.sampled_from(sorted(found)))
    for other in [data.draw(changes(world, table)) for _ in range(4)]:
        is_same = all(is_seen_again(table, each, world, other) for each in found[table])
        whole = Counter(world.rows[table]) == Counter(other.rows[table])
        event(f"seen the same: {is_same}, is the same: {whole}")
        if is_same:
            first, second = world.answer(query), other.answer(query)
            assume(first is not None and second is not None)
            names = [*first[0]] if first else []
            told = f"\n{query}\n{table}\n{found[table]}\n{world}\n{other}"
            assert len(first) == len(second) and projected(first, names) == projected(second, names), told
