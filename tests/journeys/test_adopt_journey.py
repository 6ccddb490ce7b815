"""What somebody else built is taken over without losing a row, and handed back as it was."""

from __future__ import annotations

import duckdb
import pytest

TABLES = """
    create table raw_customers as select * from (values (1, 'Ana', 'pt'), (2, 'Bo', 'se')) t(id, name, country);
    create table raw_orders as
        select * from (values (10, 1, 20.5, date '2026-01-01')) t(id, customer_id, amount, ordered_on);
    create view stg_customers as select id as customer_id, name, country from raw_customers;
    create table stg_orders as select id as order_id, customer_id, amount, ordered_on from raw_orders;
    create table customer_orders as select 7 as customer_id, 'old' as name, 70 as orders, 700.0 as revenue;
    create view big_spenders as select customer_id, revenue from customer_orders;
"""
KINDS = "select table_name, table_type from information_schema.tables where table_schema = 'main' order by 1"


@pytest.fixture
def theirs(shop):
    """The shop's warehouse as another tool left it."""
    with duckdb.connect(str(shop.root / "warehouse.duckdb")) as connection:
        connection.execute(TABLES)
    return shop


def test_the_plan_says_what_is_in_the_way_and_apply_touches_nothing(theirs) -> None:
    before = (theirs.content(), theirs.sql(KINDS))
    plan = theirs.dryland("plan")
    assert "in the way: main.big_spenders, main.customer_orders" in plan.out
    answer = theirs.dryland("apply", "--yes", code=2)
    assert "6 relations that Dryland did not make stand where prod publishes" in answer.err
    assert "--adopt" in answer.err
    assert (theirs.content(), theirs.sql(KINDS)) == before


def test_adopted_tables_come_back_as_tables(theirs) -> None:
    before, kinds = theirs.content(), theirs.sql(KINDS)
    theirs.dryland("apply", "--yes", "--adopt")
    assert theirs.sql("select count(*) from customer_orders") == [(3,)]
    assert {kind for _, kind in theirs.sql(KINDS)} == {"VIEW"}
    assert theirs.dryland("plan", "--json").json["changes"] == []
    theirs.dryland("rollback", "--yes")
    assert (theirs.content(), theirs.sql(KINDS)) == (before, kinds)
    with duckdb.connect(str(theirs.root / "warehouse.duckdb")) as connection:  # and they are theirs to change
        connection.execute("insert into customer_orders values (8, 'new', 1, 1.0)")
    assert theirs.sql("select count(*) from big_spenders") == [(2,)]
    theirs.dryland("apply", "--yes", code=2)
    theirs.dryland("apply", "--yes", "--adopt")
    theirs.dryland("rollback", "--yes")
    assert theirs.sql("select count(*) from customer_orders") == [(2,)]


def test_a_refused_release_hands_everything_back(theirs) -> None:
    before, kinds = theirs.content(), theirs.sql(KINDS)
    theirs.edit("models/marts/customer_orders.sql", "c.customer_id,\n    c.name,", "null as customer_id, c.name,")
    answer = theirs.dryland("apply", "--yes", "--adopt", code=1)
    assert "not_null_customer_orders_customer_id" in answer.out
    assert (theirs.content(), theirs.sql(KINDS)) == (before, kinds)
    assert "in the way" in theirs.dryland("plan").out


def test_only_what_was_selected_is_taken_over(theirs) -> None:
    theirs.dryland("apply", "--yes", "--adopt", "-s", "+stg_customers")
    kinds = dict(theirs.sql(KINDS))
    assert (kinds["raw_customers"], kinds["customer_orders"]) == ("VIEW", "BASE TABLE")


def test_an_incremental_model_goes_on_from_the_rows_that_were_there(theirs) -> None:
    """History that no source holds any more is not lost by moving in."""
    theirs.write(
        "models/marts/customer_orders.sql",
        """
        {{ config(materialized='incremental', unique_key='customer_id') }}
        select c.customer_id, c.name, 1 as orders, 1.5 as revenue from {{ ref('stg_customers') }} c
        """,
    )
    theirs.dryland("apply", "--yes", "--adopt")
    assert [row[0] for row in theirs.sql("select customer_id from customer_orders order by 1")] == [1, 2, 3, 7]
