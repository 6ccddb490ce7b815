"""A source that gets, loses or turns a column is data that moved: a refresh takes it in, or says what it cannot do."""

from __future__ import annotations

import pytest


@pytest.fixture
def shaped(workspace):
    """All columns of a source, a table that counts them, and a table that names one."""
    workspace.write("dbt_project.yml", "name: w\nprofile: w\nmodels: {w: {+materialized: table}}\n")
    workspace.write("profiles.yml", "w: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n")
    workspace.write(
        "models/raw.yml", "sources: [{name: raw, schema: raw, tables: [{name: ev, loaded_at_field: ts}]}]\n"
    )
    workspace.write("models/st.sql", "select * from {{ source('raw', 'ev') }}")
    workspace.write("models/mart.sql", "select count(*) as n, max(ts) as last from {{ ref('st') }}")
    workspace.write("models/ids.sql", "select id + 1 as next from {{ source('raw', 'ev') }}")
    workspace.arrives("create schema raw", "create table raw.ev as select 1 as id, date '2026-01-01' as ts")
    workspace.dryland("apply", "--yes")
    return workspace


def stale(workspace) -> set[str]:
    return {row["name"] for row in workspace.dryland("ls", "--json").json["nodes"] if row["stale"]}


def test_a_column_that_arrives_is_taken_in_by_the_next_refresh(shaped) -> None:
    shaped.arrives("alter table raw.ev add column extra int", "insert into raw.ev values (2, '2026-01-02', 7)")
    shaped.dryland("run", "--yes")
    assert shaped.sql("select n from mart") == [(2,)]
    assert shaped.sql("select max(extra) from st") == [(7,)]
    assert "Nothing to do" in shaped.dryland("plan").out
    assert "Nothing moved" in shaped.dryland("plan", "--run").out


def test_a_type_that_turns_is_taken_in_too(shaped) -> None:
    shaped.arrives("alter table raw.ev alter id type bigint", "insert into raw.ev values (2, '2026-01-02')")
    shaped.dryland("run", "--yes")
    assert shaped.sql("select max(next) from ids") == [(3,)]
    assert "Nothing to do" in shaped.dryland("plan").out


def test_a_column_that_is_gone_makes_stale_who_needs_it(shaped) -> None:
    shaped.arrives("create or replace table raw.ev as select date '2026-01-02' as ts")
    answer = shaped.dryland("run", "--yes", code=1)
    assert "ids" in answer.out and stale(shaped) == {"ids"}
    assert shaped.sql("select next from ids") == [(2,)]
    assert shaped.sql("select last from mart")[0][0].isoformat() == "2026-01-02"


def test_a_source_that_is_gone_makes_stale_everything_behind_it(shaped) -> None:
    shaped.arrives("drop table raw.ev")
    answer = shaped.dryland("run", "--yes", code=1)
    assert stale(shaped) == {"st", "mart", "ids"}
    assert "ev" in answer.out
    assert shaped.sql("select n from mart") == [(1,)]


def test_code_that_was_not_released_stays_where_it_is(shaped) -> None:
    shaped.edit("models/ids.sql", "id + 1", "id + 1000")
    shaped.arrives("alter table raw.ev add column extra int", "insert into raw.ev values (2, '2026-01-02', 7)")
    shaped.dryland("run", "--yes")
    assert shaped.sql("select max(next) from ids") == [(2,)]
    assert shaped.sql("select n from mart") == [(2,)]


@pytest.mark.slow
def test_the_incremental_form_is_code_too(shaped) -> None:
    """What was not released does not get out with a refresh, in whichever form it is written."""
    text = (
        "{{{{ config(materialized='incremental', unique_key='id') }}}}\n"
        "select id, ts from {{{{ source('raw', 'ev') }}}}\n"
        "{{% if is_incremental() %}} where ts > '{since}' {{% endif %}}"
    )
    shaped.write("models/book.sql", text.format(since="2020-01-01"))
    shaped.dryland("apply", "--yes")
    shaped.write("models/book.sql", text.format(since="2030-01-01"))
    shaped.arrives("insert into raw.ev values (2, '2026-01-02')")
    shaped.dryland("run", "--yes")
    assert shaped.sql("select id from book order by 1") == [(1,)]
    (change,) = shaped.dryland("plan", "--json").json["changes"]
    assert (change["node"].rpartition(".")[2], change["reason"]) == ("book", "its code changed")
    shaped.write("models/book.sql", text.format(since="2020-01-01"))
    shaped.dryland("run", "--yes")
    assert shaped.sql("select id from book order by 1") == [(1,), (2,)]


@pytest.mark.slow
def test_a_model_that_was_only_reformatted_takes_a_column_in_as_well(shaped) -> None:
    shaped.write("models/st.sql", "-- all of it\nSELECT\n  *\nFROM {{ source('raw', 'ev') }}\n")
    assert "Nothing to do" in shaped.dryland("apply", "--yes").err + shaped.dryland("plan").out
    shaped.arrives("alter table raw.ev add column extra int", "insert into raw.ev values (2, '2026-01-02', 7)")
    shaped.dryland("run", "--yes")
    assert shaped.sql("select max(extra) from st") == [(7,)]
    assert "Nothing to do" in shaped.dryland("plan").out


@pytest.mark.slow
def test_so_does_one_that_prints_the_clock(shaped) -> None:
    shaped.write("models/stamped.sql", "select *, '{{ run_started_at }}' as at_run from {{ source('raw', 'ev') }}")
    shaped.dryland("apply", "--yes")
    shaped.arrives("alter table raw.ev add column extra int", "insert into raw.ev values (2, '2026-01-02', 7)")
    shaped.dryland("run", "--yes")
    assert shaped.sql("select max(extra) from stamped") == [(7,)]


def test_a_field_of_freshness_that_is_not_there_is_no_matter_of_a_release(shaped) -> None:
    """`dryland freshness` tells it; a release goes on without knowing whether the source moved."""
    shaped.edit("models/raw.yml", "loaded_at_field: ts", "loaded_at_field: loaded_at")
    shaped.dryland("apply", "--yes")
    shaped.arrives("insert into raw.ev values (2, '2026-01-02')")
    shaped.dryland("run", "--yes")
    assert shaped.sql("select count(*) from st") == [(2,)]
