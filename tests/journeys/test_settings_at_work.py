"""What dryland.yml and the environment say has the effect that the docs tell."""

from __future__ import annotations

import sqlite3

import duckdb
import pytest


def test_a_parquet_export_has_the_rows_that_readers_see(released) -> None:
    released.write("dryland.yml", "exports:\n  - {name: sales, model: customer_orders, to: out/sales.parquet}\n")
    released.edit("models/marts/customer_orders.sql", "    c.name,\n", "    upper(c.name) as name,\n")
    released.dryland("apply", "--yes")
    with duckdb.connect() as connection:
        exported = connection.execute(f"from '{released.root}/out/sales.parquet' order by all").fetchall()
    assert exported == released.sql("from customer_orders order by all")


@pytest.mark.slow
def test_what_is_stale_is_not_exported(two_branches) -> None:
    two_branches.write(
        "dryland.yml", "exports:\n  - {name: orders_total, model: orders_total, to: 'sqlite:///out.db'}\n"
    )
    two_branches.arrives("insert into raw.orders values (null, '1000')", "insert into raw.visits values (2, '5')")
    answer = two_branches.dryland("run", "--yes", code=1)
    assert "did not export orders_total: orders_total is not fresh" in answer.out
    two_branches.arrives("delete from raw.orders where id is null", "insert into raw.orders values (3, '7')")
    two_branches.dryland("run", "--yes")
    with sqlite3.connect(two_branches.root / "out.db") as shop:
        assert shop.execute("select * from orders_total").fetchall() == [(17,)]
    shop.close()


@pytest.mark.slow
def test_the_clock_counts_as_moved_once_an_hour(two_branches) -> None:
    two_branches.write("dryland.yml", "volatile: hour\n")
    two_branches.write("models/age.sql", "select id, now() as seen_at from {{ ref('stg_orders') }}")
    two_branches.dryland("apply", "--yes")
    first = two_branches.sql("select seen_at from main.age")
    two_branches.dryland("run", "--yes")
    again = two_branches.sql("select seen_at from main.age")
    assert again == first or again[0][0].hour != first[0][0].hour


def test_builds_lie_in_the_schema_that_was_asked_for(shop) -> None:
    shop.write("dryland.yml", "store_schema: behind_the_scenes\n")
    shop.dryland("apply", "--yes")
    assert shop.sql("select count(*) > 3 from duckdb_tables() where schema_name = 'behind_the_scenes'") == [(True,)]
    assert shop.sql("select count(*) from duckdb_tables() where schema_name = 'dryland_store'") == [(0,)]
    assert "Nothing to do" in shop.dryland("plan").out


def test_a_promise_in_meta_is_shown(released) -> None:
    released.edit(
        "models/schema.yml", "description: One row per customer.", "config: {meta: {sla: '7:00', owner: ana}}"
    )
    released.dryland("apply", "--yes")
    card = released.dryland("show", "customer_orders").out
    assert "sla       7:00" in card and "owner     ana" in card


def test_a_bug_of_ours_says_so_and_shows_its_place_when_asked(released, monkeypatch) -> None:
    """Exit 70, and no traceback in anybody's face."""
    monkeypatch.setattr("dryland.platform.Platform.environments", lambda _: 1 / 0)
    answer = released.dryland("env", "list", code=70)
    assert "this is a bug in Dryland: ZeroDivisionError" in answer.err
    assert "DRYLAND_DEBUG=1" in answer.err and "Traceback" not in answer.err
    try:
        released.dryland("env", "list", DRYLAND_DEBUG="1")
    except ZeroDivisionError:
        return
    raise AssertionError("DRYLAND_DEBUG did not show where it happened")
