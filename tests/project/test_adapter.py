"""What `adapter`, `api` and answers to queries give to templates is what dbt's DuckDB adapter gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dryland.engines.protocol import Engine
from dryland.engines.registry import Address, open_engine
from dryland.engines.relation import Relation
from dryland.errors import DrylandError, QueryError, TemplateError
from dryland.project.engine_asked import EngineAsked
from dryland.project.jinja.state import NeedsWarehouseError, Scope
from dryland.project.jinja.world import Pass
from real_dbt import DBT, dbt

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "project"
SETUP = (CASES / "adapter_setup.sql").read_text()
SCOPE = Scope("models/m.sql", "shop", "model.shop.m", "m", model={})
LINES = [line for line in (CASES / "adapter.txt").read_text().splitlines() if line and not line.startswith("# ")]
PAIRS = [line.rsplit(" => ", 1) for line in LINES]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    root = tmp_path_factory.mktemp("adapter")
    engine = open_engine("duckdb", Address({"path": "w.duckdb"}, "w", root, "store"))
    yield engine
    engine.close()


def rendered(templates, text: str, engine: Engine | None, *, execute: bool = True) -> str:
    how = Pass(execute=execute, this=Relation("w", "main", "m"), warehouse=EngineAsked(engine) if engine else None)
    return templates().render(text, SCOPE, {}, how)[0].strip("\n")


def test_the_adapter_gives_what_dbts_gives(templates, engine: Engine) -> None:
    """Every expression of the case file, printed in one template; relations are `<Relation ...>` in lists."""
    shown = "".join(f"{{{{ '\x1e' ~ ({expression}) }}}}" for expression, _ in PAIRS)
    got = rendered(templates, SETUP + shown, engine).split("\x1e")[1:]
    different = {
        expression: (said, text.replace("\\n", "\n"))
        for (expression, text), said in zip(PAIRS, got, strict=True)
        if said != text.replace("\\n", "\n")
    }
    assert different == {}


@pytest.mark.dbt
@pytest.mark.slow
def test_the_cases_are_what_dbt_prints(tmp_path: Path) -> None:
    if not DBT.exists():
        pytest.skip(f"dbt is missing: there is no {DBT}")
    shown = "".join(f"{{{{ print('\x1e' ~ ({expression})) }}}}" for expression, _ in PAIRS)
    (tmp_path / "macros").mkdir()
    (tmp_path / "macros" / "probe.sql").write_text("{% macro probe() %}" + SETUP + shown + "{% endmacro %}")
    (tmp_path / "dbt_project.yml").write_text("{name: shop, version: 1.0.0, profile: shop}")
    profile = "{type: duckdb, path: w.duckdb, schema: main}"
    (tmp_path / "profiles.yml").write_text(f"shop: {{target: dev, outputs: {{dev: {profile}}}}}")
    said = dbt(tmp_path, "--quiet", "run-operation", "probe", "--profiles-dir", ".")
    got = [text.removesuffix("\n").replace("\n", "\\n") for text in said.stdout.split("\x1e")[1:]]
    assert got == [text for _, text in PAIRS], said.stderr


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("run_query('select 1')", "None"),
        ("adapter.get_relation('w', 'main', 't')", "None"),
        ("adapter.get_columns_in_relation(this)", "[]"),
        ("adapter.get_column_schema_from_query('select 1')", "[]"),
        ("adapter.list_relations('w', 'main')", "[]"),
        ("adapter.check_schema_exists('w', 'main')", "False"),
        ("adapter.already_exists('main', 't')", "False"),
        ("adapter.create_schema(this)", "None"),
        ("adapter.drop_relation(this)", "None"),
        ("adapter.rename_relation(this, this)", "None"),
        ("adapter.truncate_relation(this)", "None"),
        ("adapter.execute('drop table x')[1] | length", "0"),
        ("load_result('x')", "None"),
        ("load_cached_relation(this)", "None"),
    ],
)
def test_while_the_project_is_read_nothing_is_asked_and_nothing_changes(templates, expression: str, text: str) -> None:
    assert rendered(templates, f"{{{{ {expression} }}}}", None, execute=False) == text


@pytest.mark.parametrize(
    "expression",
    ["run_query('select 1')", "adapter.execute('select 1')", "adapter.get_column_schema_from_query('select 1')",
     "adapter.create_schema(this)", "adapter.rename_relation(this, this)", "adapter.already_exists('main', 't')",
     "adapter.drop_relation(this.incorporate(type='table'))", "adapter.check_schema_exists('w', 'main')"],
)  # fmt: skip
def test_without_a_warehouse_every_question_and_change_waits(templates, expression: str) -> None:
    with pytest.raises(NeedsWarehouseError):
        rendered(templates, f"{{{{ {expression} }}}}", None)


def test_what_the_adapter_changes_is_changed(templates, engine: Engine) -> None:
    text = """
    {% set made = api.Relation.create('w', 'extra', 'made', type='table') %}
    {% do adapter.create_schema(made) %}
    {% call statement() %}{{ create_table_as(false, made, 'select 1 as id') }}{% endcall %}
    {% do adapter.rename_relation(made, made.incorporate(path={'identifier': 'kept'})) %}
    {% set kept = load_relation(made.incorporate(path={'identifier': 'kept'})) %}
    {% do alter_relation_add_remove_columns(kept, [api.Column('more', 'varchar')], none) %}
    {% do alter_column_type(kept, 'id', 'bigint') %}
    {% do create_columns(kept, [api.Column('last', 'date')]) %}
    {% do alter_relation_add_remove_columns(kept, none, [api.Column('more', 'varchar')]) %}
    {% set types = adapter.get_columns_in_relation(kept) | map(attribute='dtype') | join(',') %}
    {{ load_relation(made) }}|{{ kept }}|{{ types }}
    {%- do adapter.truncate_relation(kept) -%}
    |{{ run_query('select count(*) from ' ~ kept).rows[0][0] }}
    {%- do adapter.drop_relation(kept) %}|{{ load_relation(kept) }}
    {%- do adapter.drop_schema(made) %}|{{ adapter.check_schema_exists('w', 'extra') }}
    """
    assert rendered(templates, text, engine).strip() == 'None|"w"."extra"."kept"|BIGINT,DATE|0|None|False'


@pytest.mark.parametrize(
    ("setting", "rows"),
    [
        ("get_incremental_append_sql", [(1, "old"), (1, "new"), (2, "new")]),
        ("get_incremental_delete_insert_sql", [(1, "new"), (2, "new")]),
        ("get_incremental_default_sql", [(1, "new"), (2, "new")]),
        ("get_incremental_merge_sql", [(1, "new"), (2, "new")]),
    ],
)
def test_the_sql_of_each_strategy_does_what_it_says(templates, engine: Engine, setting: str, rows) -> None:
    text = f"""
    {{% do run_query("create or replace table w.main.into as select 1 as id, 'old' as said") %}}
    {{% do run_query("create or replace table w.main.delta as from (values (1, 'new'), (2, 'new')) d(id, said)") %}}
    {{% set into = load_relation(api.Relation.create('w', 'main', 'into')) %}}
    {{% set delta = load_relation(api.Relation.create('w', 'main', 'delta')) %}}
    {{% call statement('main') %}}{{{{ {setting}({{
        'target_relation': into, 'temp_relation': delta, 'unique_key': 'id', 'incremental_predicates': none,
        'dest_columns': adapter.get_columns_in_relation(into)}}) }}}}{{% endcall %}}"""
    rendered(templates, text, engine)
    with engine.session() as session:
        assert sorted(session.fetch("from w.main.into order by id, said desc").rows) == sorted(rows)


@pytest.mark.parametrize(
    ("template", "kind", "message"),
    [
        ("{{ run_query('selec 1') }}", QueryError, "syntax error"),
        ("{% call statement('a') %}select 1{% endcall %}{{ load_result('a') and load_result('a') }}", TemplateError,
         "the result `a` was loaded already."),
        ("{{ adapter.drop_relation(api.Relation.create('w', 'main', 'm')) }}", TemplateError,
         '"w"."main"."m" cannot be dropped: whether it is a table or a view is not known.'),
        ("{{ adapter.get_incremental_strategy_macro(context, 'mine') }}", DrylandError,
         "no macro `get_incremental_mine_sql` gives the SQL of the incremental strategy `mine`."),
        ("{{ api.Column('a', 'int').string_size() }}", TemplateError, "`a` holds no text but int."),
        ("{{ api.Column.from_description('a', 'decimal(x)') }}", TemplateError, "`decimal(x)` is not a type"),
        ("{{ this.matches() }}", DrylandError, "`matches` needs a database, a schema or an identifier."),
        ("{% call statement('a', language='python') %}x{% endcall %}", TemplateError, "`statement` runs SQL here"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(templates, engine: Engine, template: str, kind: type[DrylandError], message) -> None:
    with pytest.raises(kind, match=re.escape(message)):
        rendered(templates, template, engine)


def test_what_answers_show_is_said_to_people(templates, engine: Engine) -> None:
    made = templates()
    text = "{% set t = run_query(\"select 1 as n, 'é' as s, null as x\") %}" + "".join(
        f"{{% do t.print_{form}() %}}" for form in ("table", "csv", "json", "structure")
    )
    made.render(text, SCOPE, {}, Pass(execute=True, warehouse=EngineAsked(engine)))
    assert [said.text for said in made.said] == [
        "| n | s | x |\n| - | - | - |\n| 1 | é |   |\n", "n,s,x\n1,é,",
        '[{"n": 1, "s": "\\u00e9", "x": null}]',
        "| column | data_type |\n| ------ | --------- |\n| n      | Integer   |\n| s      | Text      |\n"
        "| x      | Integer   |\n",
    ]  # fmt: skip


def test_a_build_s_session_keeps_its_transaction(engine: Engine) -> None:
    """Whatever macros say of BEGIN and COMMIT; what they did goes with it."""
    with engine.session() as session, pytest.raises(RuntimeError), session.transaction():
        asked = EngineAsked(engine, session)
        asked.run_query("begin; create table w.main.gone as select 1; commit;")
        assert asked.columns(Relation("w", "main", "gone"))
        assert [found.relation.name for found in asked.relations("w", "main")].count("gone") == 1
        assert asked.run_query("select 'commit' as x; -- commit")[1] == (("commit",),)
        assert asked.run_query("-- nothing") == ((), ())
        with pytest.raises(QueryError, match="cannot be rolled back from within"):
            asked.run_query("rollback")
        raise RuntimeError
    assert engine.columns([Relation("w", "main", "gone")]) == {}


def test_every_macro_that_comes_along_compiles(templates) -> None:
    """They are compiled when they are called, so a slip would wait for the first who calls."""
    made = templates()
    for call in made.macros.by_package["dbt"].values():
        call.macro.template._compiled()
    assert len(made.macros.by_package["dbt"]) > 150
