"""What grew from build to build and left the project goes on from its rows when it comes back."""

from __future__ import annotations

import pytest

SNAPSHOT = """
    {% snapshot history %}
    {{ config(strategy='check', unique_key='id', check_cols='all') }}
    select * from {{ source('ext', 't') }}
    {% endsnapshot %}
    """
GROWING = """
    {{ config(materialized='incremental') }} select id, v from {{ source('ext', 't') }}
    {% if is_incremental() %} where v not in (select v from {{ this }}) {% endif %}
    """


@pytest.fixture
def growing(one_table):
    """A snapshot and an incremental model that have seen two states of a table: a, then b."""
    one_table.arrives("create schema ext", "create table ext.t as select 1 as id, 'a' as v")
    one_table.write("models/sources.yml", "sources: [{name: ext, tables: [{name: t}]}]\n")
    one_table.write("snapshots/history.sql", SNAPSHOT)
    one_table.write("models/grown.sql", GROWING)
    one_table.dryland("apply", "--yes")
    one_table.arrives("update ext.t set v = 'b'")
    one_table.dryland("run", "--yes")
    return one_table


def released(project) -> str:
    """What the plan said of it."""
    told = project.dryland("plan").out
    project.dryland("apply", "--yes")
    return " ".join(told.split())


def leave(project) -> str:
    project.edit("snapshots/history.sql", "check_cols='all'", "check_cols='all', enabled=false")
    project.edit("models/grown.sql", "'incremental'", "'incremental', enabled=false")
    return released(project)


def come_back(project) -> str:
    project.edit("snapshots/history.sql", ", enabled=false", "")
    project.edit("models/grown.sql", ", enabled=false", "")
    return released(project)


def seen(project, schema: str = "main") -> tuple[list[str], list[str]]:
    """Values that the snapshot and the incremental model hold."""
    found = [project.sql(f"select v from {schema}.{name} order by 1") for name in ("history", "grown")]
    return [v for (v,) in found[0]], [v for (v,) in found[1]]


def test_its_rows_are_there_when_it_comes_back(growing) -> None:
    assert "the last rows of grown, history are kept out of sight" in leave(growing)
    assert growing.sql("select count(*) from duckdb_views() where view_name in ('history', 'grown')") == [(0,)]
    growing.write("models/other.sql", "select 1 as n")  # releases in between carry it along
    growing.dryland("apply", "--yes")
    growing.arrives("update ext.t set v = 'c'")
    assert "go on from the rows of then" in come_back(growing)
    assert seen(growing) == (["a", "b", "c"], ["a", "b", "c"])
    assert growing.building() == []


def test_garbage_collection_keeps_it_until_it_is_told_otherwise(growing) -> None:
    growing.write("dryland.yml", "retention: {releases: 1}\n")
    leave(growing)
    growing.write("models/other.sql", "select 1 as n")
    growing.dryland("apply", "--yes")
    growing.dryland("gc", "--yes")
    come_back(growing)
    assert seen(growing) == (["a", "b"], ["a", "b"])
    leave(growing)
    growing.edit("models/other.sql", "1", "2")
    growing.dryland("apply", "--yes")
    growing.dryland("gc", "--yes", "--removed")
    come_back(growing)
    assert seen(growing) == (["b"], ["b"])


def test_what_was_rolled_back_does_not_return(growing) -> None:
    """Going back to the release before it came gives up what it collected since."""
    growing.arrives("update ext.t set v = 'bad'")
    growing.dryland("run", "--yes")
    leave(growing)
    growing.dryland("rollback", "2", "--yes")
    assert seen(growing) == (["a", "b"], ["a", "b"])
    growing.arrives("update ext.t set v = 'good'")
    come_back(growing)
    growing.dryland("run", "--yes")
    assert seen(growing) == (["a", "b", "good"], ["a", "b", "good"])


def test_an_environment_inherits_what_rests(growing) -> None:
    leave(growing)
    growing.dryland("env", "create", "dev")
    growing.edit("snapshots/history.sql", ", enabled=false", "")
    growing.edit("models/grown.sql", ", enabled=false", "")
    growing.dryland("apply", "--yes", "-e", "dev")
    assert seen(growing, "main__dev") == (["a", "b"], ["a", "b"])
    assert growing.sql("select count(*) from duckdb_views() where schema_name = 'main' and view_name = 'grown'") == [
        (0,)
    ]


def test_columns_of_the_rows_that_it_had_are_columns_of_its_table(growing) -> None:
    leave(growing)
    growing.edit("models/grown.sql", "select id, v from", "select id, v, 1 as extra from")
    growing.write("models/reader.sql", "{{ config(materialized='table') }} select * from {{ ref('grown') }}")
    assert "grown is built without extra" in come_back(growing)
    assert growing.sql("select * from reader order by v") == [(1, "a"), (1, "b")]
