"""Hooks run where dbt runs them: around each build, and around the whole run."""

from __future__ import annotations

import pytest

LOG = "create table if not exists main.log (said text)"


@pytest.fixture
def logged(shop):
    shop.edit(
        "dbt_project.yml", "models:", f"on-run-start: ['{LOG}', \"insert into main.log values ('start')\"]\nmodels:"
    )
    return shop


def said(workspace) -> list[str]:
    return [text for (text,) in workspace.sql("select said from main.log")]


def test_a_run_starts_and_ends_with_its_hooks(logged) -> None:
    logged.edit(
        "dbt_project.yml", "models:",
        "on-run-end:\n  - \"insert into main.log select 'end ' || count(*) from {{ ref('stg_orders') }}\"\nmodels:",
    )  # fmt: skip
    logged.dryland("apply", "--yes")
    assert said(logged) == ["start", "end 4"]
    logged.dryland("apply", "--yes")  # nothing is built, so nothing runs
    assert said(logged) == ["start", "end 4"]


@pytest.mark.slow
def test_a_refresh_has_them_too_and_a_change_of_words_has_not(logged) -> None:
    """They are about building: what only publishes a description anew builds nothing."""
    logged.arrives("create schema raw", "create table raw.news as select 1 as id")
    logged.write("models/sources.yml", "sources: [{name: raw, schema: raw, tables: [{name: news}]}]\n")
    logged.write("models/marts/news.sql", "select id from {{ source('raw', 'news') }}")
    logged.dryland("apply", "--yes")
    logged.arrives("insert into raw.news values (2)")
    logged.dryland("run", "--yes")
    assert said(logged) == ["start", "start"]
    logged.edit("models/schema.yml", "One row per customer.", "One row per customer who is known.")
    assert "Published release" in logged.dryland("apply", "--yes").out
    assert said(logged) == ["start", "start"]


@pytest.mark.slow
def test_they_read_what_readers_of_the_environment_see(logged) -> None:
    logged.edit(
        "dbt_project.yml", "models:",
        "on-run-end: \"insert into main.log select count(*) from {{ ref('stg_orders') }}\"\nmodels:",
    )  # fmt: skip
    logged.dryland("apply", "--yes")
    logged.dryland("env", "create", "dev")
    logged.edit("seeds/raw_orders.csv", "13,3,100.00,2026-01-09", "13,3,100.00,2026-01-09\n14,3,1.00,2026-01-09")
    logged.dryland("apply", "--yes", "-e", "dev")
    assert said(logged) == ["start", "4", "start", "5"]


@pytest.mark.slow
def test_an_end_comes_after_a_refusal_too(logged) -> None:
    logged.edit("dbt_project.yml", "models:", "on-run-end: \"insert into main.log values ('end')\"\nmodels:")
    logged.edit("models/staging/stg_customers.sql", "id as customer_id", "1 as customer_id")
    logged.dryland("apply", "--yes", code=1)
    assert said(logged) == ["start", "end"]


@pytest.mark.slow
def test_the_end_of_a_run_knows_the_schemas_and_databases_that_were_built_into(logged) -> None:
    told = "{{ schemas | sort | join(',') }} {{ database_schemas | map(attribute=0) | unique | join(',') }}"
    logged.edit("dbt_project.yml", "models:", f"on-run-end: \"insert into main.log values ('{told}')\"\nmodels:")
    logged.dryland("apply", "--yes")
    assert said(logged)[-1] == "main warehouse"


def test_a_start_that_fails_stops_before_anything_is_built(shop) -> None:
    shop.edit("dbt_project.yml", "models:", "on-run-start: ['insert into nowhere values (1)']\nmodels:")
    answer = shop.dryland("apply", "--yes", code=3)
    assert "dbt_project.yml: on-run-start failed" in answer.err
    assert "nowhere" in answer.err
    assert shop.dryland("release", "list", "--json").json["releases"] == []


