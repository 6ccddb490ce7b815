"""What macros do on a PostgreSQL server, and what `adapter` says there: what dbt-postgres does and says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dryland.engines.protocol import Engine
from dryland.engines.registry import Address, open_engine
from dryland.engines.relation import Relation
from dryland.errors import TemplateError
from dryland.project.engine_asked import EngineAsked
from dryland.project.jinja.macro import BUILT_IN, MacroFile
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Pass, World
from dryland.project.layout import BUILT_IN_MACROS
from postgres_server import Server

pytestmark = pytest.mark.slow
SCOPE = Scope("models/m.sql", "shop", "model.shop.m", "m", model={})
LONG = "a_name_that_is_as_long_as_names_can_be_on_a_server_of_this_kind"


@pytest.fixture
def engine(postgres_server: Server, postgres: str, tmp_path: Path) -> Iterator[Engine]:
    address = Address(postgres_server.settings(postgres), postgres, tmp_path, "dryland_store")
    opened = open_engine("postgres", address)
    yield opened
    opened.close()


def rendered(engine: Engine, text: str, **config: Any) -> str:
    """A template's text, after it asked and changed what it wanted."""
    files = [MacroFile(path.name, path.read_text(), BUILT_IN) for path in sorted(BUILT_IN_MACROS.glob("*.sql"))]
    target = {"name": "dev", "schema": "main", "database": engine.database, "type": "postgres", "threads": 4}
    templates = Templates(World("shop", target, "postgres"), files)
    how = Pass(execute=True, this=Relation(engine.database, "main", "m"), warehouse=EngineAsked(engine))
    return templates.render(text, SCOPE, config, how)[0].strip()


def test_schemas_come_and_go(engine: Engine) -> None:
    shown = "{{ adapter.check_schema_exists(target.database, 'Odd One') }}"
    relation = "{% set r = api.Relation.create(target.database, 'Odd One', 't') %}"
    assert rendered(engine, f"{relation}{{% do adapter.create_schema(r) %}}{shown}") == "True"
    assert rendered(engine, "{{ adapter.check_schema_exists(target.database, 'odd one') }}") == "False"
    assert rendered(engine, f"{relation}{{% do adapter.drop_schema(r) %}}{shown}") == "False"


def test_another_database_is_not_looked_into(engine: Engine) -> None:
    with pytest.raises(TemplateError, match="another database"):
        rendered(engine, "{{ adapter.verify_database('elsewhere') }}")
    assert rendered(engine, "{{ adapter.verify_database(target.database | upper) }}") == ""


def test_tables_of_a_projects_own_are_made_with_indexes_and_without_a_log(
    engine: Engine, postgres_server: Server
) -> None:  # fmt: skip
    text = """
        {% do adapter.create_schema(this) %}
        {% set r = this.incorporate(type='table') %}
        {% call statement('main') %}{{ create_table_as(false, r, "select 1 as id, 'x' as word") }}{% endcall %}
        {% do create_indexes(r) %}
        {{ run_query(get_show_indexes_sql(r)).rows | map('list') | map('join', '|') | list | length }}
        {% do drop_indexes_on_relation(r) %}
        {{ run_query(get_show_indexes_sql(r)).rows | length }}
        {{ load_relation(this).type }}
    """
    indexes = [{"columns": ["id"], "unique": True}, {"columns": ["lower(word)"], "type": "hash"}]
    assert rendered(engine, text, indexes=indexes, unlogged=True).split() == ["1", "0", "table"]
    with postgres_server.connect(engine.database) as connection:
        found = connection.execute("select relpersistence from pg_class where relname = 'm'").fetchall()
    assert found == [("u",)]


def test_text_gets_the_room_that_it_needs(engine: Engine) -> None:
    text = """
        {% do run_query('create schema if not exists main') %}
        {% do run_query("create table main.narrow as select 'a'::varchar(3) as a, 1 as b, 'c'::varchar(9) as c") %}
        {% do run_query("create table main.wide as select 'a'::varchar(30) as a, 1 as b, 'c'::varchar(5) as c") %}
        {% set narrow = adapter.get_relation(target.database, 'main', 'narrow') %}
        {% set wide = adapter.get_relation(target.database, 'main', 'wide') %}
        {% do adapter.expand_target_column_types(wide, narrow) %}
        {{ adapter.get_columns_in_relation(narrow) | map(attribute='data_type') | join('|') }}
    """
    assert rendered(engine, text) == "character varying(30)|integer|character varying(9)"


def test_names_made_of_long_names_keep_their_ending(engine: Engine) -> None:
    assert len(LONG) == 63
    relation = f"{{% set r = api.Relation.create(target.database, 'main', '{LONG}', type='table') %}}"
    made = rendered(
        engine,
        relation + "{{ make_intermediate_relation(r).identifier }} {{ make_backup_relation(r, 'view').identifier }} "
        "{{ make_temp_relation(r).identifier }} {{ make_temp_relation(r).schema }}",
    ).split()
    assert made[0] == LONG[:54] + "__dbt_tmp"
    assert made[1] == LONG[:51] + "__dbt_backup"
    assert [len(name) for name in made[:3]] == [63, 63, 63]
    assert made[3] == "None"


def test_materialized_views_of_a_projects_own_come_and_go(engine: Engine) -> None:
    text = """
        {% do adapter.create_schema(this) %}
        {% set r = this.incorporate(type='materialized_view') %}
        {% do run_query(get_create_sql(r, 'select 1 as id')) %}
        {% do run_query(refresh_materialized_view(r)) %}
        {% do run_query(alter_relation_comment(r, "it's")) %}
        {{ run_query("select obj_description('main.m'::regclass)").rows[0][0] }}
        {% do adapter.rename_relation(r, r.incorporate(path={'identifier': 'n'})) %}
        {% do adapter.drop_relation(r.incorporate(path={'identifier': 'n'})) %}
        {{ run_query("select count(*) from pg_matviews").rows[0][0] }}
    """
    assert rendered(engine, text).split() == ["it's", "0"]


def test_grants_are_shown(engine: Engine) -> None:
    text = """
        {% do adapter.create_schema(this) %}
        {% do run_query('create table main.m as select 1 as id') %}
        {% do apply_grants(this, {'select': ['public']}, false) %}
        {% for row in run_query(get_show_grant_sql(this)).rows %}{{ row | join(' ') }}{% endfor %}
    """
    assert rendered(engine, text) == "PUBLIC SELECT"
