"""Refreshing keeps the last good data of what fails, publishes the rest, and says what is stale."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest


@pytest.fixture
def two_branches(workspace) -> Any:
    """Orders and visits, each with a model, a check and a reader; one mart reads both."""
    workspace.write("dbt_project.yml", "name: two\nprofile: two\nmodels: {two: {+materialized: table}}\n")
    workspace.write("profiles.yml", "two: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n")
    workspace.write(
        "models/sources.yml", "sources: [{name: raw, schema: raw, tables: [{name: orders}, {name: visits}]}]\n"
    )
    for name in ("orders", "visits"):
        workspace.write(f"models/stg_{name}.sql", f"select id, amount from {{{{ source('raw', '{name}') }}}}")
        workspace.write(f"models/{name}_total.sql", f"select sum(amount) as total from {{{{ ref('stg_{name}') }}}}")
    workspace.write(
        "models/both.sql",
        "select o.total + v.total as total from {{ ref('orders_total') }} o, {{ ref('visits_total') }} v",
    )
    workspace.write(
        "models/checks.yml",
        """
        models:
          - {name: stg_orders, columns: [{name: id, data_tests: [not_null]}]}
          - {name: stg_visits, columns: [{name: id, data_tests: [not_null]}]}
        """,
    )
    arrives(workspace, "create schema raw")
    for name in ("orders", "visits"):
        arrives(workspace, f"create table raw.{name} as select 1 as id, 10 as amount")
    workspace.dryland("apply", "--yes")
    return workspace


def arrives(workspace, sql: str) -> None:
    with duckdb.connect(str(workspace.root / "warehouse.duckdb")) as connection:
        connection.execute(sql)


def totals(workspace) -> dict[str, int]:
    names = ("orders_total", "visits_total", "both")
    return {name: workspace.sql(f"select total from main.{name}")[0][0] for name in names}


def stale(workspace) -> set[str]:
    return {row["name"] for row in workspace.dryland("ls", "--json").json["nodes"] if row["stale"]}


def test_only_what_reads_new_data_is_built(two_branches) -> None:
    """A source without a load time is read to know whether it moved; what comes out the same stops the wave there."""
    arrives(two_branches, "insert into raw.visits values (2, 5)")
    outcome = two_branches.dryland("run", "--yes", "--json").json
    built = {step["node"].rpartition(".")[2] for step in outcome["steps"] if step["action"] == "build"}
    assert built == {"stg_orders", "stg_visits", "visits_total", "both"}
    assert totals(two_branches) == {"orders_total": 10, "visits_total": 15, "both": 25}
    assert "Nothing to do" in two_branches.dryland("run", "--yes").err + two_branches.dryland("plan").out


def test_a_bad_branch_keeps_its_last_good_data_and_the_other_goes_on(two_branches) -> None:
    arrives(two_branches, "insert into raw.orders values (null, 1000)")
    arrives(two_branches, "insert into raw.visits values (2, 5)")
    answer = two_branches.dryland("run", "--yes", code=1)
    assert "1 row has no id" in answer.out
    assert totals(two_branches) == {"orders_total": 10, "visits_total": 15, "both": 20}
    assert stale(two_branches) == {"stg_orders", "orders_total", "both"}
    assert "stale" in two_branches.dryland("show", "both").out

    arrives(two_branches, "delete from raw.orders where id is null")
    arrives(two_branches, "insert into raw.orders values (3, 7)")
    two_branches.dryland("run", "--yes")
    assert totals(two_branches) == {"orders_total": 17, "visits_total": 15, "both": 32}
    assert stale(two_branches) == set()


def test_data_that_comes_back_as_it_was_clears_what_was_stale(two_branches) -> None:
    """The bad rows are taken away again: nothing new is to be built, and nothing is stale any more."""
    arrives(two_branches, "insert into raw.orders values (null, 1000)")
    two_branches.dryland("run", "--yes", code=1)
    arrives(two_branches, "delete from raw.orders where id is null")
    two_branches.dryland("run", "--yes")
    assert stale(two_branches) == set()
    assert totals(two_branches) == {"orders_total": 10, "visits_total": 10, "both": 20}


def test_an_empty_delivery_is_not_taken_for_good_news(two_branches) -> None:
    """No check fails on no rows; a table that had rows and is empty is stopped all the same."""
    arrives(two_branches, "delete from raw.orders")
    answer = two_branches.dryland("run", "--yes", code=1)
    assert "stg_orders" in answer.out and "empty" in answer.out
    assert totals(two_branches)["orders_total"] == 10


def test_code_that_is_not_released_does_not_get_out_with_the_data(two_branches) -> None:
    two_branches.edit("models/visits_total.sql", "sum(amount)", "sum(amount) * 1000")
    arrives(two_branches, "insert into raw.visits values (2, 5)")
    answer = two_branches.dryland("run", "--yes")
    assert "visits_total" in answer.err + answer.out
    assert totals(two_branches)["visits_total"] < 1000


def test_what_reads_the_clock_is_refreshed_by_run_and_not_by_apply(two_branches) -> None:
    two_branches.write("models/age.sql", "select id, now() as seen_at from {{ ref('stg_orders') }}")
    two_branches.dryland("apply", "--yes")
    first = two_branches.sql("select seen_at from main.age")
    assert "Nothing to do" in two_branches.dryland("plan").out
    two_branches.dryland("run", "--yes")
    assert two_branches.sql("select seen_at from main.age") > first
