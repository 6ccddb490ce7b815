"""`state:` with a folder of dbt's own manifest chooses what dbt chooses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from real_dbt import DBT, PARSE, in_dbt

ROOT = Path(__file__).parents[2]
SKIPPED = shutil.ignore_patterns("target", "logs", "*.duckdb*", "__pycache__", ".dryland")
ENVIRONMENT = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}

pytestmark = [
    pytest.mark.dbt,
    pytest.mark.slow,
    pytest.mark.skipif(not DBT.exists(), reason=f"dbt is missing: there is no {DBT}"),
]

WAYS = (
    "new", "old", "modified", "unmodified", "modified.body", "modified.configs", "modified.relation",
    "modified.macros", "modified.contract", "modified.persisted_descriptions",
)  # fmt: skip
LIST = """
import json, sys
from dbt.cli.main import dbtRunner

parsed = dbtRunner().invoke(["--quiet", "--no-partial-parse", "parse"])
assert parsed.success, parsed.exception
found = {}
for way in sys.argv[1:]:
    done = dbtRunner(manifest=parsed.result).invoke(
        ["--quiet", "ls", "--select", f"state:{way}", "--state", "theirs", "--output", "json", "--output-keys",
         "unique_id", "--resource-type", "all"]
    )
    assert done.success, done.exception
    found[way] = sorted(json.loads(line)["unique_id"] for line in done.result)
json.dump(found, open("listed.json", "w"))
"""
READ = """
from dbt.contracts.graph.manifest import WritableManifest

manifest = WritableManifest.read_and_check_versions("target/manifest.json")
assert len(manifest.metrics) > 2
"""
SEMANTICS = """
models:
  - name: spine
    time_spine: {standard_granularity_column: day}
    columns: [{name: day, granularity: day}]
semantic_models:
  - name: sales
    model: ref('orders')
    description: What was sold.
    defaults: {agg_time_dimension: sold_on}
    entities: [{name: order_id, type: primary}]
    dimensions: [{name: sold_on, type: time, expr: "current_date", type_params: {time_granularity: day}}]
    measures: [{name: cents, agg: sum}, {name: lines, agg: count, expr: "1", create_metric: true}]
  - name: more
    model: ref('orders')
    label: More
    config: {meta: {m: 1}}
    defaults: {agg_time_dimension: at_day}
    primary_entity: line
    entities: [{name: buyer, type: foreign, expr: customer_id, description: Who., config: {meta: {pii: true}}}]
    dimensions:
      - {name: at_day, type: time, label: At, expr: "current_date", type_params: {time_granularity: day}}
      - {name: kind, type: categorical, expr: "1"}
    measures:
      - {name: half, agg: percentile, expr: cents, agg_params: {percentile: 0.5}}
      - name: last
        agg: sum
        expr: 1
        non_additive_dimension: {name: at_day, window_choice: max}
        create_metric: true
        label: Last!
        description: Of all.
      - {name: sold, agg: count, expr: order_id}
      - {name: buyers, agg: count_distinct, expr: customer_id}
metrics:
  - {name: revenue, label: Revenue, type: simple, type_params: {measure: cents}}
  - {name: average, label: Average, type: ratio, type_params: {numerator: revenue, denominator: lines}}
  - name: running
    label: Running
    description: Sum.
    type: cumulative
    type_params: {measure: {name: cents, fill_nulls_with: 0, join_to_timespine: true}, window: 7 days}
    filter: "{{ Dimension('order_id__sold_on') }} > '2026-01-01'"
    config: {meta: {owner: ana}}
  - name: since
    label: Since
    type: cumulative
    type_params: {measure: cents, cumulative_type_params: {grain_to_date: month, period_agg: last}}
  - name: grew
    label: Grew
    type: derived
    time_granularity: month
    type_params:
      expr: revenue - before
      metrics: [revenue, {name: revenue, alias: before, offset_window: 1 month}]
  - name: turned
    label: Turned
    type: conversion
    type_params:
      conversion_type_params: {entity: buyer, base_measure: buyers, conversion_measure: {name: sold}, window: 2 weeks}
saved_queries:
  - name: monthly
    query_params: {metrics: [revenue], group_by: ["TimeDimension('order_id__sold_on', 'month')"]}
    exports: [{name: monthly, config: {export_as: table}}]
  - name: weekly
    label: Weekly
    description: Each week.
    config: {tags: [x], meta: {a: 1}}
    query_params:
      metrics: [average]
      where: "{{ Dimension('order_id__sold_on') }} > '2026-01-01'"
      order_by: ["Metric('average')"]
      limit: 5
"""
SELECTORS = """
selectors:
  - name: nightly
    description: what the night needs
    definition:
      union:
        - {method: fqn, value: customers, parents: true}
        - 2+tag:daily
        - exclude: [resource_type:seed]
  - {name: tables, definition: {intersection: [{method: selector, value: nightly}, config.materialized:table+]}}
  - {name: pair, definition: {tag: y}}
  - {name: around, definition: "@tag:x"}
