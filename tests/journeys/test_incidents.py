"""Loads that go wrong, columns that go, promises that are broken: each is one incident, and over when it is mended."""

from __future__ import annotations

import time

NO_ID = "insert into raw.orders values (null, '5')"


def incidents(workspace, *words: str) -> list[dict]:
    return workspace.dryland("incident", "list", "--json", *words).json["incidents"]


def test_a_refresh_that_is_blocked_is_an_incident_of_the_load(two_branches) -> None:
    shop = two_branches
    shop.arrives(NO_ID)
    shop.dryland("run", "--yes", "-q", code=1)
    (one,) = incidents(shop)
    assert (one["dataset"], one["about"], one["were_readers_hit"]) == ("stg_orders", "data", False)
    assert one["probably"]["what"] == "the load of raw.orders"
    (problem,) = shop.dryland("incident", "show", "1", "--json").json["problems"]
    assert set(problem["evidence"]["held_back"]) == {"orders_total", "both"}
    shop.arrives("delete from raw.orders where id is null")
    assert "incident 1 resolved" in shop.dryland("run", "--yes", "-q").out


def test_two_loads_that_are_bad_are_two_incidents(two_branches) -> None:
    two_branches.arrives(NO_ID, NO_ID.replace("orders", "visits"))
    two_branches.dryland("run", "--yes", "-q", code=1)
    assert {each["dataset"] for each in incidents(two_branches)} == {"stg_orders", "stg_visits"}


def test_a_model_that_cannot_be_built_is_an_incident(two_branches) -> None:
    two_branches.arrives("insert into raw.orders values (2, 'ten')")
    two_branches.dryland("run", "--yes", "-q", code=1)
    (one,) = incidents(two_branches)
    assert one["problems"][0]["kind"] == "run" and "could not be built" in one["title"] and "ten" in one["title"]


def test_a_source_that_lost_a_column_is_the_cause_of_what_fails_below(two_branches) -> None:
    shop = two_branches
    shop.arrives("create or replace table raw.orders as select 1 as id")
    shop.dryland("run", "--yes", "-q", code=1)
    (one,) = incidents(shop)
    assert one["dataset"] == "raw.orders" and "`amount` is gone" in one["title"]
    assert {each["kind"] for each in one["problems"]} == {"schema", "run"}
    shop.arrives("create or replace table raw.orders as select 1 as id, '10' as amount")
    assert "incident 1 resolved" in shop.dryland("run", "--yes", "-q").out


def test_a_warehouse_that_fails_is_an_incident_until_a_run_goes_well(two_branches) -> None:
    shop = two_branches
    shop.edit("dbt_project.yml", "profile: two\n", 'profile: two\non-run-start: "select * from nowhere"\n')
    shop.arrives("insert into raw.orders values (2, '5')")
    shop.dryland("run", "--yes", "-q", code=3)
    (one,) = incidents(shop)
    assert "run failed" in one["title"] and not one["were_readers_hit"]
    shop.edit("dbt_project.yml", 'on-run-start: "select * from nowhere"\n', "")
    assert "incident 1 resolved" in shop.dryland("run", "--yes", "-q").out


def test_what_is_later_than_promised_is_an_incident_until_it_is_refreshed(two_branches) -> None:
    shop = two_branches
    shop.edit(
        "models/checks.yml", "{name: stg_orders,", "{name: stg_orders, config: {meta: {sla: 0.0005h, owner: ana}},"
    )
    shop.dryland("apply", "--yes", "-q")
    time.sleep(2)
    shop.dryland("freshness")
    (one,) = incidents(shop)
    assert (one["dataset"], one["owner"], one["problems"][0]["subject"]) == ("stg_orders", "ana", "sla")
    shop.arrives("insert into raw.orders values (2, '5')")
    shop.dryland("run", "--yes", "-q")
    shop.dryland("freshness")
    assert incidents(shop)[0]["status"] == "resolved"


def test_a_source_that_is_too_old_is_an_incident_since_it_became_so(workspace) -> None:
    workspace.write("dbt_project.yml", "name: w\nprofile: w\nmodels: {w: {+materialized: table}}\n")
    workspace.write("profiles.yml", "w: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n")
    workspace.write(
        "models/raw.yml",
        "sources: [{name: raw, tables: [{name: ev, loaded_at_field: ts, meta: {owner: bo},"
        " freshness: {error_after: {count: 1, period: day}}}]}]\n",
    )
    workspace.write("models/st.sql", "select * from {{ source('raw', 'ev') }}")
    workspace.arrives("create schema raw", "create table raw.ev as select now()::timestamp - interval 2 day as ts")
    workspace.dryland("apply", "--yes")
    assert "incident 1 opened (bo)" in workspace.dryland("freshness", code=1).out
    (one,) = incidents(workspace)
    assert one["dataset"] == "raw.ev" and one["are_readers_hit"] and 86_000 < one["detect_s"] < 87_000
    assert one["probably"]["what"] == "nothing was loaded into raw.ev"
    workspace.arrives("insert into raw.ev values (now()::timestamp)")
    assert "incident 1 resolved" in workspace.dryland("freshness").out


def test_gc_forgets_what_was_over_long_ago(two_branches) -> None:
    shop = two_branches
    shop.write("dryland.yml", "incidents: {keep: 1s}\n")
    shop.arrives(NO_ID)
    shop.dryland("run", "--yes", "-q", code=1)
    shop.dryland("gc", "--yes")
    assert len(incidents(shop)) == 1, "what is open stays"
    shop.dryland("incident", "resolve", "1")
    time.sleep(1.1)
    shop.dryland("gc", "--yes")
    assert incidents(shop) == []


def test_a_team_on_postgresql_has_the_same_incidents(pg_shop, monkeypatch) -> None:
    """Warehouse and metadata on a server: refused, live, found by a check, rolled back."""
    for name, value in (("PGHOST", pg_shop.server.folder), ("PGUSER", pg_shop.server.user)):
        monkeypatch.setenv(name, value)
    pg_shop.write("dryland.yml", f"state: postgresql:///{pg_shop.database}\n")
    pg_shop.dryland("apply", "--yes", "-q")
    pg_shop.edit("models/staging/stg_orders.sql", "id as order_id", "1 as order_id")
    assert "incident 1 opened" in pg_shop.dryland("apply", "--yes", "-q", code=1).out
    pg_shop.edit("models/staging/stg_orders.sql", "1 as order_id", "id as order_id")
    assert "incident 1 resolved" in pg_shop.dryland("apply", "--yes", "-q").out
    pg_shop.edit("models/marts/customer_orders.sql", "count(o.order_id) as orders", "nullif(count(*), 1) as orders")
    pg_shop.dryland("apply", "--yes", "-q")
    pg_shop.edit(
        "models/schema.yml",
        "- name: revenue\n",
        "- name: orders\n        data_tests: [not_null]\n      - name: revenue\n",
    )
    assert "incident 2 opened" in pg_shop.dryland("check", code=1).out
    assert "incident 2 resolved" in pg_shop.dryland("rollback", "--yes").out
    assert [each["were_readers_hit"] for each in incidents(pg_shop)] == [True, False]
