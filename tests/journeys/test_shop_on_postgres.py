"""The sample project on PostgreSQL: released, refused, refreshed and rolled back, as on DuckDB."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_a_release_shows_what_dbt_would_have_made(pg_shop) -> None:
    pg_shop.dryland("apply", "--yes")
    assert pg_shop.sql("select name, orders, revenue from main.customer_orders order by customer_id") == [
        ("Ana", 2, 25.5), ("Bo", 1, 7.25), ("Chi", 1, 100),
    ]  # fmt: skip
    assert pg_shop.sql("select customer_id from main.big_spenders order by 1") == [(1,), (3,)]
    assert pg_shop.building() == []


def test_bad_rows_do_not_reach_readers_and_a_rollback_brings_back_what_was(pg_shop) -> None:
    pg_shop.dryland("apply", "--yes")
    before = pg_shop.content()
    pg_shop.edit("models/staging/stg_orders.sql", "id as order_id", "1 as order_id")
    assert "unique_stg_orders_order_id" in pg_shop.dryland("apply", "--yes", code=1).out
    assert pg_shop.content() == before
    pg_shop.edit("models/staging/stg_orders.sql", "1 as order_id", "id + 100 as order_id")
    pg_shop.dryland("apply", "--yes")
    after = pg_shop.content()
    assert {name for name in before if before[name] != after[name]} == {"stg_orders"}
    pg_shop.dryland("rollback", "--yes")
    assert pg_shop.content() == before


def test_what_somebody_else_writes_is_seen(pg_shop) -> None:
    pg_shop.write("models/raw.yml", "sources: [{name: raw, tables: [{name: t}]}]\n")
    pg_shop.write("models/counted.sql", "select count(*) as n from {{ source('raw', 't') }}\n")
    pg_shop.arrives("create schema raw", "create table raw.t as select 1 as id")
    pg_shop.dryland("apply", "--yes")
    pg_shop.arrives("insert into raw.t values (2)")
    pg_shop.dryland("run", "--yes")
    assert pg_shop.sql("select n from main.counted") == [(2,)]
