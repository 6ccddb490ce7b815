"""Unit tests say what dbt says of them, and show why, without a warehouse."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from dryland.check.unit_tests.difference import difference
from dryland.check.unit_tests.inputs import Replacement, replaced
from dryland.check.unit_tests.rows import literal
from real_dbt import DBT, dbt

pytestmark = pytest.mark.slow  # each runs unit tests of a project

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "check" / "unit_tests"
SOURCE = "create table visits (visited_at timestamp, spent decimal(10, 2))"
BEYOND_DBT = {  # where dbt cannot run a test, or puts a row's values into each other's columns
    "asks.asks", "last_price.versioned_inputs", "m.other_order", "qualified.qualified", "reads_eph.eph_not_given",
    "reads_eph.eph_rows",
}  # fmt: skip


def kept_verdicts() -> dict[str, dict[str, str]]:
    with (CASES / "verdicts.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {who: {row["unit_test"]: row[who] for row in rows} for who in ("dbt", "dryland")}


@pytest.fixture
def cases(workspace):
    shutil.copytree(CASES, workspace.root, dirs_exist_ok=True)
    workspace.arrives(SOURCE)
    return workspace


@pytest.fixture
def small(workspace):
    """A model over a seed, to be tested."""
    workspace.write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\n")
    workspace.write(
        "profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: w.duckdb, schema: main}}}\n"
    )
    workspace.write("seeds/raw.csv", "id,name,amount\n1,Ana,1.5\n2,,2.5\n")
    workspace.write("models/paid.sql", "select id, name, amount * 2 as amount from {{ ref('raw') }}\n")
    return workspace


def verdicts(workspace, *words: str, code: int = 0, **environment: str) -> dict[str, dict]:
    answer = workspace.dryland("test", "--json", *words, code=code, **environment)
    assert "verdicts" in answer.json, answer.out
    return {verdict["name"]: verdict for verdict in answer.json["verdicts"]}


def asked(workspace, given: str, expect: str, model: str = "paid", more: str = "") -> dict:
    workspace.write(
        "models/unit.yml",
        f"unit_tests:\n  - name: it\n    model: {model}\n    given: {given}\n    expect: {expect}\n    {more}\n",
    )
    return verdicts(workspace, code=None)["it"]


def test_every_form_gets_its_verdict(cases) -> None:
    said = cases.dryland("test", "--json", code=1).json["verdicts"]
    assert {each["check"]: each["status"] for each in said} == kept_verdicts()["dryland"]


def test_verdicts_differ_from_dbts_only_where_that_is_known() -> None:
    """A difference is either in the list, or a defect."""
    kept = kept_verdicts()
    differing = {uid.removeprefix("unit_test.shop.") for uid in kept["dbt"] if kept["dbt"][uid] != kept["dryland"][uid]}
    assert differing == BEYOND_DBT
    assert all(kept["dryland"][f"unit_test.shop.{name}"] == "pass" for name in BEYOND_DBT)


@pytest.mark.dbt
@pytest.mark.slow
@pytest.mark.skipif(not DBT.exists(), reason=f"dbt is missing: there is no {DBT}")
def test_the_verdicts_kept_for_dbt_are_dbts(cases) -> None:
    for words in (("build", "--exclude", "test_type:unit", "asks"), ("test", "--select", "test_type:unit")):
        dbt(cases.root, *words)
    results = json.loads((cases.root / "target" / "run_results.json").read_text())["results"]
    assert {each["unique_id"]: each["status"] for each in results} == kept_verdicts()["dbt"]


def test_a_failing_test_shows_which_values_differ_which_rows_are_missing_and_which_are_surplus(cases) -> None:
    said = cases.dryland("test", "-s", "unit_test:differing", code=1).out
    assert said.splitlines()[:5] == [
        "fail differing on m: 1 row differs in double_amount (expected → actual); 1 row is missing; 1 row is surplus",
        "    @@   id  name  double_amount",
        "    →    1   a     3.0 → 2.0",
        "    ---  4   d     4.0",
        "    +++  3   c     6.0",
    ]


def test_null_and_an_empty_text_are_told_apart(cases) -> None:
    assert "null → ''" in cases.dryland("test", "-s", "unit_test:empty_vs_null", code=1).out


def test_nothing_has_to_be_built_and_nothing_is(small) -> None:
    """Types come from the seed's file; there is no warehouse yet, and there is none afterwards."""
    given, expect = "[{input: ref('raw'), rows: [{id: 1, amount: 2}]}]", "{rows: [{id: 1, name: null, amount: 4}]}"
    assert asked(small, given, expect)["status"] == "pass"
    assert not (small.root / "w.duckdb").exists()


