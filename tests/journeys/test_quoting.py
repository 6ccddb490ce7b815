"""`quoting:` decides how templates print names, as in dbt; it never decides which table is meant."""

from __future__ import annotations

from typing import Any

import pytest

LONG = "a_model_whose_name_goes_far_beyond_the_sixty_three_characters_of_postgres"


@pytest.fixture
def printing(workspace: Any) -> Any:
    """A project that prints the names of its tables."""
    workspace.write("dbt_project.yml", "{name: q, profile: q, quoting: {identifier: false, schema: false}}")
    workspace.write("profiles.yml", "q: {outputs: {default: {type: duckdb, path: warehouse.duckdb}}}")
    workspace.write("models/order.sql", "{{ config(materialized='table') }} select 1 as id")
    workspace.write(
        "models/sources.yml",
        """
        sources:
          - name: raw
            quoting: {database: false}
            tables: [{name: a}, {name: b, quoting: {database: true, schema: false}}]
        """,
    )
    return workspace


def printed(workspace: Any, expression: str) -> str:
    """What an expression prints into a table."""
    workspace.write("models/said.sql", "select '{{ " + expression + " }}' as said")
    workspace.dryland("apply", "--yes")
    ((said,),) = workspace.sql("from said")
    return str(said)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("this", '"warehouse".main.said'),
        ("ref('order')", '"warehouse".main.order'),
        ("ref('order').quote(identifier=true)", '"warehouse".main."order"'),
        ("ref('order').include(database=false)", "main.order"),
        ("ref('order').quote_policy.identifier", "False"),
        ("source('raw', 'a')", 'warehouse."raw"."a"'),
        ("source('raw', 'b')", '"warehouse".raw."b"'),
        ("api.Relation.create(schema='s', identifier='t')", '"s"."t"'),
    ],
)
def test_names_are_printed_as_the_team_has_it(printing: Any, expression: str, said: str) -> None:
    assert printed(printing, expression) == said


def test_a_reserved_word_is_read_though_it_is_not_quoted(printing: Any) -> None:
    """dbt fails here: it sends what it prints. Here the name stands for the very table, whatever it is called."""
    printing.write("models/reader.sql", "select id + 1 as id from {{ ref('order') }}")
    printing.write("models/reader.yml", "models: [{name: order, columns: [{name: id, data_tests: [unique]}]}]")
    printing.dryland("apply", "--yes")
    assert printing.sql("from reader") == [(2,)]


def test_names_may_be_longer_than_other_warehouses_have_them(printing: Any) -> None:
    printing.write(f"models/{LONG}.sql", f"select 1 as {LONG}_id")
    printing.write(f"models/{LONG}_too.sql", f"select {LONG}_id from {{{{ ref('{LONG}') }}}}")
    printing.dryland("apply", "--yes")
    assert printing.sql(f"select {LONG}_id from {LONG}_too") == [(1,)]
