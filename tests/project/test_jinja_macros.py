"""The macros that come with Dryland give the right answers, in the warehouse."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from dryland.errors import TemplateError
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Pass
from dryland.project.layout import BUILT_IN_MACROS

FILE = Path(__file__).parents[1] / "cases" / "project" / "macros.txt"
CASES = [line.split(" => ") for line in FILE.read_text().splitlines() if line and not line.startswith("#")]
NAMING = {"generate_schema_name", "generate_schema_name_for_env", "generate_alias_name", "generate_database_name"}
NOT_AN_EXPRESSION = NAMING | {"get_intervals_between", "test_not_null", "test_unique"} | {
    "test_accepted_values", "test_relationships",
}  # fmt: skip


@pytest.fixture(scope="module")
def warehouse():
    with duckdb.connect() as connection:
        connection.execute("create table numbers as from (values (3), (1), (2), (null)) as t(n)")
        yield connection


@pytest.mark.parametrize(("template", "expected"), CASES, ids=[template for template, _ in CASES])
def test_what_the_macro_writes_is_worth(rendered, warehouse, template: str, expected: str) -> None:
    query = f"select {rendered(template)} as given, {expected} as expected"
    assert (
        warehouse.execute(f"select given, expected from ({query}) where given is distinct from expected").fetchall()
        == []
    )


def test_every_macro_has_a_case() -> None:
    text = "\n".join(path.read_text() for path in BUILT_IN_MACROS.glob("*.sql"))
    defined = {name for name in re.findall(r"{% macro (\w+)\(", text) if not re.search("__|^_", name)}
    tried = {name for name in defined if re.search(rf"\b{name}\(|'{name}'", FILE.read_text())}
    assert defined - tried == NOT_AN_EXPRESSION


@pytest.mark.parametrize(
    ("first", "second"), [("2026-01-01", "2026-01-19"), ("2024-02-20", "2024-03-09"), ("2025-12-20", "2026-01-08")]
)
def test_a_week_is_counted_from_sunday_as_dbt_does_on_duckdb(rendered, warehouse, first: str, second: str) -> None:
    """Every pair of days in the range, both ways."""
    week = rendered("{{ dbt.datediff('a', 'b', 'week') }}")
    days = f"select unnest(generate_series(date '{first}', date '{second}', interval 1 day))::date as day"
    sundays = (
        "len(list_filter(generate_series(least(a, b) + 1, greatest(a, b), interval 1 day), lambda d: dayofweek(d) = 0))"
    )
    wrong = warehouse.execute(
        f"with days as ({days}), pairs as (select x.day as a, y.day as b from days x, days y) "
        f"select a, b, {week} as weeks from pairs where weeks <> case when a <= b then 1 else -1 end * {sundays}"
    ).fetchall()
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
    ],
)
def test_names_are_those_of_dbt(rendered, macro: str, value: str, name: str) -> None:
    assert rendered(f"{{{{ {macro}({value}, {{'name': 'orders', 'version': none}}) | trim }}}}") == name


def test_a_version_is_part_of_the_alias(rendered) -> None:
    assert rendered("{{ generate_alias_name(none, {'name': 'orders', 'version': '1.2'}) | trim }}") == "orders_v1_2"


ROWS = "(values (1, 'a'), (1, 'b'), (null, 'it''s')) as t(id, word)"


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("test_not_null('t', 'id')", 1),
        ("test_not_null('t', 'word')", 0),
        ("test_unique('t', 'id')", 1),
        ("test_unique('t', 'word')", 0),
        ("test_accepted_values('t', 'word', ['a', 'b'])", 1),
        ("test_accepted_values('t', 'word', ['a', 'b', \"it's\"])", 0),
        ("test_accepted_values('t', 'id', [1], quote=false)", 0),
        ("test_relationships('t', 'id', '(select 2 as n)', 'n')", 2),
        ("test_relationships('t', 'id', '(select 1 as n)', 'n')", 0),
    ],
)
def test_the_four_tests_find_what_is_wrong(rendered, warehouse, call: str, found: int) -> None:
    query = rendered(f"{{{{ {call} }}}}")
    assert len(warehouse.execute(f"with t as (from {ROWS}) from ({query})").fetchall()) == found


def test_intervals_between_are_asked_of_the_warehouse(templates) -> None:
    """Without one, as while the project is read, one interval is enough to go on."""
    text = "{{ dbt.get_intervals_between(\"'2026-01-01'\", \"'2026-01-05'\", 'day') }}"
    scope = Scope("models/m.sql", "shop", "model.shop.m", "m")
    assert templates().render(text, scope, {}, Pass())[0].strip() == "1"


def test_the_power_of_nothing_is_refused(rendered) -> None:
    with pytest.raises(TemplateError, match="upper bound must be positive"):
        rendered("{{ dbt.get_powers_of_two(0) }}")