@pytest.mark.slow
def test_an_end_that_fails_is_told_and_changes_nothing(shop) -> None:
    shop.edit("dbt_project.yml", "models:", "on-run-end: ['insert into nowhere values (1)']\nmodels:")
    answer = shop.dryland("apply", "--yes", code=1)
    assert "Published release 1" in answer.out
    assert "failed dbt_project.yml: on-run-end failed" in answer.out
    assert "; release 1 stands\n" in answer.out
    assert shop.sql("select count(*) from main.customer_orders") == [(3,)]
    assert shop.dryland("apply", "--yes").out.startswith("Nothing to do")


@pytest.mark.slow
def test_an_end_that_fails_is_told_to_machines(released) -> None:
    released.edit("dbt_project.yml", "models:", "on-run-end: ['insert into nowhere values (1)']\nmodels:")
    released.edit("models/marts/big_spenders.sql", "> 20", "> 21")
    told = released.dryland("apply", "--yes", "--json", code=1).json
    assert told["status"] == "published"
    assert "on-run-end failed" in told["hooks_failed"][0]


def test_hooks_of_a_model_run_around_its_build_on_the_candidate(logged) -> None:
    logged.write(
        "models/marts/hooked.sql",
        """
        {{ config(
            pre_hook="insert into main.log values ('before')",
            post_hook=[
                "insert into main.log select 'rows ' || count(*) from {{ this }}", "delete from {{ this }} where x = 1"
            ]
        ) }}
        select * from (values (1), (2)) as t(x)
        """,
    )
    logged.dryland("apply", "--yes")
    assert said(logged) == ["start", "before", "rows 2"]
    assert logged.sql("from main.hooked") == [(2,)]


@pytest.mark.slow
def test_a_hook_that_fails_undoes_the_build(logged) -> None:
    logged.write("models/marts/hooked.sql", "{{ config(post_hook='delete from nowhere') }}\nselect 1 as x")
    answer = logged.dryland("apply", "--yes", code=3)
    assert "models/marts/hooked.sql" in answer.out
    assert logged.sql("select count(*) from duckdb_tables() where table_name like 'hooked%'") == [(0,)]


@pytest.mark.slow
def test_a_model_is_not_seen_between_its_hooks(logged) -> None:
    """`this` is the candidate: what a hook does to it is checked before a reader sees it, and refused with it."""
    logged.dryland("apply", "--yes")
    before = logged.content()
    logged.edit(
        "models/staging/stg_orders.sql",
        "select",
        "{{ config(post_hook='update {{ this }} set order_id = 1') }}\nselect",
    )
    assert "unique_stg_orders_order_id" in logged.dryland("apply", "--yes", code=1).out
    assert {name: rows for name, rows in logged.content().items() if name != "log"} == {
        name: rows for name, rows in before.items() if name != "log"
    }


PROFILE = "{target: dev, outputs: {dev: {type: duckdb, path: \"{{ env_var('WAREHOUSE', 'warehouse.duckdb') }}\"}}}"
REWINDING = """
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{% if var('rewind', false) %}delete from {{ this }} where day > 1{% endif %}"
) }}
select day, amount from raw.entries
{% if is_incremental() %} where day > (select max(day) from {{ this }}) {% endif %}
"""
FIRST = ("create schema raw", "create table raw.entries as from (values (1, 10), (2, 20)) as t(day, amount)")
LATER = ("update raw.entries set amount = amount + 1", "insert into raw.entries values (3, 30)")
REWOUND = [(1, 10), (2, 21), (3, 30)]


@pytest.fixture
def rewinding(workspace):
    workspace.write("dbt_project.yml", "name: ledger\nprofile: ledger\nversion: '1.0'\n")
    workspace.write("profiles.yml", f"ledger: {PROFILE}\n")
    workspace.write("models/entries.sql", REWINDING)
    return workspace


def test_a_query_sees_the_rows_so_far_as_the_hook_before_it_left_them(rewinding) -> None:
    """Deleting the last days before they are read again is what such hooks are for; live rows stay meanwhile."""
    rewinding.arrives(*FIRST)
    rewinding.dryland("apply", "--yes")
    rewinding.arrives(*LATER)
    rewinding.dryland("apply", "--yes", "--vars", "rewind: true")
    assert rewinding.sql("from main.entries order by all") == REWOUND
    rewinding.dryland("rollback", "--yes")
    assert rewinding.sql("from main.entries order by all") == [(1, 10), (2, 20)]


