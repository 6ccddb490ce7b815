"""Who asks for one table gets what is behind it by now; a source that is pointed elsewhere is other code."""

from __future__ import annotations

import pytest

PROFILE = "sown: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n"
SOURCES = "sources: [{name: raw, schema: one, tables: [{name: t, loaded_at_field: at_}]}]\n"


@pytest.fixture
def piped(workspace):
    """A table over a view over a source, released."""
    workspace.write("dbt_project.yml", "name: sown\nprofile: sown\n")
    workspace.write("profiles.yml", PROFILE)
    workspace.write("models/sources.yml", SOURCES)
    workspace.write("models/staged.sql", "select id from {{ source('raw', 't') }}")
    workspace.write("models/flat.sql", "{{ config(materialized='table') }} select * from {{ ref('staged') }}")
    for schema, first in (("one", 1), ("two", 7)):
        workspace.arrives(f"create schema {schema}")
        workspace.arrives(f"create table {schema}.t as select {first} as id, timestamp '2024-01-01' as at_")
    workspace.dryland("apply", "--yes")
    return workspace


def test_rows_come_through_a_view_that_nobody_asked_for(piped) -> None:
    piped.arrives("insert into one.t values (2, '2024-01-02')")
    piped.dryland("run", "--yes", "--select", "flat")
    assert piped.sql("from main.flat order by 1") == [(1,), (2,)]


def test_an_edited_view_is_not_released_with_what_reads_it(piped) -> None:
    piped.write("models/staged.sql", "select id, 5 as five from {{ source('raw', 't') }}")
    piped.write("models/flat.sql", "{{ config(materialized='table') }} select id as id2 from {{ ref('staged') }}")
    piped.dryland("apply", "--yes", "--select", "flat")
    assert piped.sql("from main.flat") == piped.sql("from main.staged") == [(1,)]


def test_a_source_that_is_pointed_elsewhere_is_other_code(piped) -> None:
    piped.write("models/sources.yml", SOURCES.replace("one", "two"))
    piped.dryland("apply", "--yes")
    assert piped.sql("from main.flat") == piped.sql("from main.staged") == [(7,)]
