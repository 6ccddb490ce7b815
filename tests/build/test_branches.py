"""What cannot be built blocks what reads it, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def branches(workspace, arrives) -> Any:
    """Two branches, of orders and of visits; a mart reads both."""
    workspace.write("dbt_project.yml", "name: two\nprofile: two\nmodels: {two: {+materialized: table}}\n")
    workspace.write("profiles.yml", "two: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n")
    workspace.write(
        "models/sources.yml", "sources: [{name: raw, schema: raw, tables: [{name: orders}, {name: visits}]}]\n"
    )
    for name in ("orders", "visits"):
        workspace.write(f"models/{name}.sql", f"select cast(n as integer) as n from {{{{ source('raw', '{name}') }}}}")
        workspace.write(f"models/{name}_total.sql", f"select sum(n) as total from {{{{ ref('{name}') }}}}")
    workspace.write("models/both.sql", "select * from {{ ref('orders_total') }}, {{ ref('visits_total') }}")
    arrives("create schema raw")
    for name in ("orders", "visits"):
        arrives(f"create table raw.{name} as select '1' as n")
    return workspace


def stale(workspace) -> set[str]:
    return {row["name"] for row in workspace.dryland("ls", "--json").json["nodes"] if row["stale"]}


def totals(workspace) -> list[Any]:
    return [workspace.sql(f"select total from main.{name}_total")[0][0] for name in ("orders", "visits")]


@pytest.mark.slow
def test_a_release_whose_one_branch_fails_publishes_nothing_and_names_the_culprit(branches, arrives) -> None:
    arrives("insert into raw.orders values ('many')")
    answer = branches.dryland("apply", "--yes", code=3)
    steps = {line.split()[2]: line for line in answer.err.splitlines() if "/5" in line}
    assert steps["orders"].startswith("✗") and "Could not convert" in steps["orders"]
    assert steps["orders_total"].startswith("-") and steps["both"].startswith("-")
    assert steps["visits"].startswith("✓") and steps["visits_total"].startswith("✓")
    assert "models/orders.sql" in answer.out
    assert branches.sql("select count(*) from information_schema.tables where table_schema = 'main'") == [(0,)]


def test_a_refresh_whose_one_branch_fails_publishes_the_other_until_it_is_mended(branches, arrives) -> None:
    branches.dryland("apply", "--yes")
    arrives("insert into raw.orders values ('many')", "insert into raw.visits values ('2')")
    branches.dryland("run", "--yes", code=1)
    assert totals(branches) == [1, 3]
    assert stale(branches) == {"orders", "orders_total", "both"}
    arrives("update raw.orders set n = '5' where n = 'many'")
    branches.dryland("run", "--yes")
    assert totals(branches) == [6, 3]
    assert stale(branches) == set()


@pytest.mark.slow
def test_the_next_apply_makes_only_what_failed(branches, arrives) -> None:
    for name in ("orders", "visits"):
        branches.edit("models/sources.yml", f"{{name: {name}}}", f"{{name: {name}, loaded_at_field: n}}")
    arrives("insert into raw.orders values ('many')")
    branches.dryland("apply", "--yes", code=3)
    arrives("delete from raw.orders where n = 'many'")
    steps = branches.dryland("apply", "--yes", "--json").json["steps"]
    built = {step["node"].rpartition(".")[2] for step in steps if step["action"] == "build"}
    assert built == {"orders", "orders_total", "both"}
