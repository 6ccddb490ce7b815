"""Templates find everything that dbt gives them, and it does what dbt's does."""

from __future__ import annotations

from pathlib import Path

import pytest

from dryland.engines.registry import Address, open_engine
from dryland.engines.relation import Relation
from dryland.errors import ConfigError, MissingSettingError, TemplateError, UnknownNameError
from dryland.project.engine_asked import EngineAsked
from dryland.project.jinja.state import NeedsWarehouseError, Scope
from dryland.project.jinja.world import Pass

SCOPE = Scope("models/m.sql", "shop", "model.shop.m", "m", model={"fqn": ["shop", "m"], "tags": ["a"]})
CASES = Path(__file__).parents[1] / "cases" / "project"
VARIABLES = {"since": "2026-01-01", "nothing": None, "rates": {"eur": 1}, "shop": {"since": "2026-02-02"}}


def cases(name: str) -> list[list[str]]:
    """`template => text` by the line."""
    lines = [line for line in (CASES / name).read_text().splitlines() if line and not line.startswith("# ")]
    pairs = (line.split(" => ") for line in lines)
    return [[template, text.replace("\\n", "\n")] for template, text in pairs]


@pytest.mark.parametrize(("template", "text"), cases("templates.txt"))
def test_what_a_template_writes(rendered, template: str, text: str) -> None:
    config = {"tier": 1, "meta": {"owner": "ana"}, "persist_docs": {"columns": True}}
    how = Pass(execute=True, this=Relation("shop", "main", "m"))
    environment = {"REGION": "north", "EMPTY": ""}
    assert rendered(template, config=config, how=how, variables=VARIABLES, environment=environment) == text


class Names:
    """Knows two tables and an ephemeral model."""

    def ref(self, name: str, package: str, version: str, asking: Scope) -> tuple[str, Relation | str]:
        if name == "passing":
            return "model.shop.passing", "__dbt__cte__passing"
        return f"model.{package or asking.package}.{name}{version}", Relation("shop", "main", f"{name}{version}")

    def source(self, source: str, table: str, asking: Scope) -> tuple[str, Relation]:
        return f"source.shop.{source}.{table}", Relation("lake", source, table)


def pass_over(templates, text: str, macros: str = "", **how):
    how = {"execute": True, "resolver": Names(), "this": Relation("shop", "main", "m"), **how}
    return templates(macros).render(text, SCOPE, {}, Pass(**how))


@pytest.mark.parametrize(
    ("call", "key", "text"),
    [
        ("ref('orders')", ("orders", "", ""), '"shop"."main"."orders"'),
        ("ref('shop', 'orders')", ("orders", "shop", ""), '"shop"."main"."orders"'),
        ("ref('orders', v=2)", ("orders", "", "2"), '"shop"."main"."orders2"'),
        ("ref('orders', version='2')", ("orders", "", "2"), '"shop"."main"."orders2"'),
        ("ref('passing')", ("passing", "", ""), "__dbt__cte__passing"),
        ("builtins.ref('orders')", ("orders", "", ""), '"shop"."main"."orders"'),
    ],
)
def test_ref_names_a_table_and_is_remembered(templates, call: str, key: tuple[str, ...], text: str) -> None:
    sql, state = pass_over(templates, f"select * from {{{{ {call} }}}}")
    assert sql == f"select * from {text}"
    assert list(state.refs) == [key]
    assert list(state.texts) == [text]


def test_source_names_a_table_and_is_remembered(templates) -> None:
    sql, state = pass_over(templates, "select * from {{ source('raw', 'orders') }}")
    assert sql == 'select * from "lake"."raw"."orders"'
    assert list(state.sources) == [("raw", "orders")]
    assert state.texts == {'"lake"."raw"."orders"': "source.shop.raw.orders"}


def test_a_relation_has_dbts_parts(templates) -> None:
    parts = "{% set r = source('raw', 'o') %}{{ [r.database, r.schema, r.identifier, r.name, r.table] | join('/') }}"
    assert pass_over(templates, parts)[0] == "lake/raw/o/o/o"
    made = "{{ api.Relation.create(schema='s', identifier='t') }}/{{ ref('a') == ref('a') }}/{{ 'x ' ~ ref('a') }}"
    assert pass_over(templates, made)[0] == '"s"."t"/True/x "shop"."main"."a"'
    assert pass_over(templates, "{{ ref('a').is_cte }}/{{ ref('passing').is_cte }}")[0] == "False/True"
    assert pass_over(templates, "{{ this.incorporate(path={'identifier': 'm_new'}) }}")[0] == '"shop"."main"."m_new"'
    assert pass_over(templates, "{{ api.Column.translate_type('string') }}")[0] == "TEXT"


