"""Incremental models add to the last generation, and leave it alone until a gate has said yes."""

from __future__ import annotations

from typing import Any

import pytest

DAYS = (
    "(1, 10, 1), (2, 20, 1), (null, 5, 1)",
    "(2, 25, 2), (3, 30, 2)",
    "(1, 11, 3), (3, 33, 3), (4, 40, 3), (null, 6, 3)",
)
EVERY_ROW = [
    (1, 10, 1), (1, 11, 3), (2, 20, 1), (2, 25, 2), (3, 30, 2), (3, 33, 3), (4, 40, 3), (None, 5, 1), (None, 6, 3),
]  # fmt: skip
LAST_BY_ID = [(1, 11, 3), (2, 25, 2), (3, 33, 3), (4, 40, 3), (None, 5, 1), (None, 6, 3)]
WAYS: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "append": ("incremental_strategy='append'", EVERY_ROW),
    "no_strategy": ("", EVERY_ROW),
    "no_strategy_but_a_key": ("unique_key='id'", LAST_BY_ID),
    "delete_insert": ("incremental_strategy='delete+insert', unique_key='id'", LAST_BY_ID),
    "delete_insert_without_key": ("incremental_strategy='delete+insert'", EVERY_ROW),
    "delete_insert_by_two": ("incremental_strategy='delete+insert', unique_key=['id', 'day']", EVERY_ROW),
    "delete_insert_by_expression": (
        "incremental_strategy='delete+insert', unique_key='id % 2'",
        [(1, 11, 3), (3, 33, 3), (4, 40, 3), (None, 5, 1), (None, 6, 3)],
    ),
    "delete_insert_of_late_days": (
        "incremental_strategy='delete+insert', unique_key='id', incremental_predicates=['day > 1', 'amount < 31']",
        [(1, 10, 1), (1, 11, 3), (2, 20, 1), (2, 25, 2), (3, 33, 3), (4, 40, 3), (None, 5, 1), (None, 6, 3)],
    ),
    "delete_insert_by_two_of_late_days": (
        "incremental_strategy='delete+insert', unique_key=['id', 'id'], "
        "incremental_predicates=['DBT_INCREMENTAL_TARGET.day > 1']",
        [(1, 10, 1), (1, 11, 3), (2, 20, 1), (2, 25, 2), (3, 33, 3), (4, 40, 3), (None, 5, 1), (None, 6, 3)],
    ),
    "merge": ("incremental_strategy='merge', unique_key='id'", LAST_BY_ID),
    "merge_by_two": ("incremental_strategy='merge', unique_key=['id', 'day']", EVERY_ROW),
    "merge_without_key": ("incremental_strategy='merge'", EVERY_ROW),
    "merge_some_columns": (
        "incremental_strategy='merge', unique_key='id', merge_update_columns=['day']",
        [(1, 10, 3), (2, 20, 2), (3, 30, 3), (4, 40, 3), (None, 5, 1), (None, 6, 3)],
    ),
    "merge_but_some_columns": (
        "incremental_strategy='merge', unique_key='id', merge_exclude_columns=['DAY']",
        [(1, 11, 1), (2, 25, 1), (3, 33, 2), (4, 40, 3), (None, 5, 1), (None, 6, 3)],
    ),
    "merge_of_late_days": (
        "incremental_strategy='merge', unique_key='id', "
        "incremental_predicates=['DBT_INTERNAL_DEST.day > 1', 'DBT_INTERNAL_SOURCE.amount > 0']",
        [(1, 10, 1), (1, 11, 3), (2, 20, 1), (2, 25, 2), (3, 33, 3), (4, 40, 3), (None, 5, 1), (None, 6, 3)],
    ),
    "merge_of_the_last_day": (
        "incremental_strategy='merge', unique_key='id', "
        "incremental_predicates=['DBT_INTERNAL_DEST.day = (select max(day) - 1 from raw.entries)']",
        [(1, 10, 1), (1, 11, 3), (2, 25, 2), (3, 33, 3), (4, 40, 3), (None, 5, 1), (None, 6, 3)],
    ),
    "delete_insert_by_a_row": (
        "unique_key='id, amount - amount'",
        [(1, 11, 3), (2, 25, 2), (3, 33, 3), (4, 40, 3), (None, 6, 3)],
    ),
    "merge_when_worth_it": (
        "incremental_strategy='merge', unique_key='id', merge_update_condition='DBT_INTERNAL_SOURCE.amount > 26'",
        [(1, 10, 1), (2, 20, 1), (3, 33, 3), (4, 40, 3), (None, 5, 1), (None, 6, 3)],
    ),
    "merge_of_few_new": (
        "incremental_strategy='merge', unique_key='id', merge_insert_condition='DBT_INTERNAL_SOURCE.id < 4'",
        [(1, 11, 3), (2, 25, 2), (3, 33, 3), (None, 5, 1)],
    ),
    "merge_of_few_new_without_key": (
        "incremental_strategy='merge', merge_insert_condition='DBT_INTERNAL_SOURCE.amount < 40'",
        [row for row in EVERY_ROW if row != (4, 40, 3)],
    ),
    "merge_of_sums": (
        "incremental_strategy='merge', unique_key='id', merge_returning_columns=['id'], "
        "merge_update_set_expressions={'amount': 'DBT_INTERNAL_DEST.amount + DBT_INTERNAL_SOURCE.amount'}",
        [(1, 21, 3), (2, 45, 2), (3, 63, 3), (4, 40, 3), (None, 5, 1), (None, 6, 3)],
    ),
    "merge_using": ("incremental_strategy='merge', merge_on_using_columns=['id']", LAST_BY_ID),
    "merge_by_clauses": (
        "incremental_strategy='merge', unique_key='id', merge_clauses={"
        "'when_matched': [{'action': 'delete', 'condition': 'DBT_INTERNAL_SOURCE.amount > 30'}, "
        "{'action': 'update', 'mode': 'explicit', 'update': {'include': ['amount']}}], "
        "'when_not_matched': [{'action': 'insert', 'mode': 'explicit', 'insert': {'columns': ['id', 'amount', 'day'], "
        "'values': ['DBT_INTERNAL_SOURCE.id', 'DBT_INTERNAL_SOURCE.amount + 1', 'DBT_INTERNAL_SOURCE.day']}}]}",
        [(1, 11, 1), (2, 25, 1), (4, 41, 3), (None, 5, 1), (None, 7, 3)],
    ),
    "merge_of_what_is_gone": (
        "incremental_strategy='merge', unique_key='id', merge_clauses={'when_matched': [{'action': 'do_nothing'}], "
        "'when_not_matched': [{'action': 'update', 'by': 'source', 'condition': 'DBT_INTERNAL_DEST.id = 1', "
        "'set_expressions': {'amount': '0'}}, {'action': 'insert', 'mode': 'star'}]}",
        [(1, 0, 1), (2, 20, 1), (3, 30, 2), (4, 40, 3), (None, 5, 1), (None, 6, 3)],
    ),
    "hooked": (
        "unique_key='id', post_hook='delete from {{ this }} where amount = 25'",
        [row for row in LAST_BY_ID if row != (2, 25, 2)],
    ),
}
MACRO = """
{% macro get_incremental_newest_sql(arg_dict) %}
    {% set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') %}
    {% set last = run_query('select max(day) from ' ~ arg_dict['target_relation']).columns[0].values()[0] %}
    delete from {{ arg_dict['target_relation'] }} where {{ arg_dict['unique_key'] }} in
        (select {{ arg_dict['unique_key'] }} from {{ arg_dict['temp_relation'] }}) and day < {{ last }};
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}
"""
WAYS["own"] = (
    "incremental_strategy='newest', unique_key='id'",
    [(1, 11, 3), (2, 20, 1), (2, 25, 2), (3, 30, 2), (3, 33, 3), (4, 40, 3), (None, 5, 1), (None, 6, 3)],
)
PROJECT = "name: ledger\nprofile: ledger\nversion: '1.0'\n"
PROFILE = (
    "ledger: {target: dev, outputs: {dev: {type: duckdb, path: \"{{ env_var('WAREHOUSE', 'warehouse.duckdb') }}\"}}}\n"
)
STORE = "dryland_store"  # the schema that holds the builds
NEW_ROWS = "{% if is_incremental() %} where day > (select max(day) from {{ this }}) {% endif %}"


