"""A snapshot's history goes from release to release: checked before it is seen, rolled back, taken over, branched."""

from __future__ import annotations

from typing import Any

import pytest

from real_dbt import DBT, dbt

VERSIONS = (
    "select id, amount, dbt_valid_from::date::varchar, dbt_valid_to::date::varchar from {}.orders_history order by all"
)
FIRST = [(1, 10, "2019-01-01", None), (2, 20, "2019-01-01", None)]
SECOND = [(1, 10, "2019-01-01", None), (2, 20, "2019-01-01", "2019-01-02"), (2, 21, "2019-01-02", None)]
THIRD = [*SECOND[:2], (2, 21, "2019-01-02", "2019-01-03"), (2, 22, "2019-01-03", None)]


@pytest.fixture
def orders(workspace: Any) -> Any:
    """A snapshot of a source, a model that reads it, and a check; not released yet."""
    workspace.write("dbt_project.yml", "name: memory\nprofile: memory\nmodels: {memory: {+materialized: table}}\n")
    workspace.write("profiles.yml", "memory: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n")
    workspace.write("models/sources.yml", "sources: [{name: raw, schema: raw, tables: [{name: orders}]}]\n")
    workspace.write(
        "snapshots/orders.yml",
        """
        snapshots:
          - name: orders_history
            relation: source('raw', 'orders')
            config: {unique_key: id, strategy: timestamp, updated_at: changed_at}
            columns:
              - {name: amount, data_tests: [not_null]}
        """,
    )
    workspace.write(
        "models/current_orders.sql",
        "select id, amount from {{ ref('orders_history') }} where dbt_valid_to is null",
    )
    workspace.arrives(
        "create schema raw",
        "create table raw.orders as select * from (values (1, 10, timestamp '2019-01-01'), "
        "(2, 20, timestamp '2019-01-01')) t(id, amount, changed_at)",
    )
    return workspace


@pytest.fixture
def remembered(orders: Any) -> Any:
    """The same, released to prod."""
    orders.dryland("apply", "--yes")
    return orders


def changes(workspace: Any, day: int, amount: object) -> None:
    workspace.arrives(f"update raw.orders set amount = {amount}, changed_at = '2019-01-0{day}' where id = 2")


def versions(workspace: Any, schema: str = "main") -> list[tuple[Any, ...]]:
    return list(workspace.sql(VERSIONS.format(schema)))


def current(workspace: Any, schema: str = "main") -> list[tuple[Any, ...]]:
    return list(workspace.sql(f"select id, amount from {schema}.current_orders order by all"))


def actions(plan: Any) -> dict[str, str]:
    steps = plan.json["steps"]
    return {step["node"].split(".")[-1]: step["action"] for step in steps if step["action"] in ("build", "drop")}


def test_run_adds_what_is_new_and_its_readers_follow(remembered: Any) -> None:
    assert versions(remembered) == FIRST
    changes(remembered, 2, 21)
    remembered.dryland("run", "--yes")
    assert versions(remembered) == SECOND
    assert current(remembered) == [(1, 10), (2, 21)]


def test_the_store_holds_whole_generations_and_nothing_else(remembered: Any) -> None:
    changes(remembered, 2, 21)
    remembered.dryland("run", "--yes")
    stored = remembered.sql(
        "select table_name from information_schema.tables where table_name like 'orders_history__%'"
    )
    assert sorted(name.count("__") for (name,) in stored) == [1, 1]


def test_nothing_to_do_is_nothing_to_do(remembered: Any) -> None:
    assert actions(remembered.dryland("plan", "--json")) == {}


@pytest.mark.slow
def test_a_refused_generation_changes_nothing_and_the_next_starts_from_the_last_good_one(remembered: Any) -> None:
    changes(remembered, 2, "null")
    remembered.dryland("run", "--yes", code=1)
    assert versions(remembered) == FIRST
    changes(remembered, 2, 21)
    remembered.dryland("run", "--yes")
    assert versions(remembered) == SECOND


def test_a_rollback_brings_the_old_history_back_and_it_goes_on_from_there(remembered: Any) -> None:
    changes(remembered, 2, 21)
    remembered.dryland("run", "--yes")
    remembered.dryland("rollback", "--yes")
    assert versions(remembered) == FIRST
    changes(remembered, 3, 22)
    remembered.dryland("run", "--yes")
    assert versions(remembered) == [
        (1, 10, "2019-01-01", None), (2, 20, "2019-01-01", "2019-01-03"), (2, 22, "2019-01-03", None),
    ]  # fmt: skip


@pytest.mark.slow
def test_another_query_loses_no_history(remembered: Any) -> None:
    changes(remembered, 2, 21)
    remembered.dryland("run", "--yes")
    remembered.edit("snapshots/orders.yml", "relation: source('raw', 'orders')", "relation: ref('shaped')")
    remembered.write(
        "models/shaped.sql", "select id, amount, changed_at, 'new' as kind from {{ source('raw', 'orders') }}"
    )
    plan = remembered.dryland("plan")
    assert "orders_history goes on from the versions that are there" in plan.out
    remembered.dryland("apply", "--yes")
    assert versions(remembered) == SECOND
    assert remembered.sql("select distinct kind from main.orders_history") == [(None,)]
    changes(remembered, 3, 22)
    remembered.dryland("run", "--yes")
    assert versions(remembered) == THIRD
    assert remembered.sql("select kind from main.orders_history where amount = 22") == [("new",)]


