"""What decides an outcome is noticed wherever it stands; what nobody looked at is not published."""

from __future__ import annotations

import os
from typing import Any

import pytest

from dryland.project import kept

ASKS = "{% set n = run_query('select 1 as a').columns[0].values()[0] if execute else 0 %}"
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


@pytest.fixture
def project(workspace):
    workspace.write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\n")
    workspace.write(
        "profiles.yml",
        """
        shop:
          target: dev
          outputs:
            dev: {type: duckdb, path: warehouse.duckdb, schema: main, threads: 4}
        """,
    )
    workspace.write("models/a.sql", f"{TABLE} select 1 as id")
    return workspace


def building(project, *arguments: str, **environment: str) -> list[str]:
    steps = project.dryland("plan", "--json", *arguments, **environment).json["steps"]
    return [step["node"].split(".")[2] for step in steps if step["action"] == "build"]


# --- what a template reads that is rendered late ------------------------------------------------------------------


def late(expression: str) -> str:
    return f"{TABLE}{ASKS} select '{{{{ {expression} }}}}' as e, {{{{ n }}}} as n from {{{{ ref('a') }}}}"


def add_to_project(project, text: str) -> None:
    project.edit("dbt_project.yml", "profile: shop\n", f"profile: shop\n{text}")


@pytest.mark.parametrize(
    ("expression", "change"),
    [
        ("config.get('own')", ("dbt_project.yml", "+own: 1", "+own: 2")),
        ("config.get('meta')['own']", ("models/b.yml", "own: 1", "own: 2")),
        ("graph.nodes['model.shop.a'].description", ("models/b.yml", "first", "second")),
        ("ref('a').identifier", ("models/a.sql", "'table'", "'table', alias='z'")),
        ("context['get_' ~ 'it']()", ("macros/m.sql", "get_it() %}1", "get_it() %}2")),
        ("adapter.dispatch('of_' ~ 'us')()", ("macros/m.sql", "of_us() %}1", "of_us() %}2")),
        ("pkg.theirs()", ("dbt_project.yml", "[shop, pkg]", "[pkg, shop]")),
    ],
)
def test_what_a_late_template_reads_is_its_code(project, expression, change) -> None:
    add_to_project(
        project,
        "models: {shop: {b: {\n  +own: 1\n}}}\ndispatch: [{macro_namespace: pkg, search_order: [shop, pkg]}]\n",
    )
    project.write("packages.yml", "packages:\n  - local: pkg\n")
    project.write("pkg/dbt_project.yml", "name: pkg\nversion: '1.0'\n")
    project.write(
        "pkg/macros/m.sql",
        "{% macro theirs() %}{{ return(adapter.dispatch('theirs', 'pkg')()) }}{% endmacro %}"
        "{% macro default__theirs() %}1{% endmacro %}",
    )
    project.write(
        "macros/m.sql",
        "{% macro get_it() %}1{% endmacro %}{% macro default__of_us() %}1{% endmacro %}"
        "{% macro default__theirs() %}2{% endmacro %}",
    )
    project.write(
        "models/b.yml",
        """
        version: 2
        models: [{name: a, description: first}, {name: b, config: {meta: {own: 1}}}]
        """,
    )
    project.write("models/b.sql", late(expression))
    project.dryland("apply", "--yes")
    assert building(project) == []
    project.edit(*change)
    assert "b" in building(project)


def test_a_late_template_is_not_built_again_for_words(project) -> None:
    project.write("models/b.sql", late("config.get('own', 1)"))
    project.dryland("apply", "--yes")
    project.write(
        "models/b.yml", "version: 2\nmodels: [{name: b, description: new, config: {tags: [x], meta: {y: 1}}}]"
    )
    assert building(project) == []


@pytest.mark.parametrize(
    "hook", ["", "{% if run_query('select 1') %}update {{ this }} set e = '{{ env_var('FOO', 'x') }}'{% endif %}"]
)
def test_the_environment_that_late_code_reads_is_its_code(project, hook) -> None:
    sql = f'{{{{ config(materialized="table", post_hook="{hook}") }}}} select \'a\' as e' if hook else ""
    project.write("models/b.sql", sql or late("env_var('FOO', 'x')"))
    project.dryland("apply", "--yes", FOO="one")
    assert building(project, FOO="one") == []
    assert building(project, FOO="two") == ["b"]