"""

Edit = tuple[str, str, str]
EDITS: dict[str, tuple[Edit, ...]] = {
    "nothing": (),
    "bodies": (
        ("models/marts/orders.sql", "order_id, customer_id", "order_id, customer_id, 1 as one"),
        ("seeds/raw_orders.csv", "20.50", "21.50"),
        ("models/schema.yml", "name: Ana, orders: 1}", "name: Ana, orders: 2}"),
        ("models/marts/sizes.yml", "latest_version: 2", "latest_version: 1"),
        ("models/money.yml", "agg: sum", "agg: max"),
    ),
    "a macro": (("macros/m.sql", "* 100", "* 1000"),),
    "the macro of a test": (("macros/m.sql", "<= {{ value }}", "< {{ value }}"),),
    "configuration": (
        ("models/schema.yml", 'where: "cents > 0"', 'where: "cents > 1"'),
        ("models/schema.yml", "{name: name, data_type: varchar}", "{name: name, data_type: text}"),
        ("snapshots/s.yml", "strategy: check", "hard_deletes: invalidate, strategy: check"),
        ("models/d.md", "What was", "What is"),
        ("models/schema.yml", "count: 48", "count: 47"),
        ("models/schema.yml", "maturity: low", "maturity: high"),
        ("models/money.yml", "label: Revenue", "label: Turnover"),
        ("models/money.yml", "'month'", "'year'"),
    ),
    "names": (("dbt_project.yml", "+schema: marts", "+schema: shelves"),),
}


@pytest.fixture(scope="module")
def made(workspace_at: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("states") / "copy"
    shutil.copytree(ROOT / "tests/cases/artifacts/rich", root, ignore=SKIPPED)
    workspace = workspace_at(root)
    workspace.write("models/money.yml", SEMANTICS)
    workspace.write("selectors.yml", SELECTORS)
    workspace.write("models/spine.sql", "select current_date as day")
    in_dbt(root, PARSE, environment=ENVIRONMENT)
    (root / "theirs").mkdir()
    for name in ("manifest.json", "semantic_manifest.json"):
        shutil.copy(root / "target" / name, root / "theirs")
    return workspace


@pytest.fixture
def edited(made, request: pytest.FixtureRequest) -> Iterator[Any]:
    before = {path: (made.root / path).read_text() for path, _, _ in EDITS[request.param]}
    for path, old, new in EDITS[request.param]:
        made.edit(path, old, new)
    if request.param == "bodies":
        made.write("models/marts/fresh.sql", "select 1 as id")
        made.write("models/fresh.yml", "models: [{name: fresh, columns: [{name: id, data_tests: [not_null]}]}]")
    yield made
    for path, text in before.items():
        (made.root / path).write_text(text)
    for path in ("models/marts/fresh.sql", "models/fresh.yml"):
        (made.root / path).unlink(missing_ok=True)


def in_order(value: Any) -> Any:
    """The same with lists of named things by name: dbt's order is that of its files."""
    if isinstance(value, dict):
        return {key: in_order(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted((in_order(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True))
    return value


def test_services_of_the_semantic_layer_read_the_same(made) -> None:
    made.dryland("artifacts", **ENVIRONMENT)
    paths = (made.root / f"{each}/semantic_manifest.json" for each in ("target", "theirs"))
    ours, theirs = (in_order(json.loads(path.read_text())) for path in paths)
    assert ours == theirs


def test_the_semantic_layer_and_the_selectors_are_told_as_dbt_tells_them(made) -> None:
    made.dryland("artifacts", **ENVIRONMENT)
    ours, theirs = (json.loads((made.root / f"{each}/manifest.json").read_text()) for each in ("target", "theirs"))
    for section in ("metrics", "semantic_models", "saved_queries"):
        assert ours[section].keys() == theirs[section].keys()
        for uid, each in theirs[section].items():
            assert {**ours[section][uid], "created_at": 0} == {**each, "created_at": 0}
        for uid in ours[section]:
            assert sorted(ours["parent_map"][uid]) == sorted(theirs["parent_map"][uid])
            assert sorted(ours["child_map"][uid]) == sorted(theirs["child_map"][uid])
    assert ours["selectors"] == theirs["selectors"]
    in_dbt(made.root, READ, environment=ENVIRONMENT)


@pytest.mark.parametrize("edited", EDITS, indirect=True)
def test_each_state_is_what_dbt_lists(edited) -> None:
    in_dbt(edited.root, LIST, *WAYS, environment=ENVIRONMENT)
    theirs = json.loads((edited.root / "listed.json").read_text())
    ours = {way: listed(edited, way) for way in WAYS}
    assert ours == theirs


def listed(workspace: Any, way: str) -> list[str]:
    answer = workspace.dryland(
        "ls", "-s", f"state:{way}", "--state", "theirs", "--resource-type", "all", "--json", code=None, **ENVIRONMENT
    )
    if answer.code:  # dbt lists nothing, and so do we, in words
        assert "matches nothing" in answer.err, answer.err
        return []
    return sorted(each["node"] for each in (*answer.json["nodes"], *answer.json.get("others", ())))