def test_values_take_the_types_of_the_real_columns(small) -> None:
    """`id` is a whole number in the seed: text that says one is one, and half of one is rounded as DuckDB does."""
    small.write(
        "models/kinds.sql",
        "select typeof(id) as id, typeof(name) as name, typeof(amount) as amount from {{ ref('paid') }}\n",
    )
    given = "[{input: ref('paid'), rows: [{id: '7', name: 8, amount: '9'}]}]"
    expect = "{rows: [{id: INTEGER, name: VARCHAR, amount: DOUBLE}]}"
    assert asked(small, given, expect, model="kinds")["status"] == "pass"


def test_the_types_of_a_python_model_are_those_of_its_last_build(small) -> None:
    small.write(
        "models/py.py", "def model(dbt, session):\n    return session.sql('select 1::tinyint as id, 2 as other')\n"
    )
    small.write("models/reads.sql", "select typeof(id) as id, other from {{ ref('py') }}\n")
    given, expect = "[{input: ref('py'), rows: [{id: 1}]}]", "{rows: [{id: TINYINT, other: null}]}"
    first = asked(small, given, expect, model="reads")
    assert first["status"] == "error"
    assert "other" in first["message"]
    small.write("models/unit.yml", "")
    small.dryland("apply", "--yes")
    assert asked(small, given, expect, model="reads")["status"] == "pass"


def test_what_only_the_warehouse_has_is_asked_of_the_warehouse(small) -> None:
    """A function that a hook made is not in memory, and the test runs where it is."""
    small.write(
        "dbt_project.yml",
        "name: shop\nversion: '1.0'\nprofile: shop\non-run-start: create macro if not exists twice(x) as x * 2\n",
    )
    small.dryland("apply", "--yes")
    small.write("models/paid.sql", "select twice(id) as id from {{ ref('raw') }}\n")
    assert asked(small, "[{input: ref('raw'), rows: [{id: 4}]}]", "{rows: [{id: 8}]}")["status"] == "pass"
    assert verdicts(small)["it"]["cached"] is False


def test_a_python_model_has_no_unit_tests(small) -> None:
    small.write("models/py.py", "def model(dbt, session):\n    return session.sql('select 1 as id')\n")
    said = asked(small, "[]", "{rows: []}", model="py")
    assert said["status"] == "error"
    assert "`py` is a Python model, and unit tests run SQL." in said["message"]


def test_a_model_that_asks_more_than_is_given_is_told_how_to_answer(small) -> None:
    asks = "{{ run_query('select max(x) from elsewhere').columns[0][0] if execute }}"
    given, expect = "[{input: ref('raw'), rows: [{id: 1}]}]", "{rows: [{id: 5}]}"
    small.write("macros/most.sql", "{% macro most() %}" + asks + "{% endmacro %}\n")
    small.write("models/paid.sql", "select {{ most() }} as id from {{ ref('raw') }}\n")
    said = asked(small, given, expect)
    assert said["status"] == "error"
    assert "the given rows have no answer" in said["message"]
    assert "overrides: {macros: {" in said["message"]
    assert asked(small, given, expect, more="overrides: {macros: {most: 5}}")["status"] == "pass"


