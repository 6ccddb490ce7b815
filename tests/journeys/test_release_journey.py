"""A release shows everything it was planned to, or nothing of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


def actions(plan: dict, action: str) -> list[str]:
    return sorted(step["node"].rpartition(".")[2] for step in plan["steps"] if step["action"] == action)


def plan_of(workspace, *arguments: str) -> dict:
    return workspace.dryland("plan", "--json", *arguments).json


def test_the_first_apply_publishes_every_model_under_the_name_dbt_would_use(shop) -> None:
    before = plan_of(shop)
    assert {change["change"] for change in before["changes"]} == {"added"}
    shop.dryland("apply", "--yes")
    assert shop.sql("select name, orders, revenue from main.customer_orders order by 1") == [
        ("Ana", 2, 25.5),
        ("Bo", 1, 7.25),
        ("Chi", 1, 100.0),
    ]
    assert {
        kind for (kind,) in shop.sql("select table_type from information_schema.tables where table_schema = 'main'")
    } == {"VIEW"}


def test_a_plan_right_after_apply_has_nothing_to_do(released) -> None:
    plan = plan_of(released)
    assert plan["changes"] == []
    assert {step["action"] for step in plan["steps"]} <= {"reuse"}
    assert "Nothing to do" in released.dryland("apply", "--yes").err + released.dryland("plan").out


def test_formatting_and_comments_are_not_a_change(released) -> None:
    for path in (released.root / "models").rglob("*.sql"):
        text = path.read_text()
        path.write_text(
            "-- a comment\n/* and\nanother */\n" + text.replace("select", "SELECT\n  ").replace(",", "\n  ,")
        )
    assert plan_of(released)["changes"] == []


def test_a_name_that_goes_away_is_told_whatever_else_changes(released) -> None:
    """Whoever reads it from outside the project finds nothing there any more."""
    path = released.root / "models/marts/customer_orders.sql"
    path.write_text("{{ config(alias='sales', materialized='view') }}\n" + path.read_text())
    assert "published as main.sales instead of main.customer_orders" in released.dryland("plan").out
    (change,) = plan_of(released)["changes"]
    assert (change["category"], change["name_before"], change["name_after"]) == (
        "breaking", "main.customer_orders", "main.sales",
    )  # fmt: skip


def test_a_column_nobody_reads_is_exactly_one_build(released) -> None:
    released.edit("models/staging/stg_customers.sql", "country from", "country, upper(name) as shout from")
    plan = plan_of(released)
    assert actions(plan, "build") == ["stg_customers"]
    assert [(change["change"], change["category"]) for change in plan["changes"]] == [("changed", "non_breaking")]
    released.dryland("apply", "--yes")
    assert plan_of(released)["changes"] == []


def test_a_column_that_readers_use_rebuilds_exactly_its_readers(released) -> None:
    released.edit("models/staging/stg_orders.sql", "amount,", "amount * 2 as amount,")
    plan = plan_of(released)
    assert actions(plan, "build") == ["big_spenders", "customer_orders", "stg_orders"]
    changed = next(change for change in plan["changes"] if change["change"] == "changed")
    assert changed["category"] == "breaking"
    assert changed["columns_altered"] == ["amount"]
    assert any("spenders_dashboard" in exposure for exposure in changed["exposures"])


def test_a_refused_release_moves_nothing_and_keeps_its_candidates(released) -> None:
    before = released.content()
    released.edit("models/staging/stg_orders.sql", "id as order_id", "10 as order_id")
    answer = released.dryland("apply", "--yes", code=1)
    assert released.content() == before
    said = answer.out + answer.err
    assert "unique_stg_orders_order_id" in said
    assert "prod_refused" in said
    rows = released.dryland("query", "-e", "prod_refused", "--json", "select distinct order_id from stg_orders").json
    assert [list(row.values()) if isinstance(row, dict) else row for row in rows["rows"]] == [[10]]


def test_rollback_brings_back_the_older_release_row_for_row(released) -> None:
    first = released.content()
    released.edit("models/marts/customer_orders.sql", "sum(o.amount)", "sum(o.amount) + 1")
    released.dryland("apply", "--yes")
    second = released.content()
    assert second != first
    released.dryland("rollback", "--yes")
    assert released.content() == first
    releases = released.dryland("release", "list", "--json").json
    assert releases["releases"][0]["kind"] == "rollback"


def test_a_new_environment_copies_no_table(released) -> None:
    tables = "select count(*) from duckdb_tables()"
    before = released.sql(tables)
    released.dryland("env", "create", "dev_ana")
    assert released.sql(tables) == before
    assert released.content("main__dev_ana") == released.content()


@pytest.mark.slow
def test_an_environment_is_changed_alone_and_its_builds_are_reused_by_prod(released) -> None:
    released.dryland("env", "create", "dev_ana")
    prod = released.content()
    released.edit("models/marts/customer_orders.sql", "sum(o.amount)", "sum(o.amount) + 1")
    released.dryland("apply", "-e", "dev_ana", "--yes")
    assert released.content() == prod
    assert released.content("main__dev_ana") != prod
    plan = plan_of(released)
    assert actions(plan, "build") == []
    assert actions(plan, "publish") == ["big_spenders", "customer_orders"]
    released.dryland("apply", "--yes")
    assert released.content() == released.content("main__dev_ana")


@pytest.mark.slow
def test_the_way_back_is_to_what_readers_saw_before(released) -> None:
    """Not to a bad release that was rolled back in between; and twice goes back twice."""
    seen = {1: released.content()}
    for number, word in ((2, "upper"), (3, "lower")):
        path = released.root / "models/marts/customer_orders.sql"
        path.write_text(
            path.read_text()
            .replace("    c.name,", f"    {word}(c.name) as name,")
            .replace("upper(c.name) as name", f"{word}(c.name) as name")
        )
        released.dryland("apply", "--yes")
        seen[number] = released.content()
        if number == 2:
            released.dryland("rollback", "--yes")
            assert released.content() == seen[1]
    assert seen[3] not in (seen[1], seen[2])
    answer = released.dryland("rollback", "--yes")
    assert "shows release 1 again" in answer.out and released.content() == seen[1]
    assert "no release before 1" in released.dryland("rollback", "--yes", code=2).err
    released.dryland("rollback", "--yes", "2")
    assert released.content() == seen[2]


def test_a_removed_model_leaves_with_the_next_release_and_returns_with_a_rollback(released) -> None:
    (released.root / "models/marts/big_spenders.sql").unlink()
    released.edit("models/schema.yml", "depends_on: [ref('big_spenders')]", "depends_on: [ref('customer_orders')]")
    released.dryland("apply", "--yes")
    assert "big_spenders" not in released.content()
    released.dryland("rollback", "--yes")
    assert "big_spenders" in released.content()


def test_an_equal_result_stops_the_wave(released) -> None:
    """Early cut-off: the code changed, the rows did not, so readers keep their builds."""
    released.edit("models/staging/stg_orders.sql", "amount,", "amount + 0 as amount,")
    released.dryland("apply", "--yes")
    runs = released.dryland("release", "show", "--json").json
    assert json.dumps(runs)  # machine readable
    assert plan_of(released)["changes"] == []
    builds = released.sql("select count(*) from duckdb_tables() where table_name like 'customer_orders__%'")
    assert builds == [(1,)]


def test_without_a_terminal_a_release_needs_yes(shop) -> None:
    answer = shop.dryland("apply", code=2)
    assert "--yes" in answer.err
    assert not shop.content()


@pytest.mark.parametrize("verb", ["plan", "ls", "env", "release"])
def test_every_verb_speaks_json(released, verb: str) -> None:
    arguments = {"env": ("env", "list"), "release": ("release", "list")}.get(verb, (verb,))
    assert released.dryland(*arguments, "--json").json is not None


def test_gc_keeps_what_any_kept_release_needs(released) -> None:
    first = released.content()
    released.edit("models/staging/stg_orders.sql", "amount,", "amount * 2 as amount,")
    released.dryland("apply", "--yes")
    released.dryland("gc", "--yes")
    released.dryland("rollback", "--yes")
    assert released.content() == first
    assert Path(released.root / ".dryland" / "state.db").exists()
