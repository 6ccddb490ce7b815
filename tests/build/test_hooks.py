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


def test_a_start_that_fails_stops_before_anything_is_built(shop) -> None:
    shop.edit("dbt_project.yml", "models:", "on-run-start: ['insert into nowhere values (1)']\nmodels:")
    answer = shop.dryland("apply", "--yes", code=3)
    assert "dbt_project.yml: on-run-start failed" in answer.err
    assert "nowhere" in answer.err
    assert shop.dryland("release", "list", "--json").json["releases"] == []


def test_an_end_that_fails_is_told_and_changes_nothing(shop) -> None:
    shop.edit("dbt_project.yml", "models:", "on-run-end: ['insert into nowhere values (1)']\nmodels:")
    answer = shop.dryland("apply", "--yes")
    assert "Published release 1" in answer.out
    assert "dbt_project.yml: on-run-end failed" in answer.out


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


def test_a_hook_that_fails_undoes_the_build(logged) -> None:
    logged.write("models/marts/hooked.sql", "{{ config(post_hook='delete from nowhere') }}\nselect 1 as x")
    answer = logged.dryland("apply", "--yes", code=3)
    assert "models/marts/hooked.sql" in answer.out
    assert logged.sql("select count(*) from duckdb_tables() where table_name like 'hooked%'") == [(0,)]
