"""Readers are built again when anything moved that decides rows: data, hooks, keys, types, the clock."""

from __future__ import annotations

import pytest

ASKS = "{% set n = run_query('select 1 as a').columns[0].values()[0] if execute else 0 %}"
TABLE = "{{ config(materialized='table') }}"
SOURCES = """
    version: 2
    sources:
      - name: ext
        tables: [{name: t}, {name: u}]
    """

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("materialized", ["table", "view"])
def test_readers_follow_what_asked_about_the_outside(one_table, materialized) -> None:
    one_table.arrives("create schema ext", "create table ext.t as select 1 as v")
    one_table.write(
        "models/x.sql",
        f"{{{{ config(materialized='{materialized}') }}}}{{% set v = run_query('select max(v) as v from ext.t')"
        ".columns[0].values()[0] if execute else 0 %} select {{ v }} as v",
    )
    one_table.write("models/y.sql", TABLE + " select v * 10 as v from {{ ref('x') }}")
    one_table.dryland("apply", "--yes")
    one_table.arrives("update ext.t set v = 2")
    one_table.dryland("run", "--yes")
    assert (one_table.sql("from x"), one_table.sql("from y")) == ([(2,)], [(20,)])
    assert one_table.building() == []


def test_a_late_template_that_asks_the_clock_is_asked_again(one_table) -> None:
    one_table.write(
        "models/x.sql", TABLE + ASKS.replace("select 1", "select now()::varchar") + " select '{{ n }}' as v"
    )
    one_table.dryland("apply", "--yes")
    before = one_table.sql("from x")
    one_table.dryland("run", "--yes")
    assert one_table.sql("from x") != before


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ("config: {column_types: {a: integer}}", "config: {column_types: {a: double}}", "seeds/s.yml"),
        ("as 1;", "as 2;", "models/x.sql"),
        (", unique_key='a'", "", "models/x.sql"),
    ],
    ids=["types of a seed", "a header", "a key"],
)
def test_readers_follow_configuration_that_shapes_rows(one_table, before, after, path) -> None:
    one_table.write("seeds/s.csv", "a\n5\n")
    one_table.write("seeds/s.yml", "version: 2\nseeds:\n  - name: s\n    config: {column_types: {a: integer}}\n")
    header = "{% call set_sql_header(config) %}create or replace temp macro f() as 1;{% endcall %}"
    one_table.write(
        "models/x.sql",
        header + "{{ config(materialized='incremental', unique_key='a') }} select a, f() as f from {{ ref('s') }}",
    )
    one_table.write(
        "models/y.sql", TABLE + " select a::varchar || '|' || f || '|' || typeof(a) as v from {{ ref('x') }}"
    )
    one_table.write("models/z.sql", TABLE + " select typeof(a) as v from {{ ref('s') }}")
    one_table.dryland("apply", "--yes")
    one_table.edit(path, before, after)
    one_table.dryland("apply", "--yes")
    assert sorted(one_table.sql("from y")) == sorted(
        one_table.sql("select a::varchar || '|' || f || '|' || typeof(a) from x")
    )
    assert one_table.sql("from z") == one_table.sql("select typeof(a) from s")


@pytest.mark.parametrize(
    "hook",
    [
        "insert into {{ this }} select id from {{ ref('zz') }}",
        "{% set n = run_query('select max(id) from ' ~ ref('zz')).columns[0].values()[0] %}"
        "insert into {{ this }} select {{ n }}",
        "insert into {{ this }} select v from {{ source('ext', 't') }}",
        "insert into {{ this }} select v from ext.t",
    ],
)
def test_what_a_hook_reads_is_an_input(one_table, hook) -> None:
    one_table.arrives("create schema ext", "create table ext.t as select 1 as v")
    one_table.write("models/sources.yml", SOURCES)
    one_table.write("models/zz.sql", TABLE + " select v as id from {{ source('ext', 't') }}")
    one_table.write("models/b.sql", f'{{{{ config(materialized="table", post_hook="{hook}") }}}} select 0 as id')
    one_table.dryland("apply", "--yes")
    assert sorted(one_table.sql("from b")) == [(0,), (1,)]
    assert one_table.building() == []
    one_table.arrives("update ext.t set v = 2")
    one_table.dryland("run", "--yes")
    assert sorted(one_table.sql("from b")) == [(0,), (2,)]


def test_this_is_the_table_of_the_same_environment(one_table) -> None:
    one_table.write(
        "models/x.sql",
        TABLE + "{% set r = load_relation(this) if execute else none %}{% set v = run_query('select max(v) as v from '"
        " ~ this).columns[0].values()[0] if r else 0 %} select {{ v }} + 1 as v",
    )
    one_table.dryland("apply", "--yes")
    one_table.dryland("run", "--yes")
    assert one_table.sql("from x") == [(2,)]
    one_table.dryland("apply", "--yes", "-e", "dev")
    one_table.edit("models/x.sql", "+ 1 as v", "+ 100 as v")
    one_table.dryland("apply", "--yes", "-e", "fresh")
    assert one_table.sql("from main__fresh.x") == [(100,)]


def test_settings_of_the_warehouse_that_decide_values_are_code(one_table) -> None:
    one_table.write("models/x.sql", TABLE + " select 5 / 2 as v, 'a' = 'A' as w")
    one_table.dryland("apply", "--yes")
    one_table.edit("profiles.yml", "threads: 4", "threads: 2, settings: {memory_limit: 1GB}")
    assert one_table.building() == []
    one_table.edit("profiles.yml", "1GB", "1GB, integer_division: true")
    assert "its configuration changed" in one_table.dryland("plan").out
    one_table.dryland("apply", "--yes")
    assert one_table.sql("select v from x") == [(2,)]
    one_table.edit("profiles.yml", "integer_division: true", "integer_division: true, default_collation: nocase")
    one_table.dryland("apply", "--yes")
    assert one_table.sql("select w from x") == [(True,)]
    assert one_table.building() == []
