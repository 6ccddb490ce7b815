"""Results say how every node and check ended, in the words that dbt has for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.slow  # each releases a project


def results(workspace: Any) -> dict[str, dict[str, Any]]:
    """The results, by the name of what they are about."""
    found = json.loads((workspace.root / "target" / "run_results.json").read_text())
    assert found["metadata"]["dbt_schema_version"].endswith("run-results/v6.json")
    return {each["unique_id"].split(".")[2]: each for each in found["results"]}


def test_a_release_tells_of_every_node_and_check(shop) -> None:
    shop.dryland("apply", "--yes")
    found = results(shop)
    assert {each["status"] for each in found.values()} == {"success", "pass"}
    assert len(found) == 6 + 8
    assert found["customer_orders"]["message"] == "built (3 rows)"
    assert found["customer_orders"]["adapter_response"]["rows_affected"] == 3
    arguments = json.loads((shop.root / "target" / "run_results.json").read_text())["args"]
    assert (arguments["which"], arguments["environment"]) == ("apply", "prod")
    assert found["customer_orders"]["relation_name"] == '"warehouse"."main"."customer_orders"'
    assert [each["name"] for each in found["customer_orders"]["timing"]] == ["compile", "execute"]


def test_a_node_begins_when_what_it_reads_has_ended(shop) -> None:
    shop.dryland("apply", "--yes")
    found = {name: each["timing"][1] for name, each in results(shop).items()}
    assert found["customer_orders"]["started_at"] >= found["stg_orders"]["completed_at"]
    assert found["stg_orders"]["started_at"] >= found["raw_orders"]["completed_at"] > found["raw_orders"]["started_at"]


def test_what_is_reused_is_a_success_that_says_so(released) -> None:
    released.edit("models/marts/customer_orders.sql", "c.name,", "upper(c.name) as name,")
    released.dryland("apply", "--yes")
    assert results(released)["customer_orders"]["message"].startswith("built")
    released.edit("models/marts/customer_orders.sql", "upper(c.name) as name,", "c.name,")
    released.dryland("apply", "--yes")
    assert results(released)["customer_orders"]["status"] == "success"
    assert results(released)["customer_orders"]["message"].startswith("reused")


def test_a_check_that_says_no_failed(released) -> None:
    released.edit("seeds/raw_orders.csv", "11,1,5.00", "10,1,5.00")
    released.dryland("apply", "--yes", code=1)
    found = results(released)
    assert found["unique_stg_orders_order_id"]["status"] == "fail"
    assert found["unique_stg_orders_order_id"]["failures"] == 1
    assert found["stg_orders"]["status"] == "success"
    assert found["customer_orders"]["status"] == "skipped"


def test_a_model_that_does_not_build_is_an_error_and_its_readers_are_skipped(released) -> None:
    released.edit("models/staging/stg_orders.sql", "    amount,", "    cast('never' || amount as date) as amount,")
    released.dryland("apply", "--yes", code=3)
    found = results(released)
    assert found["stg_orders"]["status"] == "error"
    assert "date" in found["stg_orders"]["message"].lower()
    assert found["unique_stg_orders_order_id"]["status"] == "skipped"
    assert found["customer_orders"]["status"] == "skipped"


def test_check_leaves_its_verdicts(released) -> None:
    released.dryland("check")
    found = results(released)
    assert {each["status"] for each in found.values()} == {"pass"}
    assert len(found) == 8
    assert all(released.sql(each["compiled_code"]) == [] for each in found.values())
