"""`dryland health` says what is looked after, and what to do first."""

from __future__ import annotations

from typing import Any

import pytest

from dryland.health.dataset import Dataset, Standing
from dryland.health.report import health_of
from dryland.health.risk import score_of, steps_of

WHOLE = {"owner": True, "description": True, "key": True, "checks": True}


def dataset(name: str = "orders", *, has: dict[str, bool] | None = None, **more: Any) -> Dataset:
    """A model that has everything but what is told."""
    return Dataset(f"model.shop.{name}", name, "model", "marts", {**WHOLE, **(has or {})}, **more)


def do(*datasets: Dataset) -> list[str]:
    return [step.command for step in steps_of(datasets)]


def test_whoever_has_everything_has_nothing_to_do() -> None:
    assert steps_of([dataset()]) == ()
    assert score_of([dataset()]) == 100
    assert score_of([]) == 100


def test_more_readers_make_the_same_gap_worse() -> None:
    few, many = dataset("few", has={"key": False}), dataset("many", has={"key": False}, nodes_below=3, exposures=1)
    assert [(step.name, step.readers, step.risk) for step in steps_of([few, many])] == [("many", 9, 36), ("few", 1, 4)]


def test_a_failing_check_comes_before_a_missing_one() -> None:
    failing = dataset("failing", standing=Standing(failing=("unique_x",)))
    bare = dataset("bare", has={"key": False, "checks": False})
    assert do(bare, failing) == ["dryland check -s failing", "dryland check suggest bare --write"]


def test_each_state_has_the_command_that_mends_it() -> None:
    stale = dataset(standing=Standing(is_released=False, warned=("a", "b"), stale_since="2026-11-02T03:04:05"))
    assert [(step.why, step.command) for step in steps_of([stale])] == [
        ("stale since 2026-11-02 03:04", "dryland run -s +orders"),
        ("not released", "dryland apply -s +orders"),
        ("2 checks say a warning", "dryland check -s orders"),
    ]


def test_several_without_an_owner_are_one_line_of_the_project() -> None:
    """One line for their folder mends all of them; one or two are told where they stand."""
    names = ("a", "b", "c")
    found = [dataset(name, has={"owner": False}, folder="models: shop: marts", place=f"{name}.yml:1") for name in names]
    assert do(*found) == ["edit dbt_project.yml: models: shop: marts: +meta: {owner: ...}"]
    assert do(*found[:2]) == [f"edit {name}.yml:1: config: {{meta: {{owner: ...}}}}" for name in names[:2]]


def test_what_nobody_wants_is_not_missed() -> None:
    """A seed does not age: freshness is of no dataset here, and counts nowhere."""
    found = health_of((dataset(), dataset("lines", has={"freshness": False})))
    assert (found.whole.shares["freshness"].have, found.whole.shares["freshness"].of) == (0, 1)
    assert found.whole.shares["contract"].share is None


def test_the_score_is_the_weighted_share_of_what_there_should_be() -> None:
    """Weights 2, 1, 4 and 5: of ten readers' 12 each, and one reader's 12."""
    read, unread = dataset("read", nodes_below=9), dataset("unread", has={"checks": False, "key": False})
    assert score_of([read, unread]) == 100 * (120 + 3) // 132
    assert score_of([unread]) == 25


def test_a_project_is_told_by_layer(released: Any) -> None:
    said = released.dryland("health").out
    assert "staging" in said
    assert "dryland check suggest raw_customers --write" in said
    found = released.dryland("health", "--json").json
    layers = {each["layer"]: each["shares"] for each in found["layers"]}
    assert layers["marts"]["key"] == {"have": 1, "of": 2}
    assert layers["marts"]["contract"] == {"have": 0, "of": 1}
    assert layers["all"]["freshness"] == {"have": 0, "of": 0}


def test_readers_are_nodes_below_and_exposures(released: Any) -> None:
    """raw_customers: staging, two marts, one dashboard."""
    found = {each["name"]: each for each in released.dryland("health", "--json").json["datasets"]}
    assert (found["raw_customers"]["nodes_below"], found["raw_customers"]["exposures"]) == (3, 1)
    assert (found["big_spenders"]["nodes_below"], found["big_spenders"]["exposures"]) == (0, 1)


def test_only_what_is_selected_is_looked_at(released: Any) -> None:
    found = released.dryland("health", "-s", "stg_orders", "stg_customers", "--json").json
    assert [each["name"] for each in found["datasets"]] == ["stg_customers", "stg_orders"]


@pytest.mark.parametrize(("score", "code"), [("0", 0), ("100", 1)])
def test_fail_under_is_for_pipelines(released: Any, score: str, code: int) -> None:
    said = released.dryland("health", "--fail-under", score, code=code)
    assert ("should be 100 at least" in said.err) == bool(code)


def test_the_last_verdicts_count(released: Any) -> None:
    """A check that only warned let the release through; here it comes first."""
    said = "- name: revenue\n        data_tests: "
    warns = "[{accepted_values: {values: [1], severity: warn}}]"
    released.edit("models/schema.yml", f"{said}[not_null]", f"{said}{warns}")
    released.dryland("apply", "--yes")
    steps = released.dryland("health", "--json").json["steps"]
    found = [step for step in steps if step["why"] == "1 check says a warning"]
    assert [(step["command"], step["risk"]) for step in found] == [("dryland check -s customer_orders", 4 * 7)]


@pytest.mark.parametrize(
    ("yaml", "has"),
    [
        ("config: {unique_key: order_id}", True),
        ("config: {meta: {checks: [{unique: {columns: [order_id, amount]}}]}}", True),
        ("config: {meta: {checks: [{unique: {columns: [order_id, amount], row_condition: 'amount > 1'}}]}}", False),
        ("constraints: [{type: primary_key, columns: [order_id]}]", True),
        ("description: nothing", False),
    ],
    ids=["unique_key", "native", "of some rows", "constraint", "none"],
)
def test_a_key_counts_in_whichever_form(shop: Any, yaml: str, has: bool) -> None:
    shop.write("models/schema.yml", f"models:\n  - name: stg_orders\n    {yaml}\n")
    found = shop.dryland("health", "-s", "stg_orders", "--json").json["datasets"][0]
    assert found["has"]["key"] is has


def test_freshness_of_what_is_made_is_that_of_its_sources(shop: Any) -> None:
    """A model is watched when all sources below it are, or by a check of its own."""
    shop.write(
        "models/sources.yml",
        """
        sources:
          - name: shop
            schema: main
            tables:
              - name: visits
                loaded_at_field: at
                config: {freshness: {warn_after: {count: 1, period: day}}}
              - name: clicks
        """,
    )
    shop.write("models/visits.sql", "select * from {{ source('shop', 'visits') }}")
    shop.write("models/both.sql", "select * from {{ ref('visits') }}, {{ source('shop', 'clicks') }}")
    found = {each["name"]: each["has"].get("freshness") for each in shop.dryland("health", "--json").json["datasets"]}
    assert (found["shop.visits"], found["shop.clicks"]) == (True, False)
    assert (found["visits"], found["both"], found["stg_orders"]) == (True, False, None)