def test_is_incremental_is_what_the_pass_says(templates) -> None:
    text = "{% if is_incremental() %}where x > (select max(x) from {{ this }}){% endif %}"
    whole, state = pass_over(templates, text)
    assert whole == ""
    assert state.asked_incremental
    assert pass_over(templates, text, is_incremental=True)[0] == 'where x > (select max(x) from "shop"."main"."m")'


def test_execute_is_false_while_the_project_is_read_and_makes_a_second_pass_due(templates) -> None:
    text, state = templates().render("{% if execute %}later{% else %}now{% endif %}", SCOPE, {}, Pass())
    assert text == "now"
    assert state.is_provisional
    assert not templates().render("{{ ref('orders') }}", SCOPE, {}, Pass())[1].is_provisional


def test_execute_is_a_boolean_in_macros_too(templates) -> None:
    macros = "{% macro when() %}{{ execute }} {{ execute == true }} {{ execute is true }}{% endmacro %}"
    written, state = templates(macros).render("{{ when() }}", SCOPE, {}, Pass())
    assert (written, state.is_provisional) == ("False False False", True)
    assert pass_over(templates, "{{ when() }}", macros)[0] == "True True True"


def test_return_gives_a_value_and_not_its_text(templates) -> None:
    macros = """
    {% macro names() %}never seen{{ return(['a', 'b']) }}nor this{% endmacro %}
    {% macro first_name() %}{{ return(names()[0]) }}{% endmacro %}
    """
    assert pass_over(templates, "{{ names() | length }}/{{ first_name() }}", macros)[0] == "2/a"


def test_macros_of_one_file_use_what_the_others_return(templates) -> None:
    """A `return` ends its own macro, not the one that called it."""
    macros = """
    {% macro outer() %}before {{ inner() }} after{% endmacro %}
    {% macro inner() %}{{ return('inside') }}{% endmacro %}
    {% macro caller_of(x) %}<{{ caller(x) }}>{% endmacro %}
    """
    assert pass_over(templates, "{{ outer() }}", macros)[0] == "before inside after"
    assert (
        pass_over(templates, "{% call(x) caller_of(1) %}{{ inner() }} {{ x }}{% endcall %}", macros)[0] == "<inside 1>"
    )


def test_a_macro_sees_whose_model_calls_it(templates) -> None:
    macros = "{% macro me() %}{{ model.name }} in {{ this }}{% endmacro %}"
    assert pass_over(templates, "{{ me() }}", macros)[0] == 'm in "shop"."main"."m"'


def test_dispatch_takes_the_adapters_own_first_and_the_projects_before_the_packages(templates) -> None:
    package = {"tools": "{% macro duckdb__hi() %}package{% endmacro %}{% macro default__ho() %}default{% endmacro %}"}
    one = templates("{% macro default__hi() %}project{% endmacro %}", packages=package)
    asked = "{{ adapter.dispatch('hi', 'tools')() }}/{{ adapter.dispatch('ho', 'tools')() }}/{{ tools.duckdb__hi() }}"
    assert one.render(asked, SCOPE, {}, Pass())[0] == "project/default/package"
    other = templates("{% macro default__hi() %}project{% endmacro %}", packages=package, dispatch={"tools": ["tools"]})
    assert other.render(asked, SCOPE, {}, Pass())[0] == "package/default/package"


def test_the_projects_macro_stands_in_for_dbts(templates) -> None:
    macros = "{% macro default__concat(fields) %}mine{% endmacro %}"
    assert pass_over(templates, "{{ dbt.concat(['a']) }}", macros)[0] == "mine"


def test_vars_are_the_packages_then_the_projects_then_the_command_lines(templates) -> None:
    package = {"a": "package", "b": "package", "c": "package", "d": "package"}
    project = {"b": "project", "c": "project", "d": "project", "tools": {"c": "for tools", "d": "for tools"}}
    one = templates(package_variables={"tools": package}, variables=project, given_variables={"d": "given"})
    text = "{{ var('a', 'else') }}/{{ var('b') }}/{{ var('c') }}/{{ var('d') }}"
    assert one.render(text, Scope("x.sql", "tools"), {}, Pass())[0] == "package/project/for tools/given"
    assert one.render(text, SCOPE, {}, Pass())[0] == "else/project/project/given"


