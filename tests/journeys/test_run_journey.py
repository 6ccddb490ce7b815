"""Refreshing keeps the last good data of what fails, publishes the rest, and says what is stale."""

from __future__ import annotations

import pytest


def totals(workspace) -> dict[str, int]:
    names = ("orders_total", "visits_total", "both")
    return {name: workspace.sql(f"select total from main.{name}")[0][0] for name in names}


def stale(workspace) -> set[str]:
    return {row["name"] for row in workspace.dryland("ls", "--json").json["nodes"] if row["stale"]}


def test_only_what_reads_new_data_is_built(two_branches) -> None:
    """A source without a load time is read to know whether it moved; what comes out the same stops the wave there."""
    two_branches.arrives("insert into raw.visits values (2, 5)")
    outcome = two_branches.dryland("run", "--yes", "--json").json
    built = {step["node"].rpartition(".")[2] for step in outcome["steps"] if step["action"] == "build"}
    assert built == {"stg_orders", "stg_visits", "visits_total", "both"}
    assert totals(two_branches) == {"orders_total": 10, "visits_total": 15, "both": 25}
    assert "Nothing to do" in two_branches.dryland("run", "--yes").err + two_branches.dryland("plan").out


def test_a_bad_branch_keeps_its_last_good_data_and_the_other_goes_on(two_branches) -> None:
    two_branches.arrives("insert into raw.orders values (null, 1000)")
    two_branches.arrives("insert into raw.visits values (2, 5)")
    answer = two_branches.dryland("run", "--yes", code=1)
    assert "1 row has no id" in answer.out
    assert totals(two_branches) == {"orders_total": 10, "visits_total": 15, "both": 20}
    assert stale(two_branches) == {"stg_orders", "orders_total", "both"}
    assert "stale" in two_branches.dryland("show", "both").out

    two_branches.arrives("delete from raw.orders where id is null")
    two_branches.arrives("insert into raw.orders values (3, 7)")
    two_branches.dryland("run", "--yes")
    assert totals(two_branches) == {"orders_total": 17, "visits_total": 15, "both": 32}
    assert stale(two_branches) == set()


@pytest.mark.slow
def test_a_model_that_cannot_be_built_keeps_its_last_good_data_and_the_other_branch_goes_on(two_branches) -> None:
    two_branches.arrives("insert into raw.orders values (2, 'many')", "insert into raw.visits values (2, 5)")
    two_branches.dryland("run", "--yes", code=1)
    assert totals(two_branches) == {"orders_total": 10, "visits_total": 15, "both": 20}
    assert stale(two_branches) == {"stg_orders", "orders_total", "both"}
    two_branches.arrives("update raw.orders set amount = '5' where amount = 'many'")
    two_branches.dryland("run", "--yes")
    assert totals(two_branches) == {"orders_total": 15, "visits_total": 15, "both": 30}
    assert stale(two_branches) == set()


@pytest.mark.slow
def test_data_that_comes_back_as_it_was_clears_what_was_stale(two_branches) -> None:
    """The bad rows are taken away again: nothing new is to be built, and nothing is stale any more."""
    two_branches.arrives("insert into raw.orders values (null, 1000)")
    two_branches.dryland("run", "--yes", code=1)
    two_branches.arrives("delete from raw.orders where id is null")
    two_branches.dryland("run", "--yes")
    assert stale(two_branches) == set()
    assert totals(two_branches) == {"orders_total": 10, "visits_total": 10, "both": 20}


def test_an_empty_delivery_is_not_taken_for_good_news(two_branches) -> None:
    """No check fails on no rows; a table that had rows and is empty is stopped all the same."""
    two_branches.arrives("delete from raw.orders")
    answer = two_branches.dryland("run", "--yes", code=1)
    assert "stg_orders" in answer.out and "empty" in answer.out
    assert totals(two_branches)["orders_total"] == 10


def test_code_that_is_not_released_does_not_get_out_with_the_data(two_branches) -> None:
    two_branches.edit("models/visits_total.sql", "sum(amount)", "sum(amount) * 1000")
    two_branches.arrives("insert into raw.visits values (2, 5)")
    answer = two_branches.dryland("run", "--yes")
    assert "visits_total" in answer.err + answer.out
    assert totals(two_branches)["visits_total"] < 1000


@pytest.mark.slow
def test_what_reads_the_clock_is_refreshed_by_run_and_not_by_apply(two_branches) -> None:
    two_branches.write("models/age.sql", "select id, now() as seen_at from {{ ref('stg_orders') }}")
    two_branches.dryland("apply", "--yes")
    first = two_branches.sql("select seen_at from main.age")
    assert "Nothing to do" in two_branches.dryland("plan").out
    two_branches.dryland("run", "--yes")
    assert two_branches.sql("select seen_at from main.age") > first
