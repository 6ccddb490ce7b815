"""What counts as the same gives the same rows: the promise on which every reuse stands.

Random queries are changed at random; both run on DuckDB over random data. Where the meanings agree, so must the rows.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlglot
from hypothesis import HealthCheck, assume, event, given, reject, settings
from hypothesis import strategies as st
from mutations import changed
from queries import LISTS, TABLES, queries, selects
from sqlglot import exp
from sqlglot.errors import ParseError
from worlds import WORLDS, World, meaning_of, projected

from dryland.errors import SqlError
from dryland.sql.analyse import analyse
from dryland.sql.meaning import ROWS, Meaning, Part
from dryland.sql.versions import evaluate
from dryland.state.records import Versions

pytestmark = pytest.mark.slow  # hundreds of queries, run before and after

SETTINGS = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
DEEP, QUICK = settings(SETTINGS, max_examples=90), settings(SETTINGS, max_examples=25)
KNOWN = st.sampled_from([*[frozenset(TABLES)] * 3, frozenset(), frozenset("t"), frozenset("uv")])
SEVERAL = st.lists(WORLDS, min_size=2, max_size=2)
COLUMNS = st.sampled_from([(table, name) for table, names in TABLES.items() for name in names])


def understood(query: str, known: frozenset[str] = frozenset(TABLES)) -> Meaning:
    """Its meaning, where it has one in parts."""
    try:
        meaning = meaning_of(query, known)
    except SqlError:
        meaning = None
    assume(meaning is not None and meaning.columns is not None)
    return meaning


def assert_same_answers(one: str, other: str, worlds: list[World], names: tuple[str, ...]) -> None:
    """Both queries give the same rows, as far as these columns show."""
    for world in worlds:
        first, second = world.answer(one), world.answer(other)
        assume(first is not None and second is not None)
        assert projected(first, names) == projected(second, names), f"\n{one}\n{other}\n{names}\n{world}"


@pytest.mark.slow
@DEEP
@given(st.data(), queries(), SEVERAL, KNOWN)
def test_parts_that_mean_the_same_have_the_same_rows(
    data: st.DataObject, before: str, worlds: list[World], known: frozenset[str]
) -> None:
    after = data.draw(changed(before))
    old, new = understood(before, known), understood(after, known)
    event(f"rows {'same' if old.rows == new.rows else 'differ'}")
    assume(old.rows == new.rows)
    same = tuple(name for name, part in old.columns.items() if new.columns.get(name) == part)
    event(f"columns kept: {len(same)} of {len(old.columns)}")
    assert_same_answers(before, after, worlds, same)


@pytest.mark.slow
@DEEP
@given(st.data(), selects(TABLES), SEVERAL)
def test_a_reader_whose_versions_stay_has_the_same_rows(
    data: st.DataObject, model: tuple[str, list[str]], worlds: list[World]
) -> None:
    """The whole promise: a model changes, and what is not rebuilt downstream need not be."""
    before, names = model
    after = data.draw(changed(before))
    tables = {"m": names, "u": TABLES["u"]}
    reader = data.draw(queries(tables))
    (old, old_columns), (new, new_columns) = (_read_through(each, reader) for each in (before, after))
    assume(old.rows == new.rows)
    same = tuple(name for name in old_columns if name in new_columns and old.of(name) == new.of(name))
    event(f"columns kept: {len(same)} of {len(old_columns)}")
    for world in worlds:
        first, second = world.answer(reader, [("m", before)]), world.answer(reader, [("m", after)])
        assume(first is not None and second is not None)
        assert projected(first, same) == projected(second, same), f"\n{before}\n{after}\n{reader}\n{same}\n{world}"


def _read_through(model: str, reader: str) -> tuple[Versions, list[str]]:
    """The versions of a reader of a model, and its columns."""
    meaning = understood(model)
    inputs = {f"model.{table}": Versions("rows", {name: name for name in names}) for table, names in TABLES.items()}
    schemas = {f"model.{table}": names for table, names in TABLES.items()}
    relations = {table: f"model.{table}" for table in (*TABLES, "m")}
    try:
        read = analyse(reader, "duckdb", relations=relations, schemas={**schemas, "model.m": tuple(meaning.columns)})
    except SqlError:
        read = None
    assume(read is not None and read.columns is not None)
    assume(meaning.inputs | read.inputs <= {*inputs, "model.m"})  # a change may have made up a table
    return evaluate(read, {**inputs, "model.m": evaluate(meaning, inputs)}), list(read.columns)


@pytest.mark.slow
@DEEP
@given(queries(), SEVERAL, WORLDS, COLUMNS, KNOWN)
def test_a_column_that_is_not_read_does_not_matter(
    query: str, worlds: list[World], other: World, cell: tuple[str, str], known: frozenset[str]
) -> None:
    """Other values in an input's column change only what says that it reads it."""
    meaning = understood(query, known)
    table, name = cell
    read = (f"model.{table}", name)
    assume(read not in meaning.rows.reads)
    untouched = tuple(column for column, part in meaning.columns.items() if read not in part.reads)
    place = TABLES[table].index(name)
    values = [row[place] for row in other.rows[table]] or [() if name in LISTS else None]
    for world in worlds:
        rows = tuple(
            (*row[:place], values[number % len(values)], *row[place + 1 :])
            for number, row in enumerate(world.rows[table])
        )
        first, second = world.answer(query), world.with_rows(table, rows).answer(query)
        assume(first is not None and second is not None)
        assert projected(first, untouched) == projected(second, untouched), f"\n{query}\n{cell}\n{untouched}\n{world}"