@pytest.mark.parametrize(
    ("template", "kind", "message"),
    [
        ("{{ var('missing') }}", MissingSettingError, "the var `missing` is not set."),
        ("{{ env_var('MISSING') }}", MissingSettingError, "the environment variable `MISSING` is not set."),
        ("{{ env_var('DBT_ENV_SECRET_X', 'else') }}", ConfigError, "the secret `DBT_ENV_SECRET_X` must not"),
        ("{{ config.require('missing') }}", ConfigError, "the configuration `missing` is required here"),
        ("{{ exceptions.raise_compiler_error('no: ' ~ 1) }}", TemplateError, "no: 1"),
        ("{{ exceptions.raise_not_implemented('later') }}", TemplateError, "later"),
        ("{{ zip_strict(1, []) }}", TemplateError, "'int' object is not iterable"),
        ("{{ set_strict(1) }}", TemplateError, "'int' object is not iterable"),
        ("{{ missing() }}", UnknownNameError, "`missing` is not a macro or variable"),
        ("{{ missing.deeper }}", UnknownNameError, "`missing` is not a macro or variable"),
        ("{{ target.passwd.text }}", UnknownNameError, "`dict` has nothing called `passwd`."),
        ("{{ missing + 1 }}", UnknownNameError, "`missing` is not a macro or variable"),
    ],
)
def test_what_a_template_may_not_do(rendered, template: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as caught:
        rendered(f"\n{template}")
    assert message in caught.value.message
    assert (caught.value.path, caught.value.line) == ("models/m.sql", 2)


def test_an_undefined_name_is_false_and_undefined(rendered) -> None:
    text = "{{ missing is defined }}/{{ missing | default('else') }}/{% if missing %}x{% endif %}"
    assert rendered(text) == "False/else/"


def test_an_error_carries_the_macros_it_went_through(templates) -> None:
    macros = "{% macro outer() %}\n{{ inner() }}{% endmacro %}\n\n{% macro inner() %}{{ 1 / 0 }}{% endmacro %}"
    with pytest.raises(TemplateError) as caught:
        pass_over(templates, "\n\n{{ outer() }}", macros)
    assert caught.value.stack == ("models/m.sql:3", "macros/own.sql:2 in outer", "macros/own.sql:4 in inner")


def test_an_error_in_the_macro_of_a_test_has_the_lines_of_its_file(templates) -> None:
    """It is called from Python, where Jinja does not put its own lines in the place of Python's."""
    macros = "{# one #}\n{# two #}\n{% macro test_positive(model) %}\n\n{{ 1 / 0 }}\n{% endmacro %}"
    with pytest.raises(TemplateError) as caught:
        templates(macros).call("test_positive", SCOPE, {}, Pass(), model="orders")
    assert (caught.value.path, caught.value.line) == ("macros/own.sql", 5)


# --- what is asked of the warehouse ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory):
    root = tmp_path_factory.mktemp("warehouse")
    engine = open_engine("duckdb", Address({"path": "shop.duckdb"}, "shop", root, "store"))
    with engine.session() as session:
        session.create_table_as(
            Relation("shop", "main", "orders"), "select 1 as id, 'new' as status, 2.5::double as amount union all "
            "select 2, 'paid', 3.5"
        )  # fmt: skip
        session.create_view(Relation("shop", "main", "paid"), 'select id from "shop"."main"."orders" where id = 2')
    yield engine
    engine.close()


@pytest.mark.parametrize(("template", "text"), cases("warehouse.txt"))
def test_what_the_warehouse_answers(templates, engine, template: str, text: str) -> None:
    assert pass_over(templates, template, warehouse=EngineAsked(engine))[0] == text


@pytest.mark.parametrize(
    "template",
    ["{{ run_query('select 1') }}", "{{ adapter.get_columns_in_relation(this) }}", "{{ load_relation(this) }}",
     "{% call statement('x') %}select 1{% endcall %}"],
)  # fmt: skip
def test_a_question_without_a_warehouse_waits_for_the_build(templates, template: str) -> None:
    with pytest.raises(NeedsWarehouseError):
        pass_over(templates, template)


def test_questions_are_not_asked_while_the_project_is_read(templates) -> None:
    text = "{% call statement('x') %}select 1{% endcall %}{{ run_query('select 1') }}/{{ load_result('x') }}"
    written, state = templates().render(text, SCOPE, {}, Pass())
    assert written == "None/None"
    assert state.is_provisional


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("adapter.get_columns_in_relation(ref('orders'))", "[]"),
        ("adapter.get_missing_columns(ref('orders'), this)", "[]"),
        ("adapter.list_relations_without_caching(this)", "[]"),
        ("adapter.get_relation(this.database, this.schema, 'orders')", "None"),
        ("adapter.get_relation(database='shop', schema='main', identifier='orders')", "None"),
        ("adapter.load_relation(this)", "None"),
        ("load_relation(this)", "None"),
        ("adapter.check_schema_exists('shop', 'main')", "False"),
    ],
)
def test_the_adapter_answers_with_nothing_while_the_project_is_read(templates, question: str, answer: str) -> None:
    written, state = templates().render(f"{{{{ {question} }}}}", SCOPE, {}, Pass())
    assert written == answer
    assert state.is_provisional


