"""Checks in `meta` as people write them: what is wrong is told with its place, and dbt passes over all of it."""

from __future__ import annotations

from typing import Any

import pytest

from real_dbt import DBT, dbt

pytestmark = pytest.mark.slow  # each plans a project

PROJECT = """
name: shop
version: "1.0"
profile: shop
models:
  shop:
    +materialized: table
"""
HEAD = "models:\n  - name: orders\n    config:\n      meta:\n        checks:\n"  # the first entry is in line 6


@pytest.fixture
def shop(workspace: Any) -> Any:
    workspace.write("dbt_project.yml", PROJECT)
    workspace.write(
        "profiles.yml",
        "shop: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb, schema: main, threads: 2}}}",
    )
    workspace.write("models/orders.sql", "select 1 as id, 10 as amount, 'DE' as country union all select 2, 20, null")
    workspace.write("models/people.sql", "select 1 as id")
    return workspace


WRONG: list[tuple[str, str, str]] = [  # an entry, what is said of it, what to do
    ("notnull: {column: id}", "there is no check `notnull`", "`not_null` exists"),
    ("row_counts: {min_value: 1}", "there is no check `row_counts`", "`row_count` exists"),
    ("dbt_utils.acepted_range: {column: id}", "there is no check `dbt_utils.acepted_range`", "`accepted_range` exists"),
    ("zzz", "there is no check `zzz`", "docs/checks.md lists them"),
    ("row_count: {min_vale: 1}", "`row_count` takes no `min_vale`", "did you mean `min_value`?"),
    ("row_count: {min_value: [1]}", "`min_value: [1]` of `row_count` is not what it takes", "write a number, a date"),
    ("row_count: {min_value: .nan}", "`min_value: nan` of `row_count`", "write a number, or nothing"),
    ("row_count: {max_value: .inf}", "`max_value: inf` of `row_count`", "nothing where there is no bound"),
    ("row_count", "`row_count` needs `equals` or `min_value` or `max_value`", "row_count: {equals: ...}"),
    ("row_count: {min_value: null}", "`row_count` needs `equals` or", "row_count: {equals: ...}"),
    ("not_null", "`not_null` is about a column", "write it under the column"),
    ("unique", "`unique` needs `column` or `columns`", "unique: {column: ...}"),
    ("accepted_values: {column: id}", "`accepted_values` needs `values`", "accepted_values: {values: ...}"),
    ("accepted_range: {column: id, min_value: 1, mostly: 99}", "`mostly: 99` of", "a share from 0 to 1"),
    ("relationships: {column: id, to: people, field: id}", "`to: people` of `relationships`", "to: ref('orders')"),
    ("relationships: {column: id, to: ref('peple'), field: id}", "refers to `peple`", "`people` exists"),
    ("relationships: {column: id, to: \"source('a', 'b')\", field: id}", "refers to the source `a.b`", "declare it"),
    ("relationships: {column: id, to: ref('gone'), field: id}", "refers to `gone`", ""),
    ("relationships: {column: id, to: ref('passing'), field: id}", "names no table", "that is not ephemeral"),
    ("row_count: [1]", "the arguments of `row_count` are keys and values", ""),
    ("7", "a check is a name, or a name with arguments", "accepted_range"),
    ("[not_null]", "a check is a name, or a name with arguments", ""),
    ("{}", "a check is a name, or a name with arguments", ""),
    ("row_count: {min_value: 1, severity: loud}", "severity is `error` or `warn`, not `loud`", "severity: warn"),
    ("row_count: {min_value: 1, limit: some}", "`limit: some` is no number of rows", "limit: 10"),
    ("row_count: {min_value: 2, error_if: many}", "`many` is not a condition", "warn_if:"),
    ("drift: {column: id, of: mood, max_change: 1}", "`of: mood` of `drift`", "`mean` or"),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "said", "hint"), WRONG, ids=lambda each: str(each)[:50])
def test_a_wrong_entry_is_told_with_its_line(shop: Any, entry: str, said: str, hint: str) -> None:
    shop.write("models/passing.sql", "{{ config(materialized='ephemeral') }} select 1 as id")
    shop.write("models/orders.yml", f"{HEAD}          - row_count: {{min_value: 1}}\n          - {entry}\n")
    answer = shop.dryland("plan", code=2)
    assert "models/orders.yml:7" in answer.err and said in answer.err, answer.err
    assert hint in answer.err, answer.err


@pytest.mark.parametrize("listed", ["row_count", "{row_count: {min_value: 1}}", "7", "''"])
def test_checks_are_a_list(shop: Any, listed: str) -> None:
    shop.write("models/orders.yml", f"models:\n  - name: orders\n    config:\n      meta:\n        checks: {listed}\n")
    answer = shop.dryland("plan", code=2)
    assert "models/orders.yml:5" in answer.err and "`checks` is a list" in answer.err, answer.err


