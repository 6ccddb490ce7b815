"""The catalog says what stands in the warehouse, column by column."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.slow  # each releases a project


def catalog(workspace: Any, *arguments: str) -> dict[str, Any]:
    workspace.dryland("artifacts", *arguments)
    return json.loads((workspace.root / "target" / "catalog.json").read_text())


def test_columns_come_in_their_order_with_the_warehouses_types(released) -> None:
    node = catalog(released)["nodes"]["model.shop.customer_orders"]
    columns = [(name, column["index"], column["type"]) for name, column in node["columns"].items()]
    described = released.sql("select column_name, column_type from (describe main.customer_orders)")
    assert columns == [(name, index, kind) for index, (name, kind) in enumerate(described, start=1)]
    assert node["metadata"]["schema"] == "main"


def test_rows_are_those_of_the_build(released) -> None:
    stats = catalog(released)["nodes"]["model.shop.stg_orders"]["stats"]
    assert stats["num_rows"]["value"] == 4
    assert stats["has_stats"]["value"] is True


def test_what_was_never_released_is_not_in_it(shop) -> None:
    assert catalog(shop)["nodes"] == {}


def test_sources_are_in_it(released) -> None:
    released.arrives("create schema raw", "create table raw.visits (seen timestamp, page varchar)")
    released.write("models/sources.yml", "sources: [{name: raw, tables: [{name: visits}, {name: not_there}]}]\n")
    found = catalog(released)["sources"]
    assert found.keys() == {"source.shop.raw.visits"}
    assert list(found["source.shop.raw.visits"]["columns"]) == ["seen", "page"]
    assert found["source.shop.raw.visits"]["metadata"]["type"] == "BASE TABLE"
    assert found["source.shop.raw.visits"]["stats"]["has_stats"]["value"] is False


def test_another_environment_shows_its_own(released) -> None:
    released.dryland("env", "create", "dev")
    released.edit("models/marts/customer_orders.sql", "c.name,", "c.name, 1 as extra,")
    released.dryland("apply", "--yes", "-e", "dev")
    assert "extra" in catalog(released, "-e", "dev")["nodes"]["model.shop.customer_orders"]["columns"]
    assert "extra" not in catalog(released)["nodes"]["model.shop.customer_orders"]["columns"]