@pytest.mark.slow
@DEEP
@given(queries(), SEVERAL, WORLDS, st.sampled_from(sorted(TABLES)), KNOWN)
def test_a_table_that_is_not_read_does_not_matter(
    query: str, worlds: list[World], other: World, table: str, known: frozenset[str]
) -> None:
    """Not even how many rows it has."""
    meaning = understood(query, known)

    def reads(part: Part) -> bool:
        return any(unique_id == f"model.{table}" for unique_id, _ in part.reads)

    assume(not reads(meaning.rows))
    untouched = tuple(column for column, part in meaning.columns.items() if not reads(part))
    for world in worlds:
        first, second = world.answer(query), world.with_rows(table, other.rows[table]).answer(query)
        assume(first is not None and second is not None)
        assert projected(first, untouched) == projected(second, untouched), f"\n{query}\n{table}\n{untouched}\n{world}"


@pytest.mark.slow
@DEEP
@given(queries(), WORLDS)
def test_the_columns_of_a_meaning_are_those_of_the_answer(query: str, world: World) -> None:
    meaning, rows = understood(query), world.answer(query)
    assume(rows)
    assert list(meaning.columns) == list(rows[0])


@QUICK
@given(queries())
def test_formatting_is_not_meaning(query: str) -> None:
    """Capitals (but of names that are given: readers see those), white space, comments, a formatter's ways."""
    tree = sqlglot.parse_one(query, dialect="duckdb")
    loud = tree.sql("duckdb", pretty=True, comments=False)
    spaced = "-- said before\n" + query.replace(" ", "\n  ").replace("select", "/* here */ SELECT")
    assert meaning_of(spaced) == meaning_of(query)
    if meaning_of(query).columns is not None:
        capitals = re.sub(r"('\w*'|(?<=\bas )\w+)|(\w+)", lambda each: each[1] or each[2].upper(), query)
        assert meaning_of(capitals) == meaning_of(query)
    if sqlglot.parse_one(loud, dialect="duckdb") == tree:  # it also rewrites some joins
        assert meaning_of(loud) == meaning_of(query)


@QUICK
@given(queries())
def test_the_names_of_tables_and_ctes_are_not_meaning(query: str) -> None:
    assume(meaning_of(query).columns is not None)
    renamed = re.sub(r"\b(p|r|q|m|w2|inside)\b(?=[. (,)]|$)", r"\1_renamed", query)
    assert meaning_of(renamed) == meaning_of(query), renamed


@QUICK
@given(queries(), st.sampled_from(["unused", "u_2"]))
def test_a_cte_that_nobody_reads_is_not_meaning(query: str, name: str) -> None:
    more = query[5:] if query.startswith("with ") else None
    text = f"with {name} as (select d from u), {more}" if more else f"with {name} as (select d from u) {query}"
    before, after = meaning_of(query), meaning_of(text)
    if before.columns is not None:
        assert (after.rows, after.columns) == (before.rows, before.columns)


@QUICK
@given(st.data(), queries())
def test_a_query_that_is_not_understood_counts_as_a_whole(data: st.DataObject, query: str) -> None:
    """It reads all of every table, and any change of its tree is a change."""
    opaque = f"select #1 as z from ({query}) as z"
    meaning = meaning_of(opaque)
    assert meaning.columns is None and meaning.reason
    assert meaning.rows.reads == {(unique_id, "*") for unique_id in meaning.inputs}
    assert meaning.inputs >= meaning_of(query).inputs
    after = data.draw(changed(opaque))
    assume(in_one_order(parsed(after)) != in_one_order(parsed(opaque)))
    assert meaning_of(after).rows != meaning.rows


def parsed(text: str) -> exp.Expr:
    """The tree; of what is no SQL any more nothing is asked."""
    try:
        return sqlglot.parse_one(text, dialect="duckdb")
    except ParseError:
        reject()


def in_one_order(value: Any) -> Any:
    """A tree as a value, alike for trees that differ only in an order that means nothing."""
    if isinstance(value, list):
        return tuple(in_one_order(each) for each in value)
    if not isinstance(value, exp.Expr):
        return repr(value)
    node = value.unnest() if isinstance(value, exp.Paren) else value
    if isinstance(node, exp.And | exp.Or):
        return type(node), tuple(sorted(repr(in_one_order(each)) for each in node.flatten()))
    if isinstance(node, exp.EQ | exp.NEQ | exp.In | exp.Group | exp.GT | exp.GTE):
        parts = [in_one_order(each) for each in node.iter_expressions()]
        return type(node), tuple(sorted(map(repr, parts)))
    return type(node), tuple((key, in_one_order(each)) for key, each in sorted(node.args.items()))


def test_counting_rows_reads_which_rows_there_are() -> None:
    assert meaning_of("select count(*) as n from t").rows.reads == {("model.t", ROWS)}
    assert meaning_of("select a from t where b = 1").rows.reads == {("model.t", ROWS), ("model.t", "b")}
