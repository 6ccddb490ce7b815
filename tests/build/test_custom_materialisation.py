"""A materialization that the project wrote in Jinja makes what it makes under dbt, behind the same gate."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from real_dbt import DBT, dbt

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "tests" / "cases" / "build" / "custom"
LOG = """
{% materialization append_log, default %}
  {%- set existing = load_cached_relation(this) -%}
  {% if existing is none %}
    {% call statement('main') %}{{ create_table_as(false, this, sql) }}{% endcall %}
  {% else %}
    {% call statement('main') %}insert into {{ this }} {{ sql }}{% endcall %}
  {% endif %}
  {% do adapter.commit() %}
  {{ return({'relations': [this]}) }}
{% endmaterialization %}
"""


@pytest.fixture
def custom(workspace):
    """One model for each form of materialization: see the files."""
    shutil.copytree(PROJECT, workspace.root, dirs_exist_ok=True)
    shutil.copytree(PROJECT / "pack", workspace.root / "dbt_packages" / "pack")
    return workspace


@pytest.fixture
def logged(workspace):
    """A log that keeps its rows, and its reader."""
    shutil.copytree(PROJECT, workspace.root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("models", "macros"))
    workspace.write("macros/append_log.sql", LOG)
    workspace.write("models/log.sql", "{{ config(materialized='append_log') }} select id, amount from {{ ref('raw') }}")
    workspace.write("models/reader.sql", "select count(*) as seen from {{ ref('log') }}")
    return workspace


def store(workspace) -> list[str]:
    query = "select table_name from information_schema.tables where table_schema = 'dryland_store' order by 1"
    return [name for (name,) in workspace.sql(query)]


def dbt_builds(root: Path) -> None:
    done = dbt(root, "--quiet", "build", "--profiles-dir", ".")
    assert done.returncode == 0, done.stdout


@pytest.mark.dbt
@pytest.mark.slow
def test_relations_are_those_of_dbt_after_each_run(custom, tmp_path_factory) -> None:
    """Dropped and created, appended, a view, by adapter, chained macros, swapped, of a package, in place of `table`."""
    if not DBT.exists():
        pytest.skip(f"dbt is missing: there is no {DBT}")
    other = tmp_path_factory.mktemp("dbt")
    shutil.copytree(custom.root, other, dirs_exist_ok=True)
    for more in ("", "3,1.5,cyd\n", "4,2.5,dee\n"):
        for root in (custom.root, other):
            with (root / "seeds" / "raw.csv").open("a") as file:
                file.write(more)
        dbt_builds(other)
        custom.dryland("apply", "--yes")
        assert contents(custom.root) == contents(other)


def contents(root: Path) -> dict[str, Any]:
    import duckdb

    with duckdb.connect(str(root / "warehouse.duckdb"), read_only=True) as connection:
        names = connection.execute("select table_name from information_schema.tables where table_schema = 'main'")
        return {
            name: (
                connection.execute(f'describe main."{name}"').fetchall(),
                sorted(map(repr, connection.execute(f'from main."{name}"').fetchall())),
            )
            for (name,) in names.fetchall()
        }


def test_each_form_of_materialization_makes_its_model(custom) -> None:
    custom.dryland("apply", "--yes")
    assert custom.sql("select what from main.audit") == [("built 2",), ("after",)]
    assert custom.sql("select id, made_by from main.g_pack order by id") == [(1, "pack"), (2, "pack")]
    assert custom.sql("select distinct picked from main.d_both") == [("duckdb",)]
    assert custom.sql("select made_by from main.h_table limit 1") == [("mine",)]
    assert custom.sql("select id_text, total, top, types from main.e_chain order by 1 limit 1") == [
        ("1", 2, 20.25, "INTEGER|DOUBLE")
    ]
    assert [each for each in store(custom) if "__dbt" in each] == []
    kinds = dict(
        custom.sql("select table_name, table_type from information_schema.tables where table_schema = 'dryland_store'")
    )
    assert {name.split("__")[0] for name, kind in kinds.items() if kind == "VIEW"} == {"c_view", "i_view"}


def test_what_was_there_is_there_again(logged) -> None:
    """As under dbt the macro finds its table; here as a copy, so the release before stays what it was."""
    logged.dryland("apply", "--yes")
    logged.edit("seeds/raw.csv", "2,20.25,ben", "2,20.25,ben\n3,1.5,cyd")
    logged.dryland("apply", "--yes")
    assert logged.sql("select count(*) from main.log") == [(5,)]
    assert logged.sql("select seen from main.reader") == [(5,)]
    logged.dryland("rollback", "--yes")
    assert logged.sql("select count(*) from main.log") == [(2,)]


def test_a_view_that_was_there_is_there_again(logged) -> None:
    logged.write(
        "macros/remarking.sql",
        """
        {% materialization remarking, default %}
          {%- set before = load_cached_relation(this) -%}
          {% call statement('main') %}
            create or replace view {{ this }} as
            select *, '{{ before.type if before else 'nothing' }}' as was from ({{ sql }})
          {% endcall %}
          {{ return({'relations': [this]}) }}
        {% endmaterialization %}
        """,
    )
    logged.write("models/log.sql", "{{ config(materialized='remarking') }} select id from {{ ref('raw') }}")
    logged.dryland("apply", "--yes")
    assert logged.sql("select distinct was from main.log") == [("nothing",)]
    logged.edit("models/log.sql", "select id", "select id, 1 as n")
    logged.dryland("apply", "--yes")
    assert logged.sql("select distinct was from main.log") == [("view",)]


@pytest.mark.slow
def test_a_full_refresh_starts_from_nothing(logged) -> None:
    logged.dryland("apply", "--yes")
    logged.dryland("apply", "--yes", "--full-refresh")
    assert logged.sql("select count(*) from main.log") == [(2,)]


@pytest.mark.slow
def test_nothing_changed_is_nothing_to_do(logged) -> None:
    logged.dryland("apply", "--yes")
    assert "Nothing to do" in logged.dryland("plan").out


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (
            "macros/append_log.sql",
            "create_table_as(false, this, sql)",
            "create_table_as(false, this, sql ~ ' limit 1')",
        ),
        ("models/log.sql", "materialized='append_log'", "materialized='append_log', batch=7"),
    ],
)
def test_the_macro_and_what_it_reads_is_code(logged, path: str, old: str, new: str) -> None:
    """Readers are built again too: nobody can tell what the macro does to which column."""
    logged.dryland("apply", "--yes")
    logged.edit(path, old, new)
    steps = logged.dryland("plan", "--json").json["steps"]
    assert {step["node"] for step in steps if step["action"] == "build"} == {"model.custom.log", "model.custom.reader"}


def test_a_macro_that_fails_shows_file_and_line_and_nothing_is_published(logged) -> None:
    logged.dryland("apply", "--yes")
    logged.edit("macros/append_log.sql", "insert into {{ this }} {{ sql }}", "insert into {{ this }} {{ sql }} wher 1")
    answer = logged.dryland("apply", "--yes", code=None)
    assert answer.code != 0
    assert "macros/append_log.sql:6" in answer.out + answer.err
    assert logged.sql("select count(*) from main.log") == [(2,)]
    logged.edit("macros/append_log.sql", "{% do adapter.commit() %}", "{{ exceptions.raise_compiler_error('never') }}")
    logged.edit("macros/append_log.sql", " wher 1", "")
    answer = logged.dryland("apply", "--yes", code=None)
    assert "macros/append_log.sql:8" in answer.out + answer.err
    assert len([name for name in store(logged) if name.startswith("log__")]) == 1


def test_a_check_that_says_no_publishes_nothing(logged) -> None:
    logged.write("models/log.yml", "models: [{name: log, columns: [{name: id, data_tests: [unique]}]}]\n")
    logged.dryland("apply", "--yes")
    logged.edit("seeds/raw.csv", "2,20.25,ben", "2,20.25,ben\n3,1.5,cyd")
    logged.dryland("apply", "--yes", code=1)
    assert logged.sql("select count(*) from main.log") == [(2,)]


def test_a_macro_that_makes_nothing_is_told(logged) -> None:
    logged.write("macros/append_log.sql", "{% materialization append_log, default %}{% endmaterialization %}")
    answer = logged.dryland("apply", "--yes", code=None)
    assert "made no table or view for its model" in answer.out + answer.err
    assert "macro.custom.materialization_append_log_default" in answer.out + answer.err


def test_what_nothing_makes_is_told_with_what_is_near(logged) -> None:
    logged.edit("models/log.sql", "append_log", "append_lok")
    answer = logged.dryland("plan", code=2)
    assert "nothing makes `materialized: append_lok`" in answer.err
    assert "`append_log` exists" in answer.err


@pytest.mark.slow
def test_a_package_replaces_nothing_that_is_built_in(logged) -> None:
    """As in dbt 1.11: a project may, a package may not."""
    failing = "{% materialization view, default %}{{ 1 / 0 }}{% endmaterialization %}"
    logged.write("dbt_packages/pack/macros/view.sql", failing)
    logged.write("dbt_packages/pack/dbt_project.yml", "name: pack\nversion: 1.0.0\n")
    logged.dryland("apply", "--yes")
    logged.write("macros/view.sql", failing)
    answer = logged.dryland("apply", "--yes", code=3)
    assert "macros/view.sql:1" in answer.out


def test_seeds_are_made_by_dryland(logged) -> None:
    logged.write("macros/seed.sql", "{% materialization seed, default %}{% endmaterialization %}")
    assert "a materialization `seed` of the project's own is not supported" in logged.dryland("plan", code=2).err
