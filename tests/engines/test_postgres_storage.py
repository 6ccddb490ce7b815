"""How tables are kept on PostgreSQL: indexes, statistics, and tables that the server does not log."""

from __future__ import annotations

from typing import Any

import pytest
from opening import STORE, at, kinds, rows

from dryland.engines.protocol import Engine
from dryland.engines.relation import Index, Relation, Storage
from dryland.errors import QueryError


def stored(engine: Engine, name: str, query: str, storage: Storage) -> Relation:
    relation = at(engine, name)
    with engine.session() as session:
        session.storage = storage
        session.create_table_as(relation, query)
        session.finish(relation)
    return relation


def told(engine: Engine, query: str) -> Any:
    with engine.session() as session:
        return session.fetch(query).rows


def test_a_table_has_its_indexes_and_the_planner_knows_it(warehouse: Engine) -> None:
    by_id, by_name = Index(("id",), is_unique=True), Index(("lower(name)", "id desc"), method="btree")
    storage = Storage((by_id, by_name, Index(("id",), method="hash")))
    stored(warehouse, 'it\'s "odd"', "select g as id, 'x' as name from generate_series(1, 500) as g", storage)
    found = [row[0] for row in told(warehouse, "select indexdef from pg_indexes where schemaname = 'dryland_store'")]
    assert sorted(each.partition(" USING ")[2] for each in found) == [
        "btree (id)", "btree (lower(name), id DESC)", "hash (id)",
    ]  # fmt: skip
    assert sum("UNIQUE" in each for each in found) == 1
    assert told(warehouse, "select reltuples from pg_class where relkind = 'r' and relname like 'it%s%'") == ((500.0,),)


def test_a_copy_of_a_table_keeps_its_keys_and_gets_its_indexes_once_it_is_filled(warehouse: Engine) -> None:
    source, copy = at(warehouse, "source"), at(warehouse, "copy")
    with warehouse.session() as session:
        session.execute(
            f"create table {warehouse.render(source)} (id int primary key, at date not null default '2026-01-01', "
            "check (id > 0), unique (at, id)); insert into dryland_store.source select g from generate_series(1, 5) g"
        )
        session.clone_table(source, copy)
        with pytest.raises(QueryError, match="duplicate key"):
            session.execute(f"insert into {warehouse.render(copy)} (id) values (3)")
        with pytest.raises(QueryError, match="check constraint"):
            session.execute(f"insert into {warehouse.render(copy)} (id) values (-3)")
        session.execute(f"insert into {warehouse.render(copy)} (id) values (6)")
    assert len(rows(warehouse, copy)) == 6 and len(rows(warehouse, source)) == 5
    count = "select count(*) from pg_indexes where tablename = 'copy'"
    assert told(warehouse, count) == ((2,),)


@pytest.mark.slow
def test_an_unlogged_table_that_a_crash_has_emptied_is_not_there(warehouse: Engine, postgres_server: Any) -> None:
    """Or a build without rows would be taken for the build with this key."""
    stored(warehouse, "logged", "select 1 as x", Storage())
    stored(warehouse, "full", "select 1 as x", Storage(is_unlogged=True))
    stored(warehouse, "empty", "select 1 as x where false", Storage(is_unlogged=True))
    everything = dict.fromkeys(("empty", "full", "logged"), "table")
    assert kinds(warehouse, STORE) == everything
    told(warehouse, "checkpoint")  # a test's server is in no hurry to write down what is committed
    postgres_server.crash()
    assert rows(warehouse, at(warehouse, "logged")) == [(1,)]
    assert kinds(warehouse, STORE) == {"empty": "table", "logged": "table"}
    stored(warehouse, "full", "select 1 as x", Storage(is_unlogged=True))
    assert kinds(warehouse, STORE) == everything
