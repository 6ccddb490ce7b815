"""An environment that is not there is nobody's, and a slip of the pen makes none."""

from __future__ import annotations

import sqlite3

import pytest


@pytest.mark.parametrize(
    "verb",
    [["query", "select 1"], ["check"], ["ls"], ["rollback", "--yes"], ["release", "list"], ["show", "stg_orders"]],
)
def test_whoever_reads_an_environment_that_is_not_there_is_told(released, verb: list[str]) -> None:
    answer = released.dryland(*verb, "-e", "prdo", code=2)
    assert "there is no environment `prdo`.\nhint: did you mean `prod`?" in answer.err


def test_so_is_who_shows_or_copies_it(released) -> None:
    assert "there is no environment `qa`" in released.dryland("env", "show", "qa", code=2).err
    assert "there are: prod." in released.dryland("env", "create", "dev", "--from", "qa", code=2).err


@pytest.mark.parametrize("slip", ["prdo", "prodd", "pro"])
def test_a_release_to_a_misspelt_name_makes_no_environment(released, slip: str) -> None:
    answer = released.dryland("apply", "--yes", "-e", slip, code=2)
    assert f"did you mean `prod`? `dryland env create {slip}` makes a new one." in answer.err
    assert [each["name"] for each in released.dryland("env", "list", "--json").json["environments"]] == ["prod"]


def test_a_release_to_a_new_name_makes_it(released) -> None:
    released.dryland("apply", "--yes", "-e", "pr_42")
    released.dryland("apply", "--yes", "-e", "pr_4")
    assert released.content("main__pr_42") == released.content("main__pr_4") == released.content()


@pytest.mark.parametrize("name", ["Dev", "dev ana", "a" * 41, "", 'x"; drop', "-x"])
def test_a_name_that_fits_no_schema_is_refused(released, name: str) -> None:
    assert "cannot name an environment" in released.dryland("env", "create", "--", name, code=2).err


def test_one_that_a_crash_left_half_made_is_made_whole(released) -> None:
    """Killed between its name and its views: saying it again is all there is to do."""
    with sqlite3.connect(released.root / ".dryland" / "state.db") as state:
        state.execute("insert into environments values ('dev', null, 'prod', '', '2026-01-01 00:00:00.000000')")
    state.close()
    released.dryland("env", "create", "dev")
    assert released.content("main__dev") == released.content()
    assert "dryland env drop dev" in released.dryland("env", "create", "dev", code=2).err
    assert "choose another name" in released.dryland("env", "create", "prod", code=2).err


def test_the_names_of_what_was_refused_are_taken(released) -> None:
    assert "keeps what the gate refuses" in released.dryland("env", "create", "prod_refused", code=2).err


def test_rows_that_failed_in_an_environment_go_with_it(released) -> None:
    released.edit(
        "models/schema.yml", "data_tests: [not_null]", "data_tests: [{not_null: {config: {store_failures: true}}}]"
    )
    released.edit("models/marts/customer_orders.sql", "coalesce(sum(o.amount), 0)", "nullif(sum(o.amount), 7.25)")
    released.dryland("env", "create", "dev")
    released.dryland("apply", "--yes", "-e", "dev", code=1)
    kept = "select schema_name from duckdb_tables() where table_name = 'not_null_customer_orders_revenue'"
    assert released.sql(kept) == [("main_dbt_test__audit__dev",)]
    released.dryland("env", "drop", "dev", "--yes")
    assert released.sql(kept) == []


def test_the_default_environment_is_there_before_its_first_release(shop) -> None:
    assert "not released" in shop.dryland("ls", "-e", "prod").out
    assert shop.dryland("release", "list", "--json").json["releases"] == []
