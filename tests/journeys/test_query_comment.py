"""`query-comment` says on every statement which model it builds, and changes nothing else."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def asking(workspace: Any) -> Any:
    """A model that tells the statement by which it was built."""
    workspace.write("profiles.yml", "asking: {outputs: {default: {type: duckdb, path: warehouse.duckdb}}}")
    workspace.write("models/said.sql", "{{ config(materialized='table', tags=['t']) }}\nselect current_query() as said")
    return workspace


def commented(workspace: Any, comment: str) -> str:
    """The statement that built the model."""
    workspace.write("dbt_project.yml", f"name: asking\nprofile: asking\nquery-comment: {comment}\n")
    workspace.dryland("apply", "--yes")
    ((said,),) = workspace.sql("from said")
    return str(said)


@pytest.mark.parametrize(
    ("comment", "start", "end"),
    [
        ("by {{ target.name }}", "/* by default */\nCREATE", ")"),
        (
            '{comment: "{{ node.name }} {{ node.config.materialized }} {{ node.nothing }}.", append: true}',
            "CREATE", ")\n/* said table . */",
        ),
        ('"{{ mine(node, connection_name) }}"', "/* said, model.asking.said, asking */\nCREATE", ")"),
        ("{comment: plain, job-label: true}", "/* plain */\nCREATE", ")"),
        ("null", "CREATE", ")"),
        ('""', "CREATE", ")"),
    ],
)  # fmt: skip
def test_a_statement_says_what_the_team_wants(asking: Any, comment: str, start: str, end: str) -> None:
    asking.write(
        "macros/mine.sql",
        "{% macro mine(node, name) %}{{ node.name }}, {{ name }}, {{ project_name }}{% endmacro %}",
    )
    said = commented(asking, comment)
    assert said.startswith(start)
    assert said.endswith(end)


def test_another_comment_builds_nothing(asking: Any) -> None:
    commented(asking, "one")
    asking.edit("dbt_project.yml", "one", "two")
    assert asking.dryland("plan", "--json").json["steps"] == [] or all(
        step["action"] == "reuse" for step in asking.dryland("plan", "--json").json["steps"]
    )


@pytest.mark.parametrize("append", ["false", "true"])
def test_an_error_points_at_the_line_of_the_statement(asking: Any, append: str) -> None:
    asking.write("models/said.sql", "{{ config(materialized='table') }}\nselect 1 as a,\n  no_such_column as b")
    asking.write(
        "dbt_project.yml",
        f'name: asking\nprofile: asking\nquery-comment: {{comment: "one\\ntwo\\nthree", append: {append}}}\n',
    )
    error = asking.dryland("apply", "--yes", code=None)
    (line,) = [line for line in (error.out + error.err).splitlines() if line.lstrip().startswith(">")]
    assert "no_such_column" in line


def test_what_would_end_the_comment_is_refused(asking: Any) -> None:
    asking.write("dbt_project.yml", 'name: asking\nprofile: asking\n\nquery-comment: "*/ drop"\n')
    error = asking.dryland("apply", "--yes", code=None)
    assert "dbt_project.yml:4" in error.out + error.err