@pytest.fixture
def ledger(workspace) -> Any:
    workspace.write("dbt_project.yml", PROJECT)
    workspace.write("profiles.yml", PROFILE)
    workspace.write("macros/strategies.sql", MACRO)
    workspace.write("models/sources.yml", "sources:\n  - name: raw\n    schema: raw\n    tables: [{name: entries}]\n")
    return workspace


@pytest.fixture
def a_day_comes(workspace) -> Any:
    def a_day_comes(rows: str, warehouse: str = "warehouse.duckdb") -> None:
        workspace.arrives(
            "create schema if not exists raw",
            "create table if not exists raw.entries (id integer, amount integer, day integer)",
            f"insert into raw.entries values {rows}",
            warehouse=warehouse,
        )

    return a_day_comes


def model(ledger, config: str, columns: str = "id, amount, day", name: str = "totals") -> None:
    config = f"materialized='incremental'{', ' if config else ''}{config}"
    ledger.write(
        f"models/{name}.sql",
        f"{{{{ config({config}) }}}}\nselect {columns} from {{{{ source('raw', 'entries') }}}}\n{NEW_ROWS}\n",
    )


def generations(ledger) -> dict[str, Any]:
    """The content of every generation in the store."""
    return {name: found for name, found in ledger.content(STORE).items() if name.startswith("totals__")}