EVERYWHERE = {
    "seeds/countries.csv": "code\nDE\n\n",
    "models/all.yml": """
        sources:
          - name: raw
            schema: main
            tables:
              - name: countries
                config: {meta: {checks: [{row_count: {min_value: 1}}]}}
                columns:
                  - {name: code, config: {meta: {checks: [{value_length: {equals: 2}}]}}}
        seeds:
          - name: countries
            columns:
              - {name: code, meta: {checks: [{value_length: {equals: 2}}]}}
        models:
          - name: orders
            meta: {checks: [{row_count: {equals: 2}}]}
            columns:
              - name: country
                config:
                  meta:
                    checks:
                      - not_null: {severity: warn}
                      - unique
                      - accepted_values: {values: [FR], severity: warn}
                      - null: {enabled: false}
          - name: versioned
            latest_version: 2
            config: {meta: {checks: [{row_count: {equals: 1}}]}}
            columns: [{name: id, config: {meta: {checks: [not_null]}}}]
            versions: [{v: 1}, {v: 2}]
          - name: counted
            config: {meta: {checks: [{row_count: {equals: 1}}, {equal_rowcount: {to: "ref('versioned', v=1)"}}]}}
        snapshots:
          - name: kept
            relation: ref('orders')
            config: {strategy: check, check_cols: all, unique_key: id, meta: {checks: [{row_count: {equals: 2}}]}}
        """,
    "models/versioned_v1.sql": "select 1 as id",
    "models/versioned_v2.sql": "select 1 as id",
    "models/counted.py": "def model(dbt, session):\n    return session.sql('select 1 as id')\n",
    "dbt_project.yml": PROJECT + "    +meta: {checks: [{column_count: {min_value: 1}}]}\n",
}


def test_checks_stand_wherever_dbt_allows_facts(shop: Any) -> None:
    for path, text in EVERYWHERE.items():
        shop.write(path, text)
    said = shop.dryland("apply", "--yes", "--json").json["verdicts"]
    found = {each["name"]: each["failures"] for each in said}
    assert found == {
        "row_count_orders_2": 0, "not_null_orders_country": 1, "unique_orders_country": 0,
        "accepted_values_orders_country__FR": 1, "row_count_versioned_v1_1": 0, "not_null_versioned_v1_id": 0,
        "row_count_versioned_v2_1": 0, "not_null_versioned_v2_id": 0, "row_count_counted_1": 0,
        "equal_rowcount_counted_ref_versioned_v_1_": 0, "row_count_kept_2": 0, "column_count_people_1": 0,
        "value_length_countries_code__2": 0, "source_row_count_raw_countries_1": 0,
        "source_value_length_raw_countries_code__2": 0,
    }  # fmt: skip
    assert {each["name"]: each["status"] for each in said if each["failures"]} == {
        "not_null_orders_country": "warn", "accepted_values_orders_country__FR": "warn"
    }  # fmt: skip


def test_an_ephemeral_model_has_no_table_to_check(shop: Any) -> None:
    shop.write("models/orders.sql", "{{ config(materialized='ephemeral') }} select 1 as id")
    shop.write("models/orders.yml", f"{HEAD}          - row_count: {{min_value: 1}}\n")
    answer = shop.dryland("plan", code=2)
    assert "models/orders.yml:6: `orders` is ephemeral" in answer.err and "check what reads it" in answer.err


def test_what_a_folder_says_is_said_of_its_tables(shop: Any) -> None:
    shop.write("models/passing.sql", "{{ config(materialized='ephemeral') }} select 1 as id")
    shop.edit("dbt_project.yml", "+materialized: table", "+meta: {checks: [{row_count: {min_value: 1}}]}")
    names = {each["name"] for each in shop.dryland("apply", "--yes", "--json").json["verdicts"]}
    assert "row_count_orders_1" in names and "row_count_passing_1" not in names


def test_what_is_wrong_in_the_project_file_is_told_with_a_model_that_it_is_about(shop: Any) -> None:
    shop.edit("dbt_project.yml", "+materialized: table", "+meta: {checks: [{row_count: {min_vale: 1}}]}")
    answer = shop.dryland("plan", code=2)
    assert "models/orders.sql" in answer.err and "`row_count` takes no `min_vale`" in answer.err, answer.err
    assert "did you mean `min_value`?" in answer.err


def test_a_column_that_the_table_does_not_have_is_told_when_it_is_looked_at(shop: Any) -> None:
    shop.write("models/orders.yml", f"{HEAD}          - not_null: {{column: ammount}}\n          - monotonic: "
               "{column: amount, sort_column: idd}\n")  # fmt: skip
    said = shop.dryland("apply", "--yes", "--json", code=1).json["verdicts"]
    assert [each["message"] for each in said] == [
        "models/orders.yml:6: not_null asks for column `ammount`, which orders does not have; `amount` exists",
        "models/orders.yml:7: monotonic asks for column `idd`, which orders does not have; `id` exists",
    ]


@pytest.mark.dbt
@pytest.mark.slow
def test_dbt_builds_the_same_project(shop: Any) -> None:
    """And passes over what it does not know."""
    if not DBT.exists():
        pytest.skip(f"dbt is not at {DBT}")
    for path, text in EVERYWHERE.items():
        shop.write(path, text)
    again = dbt(shop.root, "build", "--profiles-dir", ".")
    assert again.returncode == 0, again.stdout
    assert "ERROR=0" in again.stdout and "WARN=0" in again.stdout


def test_a_check_that_is_added_builds_nothing(shop: Any) -> None:
    shop.write("models/orders.yml", "models:\n  - name: orders\n    columns: [{name: id}]\n")
    shop.dryland("apply", "--yes")
    shop.write("models/orders.yml", "models:\n  - name: orders\n    columns:\n      - name: id\n"
               "        config: {meta: {checks: [unique]}}\n")  # fmt: skip
    shop.edit(
        "dbt_project.yml",
        "+materialized: table",
        "+materialized: table\n    +meta: {checks: [{row_count: {min_value: 3}}]}",
    )
    assert shop.building() == []
    said = shop.dryland("apply", "--yes", "--json", code=1).json
    assert {each["name"]: each["status"] for each in said["verdicts"]} == {
        "unique_orders_id": "pass", "row_count_orders_3": "fail", "row_count_people_3": "fail"
    }  # fmt: skip
    assert {each["action"] for each in said["steps"]} <= {"check", "reuse"}
