"""Gives the journeys a project of one table, and one of two branches, one of which can go wrong alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

QUICK = frozenset("test_branches test_environments test_release_journey test_run_journey test_statements".split())
"""Journeys of `make test-fast`: the main road. All others are slow, for each runs many commands."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what leads off the main road."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.path.stem not in QUICK:
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def one_table(workspace: Any) -> Any:
    """A project of one table, `a`, that reads nothing. Not released yet."""
    workspace.write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\n")
    workspace.write(
        "profiles.yml",
        """
        shop:
          target: dev
          outputs:
            dev: {type: duckdb, path: warehouse.duckdb, schema: main, threads: 4}
        """,
    )
    workspace.write("models/a.sql", "{{ config(materialized='table') }} select 1 as id")
    return workspace


@pytest.fixture
def branches(workspace: Any) -> Any:
    """Orders and visits, each with a model, a check and a reader; one mart reads both. Not released yet."""
    workspace.write("dbt_project.yml", "name: two\nprofile: two\nmodels: {two: {+materialized: table}}\n")
    workspace.write("profiles.yml", "two: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n")
    workspace.write(
        "models/sources.yml", "sources: [{name: raw, schema: raw, tables: [{name: orders}, {name: visits}]}]\n"
    )
    for name in ("orders", "visits"):
        columns = "id, cast(amount as integer) as amount"
        workspace.write(f"models/stg_{name}.sql", f"select {columns} from {{{{ source('raw', '{name}') }}}}")
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
    workspace.arrives("create schema raw")
    for name in ("orders", "visits"):
        workspace.arrives(f"create table raw.{name} as select 1 as id, '10' as amount")
    return workspace


@pytest.fixture
def two_branches(branches: Any) -> Any:
    """The same, released to prod."""
    branches.dryland("apply", "--yes")
    return branches
