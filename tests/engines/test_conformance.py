"""What every engine must do, written against the protocols; a new engine joins the list at the top."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dryland.engines.protocol import Engine, Publication
from dryland.engines.registry import Address, open_engine
from dryland.engines.relation import Relation
from dryland.errors import DrylandError, InTheWayError, ModelError, QueryError, UnsupportedError

STORE = "dryland_store"
ENGINES = {"duckdb": lambda root: Address({"type": "duckdb", "path": str(root / "w.duckdb")}, "w", root, STORE)}
HOSTILE = (
    "plain", "With Capitals", "select", 'quo"te', "semi;colon", "drop table x; --", "per%cent", "ünïcødé", "表", "a.b",
    "0digit", "long_" * 12, "it's", "back`tick", "tab\there",
)  # fmt: skip


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine(request.param, ENGINES[request.param](tmp_path))
    with opened.session() as session:
        session.create_schema([(opened.database, STORE), (opened.database, "readers")])
    yield opened
    opened.close()


def at(engine: Engine, name: str, schema: str = STORE) -> Relation:
    return Relation(engine.database, schema, name)


def make(engine: Engine, name: str, query: str = "select 1 as x", schema: str = STORE) -> Relation:
    relation = at(engine, name, schema)
    with engine.session() as session:
        session.create_table_as(relation, query)
    return relation


def rows(engine: Engine, relation: Relation) -> list[tuple]:
    with engine.session() as session:
        return list(session.fetch(f"select * from {engine.render(relation)}").rows)


def kinds(engine: Engine, schema: str) -> dict[str, str]:
    return {found.relation.name: found.kind for found in engine.list_relations([(engine.database, schema)])}


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_is_a_name(engine: Engine, name: str) -> None:
    store, reader = make(engine, name, "select 7 as x"), at(engine, name, "readers")
    engine.publish(Publication(name, 1, {reader: store}))
    assert rows(engine, reader) == [(7,)]
    assert kinds(engine, "readers") == {name: "view"}
    assert list(engine.columns([store])) == [store]
    assert engine.published() == {name: 1}
    engine.publish(Publication(name, 2, {}, (reader,)))
    assert kinds(engine, "readers") == {}
    with engine.session() as session:
        session.drop([(store, "table")])
    assert name not in kinds(engine, STORE)


def test_a_publication_is_all_or_nothing(engine: Engine) -> None:
    old, new = make(engine, "old", "select 1 as x"), make(engine, "new", "select 2 as x")
    first, second = at(engine, "a", "readers"), at(engine, "b", "readers")
    engine.publish(Publication("prod", 1, {first: old, second: old}))
    with pytest.raises(DrylandError):
        engine.publish(Publication("prod", 2, {first: new, second: at(engine, "not_there")}))
    assert (rows(engine, first), rows(engine, second)) == ([(1,)], [(1,)])
    assert engine.published() == {"prod": 1}


def test_a_table_of_somebody_else_is_never_replaced(engine: Engine) -> None:
    theirs = make(engine, "orders", "select 99 as x", schema="readers")
    ours = make(engine, "orders__1")
    with pytest.raises(InTheWayError, match="orders"):
        engine.publish(Publication("prod", 1, {theirs: ours}))
    assert rows(engine, theirs) == [(99,)]
    assert engine.published() == {}


def test_what_is_taken_over_is_handed_back_as_it_was(engine: Engine) -> None:
    theirs = make(engine, "orders", "select 99 as x", schema="readers")
    view = at(engine, "top_orders", "readers")
    with engine.session() as session:
        session.create_view(view, f"select x + 1 as y from {engine.render(theirs)}")
    store = {theirs: at(engine, "orders__a"), view: at(engine, "top_orders__a")}
    engine.publish(Publication("prod", 1, store, moves=store))
    assert kinds(engine, "readers") == {"orders": "view", "top_orders": "view"}
    assert (rows(engine, theirs), rows(engine, view)) == ([(99,)], [(100,)])
    engine.publish(Publication("prod", 2, {}, returns=store))
    assert kinds(engine, "readers") == {"orders": "table", "top_orders": "view"}
    assert (rows(engine, theirs), rows(engine, view)) == ([(99,)], [(100,)])


def test_columns_and_types_are_told_in_their_order(engine: Engine) -> None:
    relation = make(
        engine, "typed", "select 1 as b, 'x' as a, cast(1.5 as decimal(10, 2)) as c, date '2026-01-01' as d"
    )
    found = engine.columns([relation, at(engine, "not_there")])
    assert [column.name for column in found[relation]] == ["b", "a", "c", "d"]
    assert found.keys() == {relation}
    with engine.session() as session:
        described = session.describe(f"select * from {engine.render(relation)}")
        nothing = session.describe("select 1 as x where false")
    assert tuple(described) == found[relation]
    assert [column.name for column in nothing] == ["x"]


def test_a_transaction_that_fails_leaves_nothing(engine: Engine) -> None:
    with engine.session() as session, pytest.raises(ZeroDivisionError), session.transaction():
        session.create_table_as(at(engine, "half"), "select 1 as x")
        raise ZeroDivisionError
    assert kinds(engine, STORE) == {}


def test_a_clone_changes_on_its_own(engine: Engine) -> None:
    source = make(engine, "source")
    copy = at(engine, "copy")
    with engine.session() as session:
        session.clone_table(source, copy)
        session.execute(f"insert into {engine.render(copy)} values (2)")
    assert (rows(engine, source), sorted(rows(engine, copy))) == ([(1,)], [(1,), (2,)])


def test_a_csv_file_is_loaded_with_its_types(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "it's a file.csv"
    file.write_text('id;name;day\n1;"semi;colon";2026-01-01\n2;;\n')
    with engine.session() as session:
        session.load_csv(at(engine, "loaded"), str(file), {"id": "bigint", "name": "text", "day": "date"}, ";")
    assert [(row[0], row[1], str(row[2])) for row in rows(engine, at(engine, "loaded"))] == [
        (1, "semi;colon", "2026-01-01"), (2, None, "None"),
    ]  # fmt: skip


def test_data_that_is_no_table_is_refused(engine: Engine) -> None:
    with engine.session() as session, pytest.raises(ModelError, match="cannot make a table of 'int'"):
        session.load(at(engine, "loaded"), 42)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_query_is_written_to_a_file(engine: Engine, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"out.{ending}"
    with engine.session() as session:
        assert session.copy_to_file("select 1 as a, 'x' as b", str(file)) == 1
        assert session.fetch(f"select * from '{file}'").rows == ((1, "x"),)


def test_a_long_statement_is_cancelled_from_another_thread(engine: Engine) -> None:
    threading.Timer(0.5, engine.cancel).start()
    began = time.monotonic()
    with engine.session() as session, pytest.raises(DrylandError):
        session.fetch("select count(*) from range(60000000) a, range(60000) b where a.range + b.range = 7")
    assert time.monotonic() - began < 15
    with engine.session() as session:
        assert session.fetch("select 1").rows == ((1,),)


def test_a_wrong_query_is_an_error_of_ours_with_the_engines_advice(engine: Engine) -> None:
    make(engine, "orders", "select 1 as amount")
    with engine.session() as session, pytest.raises(QueryError) as raised:
        session.fetch(f"select amont from {engine.render(at(engine, 'orders'))}")
    assert "amont" in raised.value.message
    assert "amount" in raised.value.hint


def test_syntax_is_checked_without_running(engine: Engine) -> None:
    assert engine.syntax_error("select 1 as x") is None
    found = engine.syntax_error("select 1\nfrom where")
    assert found is not None and found[1] == 2


def test_what_an_environment_published_is_forgotten_with_it(engine: Engine) -> None:
    engine.publish(Publication("prod", 1, {}))
    engine.publish(Publication("dev", 2, {}))
    engine.forget("dev")
    assert engine.published() == {"prod": 1}


def test_an_engine_that_is_not_there_says_which_are(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="there is no engine `oracle`") as raised:
        open_engine("oracle", Address({}, "x", tmp_path, STORE))
    assert "duckdb" in raised.value.hint


@pytest.mark.parametrize("kind", ENGINES)
def test_a_process_that_is_killed_while_it_builds_leaves_a_whole_warehouse(kind: str, tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from dryland.engines.registry import Address, open_engine
from dryland.engines.relation import Relation
root = Path({str(tmp_path)!r})
engine = open_engine({kind!r}, Address({{"type": "duckdb", "path": str(root / "w.duckdb")}}, "w", root, {STORE!r}))
with engine.session() as session:
    session.create_schema([(engine.database, {STORE!r})])
    session.create_table_as(Relation(engine.database, {STORE!r}, "done"), "select 1 as x")
    print("building", flush=True)
    query = "select a.range as x from range(100000000) a, range(3) b"
    session.create_table_as(Relation(engine.database, {STORE!r}, "half"), query)
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "building\n"
    time.sleep(0.7)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    opened = open_engine(kind, ENGINES[kind](tmp_path))
    try:
        assert kinds(opened, STORE) == {"done": "table"}
        assert rows(opened, at(opened, "done")) == [(1,)]
    finally:
        opened.close()