@pytest.mark.parametrize(
    ("macro", "path", "model"),
    [
        (
            "{% macro get_incremental_own_sql(a) %}insert into {{ a.target_relation }} "
            "select id, {{ var('v', '1') }} from {{ a.temp_relation }}{% endmacro %}",
            "models/b.sql",
            "{{ config(materialized='incremental', incremental_strategy='own') }} "
            "select id, 0 as v from {{ ref('a') }}",
        ),
        (
            "{% macro snapshot_own_strategy(node, old, new, config, exists) %}{{ return({'unique_key': 'id', "
            "'updated_at': \"timestamp '2020-01-01'\", 'row_changed': var('v', 'false'), "
            "'scd_id': 'md5(id::varchar)'}) }}{% endmacro %}",
            "snapshots/b.sql",
            "{% snapshot b %}{{ config(strategy='own', unique_key='id') }} "
            "select * from {{ ref('a') }}{% endsnapshot %}",
        ),
        (
            "",
            "models/b.sql",
            "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='id', "
            "begin='2026-01-01', batch_size='year') }} select id{% if model.batch %}, {{ var('v', '1') }} as v"
            "{% else %}, 1 as v{% endif %} from {{ ref('a') }}",
        ),
        (
            "",
            "models/b.sql",
            TABLE + " select id from {{ ref('a') }} where {% if run_started_at.year > 2000 %}id > {{ var('v', '1') }}"
            "{% else %}true{% endif %}",
        ),
    ],
    ids=["incremental strategy", "snapshot strategy", "batch", "by the clock"],
)
def test_vars_in_code_that_is_rendered_elsewhere_are_code(project, macro, path, model) -> None:
    project.edit("models/a.sql", "1 as id", "timestamp '2026-01-02' as id" if "event_time" in model else "1 as id")
    project.write("macros/m.sql", macro)
    project.write(path, model)
    project.dryland("apply", "--yes")
    assert building(project) == []
    assert building(project, "--vars", "v: 'true'") == ["b"]


def test_a_project_that_grows_is_planned_as_it_was_kept(project, monkeypatch) -> None:
    """Whether a strategy is the team's own is written down with the node: nothing has to be read for it again."""
    project.write("models/b.sql", "{{ config(materialized='incremental') }} select id from {{ ref('a') }}")
    project.write(
        "snapshots/c.sql",
        "{% snapshot c %}{{ config(strategy='check', unique_key='id', check_cols='all') }} "
        "select * from {{ ref('a') }}{% endsnapshot %}",
    )
    project.dryland("apply", "--yes")
    project.dryland("plan")
    monkeypatch.setattr(kept, "_loaded", lambda asked: pytest.fail("it was read again"))
    assert building(project) == []


# --- a kept project -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["logs", "target", "venv", ".hidden"])
def test_a_model_is_seen_in_a_folder_of_any_name(project, folder) -> None:
    project.write(f"models/{folder}/b.sql", "select 1 as id")
    building(project)
    project.write(f"models/{folder}/b.sql", "select 2 as id, 3 as other")
    project.dryland("apply", "--yes")
    assert project.sql("select * from b") == [(2, 3)]


@pytest.mark.parametrize(
    ("kind", "file", "text"), [("model", "b.sql", "select {} as id"), ("seed", "b.csv", "id\n{}\n")]
)
def test_a_folder_outside_of_the_project_is_looked_at(project, workspace_at, tmp_path, kind, file, text) -> None:
    inner = workspace_at(tmp_path / "inner")
    inner.write("dbt_project.yml", f"name: shop\nversion: '1.0'\nprofile: shop\n{kind}-paths: ['../shared']\n")
    inner.write("profiles.yml", (project.root / "profiles.yml").read_text())
    inner.write(f"../shared/{file}", text.format(1))
    building(inner)
    inner.write(f"../shared/{file}", text.format(22))
    inner.dryland("apply", "--yes")
    assert inner.sql("select * from b") == [(22,)]


@pytest.mark.parametrize("change", ["select 22 as id", None])
def test_what_changes_while_it_is_read_is_not_kept(project, monkeypatch, change) -> None:
    project.write("models/b.sql", "select 1 as id")
    real = kept._loaded

    def slow(asked: Any) -> Any:
        found = real(asked)
        project.write("models/b.sql", change) if change else (project.root / "models/b.sql").unlink()
        return found

    monkeypatch.setattr(kept, "_loaded", slow)
    building(project)
    monkeypatch.setattr(kept, "_loaded", real)
    assert ("b" in building(project)) is bool(change)
    if change:
        project.dryland("apply", "--yes")
        assert project.sql("select * from b") == [(22,)]