def names_and_types(ledger, table: str = "totals", warehouse: str = "warehouse.duckdb") -> list[tuple[str, str]]:
    return ledger.sql(f"select column_name, column_type from (describe main.{table})", warehouse)


def test_three_days_of_data(ledger, a_day_comes) -> None:
    for name, (config, _) in WAYS.items():
        model(ledger, config, name=name)
    for number, rows in enumerate(DAYS):
        a_day_comes(rows)
        ledger.dryland("run" if number else "apply", "--yes")
    assert {name: ledger.sql(f"from main.{name} order by all") for name in WAYS} == {
        name: rows for name, (_, rows) in WAYS.items()
    }
    assert ledger.sql("select count(*) from duckdb_tables() where table_name like '%__new'") == [(0,)]


@pytest.mark.dbt
@pytest.mark.slow
def test_dbt_has_the_same_rows(ledger, a_day_comes, dbt) -> None:
    for name, (config, _) in WAYS.items():
        model(ledger, config, name=name)
    for rows in DAYS:
        a_day_comes(rows, "dbt.duckdb")
        dbt("run")
    assert {name: ledger.sql(f"from main.{name} order by all", "dbt.duckdb") for name in WAYS} == {
        name: rows for name, (_, rows) in WAYS.items()
    }


EARLY = "id, amount, day"
CHANGES: dict[str, tuple[str, str, list[tuple[str, str]], list[tuple[Any, ...]]]] = {
    "a_new_column_ignored": (
        "ignore", "id, amount, day, amount * 2 as twice",
        [("id", "INTEGER"), ("amount", "INTEGER"), ("day", "INTEGER")],
        [(1, 10, 1), (2, 20, 1), (2, 25, 2), (3, 30, 2), (None, 5, 1)],
    ),
    "a_new_column_appended": (
        "append_new_columns", "id, amount, day, amount * 2 as twice",
        [("id", "INTEGER"), ("amount", "INTEGER"), ("day", "INTEGER"), ("twice", "INTEGER")],
        [(1, 10, 1, None), (2, 20, 1, None), (2, 25, 2, 50), (3, 30, 2, 60), (None, 5, 1, None)],
    ),
    "a_column_swapped": (
        "sync_all_columns", "id, day, amount * 2 as twice",
        [("id", "INTEGER"), ("day", "INTEGER"), ("twice", "INTEGER")],
        [(1, 1, None), (2, 1, None), (2, 2, 50), (3, 2, 60), (None, 1, None)],
    ),
    "a_type_changed": (
        "sync_all_columns", "id, cast(amount as varchar) || ' eur' as amount, day",
        [("id", "INTEGER"), ("amount", "VARCHAR"), ("day", "INTEGER")],
        [(1, "10", 1), (2, "20", 1), (2, "25 eur", 2), (3, "30 eur", 2), (None, "5", 1)],
    ),
    "columns_in_another_order": (
        "append_new_columns", "day, amount, id",
        [("id", "INTEGER"), ("amount", "INTEGER"), ("day", "INTEGER")],
        [(1, 10, 1), (2, 20, 1), (2, 25, 2), (3, 30, 2), (None, 5, 1)],
    ),
}  # fmt: skip