@pytest.mark.dbt
@pytest.mark.slow
def test_dbt_sees_the_same_rows_after_such_a_hook(rewinding, dbt) -> None:
    rewinding.arrives(*FIRST, warehouse="dbt.duckdb")
    dbt("run")
    rewinding.arrives(*LATER, warehouse="dbt.duckdb")
    dbt("run", "--vars", "rewind: true")
    assert rewinding.sql("from main.entries order by all", "dbt.duckdb") == REWOUND


def test_a_hook_that_asks_whether_its_model_grows_is_rendered_when_it_runs(shop) -> None:
    hook = "{% if is_incremental() %}delete from {{ this }} where x = 1{% endif %}"
    head = f'{{{{ config(materialized="incremental", pre_hook="{hook}") }}}}\n'
    shop.write("models/marts/hooked.sql", head + "select 1 as x union all select 2")
    shop.dryland("apply", "--yes")
    assert shop.sql("select x from hooked order by 1") == [(1,), (2,)]
    shop.edit("models/marts/hooked.sql", "select 1 as x union all select 2", "select 3 as x")
    shop.dryland("apply", "--yes")
    assert shop.sql("select x from hooked order by 1") == [(2,), (3,)]


def test_a_hook_that_asks_the_warehouse_sees_what_was_built(shop) -> None:
    hook = (
        "{% set found = run_query('select count(*) from ' ~ this) %}"
        "insert into {{ this }} values ({{ found.rows[0][0] }})"
    )
    shop.write("models/marts/hooked.sql", f'{{{{ config(post_hook="{hook}") }}}}\nselect 7 as x')
    shop.dryland("apply", "--yes")
    assert shop.sql("select x from hooked order by 1") == [(1,), (7,)]
    assert "Nothing to do" in shop.dryland("plan").out


def test_a_macro_behind_a_hook_that_runs_late_is_code(shop) -> None:
    shop.write("macros/mark.sql", "{% macro mark() %}{% do run_query('select 1') %}select 'one'{% endmacro %}")
    shop.write("models/marts/hooked.sql", "{{ config(post_hook='{{ mark() }}') }}\nselect 7 as x")
    shop.dryland("apply", "--yes")
    shop.edit("macros/mark.sql", "'one'", "'two'")
    assert "hooked" in shop.dryland("plan").out


def test_the_end_of_a_run_knows_how_it_went(shop) -> None:
    line = "insert into log values ('{{ each.node.name }}', '{{ each.status }}')"
    shop.edit(
        "dbt_project.yml",
        "models:\n",
        "on-run-start: create table if not exists log (node text, status text)\n"
        f"on-run-end: \"{{% for each in results if each.node.resource_type == 'model' %}}{line};{{% endfor %}}\"\n"
        "models:\n",
    )
    shop.dryland("apply", "--yes")
    assert shop.sql("select * from log order by 1") == [
        ("big_spenders", "success"), ("customer_orders", "success"), ("stg_customers", "success"),
        ("stg_orders", "success"),
    ]  # fmt: skip


def test_a_check_that_calls_what_a_hook_defines_waits_for_the_hook(shop) -> None:
    """Nothing is built when only the function changed; asked without the hook, the old one would answer."""
    shop.edit("dbt_project.yml", "models:", "on-run-start: ['create or replace macro most() as 1000000']\nmodels:")
    shop.write("tests/none_above.sql", "select * from {{ ref('stg_orders') }} where order_id > most()")
    shop.dryland("apply", "--yes")
    shop.edit("dbt_project.yml", "as 1000000", "as 0")
    (said,) = [each for each in shop.dryland("apply", "--yes", "--json", code=1).json["verdicts"] if not each["cached"]]
    assert (said["name"], said["status"]) == ("none_above", "fail")
