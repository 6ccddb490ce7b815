"""A materialization of the project's own makes its table on PostgreSQL, and finds what stood before."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.slow  # starts a server

MACRO = """
{% materialization ledger, adapter='postgres' %}
    {% set before = load_cached_relation(this) %}
    {% call statement('main') %}
        {% if before is none %}
            create table {{ this }} as ({{ sql }})
        {% else %}
            insert into {{ this }} select * from ({{ sql }}) as more
        {% endif %}
    {% endcall %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this]}) }}
{% endmaterialization %}

{% materialization window, adapter='postgres' %}
    {% call statement('main') %} create or replace view {{ this }} as ({{ sql }}) {% endcall %}
    {{ return({'relations': [this]}) }}
{% endmaterialization %}
"""


def test_what_stood_before_is_there(workspace: Any, postgres_server: Any, postgres: str) -> None:
    settings = postgres_server.settings(postgres)
    workspace.write("dbt_project.yml", "name: firm\nprofile: firm\nversion: '1.0'\n")
    workspace.write("profiles.yml", f"firm: {{target: dev, outputs: {{dev: {settings!r}}}}}\n")
    workspace.write("macros/own.sql", MACRO)
    workspace.write("models/book.sql", "{{ config(materialized='ledger') }} select {{ var('n', 1) }} as n")
    pane = "{{ config(materialized='window') }} select n + {{ var('n', 1) }} as m from {{ ref('book') }}"
    workspace.write("models/pane.sql", pane)
    workspace.dryland("apply", "--yes")
    workspace.dryland("apply", "--yes", "--vars", "n: 2")
    workspace.dryland("gc", "--keep", "1", "--yes", code=None)
    with postgres_server.connect(postgres) as connection:
        assert connection.execute("select n from main.book order by n").fetchall() == [(1,), (2,)]
        assert connection.execute("select m from main.pane order by m").fetchall() == [(3,), (4,)]
