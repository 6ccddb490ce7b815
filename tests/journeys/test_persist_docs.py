"""Descriptions are told to readers in the warehouse, where the team asks for it."""

from __future__ import annotations

from typing import Any

import pytest

Workspace = Any

ODD = 'It\'s \\ a $key$; "quoted" -- {not sql} é'
TOLD = """
    select view_name, '', comment from duckdb_views() where schema_name = '{0}' and not internal and comment is not null
    union all
    select table_name, column_name, comment from duckdb_columns()
    where schema_name = '{0}' and not internal and comment is not null order by 1, 2
    """


@pytest.fixture
def documented(workspace: Workspace) -> Workspace:
    workspace.write("dbt_project.yml", "{name: docs, profile: docs, models: {+materialized: table}}")
    workspace.write("profiles.yml", "docs: {outputs: {default: {type: duckdb, path: warehouse.duckdb}}}")
    workspace.write("models/orders.sql", 'select 1 as id, 2 as "Mixed", 3 as silent, 4 as plain')
    workspace.write("models/recent.sql", "{{ config(materialized='view') }} select id from {{ ref('orders') }}")
    workspace.write("models/quiet.sql", "select id from {{ ref('orders') }}")
    workspace.write("seeds/words.csv", "id\n1\n")
    workspace.write(
        "models/docs.yml",
        """
        models:
          - name: orders
            description: One row per order
            config: {persist_docs: {relation: true, columns: true}}
            columns:
              - {name: id, description: "{{ doc('key') }}"}
              - {name: Mixed, description: kept as it is written}
              - {name: PLAIN, description: "another name, as DuckDB tells it"}
              - {name: silent}
              - {name: gone, description: not there}
          - name: recent
            description: A view
            config: {persist_docs: {relation: true}}
            columns: [{name: id, description: not asked for}]
          - name: quiet
            description: not asked for
        seeds:
          - name: words
            description: Words
            config: {persist_docs: {relation: false, columns: true}}
            columns: [{name: id, description: key}]
        """,
    )
    workspace.write("models/words.md", "{% docs key %}\n" + ODD + "\n{% enddocs %}\n")
    return workspace


def told(workspace: Workspace, schema: str = "main") -> dict[tuple[str, str], str]:
    """What readers of a schema are told, by relation and column."""
    return {(relation, column): text for relation, column, text in workspace.sql(TOLD.format(schema))}


def test_what_is_asked_for_is_told_and_nothing_else(documented: Workspace) -> None:
    """An undescribed column is told the empty text, and one in another letter case nothing: so does dbt."""
    plan = documented.dryland("plan")
    assert "persist_docs" not in plan.out + plan.err
    documented.dryland("apply", "--yes")
    assert told(documented) == {
        ("orders", ""): "One row per order",
        ("orders", "Mixed"): "kept as it is written",
        ("orders", "id"): ODD,
        ("orders", "silent"): "",
        ("recent", ""): "A view",
        ("words", "id"): "key",
    }


def test_a_changed_description_is_told_without_building(documented: Workspace) -> None:
    documented.dryland("apply", "--yes")
    documented.edit("models/docs.yml", "One row per order", "One row for each order")
    plan = documented.dryland("plan", "--json").json
    assert [(change["node"], change["category"]) for change in plan["changes"]] == [("model.docs.orders", "metadata")]
    assert all(step["action"] != "build" for step in plan["steps"])
    before = told(documented)
    documented.dryland("apply", "--yes")
    assert told(documented) == {**before, ("orders", ""): "One row for each order"}
    assert documented.dryland("plan", "--json").json["changes"] == []


def test_what_is_no_longer_asked_for_is_gone(documented: Workspace) -> None:
    documented.dryland("apply", "--yes")
    documented.edit("models/docs.yml", "{relation: true, columns: true}", "{relation: false, columns: false}")
    documented.dryland("apply", "--yes")
    assert {relation for relation, _ in told(documented)} == {"recent", "words"}


def test_a_rollback_tells_what_was_told(documented: Workspace) -> None:
    documented.dryland("apply", "--yes")
    before = told(documented)
    documented.edit("models/docs.yml", "One row per order", "Two")
    documented.edit("models/docs.yml", "kept as it is written", "other")
    documented.dryland("apply", "--yes")
    assert told(documented)["orders", ""] == "Two"
    documented.dryland("rollback", "--yes")
    assert told(documented) == before


def test_new_rows_are_told_the_same(documented: Workspace) -> None:
    documented.edit("models/orders.sql", "1 as id", "random() as id")
    documented.dryland("apply", "--yes")
    before = told(documented)
    documented.dryland("run", "--yes")
    assert documented.sql("select count(*) from dryland_store.published where release like '2-%'") == [(1,)]
    assert told(documented) == before


def test_readers_of_an_environment_are_told_too(documented: Workspace) -> None:
    documented.dryland("apply", "--yes")
    documented.dryland("env", "create", "dev")
    assert told(documented, "main__dev") == told(documented)