def changing_models(ledger) -> None:
    for name, (policy, later, _, _) in CHANGES.items():
        columns = f"{{% if var('later', false) %}}{later}{{% else %}}{EARLY}{{% endif %}}"
        model(ledger, f"incremental_strategy='append', on_schema_change='{policy}'", columns, name)


def seen(ledger, warehouse: str = "warehouse.duckdb") -> dict[str, Any]:
    return {
        name: (names_and_types(ledger, name, warehouse), ledger.sql(f"from main.{name} order by all", warehouse))
        for name in CHANGES
    }


EXPECTED_CHANGES = {name: (columns, rows) for name, (_, _, columns, rows) in CHANGES.items()}


def test_columns_that_change(ledger, a_day_comes) -> None:
    changing_models(ledger)
    a_day_comes(DAYS[0])
    ledger.dryland("apply", "--yes")
    a_day_comes(DAYS[1])
    ledger.dryland("apply", "--yes", "--vars", "later: true")
    assert seen(ledger) == EXPECTED_CHANGES


@pytest.mark.dbt
@pytest.mark.slow
def test_dbt_changes_the_same_columns(ledger, a_day_comes, dbt) -> None:
    changing_models(ledger)
    a_day_comes(DAYS[0], "dbt.duckdb")
    dbt("run")
    a_day_comes(DAYS[1], "dbt.duckdb")
    unable = "a_type_changed"  # dbt-duckdb 1.11 fails to commit it
    dbt("run", "--vars", "later: true", "--exclude", unable)
    found, expected = seen(ledger, "dbt.duckdb"), dict(EXPECTED_CHANGES)
    del found[unable], expected[unable]
    assert found == expected


FAILING = {
    "a new column": "id, amount, day, 1 as extra",
    "a column that is gone": "id, amount",
    "another type": "id, cast(amount as varchar) as amount, day",
}


@pytest.mark.slow
@pytest.mark.parametrize("change", FAILING)
def test_a_schema_change_that_must_fail_fails_and_names_the_columns(ledger, a_day_comes, change: str) -> None:
    model(ledger, "incremental_strategy='append', on_schema_change='fail'")
    a_day_comes(DAYS[0])
    ledger.dryland("apply", "--yes")
    before = ledger.content()
    model(ledger, "incremental_strategy='append', on_schema_change='fail'", FAILING[change])
    a_day_comes(DAYS[1])
    answer = ledger.dryland("apply", "--yes", code=3)
    said = {
        "a new column": "new: extra; gone: none; of another type: none",
        "a column that is gone": "new: none; gone: day; of another type: none",
        "another type": "new: none; gone: none; of another type: amount",
    }
    assert said[change] in answer.out
    assert "models/totals.sql" in answer.out and "on_schema_change is `fail`" in answer.out
    assert ledger.content() == before


@pytest.mark.slow
def test_a_full_refresh_starts_from_nothing(ledger, a_day_comes) -> None:
    model(ledger, "incremental_strategy='append'")
    a_day_comes(DAYS[0])
    ledger.dryland("apply", "--yes")
    ledger.arrives("update raw.entries set amount = 0")
    ledger.dryland("run", "--yes", "--full-refresh")
    assert ledger.sql("from main.totals order by all") == [(1, 0, 1), (2, 0, 1), (None, 0, 1)]


