"""A verdict holds for what was looked at: what nobody judged is not published, and is asked again when it moved."""

from __future__ import annotations

import pytest

TABLE = "{{ config(materialized='table') }}"
SOURCES = """
    version: 2
    sources:
      - name: ext
        tables: [{name: t}, {name: u}]
    """
UNIT_TEST = """
    version: 2
    unit_tests:
      - name: one
        model: m
        given: [{input: "INPUT", rows: [{a: 5}]}]
        expect: {rows: [{v: VALUE}]}
    """

pytestmark = pytest.mark.slow


def test_a_test_knows_the_ephemeral_models_that_it_reads(one_table) -> None:
    one_table.arrives("create schema ext", "create table ext.t as select 1 as id where false")
    one_table.write(
        "models/e.sql",
        "{{ config(materialized='ephemeral') }} select * from {{ ref('a') }} where id > {{ var('m', 5) }}",
    )
    one_table.write("models/e2.sql", "{{ config(materialized='ephemeral') }} select e.* from {{ ref('e') }} e")
    one_table.write(
        "models/o.sql", "{{ config(materialized='ephemeral') }} select a.* from {{ ref('a') }} a join ext.t using (id)"
    )
    one_table.write(
        "models/l.sql",
        "{{ config(materialized='ephemeral') }}{% set n = run_query('select count(*) as n from ext.t').columns[0]"
        ".values()[0] if execute else 0 %} select * from {{ ref('a') }} where {{ n }} > 0",
    )
    one_table.write("tests/v.sql", "select * from {{ ref('l') }}")
    one_table.write("tests/t.sql", "select * from {{ ref('e2') }}")
    one_table.write("tests/u.sql", "select * from {{ ref('o') }}")
    one_table.dryland("apply", "--yes")
    one_table.dryland("check")
    assert "fail t:" in one_table.dryland("check", "--vars", "m: 0", code=1).out
    one_table.arrives("insert into ext.t values (1)")
    said = one_table.dryland("check", code=1).out
    assert "fail u:" in said
    assert "fail v:" in said


@pytest.mark.parametrize("bad", ["null", "'no number'"], ids=["refused", "not built"])
def test_a_check_of_two_tables_holds_for_what_is_published(one_table, bad) -> None:
    """What was judged beside a candidate that stays unseen, or could not be judged, waits with it."""
    one_table.arrives(
        "create schema ext", "create table ext.t as select 1 as id, '1' as x", "create table ext.u as select 1 as id"
    )
    one_table.write("models/sources.yml", SOURCES)
    one_table.write("models/pp.sql", TABLE + " select id, x::int as x from {{ source('ext', 't') }}")
    one_table.write("models/c.sql", TABLE + " select id as pid from {{ source('ext', 'u') }}")
    one_table.write(
        "models/p.yml",
        """
        version: 2
        models:
          - name: pp
            columns: [{name: x, data_tests: [not_null]}]
          - name: c
            columns: [{name: pid, data_tests: [{relationships: {to: ref('pp'), field: id}}]}]
        """,
    )
    one_table.dryland("apply", "--yes")
    one_table.arrives(f"insert into ext.t values (2, {bad})", "insert into ext.u values (2)")
    one_table.dryland("run", "--yes", code=1)
    assert one_table.sql("from c") == [(1,)]
    one_table.dryland("check")
    one_table.arrives("update ext.t set x = '2' where id = 2")
    one_table.dryland("run", "--yes")
    assert len(one_table.sql("from c")) == 2


@pytest.mark.parametrize(
    ("of", "model", "value", "change"),
    [
        ("ref('s')", "typeof(a)", "INTEGER", ("seeds/s.yml", "delimiter: ','", "delimiter: ';'")),
        ("ref('s')", "a / 2", "2.5", ("profiles.yml", "threads: 4", "threads: 4, settings: {integer_division: true}")),
        ("source('ext', 't')", "typeof(a)", "INTEGER", ("models/sources.yml", "data_type: int", "data_type: double")),
        (
            "ref('sn')",
            "dbt_valid_to",
            "null",
            ("snapshots/sn.sql", "dbt_valid_to': 'dbt_valid_to'", "dbt_valid_to': 'e'"),
        ),
    ],
    ids=["delimiter", "settings", "declared type", "names of a snapshot"],
)
def test_a_unit_test_is_asked_again_when_its_inputs_are_other_ones(one_table, of, model, value, change) -> None:
    one_table.write("seeds/s.csv", "a\n5\n" if "'" not in change[1] else "a,b;c\n5,2;3\n")
    one_table.write("seeds/s.yml", "version: 2\nseeds:\n  - name: s\n    config: {delimiter: ','}\n")
    one_table.write(
        "models/sources.yml",
        "version: 2\nsources:\n  - name: ext\n    tables:\n      - {name: t, columns: [{name: a, data_type: int}]}\n",
    )
    one_table.write(
        "snapshots/sn.sql",
        "{% snapshot sn %}{{ config(strategy='check', unique_key='a', check_cols='all', "
        "snapshot_meta_column_names={'dbt_valid_to': 'dbt_valid_to'}) }} select * from {{ ref('s') }}{% endsnapshot %}",
    )
    one_table.write("models/m.sql", f"select {model} as v from {{{{ {of} }}}}")
    one_table.write("models/u.yml", UNIT_TEST.replace("INPUT", of).replace("VALUE", value))
    one_table.dryland("test")
    one_table.edit(*change)
    assert one_table.dryland("test", code=None).code != 0
