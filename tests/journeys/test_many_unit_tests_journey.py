"""Many unit tests are asked together, each gets its own verdict, and what did not change costs nothing."""

from __future__ import annotations

import pytest

from dryland.check.unit_tests.asking import Asking
from dryland.project import kept
from dryland.workshop import Workshop

MODEL = "select id, cast(amount as integer) * {{ var('rate', 2) }} as amount from {{ source('shop', 'paid') }}\n"
GROWING = """
{{ config(materialized='incremental') }}
select id, amount from {{ ref('doubled') }}
{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}
{% if var('odd', false) %} and id > {{ env_var('SIN' ~ 'CE', '0') }} {% endif %}
"""
HEAD = "sources: [{name: shop, schema: main, tables: [{name: paid}]}]\nunit_tests:\n"
TEST = """\
  - name: {name}
    model: doubled
    given: [{{input: "source('shop', 'paid')", rows: {rows}}}]
    expect: {{rows: {expected}}}
"""
GROWS = """\
  - name: only_new
    model: growing
    overrides: {macros: {is_incremental: true}, vars: {odd: true}}
    given:
      - {input: ref('doubled'), rows: [{id: 1, amount: 1}, {id: 2, amount: 2}]}
      - {input: this, rows: [{id: 1, amount: 1}]}
    expect: {rows: [{id: 2, amount: 2}]}
"""


@pytest.fixture
def many(workspace):
    """A model over a source with five tests, and one that grows."""
    workspace.write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\n")
    profile = "shop: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb, schema: main}}}\n"
    workspace.write("profiles.yml", profile)
    workspace.write("models/doubled.sql", MODEL)
    workspace.write("models/growing.sql", GROWING)
    workspace.write("models/unit.yml", HEAD + "".join(case(number) for number in range(5)) + GROWS)
    workspace.arrives("create table paid (id integer, amount varchar)")
    return workspace


def case(number: int, given: object = None, expected: object = None, name: str = "") -> str:
    rows = f"[{{id: {number}, amount: {number if given is None else given}}}]"
    wanted = f"[{{id: {number}, amount: {2 * number if expected is None else expected}}}]"
    return TEST.format(name=name or f"case_{number}", rows=rows, expected=wanted)


def statuses(workspace, code: int | None = 0, **environment: str) -> dict[str, str]:
    """Of each test; with a star when it was remembered."""
    verdicts = workspace.dryland("test", "--json", code=code, **environment).json["verdicts"]
    return {each["name"]: each["status"] + ("*" if each["cached"] else "") for each in verdicts}


def all_of(status: str) -> dict[str, str]:
    return dict.fromkeys((*(f"case_{number}" for number in range(5)), "only_new"), status)


@pytest.fixture
def nothing_is_read(monkeypatch):
    """From here on, reading the project's files or opening its warehouse fails."""

    def stop(*, not_even_columns: bool = True) -> None:
        monkeypatch.setattr(kept, "_loaded", lambda asked: pytest.fail("the project was read"))
        if not_even_columns:
            monkeypatch.setattr(Workshop, "engine", property(lambda self: pytest.fail("the warehouse was opened")))

    return stop


def test_tests_of_one_model_are_asked_in_one_query(many, monkeypatch) -> None:
    alone, real = [], Asking.verdict
    monkeypatch.setattr(Asking, "verdict", lambda *given: alone.append(given[1].test.name) or real(*given))
    assert statuses(many) == all_of("pass")
    assert alone == ["only_new"]


def test_who_fails_or_breaks_hides_nobody(many) -> None:
    """A value that cannot be cast stops the query of all: then each is asked alone."""
    more = case(7, expected=15, name="wrong") + case(8, given="abc", name="broken")
    many.edit("models/unit.yml", GROWS, GROWS + more)
    assert statuses(many, code=1) == {**all_of("pass"), "wrong": "fail", "broken": "error"}
    assert statuses(many, code=1) == {**all_of("pass*"), "wrong": "fail", "broken": "error"}
    said = many.dryland("test", code=1).out
    assert "1 row differs in amount (expected → actual)" in said
    assert "15 → 14" in said
    assert "abc" in said


def test_a_column_that_is_not_there_fails_its_own_test(many) -> None:
    odd = case(9, name="odd").replace("amount: 9", "amuont: 9")
    many.edit("models/unit.yml", GROWS, GROWS + odd)
    assert statuses(many, code=1) == {**all_of("pass"), "odd": "error"}


def test_what_did_not_change_is_neither_rendered_nor_asked(many, nothing_is_read) -> None:
    assert statuses(many) == all_of("pass")
    assert statuses(many) == all_of("pass*"), "opening a warehouse for the first time writes to it"
    nothing_is_read()
    assert statuses(many) == all_of("pass*")


def test_who_failed_is_asked_again_without_reading_the_project(many, nothing_is_read) -> None:
    many.edit("models/unit.yml", GROWS, GROWS + case(7, expected=15, name="wrong"))
    statuses(many, code=1)
    nothing_is_read(not_even_columns=False)
    assert statuses(many, code=1) == {**all_of("pass*"), "wrong": "fail"}


def test_a_changed_model_is_asked_again_and_others_are_not(many) -> None:
    statuses(many)
    many.edit("models/growing.sql", "id > (", "id >= (")
    assert statuses(many, code=1) == {**all_of("pass*"), "only_new": "fail"}


def test_a_variable_that_only_a_tests_rendering_asks_for_counts(many) -> None:
    """The project is read without it, and no template names it in one word."""
    statuses(many)
    assert statuses(many, code=1, SINCE="5") == {**all_of("pass*"), "only_new": "fail"}
    assert statuses(many) == all_of("pass*")


def test_columns_of_sources_are_those_of_the_warehouse_now(many) -> None:
    statuses(many)
    many.arrives("insert into paid values (1, '1')")
    assert statuses(many) == all_of("pass*"), "rows are no columns"
    many.arrives("alter table paid rename amount to price")
    assert statuses(many, code=1)["case_3"] == "error"


def test_a_model_that_asks_for_the_time_is_rendered_each_time(many) -> None:
    """Its text is another one tomorrow."""
    many.edit("models/growing.sql", " and id >", " and '{{ run_started_at }}' != '' and id >")
    statuses(many)
    assert statuses(many) == {**all_of("pass*"), "only_new": "pass"}


def test_a_cache_that_cannot_be_written_is_no_failure(many, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    for _ in range(2):
        assert set(statuses(many, DRYLAND_CACHE=str(tmp_path / "file"))) == set(all_of("pass"))