@pytest.mark.slow
def test_a_model_that_must_not_be_refreshed_in_full_is_not(ledger, a_day_comes) -> None:
    model(ledger, "incremental_strategy='append', full_refresh=false")
    a_day_comes(DAYS[0])
    ledger.dryland("apply", "--yes")
    ledger.arrives("update raw.entries set amount = 0")
    ledger.dryland("run", "--yes", "--full-refresh")
    assert ledger.sql("select sum(amount) from main.totals") == [(35,)]


def test_readers_of_a_model_refreshed_in_full_are_built_on_its_new_rows(ledger, a_day_comes) -> None:
    """With the same code and the same source, a generation and a table made from nothing hold other rows."""
    ledger.edit("models/sources.yml", "{name: entries}", "{name: entries, loaded_at_field: day}")
    ledger.write(
        "models/reader.sql", "{{ config(materialized='table') }} select sum(amount) as total from {{ ref('totals') }}"
    )
    model(ledger, "incremental_strategy='append'")
    a_day_comes(DAYS[0])
    ledger.dryland("apply", "--yes")
    a_day_comes(DAYS[1])
    model(ledger, "incremental_strategy='append'", "id, amount * 2 as amount, day")
    ledger.dryland("apply", "--yes")
    assert ledger.sql("from main.reader") == [(35 + 2 * 55,)]
    ledger.dryland("apply", "--yes", "--full-refresh", "-s", "totals+")
    assert ledger.sql("from main.reader") == [(2 * 35 + 2 * 55,)]


@pytest.mark.slow
def test_what_the_plan_expects_is_what_is_built(ledger, a_day_comes) -> None:
    """A generation's key is the same in the plan and in the build, or nothing would ever be found again."""
    model(ledger, "unique_key='id'")
    a_day_comes(DAYS[0])
    ledger.dryland("apply", "--yes")
    a_day_comes(DAYS[1])
    ledger.edit("models/sources.yml", "{name: entries}", "{name: entries, loaded_at_field: day}")
    ledger.dryland("run", "--yes")
    a_day_comes(DAYS[2])
    model(ledger, "unique_key='id'", "id, amount + 1 as amount, day")
    planned = {step["key"] for step in ledger.dryland("plan", "--json").json["steps"] if step["action"] == "build"}
    ledger.dryland("apply", "--yes")
    tables = {name for (name,) in ledger.sql("select table_name from duckdb_tables() where table_name like 'totals%'")}
    assert planned and {f"totals__{key}" for key in planned} <= tables


def test_a_refused_day_leaves_the_generation_as_it_was(ledger, a_day_comes) -> None:
    """Copy on write: the live table is never the one that is written."""
    model(ledger, "unique_key='id'")
    ledger.write("models/totals.yml", "models: [{name: totals, columns: [{name: amount, data_tests: [not_null]}]}]\n")
    a_day_comes(DAYS[0])
    ledger.dryland("apply", "--yes")
    before = ledger.content(), generations(ledger)
    a_day_comes("(1, null, 2), (9, 90, 2)")
    answer = ledger.dryland("run", "--yes", code=1)
    assert "1 row has no amount" in answer.out
    assert ledger.content() == before[0]
    assert before[1].items() < generations(ledger).items()
    ledger.arrives("update raw.entries set amount = 12 where amount is null")
    ledger.dryland("run", "--yes")
    assert ledger.sql("from main.totals order by all") == [(1, 12, 2), (2, 20, 1), (9, 90, 2), (None, 5, 1)]


@pytest.mark.slow
def test_changed_code_says_that_old_rows_keep_the_old_logic(ledger, a_day_comes) -> None:
    model(ledger, "incremental_strategy='append'")
    a_day_comes(DAYS[0])
    ledger.dryland("apply", "--yes")
    model(ledger, "incremental_strategy='append'", "id, amount + 1 as amount, day")
    assert "existing rows of totals keep the old logic" in ledger.dryland("plan").out