def test_a_model_is_told_the_columns_and_values_of_what_is_given(small) -> None:
    """So macros that look at a table before they write SQL need no override."""
    small.write(
        "models/paid.sql",
        """
        {% set columns = adapter.get_columns_in_relation(ref('raw')) %}
        {% set asked = run_query("select distinct name from " ~ ref('raw') ~ " order by 1") %}
        {% set names = asked.columns[0].values() if execute else [] %}
        select {% for column in columns %}{{ column.name }} as my_{{ column.name }}, {% endfor %}
            '{{ names | join("+") }}' as names
        from {{ ref('raw') }} where id = 1
        """,
    )
    given = "[{input: ref('raw'), rows: [{id: 1, name: a}, {id: 2, name: b}]}]"
    said = asked(small, given, "{rows: [{my_id: 1, my_name: a, my_amount: null, names: a+b}]}")
    assert said["status"] == "pass", said["message"]


@pytest.mark.parametrize("name", ["current_timestamp", "dbt.current_timestamp"])
@pytest.mark.parametrize("call", ["dbt.current_timestamp()", "current_timestamp()"])
def test_a_macro_of_dbts_is_replaced_under_both_of_its_names(small, name, call) -> None:
    small.write("models/paid.sql", "select {{ " + call + " }} as at from {{ ref('raw') }}\n")
    given, expect = "[{input: ref('raw'), rows: [{id: 1}]}]", "{rows: [{at: 2026-01-01}]}"
    said = asked(small, given, expect, more="overrides: {macros: {" + name + ": \"date '2026-01-01'\"}}")
    assert said["status"] == "pass", said["message"]


def test_a_test_that_reads_the_clock_is_run_every_time(small) -> None:
    given, expect = "[{input: ref('raw'), rows: [{id: 1}]}]", "{rows: [{id: 1}]}"
    asked(small, given, expect)
    assert verdicts(small)["it"]["cached"] is True
    small.write("models/paid.sql", "select id from {{ ref('raw') }} where current_date > date '2020-01-01'\n")
    asked(small, given, expect)
    assert verdicts(small)["it"]["cached"] is False


@pytest.mark.parametrize(
    "change",
    [
        ("models/unit.yml", "amount: 2}", "amount: 3}"),
        ("models/unit.yml", "amount: 4}", "amount: 5}"),
        ("models/paid.sql", "amount * 2", "amount * 3"),
        ("seeds/raw.csv", "1.5", "1"),
        ("macros/own.sql", "as amount", "as  amount"),
    ],
)
def test_what_a_verdict_depends_on_is_asked_again_when_it_changes(small, change) -> None:
    small.write("macros/own.sql", "{% macro named() %}as amount{% endmacro %}\n")
    small.write("models/paid.sql", "select id, amount * 2 {{ named() }} from {{ ref('raw') }}\n")
    given, expect = "[{input: ref('raw'), rows: [{id: 1, amount: 2}]}]", "{rows: [{id: 1, amount: 4}]}"
    asked(small, given, expect)
    assert verdicts(small)["it"]["cached"] is True
    small.edit(*change)
    assert verdicts(small, code=None)["it"]["cached"] is False


def test_rows_are_compared_as_bags() -> None:
    assert difference(("a",), [("1",), ("2",), ("2",)], [("2",), ("1",), ("2",)]).count == 0
    assert difference(("a",), [("1",), ("2",)], [("2",), ("1",), ("2",)]).surplus == (("2",),)
    assert difference(("a",), [(None,)], [("",)]).count == 2


def test_only_so_many_rows_are_shown() -> None:
    found = difference(("a",), [(str(each),) for each in range(50)], [])
    assert len(found.table()) == 20
    assert found.sentence == "50 rows are missing; 20 are shown"


def test_an_input_is_replaced_where_it_is_read_and_nowhere_else() -> None:
    inputs = {'"w"."a"': Replacement("given", "a")}
    kept = """select 'from "w"."a"', a.x -- from "w"."a"\nfrom """
    sql = kept + """"w"."a" where exists (from "w"."a_b") and x in (select 1 from "w"."a" z); ; """
    there = """"given" AS "a" where exists (from "w"."a_b") and x in (select 1 from "given" z)"""
    assert replaced(sql, inputs, "duckdb") == kept + there


def test_a_value_cannot_leave_its_quotes() -> None:
    assert literal("'; drop table x; --") == "'''; drop table x; --'"
    assert literal({"it's": ["a'b"]}) == "{'it''s': ['a''b']}"