def test_a_link_to_nowhere_hides_no_file(project) -> None:
    """Editors put such links beside the files that they have open."""
    for number in range(6):
        project.write(f"models/n{number}.sql", "select 1 as id")
        (project.root / f"models/.#n{number}.sql").symlink_to("nobody@nowhere.1")
    building(project)
    for number in range(6):
        project.write(f"models/n{number}.sql", "select 22 as id")
    project.dryland("apply", "--yes")
    assert [project.sql(f"select * from n{number}") for number in range(6)] == [[(22,)]] * 6


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owners here")
def test_what_somebody_else_wrote_is_not_unpickled(project, monkeypatch) -> None:
    building(project)
    monkeypatch.setattr(os, "getuid", lambda: 1_000_000)
    monkeypatch.setattr(kept.pickle, "loads", lambda text: pytest.fail("it was unpickled"))
    building(project)


def test_who_has_no_home_can_work(project, monkeypatch) -> None:
    def nobody(path: Any) -> Any:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(kept.Path, "expanduser", nobody)
    monkeypatch.delenv("DRYLAND_CACHE")
    assert building(project) == ["a"]


# --- what readers of a change see ---------------------------------------------------------------------------------


@pytest.mark.parametrize("materialized", ["table", "view"])
def test_readers_follow_what_asked_about_the_outside(project, materialized) -> None:
    project.arrives("create schema ext", "create table ext.t as select 1 as v")
    project.write(
        "models/x.sql",
        f"{{{{ config(materialized='{materialized}') }}}}{{% set v = run_query('select max(v) as v from ext.t')"
        ".columns[0].values()[0] if execute else 0 %} select {{ v }} as v",
    )
    project.write("models/y.sql", TABLE + " select v * 10 as v from {{ ref('x') }}")
    project.dryland("apply", "--yes")
    project.arrives("update ext.t set v = 2")
    project.dryland("run", "--yes")
    assert (project.sql("from x"), project.sql("from y")) == ([(2,)], [(20,)])
    assert building(project) == []


def test_a_late_template_that_asks_the_clock_is_asked_again(project) -> None:
    project.write("models/x.sql", TABLE + ASKS.replace("select 1", "select now()::varchar") + " select '{{ n }}' as v")
    project.dryland("apply", "--yes")
    before = project.sql("from x")
    project.dryland("run", "--yes")
    assert project.sql("from x") != before


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ("config: {column_types: {a: integer}}", "config: {column_types: {a: double}}", "seeds/s.yml"),
        ("as 1;", "as 2;", "models/x.sql"),
        (", unique_key='a'", "", "models/x.sql"),
    ],
    ids=["types of a seed", "a header", "a key"],
)
def test_readers_follow_configuration_that_shapes_rows(project, before, after, path) -> None:
    project.write("seeds/s.csv", "a\n5\n")
    project.write("seeds/s.yml", "version: 2\nseeds:\n  - name: s\n    config: {column_types: {a: integer}}\n")
    header = "{% call set_sql_header(config) %}create or replace temp macro f() as 1;{% endcall %}"
    project.write(
        "models/x.sql",
        header + "{{ config(materialized='incremental', unique_key='a') }} select a, f() as f from {{ ref('s') }}",
    )
    project.write("models/y.sql", TABLE + " select a::varchar || '|' || f || '|' || typeof(a) as v from {{ ref('x') }}")
    project.write("models/z.sql", TABLE + " select typeof(a) as v from {{ ref('s') }}")
    project.dryland("apply", "--yes")
    project.edit(path, before, after)
    project.dryland("apply", "--yes")
    assert sorted(project.sql("from y")) == sorted(
        project.sql("select a::varchar || '|' || f || '|' || typeof(a) from x")
    )
    assert project.sql("from z") == project.sql("select typeof(a) from s")


@pytest.mark.parametrize(
    "hook",
    [
        "insert into {{ this }} select id from {{ ref('zz') }}",
        "{% set n = run_query('select max(id) from ' ~ ref('zz')).columns[0].values()[0] %}"
        "insert into {{ this }} select {{ n }}",
        "insert into {{ this }} select v from {{ source('ext', 't') }}",
        "insert into {{ this }} select v from ext.t",
    ],
)
def test_what_a_hook_reads_is_an_input(project, hook) -> None:
    project.arrives("create schema ext", "create table ext.t as select 1 as v")
    project.write("models/sources.yml", SOURCES)
    project.write("models/zz.sql", TABLE + " select v as id from {{ source('ext', 't') }}")
    project.write("models/b.sql", f'{{{{ config(materialized="table", post_hook="{hook}") }}}} select 0 as id')
    project.dryland("apply", "--yes")
    assert sorted(project.sql("from b")) == [(0,), (1,)]
    assert building(project) == []
    project.arrives("update ext.t set v = 2")
    project.dryland("run", "--yes")
    assert sorted(project.sql("from b")) == [(0,), (2,)]