REFUSED = {
    "incremental_strategy='insert_overwrite'": "incremental_strategy `insert_overwrite`",
    "incremental_strategy='merge', merge_clauses={'when_matched': [{'action': 'explode'}]}": (
        "a clause of when_matched with the action `explode`"
    ),
    "incremental_strategy='merge', merge_clauses={'when_matched': []}": "merge_clauses whose when_matched is no list",
    "incremental_strategy='merge', merge_clauses={'when_matched': [{'action': 'delete'}]}, "
    "merge_update_columns=['day']": "sets merge_clauses and merge_update_columns",
    "incremental_strategy='merge', unique_key='id', merge_update_columns=['day'], merge_exclude_columns=['id']": (
        "sets both merge_update_columns and merge_exclude_columns"
    ),
    "unique_key='idd'": "has the unique_key `idd`, which is none of its columns",
    "unique_key='id ='": "the unique_key of `totals` does not parse: id =",
    "unique_key='id', incremental_predicates=['day >']": "the incremental_predicates of `totals` does not parse: day >",
    "on_schema_change='append_new_column'": "on_schema_change `append_new_column`",
}


@pytest.mark.slow
@pytest.mark.parametrize("config", REFUSED)
def test_what_cannot_be_done_is_refused_at_the_first_build(ledger, a_day_comes, config: str) -> None:
    """Not on the second day, when the first is live; and never left out in silence."""
    model(ledger, config)
    a_day_comes(DAYS[0])
    answer = ledger.dryland("apply", "--yes", code=3)
    assert REFUSED[config] in answer.out
    assert "models/totals.sql" in answer.out and "hint:" in answer.out


@pytest.mark.slow
def test_another_macro_of_a_strategy_is_another_model(ledger, a_day_comes) -> None:
    model(ledger, "incremental_strategy='newest', unique_key='id'")
    a_day_comes(DAYS[0])
    ledger.dryland("apply", "--yes")
    ledger.edit("macros/strategies.sql", "day < {{ last }}", "day <= {{ last }}")
    assert [s["node"] for s in ledger.dryland("plan", "--json").json["steps"] if s["action"] == "build"]


@pytest.mark.slow
def test_a_table_that_becomes_incremental_keeps_its_rows(ledger, a_day_comes) -> None:
    model(ledger, "incremental_strategy='append'")
    ledger.edit("models/totals.sql", "materialized='incremental'", "materialized='table'")
    a_day_comes(DAYS[0])
    ledger.dryland("apply", "--yes")
    ledger.edit("models/totals.sql", "materialized='table'", "materialized='incremental'")
    ledger.arrives("delete from raw.entries")
    a_day_comes(DAYS[1])
    ledger.dryland("apply", "--yes")
    assert len(ledger.sql("from main.totals")) == 5


def test_a_template_that_asks_the_warehouse_asks_the_rows_so_far(ledger, a_day_comes) -> None:
    """`run_query` is answered while rendering, before the copy is made that the rest of the query reads."""
    ledger.write(
        "models/totals.sql",
        """
        {{ config(materialized='incremental', unique_key='id') }}
        {% set last = 0 %}
        {% if is_incremental() %}
            {% set last = run_query('select max(day) from ' ~ this).columns[0].values()[0] %}
        {% endif %}
        select id, amount, day from {{ source('raw', 'entries') }} where day > {{ last }}
        """,
    )
    for number, rows in enumerate(DAYS):
        a_day_comes(rows)
        ledger.dryland("run" if number else "apply", "--yes")
    assert ledger.sql("from main.totals order by all") == LAST_BY_ID


@pytest.mark.slow
def test_another_environment_grows_on_its_own(ledger, a_day_comes) -> None:
    model(ledger, "unique_key='id'")
    a_day_comes(DAYS[0])
    ledger.dryland("apply", "--yes")
    ledger.dryland("env", "create", "dev")
    before = ledger.content()
    a_day_comes(DAYS[1])
    ledger.dryland("run", "--yes", "-e", "dev")
    assert ledger.content() == before
    assert len(ledger.sql("from main__dev.totals")) == 4
