"""A project for dbt-postgres is read as it is: its profile, its configuration, and what templates see of both."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pytest

from dryland.errors import DrylandError
from dryland.plan.definition import grants_of
from dryland.plan.key import config_hash
from dryland.project.grants import Grant
from dryland.project.indexes import Index
from dryland.project.kept import read_project
from dryland.project.nodes import Node
from dryland.project.opening import Asked
from dryland.project.project import Project

POSTGRES = "type: postgres, host: db.example.org, user: ana, password: hunter2, port: 5433, dbname: shop, schema: marts"
DUCKDB = "type: duckdb, path: shop.duckdb, schema: marts"
TARGETS = {"postgres": POSTGRES, "duckdb": DUCKDB}


def read(workspace: Any, files: Mapping[str, str], kind: str = "postgres") -> Project:
    workspace.write("dbt_project.yml", "name: shop\nprofile: shop\n")
    workspace.write("profiles.yml", f"shop: {{target: dev, outputs: {{dev: {{{TARGETS.get(kind, kind)}}}}}}}\n")
    for path, text in files.items():
        workspace.write(path, text)
    return read_project(Asked(workspace.root, os.environ))


def model(workspace: Any, config: str, kind: str = "postgres", sql: str = "select 1 as id") -> Node:
    return read(workspace, {"models/m.sql": f"{{{{ config({config}) }}}}\n{sql}\n"}, kind).nodes["model.shop.m"]


def refused(workspace: Any, files: Mapping[str, str], kind: str = "postgres") -> DrylandError:
    with pytest.raises(DrylandError) as caught:
        read(workspace, files, kind)
    return caught.value


# --- the profile -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["dbname", "database"])
def test_names_begin_with_the_database_of_the_profile(workspace, key: str) -> None:
    project = read(workspace, {"models/m.sql": "select 1 as id"}, POSTGRES.replace("dbname", key))
    relation = project.nodes["model.shop.m"].relation
    assert (relation.database, relation.schema, relation.name) == ("shop", "marts", "m")


def test_templates_see_the_connection_and_no_password(workspace) -> None:
    keys = ("host", "user", "port", "dbname", "role", "sslmode")
    asked = " ".join(f"{{{{ target.{key} }}}}" for key in keys)
    hidden = "{{ target.password is defined }} {{ target.pass is defined }} {{ target.items() | list }}"
    files = {"models/m.sql": f"select '{asked}' as a, $${hidden}$$ as b"}
    project = read(workspace, files, f"{POSTGRES}, role: builder")
    sql = project.nodes["model.shop.m"].rendered.sql
    assert "db.example.org ana 5433 shop builder None" in sql
    assert "False False" in sql
    assert "hunter2" not in sql + repr(project.warehouse) + repr(project.templates.target)
    assert project.warehouse.settings["password"] == "hunter2"


def test_a_profile_says_which_database_it_means(workspace) -> None:
    error = refused(workspace, {}, "type: postgres, host: here, schema: marts")
    assert "which database" in error.message
    assert (error.path, error.line, error.hint) == ("profiles.yml", 1, "dbname: analytics")


def test_a_setting_that_nobody_knows_is_not_passed_over(workspace) -> None:
    error = refused(workspace, {}, POSTGRES + ", sslmod: require")
    assert "sslmod" in error.message
    assert error.hint == "did you mean `sslmode`?"


def test_everything_that_dbt_and_libpq_take_is_taken(workspace) -> None:
    more = (
        "search_path: 'marts, raw', role: builder, sslmode: require, sslcert: a, sslkey: b, sslrootcert: c, "
        "keepalives_idle: 5, connect_timeout: 3, retries: 2, service: s, passfile: p, application_name: dbt, "
        "options: '-c x=y', statement_timeout: 5s, lock_timeout: 1s, autocommit: true, threads: 2"
    )
    assert read(workspace, {}, f"{POSTGRES}, {more}").warehouse.threads == 2


# --- indexes, tables without a log, grants -----------------------------------------------------------------------


def test_indexes_and_the_log_are_read(workspace) -> None:
    entries = "{'columns': ['id']}, {'columns': ['lower(a)', 'id desc'], 'unique': true, 'type': 'BTree'}"
    node = model(workspace, f"materialized='table', unlogged=true, indexes=[{entries}]")
    assert node.indexes == (Index(("id",)), Index(("lower(a)", "id desc"), True, "btree"))
    assert node.is_unlogged


def test_grants_name_roles_exactly(workspace) -> None:
    node = model(
        workspace, """grants={'select': ['Reporting', '"Ana B"', 'reporting'], 'INSERT': 'bo', 'update': []}"""
    )
    assert node.grants == (Grant("select", ("reporting", "Ana B")), Grant("insert", ("bo",)), Grant("update", ()))
    assert grants_of(node) == {"select": ["Ana B", "reporting"], "insert": ["bo"], "update": []}


@pytest.mark.parametrize(
    ("config", "message", "hint"),
    [
        ("indexes: {columns: [id]}", "`indexes` is a list", "indexes: [{columns:"),
        ("indexes: [id]", "keys and values, not `id`", "indexes: [{columns:"),
        ("indexes: [{column: [id]}]", "no key `column`", "did you mean `columns`?"),
        ("indexes: [{columns: id}]", "a list of names, not `id`", "indexes: [{columns:"),
        ("indexes: [{columns: []}]", "a list of names", "indexes: [{columns:"),
        ("indexes: [{columns: [1]}]", "a list of names", "indexes: [{columns:"),
        ("indexes: [{columns: [id], unique: sometimes}]", "neither true nor false", "without quotes"),
        ("indexes: [{columns: [id], type: 'hash (id); drop table x'}]", "is a word", "btree"),
        ("unlogged: 'yes'", "neither true nor false", "without quotes"),
        ("grants: select", "who may do what", "grants: {select:"),
        ("grants: {'select on x; --': [a]}", "no privilege", "grants: {select:"),
        ("grants: {select: [1]}", "list of names", "grants: {select:"),
    ],
)
def test_a_bad_value_is_refused_where_it_stands(workspace, config: str, message: str, hint: str) -> None:
    files = {"models/m.sql": "select 1 as id", "models/m.yml": f"models:\n  - name: m\n    config:\n      {config}\n"}
    error = refused(workspace, files)
    assert message in error.message
    assert hint in error.hint
    assert (error.path, error.line) == ("models/m.yml", 4)


def test_they_say_nothing_on_duckdb(workspace) -> None:
    node = model(workspace, "unlogged='yes', indexes=5, grants={'select': 'ana'}", "duckdb")
    assert (node.indexes, node.is_unlogged, node.grants) == ((), False, ())


def test_what_shapes_the_table_is_in_its_key_and_grants_are_not(workspace) -> None:
    plain = config_hash(model(workspace, "materialized='table'"), dialect="postgres")
    indexed = config_hash(model(workspace, "materialized='table', indexes=[{'columns': ['id']}]"), dialect="postgres")
    unlogged = config_hash(model(workspace, "materialized='table', unlogged=true"), dialect="postgres")
    granted = config_hash(model(workspace, "materialized='table', grants={'select': 'ana'}"), dialect="postgres")
    assert len({plain, indexed, unlogged}) == 3
    assert granted == plain


def test_hooks_are_read_as_the_sql_of_the_warehouse(workspace) -> None:
    """A comment at the end of a statement is no part of it, nor is one in dollars."""
    hook = "do $body$ begin perform 1; end $body$; -- done"
    config = f"materialized='table', post_hook=\"{hook}\""
    bare = config.replace(" -- done", "")
    assert config_hash(model(workspace, config), dialect="postgres") == config_hash(
        model(workspace, bare), dialect="postgres"
    )


# --- what goes where ---------------------------------------------------------------------------------------------


def test_another_database_is_refused(workspace) -> None:
    error = refused(workspace, {"models/m.sql": "{{ config(database='other') }}select 1 as id"})
    assert "`other`" in error.message
    assert error.path == "models/m.sql"
    assert "schema" in error.hint


def test_a_source_of_another_database_is_refused_where_it_is_read(workspace) -> None:
    sources = "sources:\n  - name: far\n    database: other\n    tables: [{name: t}]\n"
    assert read(workspace, {"models/s.yml": sources, "models/m.sql": "select 1 as id"}).sources
    error = refused(workspace, {"models/m.sql": "select * from {{ source('far', 't') }}"})
    assert (error.path, "`other`" in error.message) == ("models/s.yml", True)


def test_a_location_of_files_is_a_word_of_the_teams_own(workspace) -> None:
    sources = "sources: [{name: raw, meta: {external_location: 'data/{name}.csv'}, tables: [{name: t}]}]\n"
    files = {"models/s.yml": sources, "models/m.sql": "select * from {{ source('raw', 't') }}"}
    assert '"shop"."raw"."t"' in read(workspace, files).nodes["model.shop.m"].rendered.sql
    assert "'data/t.csv'" in read(workspace, files, "duckdb").nodes["model.shop.m"].rendered.sql


def test_a_materialized_view_is_built(workspace) -> None:
    assert model(workspace, "materialized='materialized_view'").materialized == "materialized_view"
    error = refused(workspace, {}, "duckdb")
    assert "nothing makes `materialized: materialized_view`" in error.message


BATCHES = (
    "materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day', "
    "begin='2026-01-01'"
)


def test_batches_are_merged_by_their_key(workspace) -> None:
    files = {"models/m.sql": f"{{{{ config({BATCHES}) }}}} select 1 as id, now() as at"}
    assert "has no unique_key" in refused(workspace, files).message
    keyed = {"models/m.sql": files["models/m.sql"].replace("'2026-01-01'", "'2026-01-01', unique_key='id'")}
    assert read(workspace, keyed).nodes["model.shop.m"].config["unique_key"] == "id"
    assert "has a unique_key" in refused(workspace, keyed, "duckdb").message


@pytest.mark.parametrize(
    ("kind", "config", "macro"),
    [
        ("postgres", "", "get_incremental_append_sql"),
        ("postgres", "unique_key='id'", "get_incremental_delete_insert_sql"),
        ("postgres", "unique_key='id'", "postgres__get_delete_insert_merge_sql"),
        ("postgres", "incremental_strategy='merge', unique_key='id'", "default__get_merge_sql"),
        ("duckdb", "", "get_incremental_delete_insert_sql"),
        ("duckdb", "incremental_strategy='merge', unique_key='id'", "duckdb__get_merge_sql"),
    ],
)
def test_a_macro_of_the_projects_own_writes_what_the_adapter_would(workspace, kind, config: str, macro: str) -> None:
    """dbt-postgres appends without a key, and deletes and inserts with one; dbt-duckdb always does the latter."""
    workspace.write("macros/own.sql", "{% macro " + macro + "(a) %}select 1{% endmacro %}\n")
    assert model(workspace, f"materialized='incremental', {config}", kind).strategy_hash
    workspace.write("macros/own.sql", "{% macro get_incremental_other_sql(a) %}select 1{% endmacro %}\n")
    assert not model(workspace, f"materialized='incremental', {config}", kind).strategy_hash


def test_macros_are_dispatched_to_the_adapter(workspace) -> None:
    own = "{% macro said() %}{{ return(adapter.dispatch('said')()) }}{% endmacro %}"
    forms = "".join(f"{{% macro {kind}__said() %}}{kind}{{% endmacro %}}" for kind in ("postgres", "duckdb", "default"))
    workspace.write("macros/own.sql", own + forms)
    sql = "select '{{ said() }} {{ adapter.type() }} {{ adapter.external_root is defined }}' as a"
    assert "postgres postgres False" in model(workspace, "", sql=sql).rendered.sql
    assert "duckdb duckdb True" in model(workspace, "", "duckdb", sql=sql).rendered.sql


def test_a_macro_that_nobody_calls_is_told(workspace) -> None:
    workspace.write("macros/own.sql", "{% macro postgres__create_table_as(a, b, c) %}select 1{% endmacro %}\n")
    warnings = read(workspace, {"models/m.sql": "select 1 as id"}).warnings
    assert any("postgres__create_table_as` has no effect" in each for each in warnings)