@pytest.mark.parametrize("selection", [(), ("-s", "orders_history"), ("-s", "+current_orders")])
@pytest.mark.slow
def test_a_full_refresh_leaves_history_alone(remembered: Any, selection: tuple[str, ...]) -> None:
    changes(remembered, 2, 21)
    remembered.dryland("run", "--yes")
    changes(remembered, 3, 22)
    for verb in ("apply", "run"):
        remembered.dryland(verb, "--yes", "--full-refresh", *selection)
    assert versions(remembered) == THIRD


def test_a_snapshot_is_chosen_listed_and_traced(remembered: Any) -> None:
    listed = remembered.dryland("ls", "-s", "resource_type:snapshot", "--json").json
    assert [each["name"] for each in listed["nodes"]] == ["orders_history"]
    traced = remembered.dryland("lineage", "current_orders.amount").out
    assert "orders_history.amount" in traced and "raw.orders.amount" in traced
    assert "orders_history" in remembered.dryland("show", "current_orders").out


@pytest.mark.slow
def test_an_environment_goes_on_from_prods_history_and_leaves_it_alone(remembered: Any) -> None:
    changes(remembered, 2, 21)
    remembered.dryland("env", "create", "dev")
    remembered.dryland("run", "-e", "dev", "--yes")
    assert versions(remembered, "main__dev") == SECOND
    assert versions(remembered) == FIRST
    changes(remembered, 3, 22)
    remembered.dryland("run", "--yes")
    assert versions(remembered)[-1] == (2, 22, "2019-01-03", None)
    assert versions(remembered, "main__dev") == SECOND


def test_a_reader_of_the_column_that_ends_a_version_is_built_again(remembered: Any) -> None:
    """What `dbt_valid_to` says is configuration of the snapshot, and code to its readers."""
    remembered.edit(
        "snapshots/orders.yml",
        "strategy: timestamp",
        "dbt_valid_to_current: \"date '9999-12-31'\", strategy: timestamp",
    )
    remembered.edit("models/current_orders.sql", "is null", "is null or dbt_valid_to > '9000-01-01'")
    built = actions(remembered.dryland("plan", "--json"))
    assert built == {"orders_history": "build", "current_orders": "build"}


def test_a_change_that_no_reader_reads_builds_no_reader(remembered: Any) -> None:
    """A column more in a snapshot by time makes no other versions."""
    remembered.edit("snapshots/orders.yml", "relation: source('raw', 'orders')", "relation: ref('shaped')")
    remembered.write("models/shaped.sql", "select id, amount, changed_at from {{ source('raw', 'orders') }}")
    remembered.dryland("apply", "--yes")
    remembered.edit("models/shaped.sql", "changed_at", "changed_at, 'new' as kind")
    assert actions(remembered.dryland("plan", "--json")) == {"shaped": "build", "orders_history": "build"}


def test_a_table_that_is_no_snapshot_is_not_grown(orders: Any) -> None:
    orders.arrives("create table main.orders_history as select 1 as id, 10 as amount")
    refused = orders.dryland("apply", "--yes", "--adopt", code=3)
    assert "has no column dbt_scd_id, dbt_valid_from, dbt_valid_to" in refused.out
    assert orders.sql("select * from main.orders_history") == [(1, 10)]


def test_the_gate_says_which_column_a_check_strategy_lacks(orders: Any) -> None:
    orders.edit(
        "snapshots/orders.yml",
        "strategy: timestamp, updated_at: changed_at",
        "strategy: check, check_cols: [amount, price]",
    )
    refused = orders.dryland("apply", "--yes", code=3)
    assert "checks `price`, which is none of its columns" in refused.out
    assert "id, amount, changed_at" in refused.out


@pytest.mark.dbt
@pytest.mark.slow
@pytest.mark.skipif(not DBT.exists(), reason=f"dbt is missing: there is no {DBT}")
def test_what_dbt_began_goes_on_without_losing_a_version(orders: Any) -> None:
    """Two generations by dbt, the third by Dryland; a rollback hands dbt's back."""

    def dbt_snapshots() -> None:
        done = dbt(orders.root, "snapshot", "--profiles-dir", ".")
        assert done.returncode == 0, done.stdout

    dbt_snapshots()
    changes(orders, 2, 21)
    dbt_snapshots()
    theirs = orders.sql("select * from main.orders_history order by all")
    orders.dryland("apply", "--yes", "--adopt")
    assert orders.sql("select * from main.orders_history order by all") == theirs
    changes(orders, 3, 22)
    orders.dryland("run", "--yes")
    assert versions(orders) == THIRD
    assert orders.sql("select count(distinct dbt_scd_id) from main.orders_history") == [(4,)]
