"""What a template reads that is rendered late is its code, wherever it stands."""

from __future__ import annotations

import pytest

ASKS = "{% set n = run_query('select 1 as a').columns[0].values()[0] if execute else 0 %}"
TABLE = "{{ config(materialized='table') }}"

pytestmark = pytest.mark.slow


def late(expression: str) -> str:
    return f"{TABLE}{ASKS} select '{{{{ {expression} }}}}' as e, {{{{ n }}}} as n from {{{{ ref('a') }}}}"


def add_to_project(one_table, text: str) -> None:
    one_table.edit("dbt_project.yml", "profile: shop\n", f"profile: shop\n{text}")


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
def test_what_a_late_template_reads_is_its_code(one_table, expression, change) -> None:
    add_to_project(
        one_table,
        "models: {shop: {b: {\n  +own: 1\n}}}\ndispatch: [{macro_namespace: pkg, search_order: [shop, pkg]}]\n",
    )
    one_table.write("packages.yml", "packages:\n  - local: pkg\n")
    one_table.write("pkg/dbt_project.yml", "name: pkg\nversion: '1.0'\n")
    one_table.write(
        "pkg/macros/m.sql",
        "{% macro theirs() %}{{ return(adapter.dispatch('theirs', 'pkg')()) }}{% endmacro %}"
        "{% macro default__theirs() %}1{% endmacro %}",
    )
    one_table.write(
        "macros/m.sql",
        "{% macro get_it() %}1{% endmacro %}{% macro default__of_us() %}1{% endmacro %}"
        "{% macro default__theirs() %}2{% endmacro %}",
    )
    one_table.write(
        "models/b.yml",
        """
        version: 2
        models: [{name: a, description: first}, {name: b, config: {meta: {own: 1}}}]
        """,
    )
    one_table.write("models/b.sql", late(expression))
    one_table.dryland("apply", "--yes")
    assert one_table.building() == []
    one_table.edit(*change)
    assert "b" in one_table.building()


def test_a_late_template_is_not_built_again_for_words(one_table) -> None:
    one_table.write("models/b.sql", late("config.get('own', 1)"))
    one_table.dryland("apply", "--yes")
    one_table.write(
        "models/b.yml", "version: 2\nmodels: [{name: b, description: new, config: {tags: [x], meta: {y: 1}}}]"
    )
    assert one_table.building() == []


@pytest.mark.parametrize(
    "hook", ["", "{% if run_query('select 1') %}update {{ this }} set e = '{{ env_var('FOO', 'x') }}'{% endif %}"]
)
def test_the_environment_that_late_code_reads_is_its_code(one_table, hook) -> None:
    sql = f'{{{{ config(materialized="table", post_hook="{hook}") }}}} select \'a\' as e' if hook else ""
    one_table.write("models/b.sql", sql or late("env_var('FOO', 'x')"))
    one_table.dryland("apply", "--yes", FOO="one")
    assert one_table.building(FOO="one") == []
    assert one_table.building(FOO="two") == ["b"]


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
def test_vars_in_code_that_is_rendered_elsewhere_are_code(one_table, macro, path, model) -> None:
    one_table.edit("models/a.sql", "1 as id", "timestamp '2026-01-02' as id" if "event_time" in model else "1 as id")
    one_table.write("macros/m.sql", macro)
    one_table.write(path, model)
    one_table.dryland("apply", "--yes")
    assert one_table.building() == []
    assert one_table.building("--vars", "v: 'true'") == ["b"]