def test_this_is_the_table_of_the_same_environment(project) -> None:
    project.write(
        "models/x.sql",
        TABLE + "{% set r = load_relation(this) if execute else none %}{% set v = run_query('select max(v) as v from '"
        " ~ this).columns[0].values()[0] if r else 0 %} select {{ v }} + 1 as v",
    )
    project.dryland("apply", "--yes")
    project.dryland("run", "--yes")
    assert project.sql("from x") == [(2,)]
    project.dryland("apply", "--yes", "-e", "dev")
    project.edit("models/x.sql", "+ 1 as v", "+ 100 as v")
    project.dryland("apply", "--yes", "-e", "fresh")
    assert project.sql("from main__fresh.x") == [(100,)]


# --- what checks looked at ----------------------------------------------------------------------------------------


def test_a_test_knows_the_ephemeral_models_that_it_reads(project) -> None:
    project.arrives("create schema ext", "create table ext.t as select 1 as id where false")
    project.write(
        "models/e.sql",
        "{{ config(materialized='ephemeral') }} select * from {{ ref('a') }} where id > {{ var('m', 5) }}",
    )
    project.write("models/e2.sql", "{{ config(materialized='ephemeral') }} select e.* from {{ ref('e') }} e")
    project.write(
        "models/o.sql", "{{ config(materialized='ephemeral') }} select a.* from {{ ref('a') }} a join ext.t using (id)"
    )
    project.write(
        "models/l.sql",
        "{{ config(materialized='ephemeral') }}{% set n = run_query('select count(*) as n from ext.t').columns[0]"
        ".values()[0] if execute else 0 %} select * from {{ ref('a') }} where {{ n }} > 0",
    )
    project.write("tests/v.sql", "select * from {{ ref('l') }}")
    project.write("tests/t.sql", "select * from {{ ref('e2') }}")
    project.write("tests/u.sql", "select * from {{ ref('o') }}")
    project.dryland("apply", "--yes")
    project.dryland("check")
    assert "fail t:" in project.dryland("check", "--vars", "m: 0", code=1).out
    project.arrives("insert into ext.t values (1)")
    said = project.dryland("check", code=1).out
    assert "fail u:" in said
    assert "fail v:" in said


@pytest.mark.parametrize("bad", ["null", "'no number'"], ids=["refused", "not built"])
def test_a_check_of_two_tables_holds_for_what_is_published(project, bad) -> None:
    """What was judged beside a candidate that stays unseen, or could not be judged, waits with it."""
    project.arrives(
        "create schema ext", "create table ext.t as select 1 as id, '1' as x", "create table ext.u as select 1 as id"
    )
    project.write("models/sources.yml", SOURCES)
    project.write("models/pp.sql", TABLE + " select id, x::int as x from {{ source('ext', 't') }}")
    project.write("models/c.sql", TABLE + " select id as pid from {{ source('ext', 'u') }}")
    project.write(
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
    project.dryland("apply", "--yes")
    project.arrives(f"insert into ext.t values (2, {bad})", "insert into ext.u values (2)")
    project.dryland("run", "--yes", code=1)
    assert project.sql("from c") == [(1,)]
    project.dryland("check")
    project.arrives("update ext.t set x = '2' where id = 2")
    project.dryland("run", "--yes")
    assert len(project.sql("from c")) == 2


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
def test_a_unit_test_is_asked_again_when_its_inputs_are_other_ones(project, of, model, value, change) -> None:
    project.write("seeds/s.csv", "a\n5\n" if "'" not in change[1] else "a,b;c\n5,2;3\n")
    project.write("seeds/s.yml", "version: 2\nseeds:\n  - name: s\n    config: {delimiter: ','}\n")
    project.write(
        "models/sources.yml",
        "version: 2\nsources:\n  - name: ext\n    tables:\n      - {name: t, columns: [{name: a, data_type: int}]}\n",
    )
    project.write(
        "snapshots/sn.sql",
        "{% snapshot sn %}{{ config(strategy='check', unique_key='a', check_cols='all', "
        "snapshot_meta_column_names={'dbt_valid_to': 'dbt_valid_to'}) }} select * from {{ ref('s') }}{% endsnapshot %}",
    )
    project.write("models/m.sql", f"select {model} as v from {{{{ {of} }}}}")
    project.write("models/u.yml", UNIT_TEST.replace("INPUT", of).replace("VALUE", value))
    project.dryland("test")
    project.edit(*change)
    assert project.dryland("test", code=None).code != 0