def test_a_relation_that_a_template_makes_up_is_found_where_the_project_is(templates, engine) -> None:
    names = (
        "adapter.get_columns_in_relation(api.Relation.create(schema='main', identifier='paid')) | map(attribute='name')"
    )
    assert pass_over(templates, f"{{{{ {names} | join }}}}", warehouse=EngineAsked(engine))[0] == "id"


# --- the sandbox -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ ''['__class__'] }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ '' | attr('__class__') }}",
        "{{ '{0.__class__.__mro__}'.format('') }}",
        "{{ ref.__globals__ }}",
        "{{ ref.__globals__['os'] }}",
        "{{ config.__init__.__globals__ }}",
        "{{ env_var.__self__ }}",
        "{{ env_var.__func__.__globals__ }}",
        "{{ var._values }}",
        "{{ euro.macro }}",
        "{{ euro.macro.template.environment }}",
        "{{ dbt.dateadd.macro.template }}",
        "{{ dbt._calls }}",
        "{{ adapter._macros }}",
        "{{ this._relation }}",
        "{{ execute._state }}",
        "{{ modules.re.enum }}",
        "{{ modules.re.enum.sys.modules.os }}",
        "{{ modules.re.functools }}",
        "{{ modules.pytz.os }}",
        "{{ modules.pytz.sys.modules }}",
        "{{ modules.datetime.sys }}",
        "{{ modules.itertools.__loader__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ lipsum.__globals__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ context['__packages__']['shop']['euro'].macro }}",
        "{% set x = namespace() %}{{ x.__class__ }}",
        "{{ (1).__class__.__base__ }}",
        "{{ run_started_at.__reduce__() }}",
        "{{ range(100000000) | list }}",
    ],
)
def test_a_template_does_not_reach_python(templates, template: str) -> None:
    """It sees values; not the interpreter, the disk, the environment or other templates."""
    try:
        seen, _ = pass_over(templates, template, "{% macro euro(x) %}{{ x }}{% endmacro %}")
    except (TemplateError, UnknownNameError) as error:
        assert error.path == "models/m.sql"
    else:
        assert seen == ""  # what is not there prints as nothing, as in dbt


@pytest.mark.parametrize("template", ["{{ missing }}", "{{ missing | upper }}", "{{ missing ~ '' }}"])
def test_a_name_that_nothing_defines_prints_as_nothing_and_is_told(templates, template: str) -> None:
    """dbt prints nothing and says nothing; projects rely on the former."""
    one = templates()
    assert one.render(f"\n{template}", SCOPE, {}, Pass())[0].strip() == ""
    assert [(said.kind, said.place, said.text) for said in one.said] == [
        ("warning", "models/m.sql:2", "`missing` is not defined and prints as nothing")
    ]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{% for x in missing %}x{% endfor %}", ""),
        ("{{ missing | length }}", "0"),
        ("{{ target.passwd }}", ""),
        ("{% macro of(x) %}[{{ x }}]{% endmacro %}{{ of() }}", "[]"),
        ("{{ 'a' if false }}", ""),
        ("{{ 'yes' if missing else 'no' }}", "no"),
    ],
)
def test_what_is_not_there_is_empty_without_a_word(templates, template: str, text: str) -> None:
    one = templates()
    assert one.render(template, SCOPE, {}, Pass())[0] == text
    assert not one.said


def test_a_template_cannot_change_what_others_see(templates) -> None:
    one = templates(variables=VARIABLES)
    with pytest.raises(TemplateError, match="may not reach `__dict__`"):
        one.render("{% do modules.datetime.__dict__.update({'date': none}) %}", SCOPE, {}, Pass())
    one.render("{% do target.update({'name': 'prod'}) %}", SCOPE, {}, Pass())
    one.render("{% do var('rates').update({'eur': 2}) %}", SCOPE, {}, Pass())
    assert one.render("{{ target.name }}/{{ var('rates').eur }}", SCOPE, {}, Pass())[0] == "dev/1"
