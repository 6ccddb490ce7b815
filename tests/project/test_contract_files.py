"""Contract files of ODCS are read; everything that is wrong with one is told, with its line and what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dryland.errors import DrylandError
from dryland.plan.promise import Promise, contracted
from dryland.project.load import load_project
from dryland.project.odcs.as_dbt import dbt_yaml
from dryland.project.odcs.read import parse_contract
from dryland.project.odcs.take_in import named_after
from edited_cases import edited, read_cases, verify_said

BASE = """\
apiVersion: v3.1.0
kind: DataContract
id: orders-contract
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - name: order_id
        physicalType: integer
      - name: amount
        logicalType: number
"""
FILE = Path(__file__).parents[1] / "cases" / "project" / "contract_lint.txt"
CASES = read_cases(FILE)


def told(text: str) -> str:
    _, problems = parse_contract(text, "contracts/orders.odcs.yaml")
    words = [
        f"=> {each.place.line} {'note' if each.is_advice else 'error'} {each.message}"
        + (f" | {each.hint}" if each.hint else "")
        for each in problems
    ]
    return "".join(f"{line}\n" for line in words)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_what_is_wrong_with_a_contract_is_told(case: re.Match[str]) -> None:
    verify_said(FILE, case, told(edited(BASE, case["edits"])))


def test_every_part_of_a_contract_is_read() -> None:
    contract, problems = parse_contract(
        BASE.replace("amount\n", "amount\n        classification: pii\n        physicalName: amount_eur\n")
        + "description: {purpose: What was sold.}\nteam: {name: sales, members: [{username: ana}]}\n"
        + "slaProperties: [{property: ly, value: 4, unit: h, element: orders.at}]\n"
        + "customProperties: [{property: readersTold, value: {2.0.0: [finance]}}]\n",
        "c.odcs.yaml",
    )
    assert problems == ()
    [dataset] = contract.datasets
    assert (contract.owner, contract.description, contract.told) == ("sales", "What was sold.", {"2.0.0": ("finance",)})
    assert [(each.name, each.classification) for each in dataset.fields] == [("order_id", ""), ("amount_eur", "pii")]
    assert [(each.property, each.element) for each in contract.services_of(dataset)] == [("latency", "orders.at")]


def test_the_owner_is_who_is_called_so_and_stays() -> None:
    team = "team: [{username: bo, role: Owner, dateOut: 2024-01-01}, {username: cy}, {username: di, role: data owner}]"
    assert parse_contract(f"{BASE}{team}\n", "c")[0].owner == "di"


def test_a_name_is_put_in_without_touching_anything_else() -> None:
    text = BASE.replace("schema:", "schema: # the tables")
    text = text.replace("  - name: orders\n    properties", "  -   name: orders # ours\n      properties")
    changed = named_after(text, "c", parse_contract(text, "c")[0], "stg_orders")
    assert changed.replace("      physicalName: stg_orders\n", "") == text
    assert parse_contract(changed, "c")[0].datasets[0].physical_name == "stg_orders"


FULL = """
description: {purpose: What was sold., customProperties: [{property: a, value: 1}]}
team: {name: sales, members: [{username: ana, role: owner}]}
slaProperties: [{property: ly, value: 4, unit: h, element: orders.at}]
customProperties: [{property: readersTold, value: {2.0.0: [finance]}}]
schema:
  - name: orders
    tags: [daily]
    quality: [{metric: duplicateValues, arguments: {properties: [a, b]}, mustBe: 0}]
    relationships: [{from: [orders.a, orders.b], to: [others.a, others.b]}]
    properties:
      - {name: a, logicalType: integer, logicalTypeOptions: {minimum: 0}, primaryKey: true, primaryKeyPosition: 1}
      - {name: b, quality: [{metric: invalidValues, arguments: {validValues: [1, 2]}, mustBeBetween: [1, 5]}]}
      - {name: c, logicalType: array, items: {logicalType: object, properties: [{name: d}]}}
"""
ODD = st.sampled_from([None, 5, 1.5, True, "text", "", [], {}, [5], [[]], {"a": []}, [{"name": {}}], ["a", None]])


def places_in(value, path=()):
    yield path
    listed = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in listed:
        yield from places_in(inner, (*path, key))


def with_odd(value, path, odd):
    if not path:
        return odd
    inner = with_odd(value[path[0]], path[1:], odd)
    if isinstance(value, dict):
        return {**value, path[0]: inner}
    return [inner if number == path[0] else each for number, each in enumerate(value)]


WHOLE = {**yaml.safe_load(BASE), **yaml.safe_load(FULL)}
PLACES = [path for path in places_in(WHOLE) if path]


@given(st.sampled_from(PLACES), ODD)
@settings(max_examples=200, deadline=None)
def test_whatever_stands_there_is_told_and_breaks_nothing(path, odd) -> None:
    """What is read besides the odd thing can be promised, compared and written."""
    contract, _ = parse_contract(yaml.safe_dump(with_odd(WHOLE, path, odd)), "c.odcs.yaml")
    for dataset in contract.datasets:
        promise = contracted(contract, dataset)
        assert Promise.from_json(json.loads(json.dumps(promise.as_json()))) == promise
        dbt_yaml(contract, dataset, "orders")


# --- contracts in a project ------------------------------------------------------------------------------------------


@pytest.fixture
def orders(workspace):
    """A project with one model, and a contract about it."""
    workspace.write("dbt_project.yml", "name: shop\nprofile: shop\n")
    workspace.write("profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n")
    workspace.write("models/orders.sql", "select 1 as order_id, 2.0 as amount\n")
    workspace.write("contracts/orders.odcs.yaml", BASE)
    return workspace


def read(workspace):
    return load_project(workspace.root, environment={"HOME": str(workspace.root)})


def refused(workspace) -> DrylandError:
    with pytest.raises(DrylandError) as caught:
        read(workspace)
    return caught.value


def test_a_contract_gives_a_model_columns_types_owner_and_words(orders) -> None:
    orders.edit("contracts/orders.odcs.yaml", "status: active\n", "status: active\nteam: {name: sales}\n")
    orders.edit("contracts/orders.odcs.yaml", "physicalType: integer", "physicalType: integer\n        tags: [key]")
    orders.write("models/orders.yml", "models: [{name: orders, description: Ours, columns: [{name: amount}]}]\n")
    [node] = read(orders).nodes.values()
    assert [(each.name, each.data_type, each.tags) for each in node.columns] == [
        ("order_id", "integer", ("key",)),
        ("amount", "double", ()),
    ]
    assert node.config["contract"] == {"enforced": True}
    assert (node.owner, node.description) == ("sales", "Ours")


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        (
            "columns: [{name: amount, data_type: varchar}]",
            "`orders` is promised by contracts/orders.odcs.yaml:11 too, and they do not agree: "
            "`amount` is double there, and varchar here.",
        ),
        (
            "columns: [{name: note}]",
            "`orders` is promised by contracts/orders.odcs.yaml:7 too, and they do not agree: it has no column `note`.",
        ),
    ],
)
def test_yaml_and_contract_have_to_agree(orders, yaml: str, message: str) -> None:
    orders.write("models/orders.yml", f"models:\n  - name: orders\n    {yaml}\n")
    error = refused(orders)
    assert (error.message, error.location) == (message, "models/orders.yml:3")


def test_the_same_type_in_other_words_agrees(orders) -> None:
    orders.write("models/orders.yml", "models: [{name: orders, columns: [{name: ORDER_ID, data_type: INT}]}]\n")
    assert read(orders).warnings == ()


@pytest.mark.parametrize("status", ["draft", "proposed", "retired"])
def test_a_contract_that_is_not_in_force_holds_nobody(orders, status: str) -> None:
    orders.edit("contracts/orders.odcs.yaml", "status: active", f"status: {status}")
    project = read(orders)
    assert [node.columns for node in project.nodes.values()] == [()]
    assert project.contracts[0].datasets[0].node == "model.shop.orders"


def test_a_contract_of_no_model_is_told(orders) -> None:
    orders.edit("contracts/orders.odcs.yaml", "name: orders", "name: baskets")
    assert read(orders).warnings == (
        "contracts/orders.odcs.yaml:7 promises `baskets`, which is no model of this project: nothing is checked of it",
    )


def test_a_model_that_is_named_and_not_there_is_an_error(orders) -> None:
    bound = "name: baskets\n    customProperties: [{property: dryland_model, value: basket}]"
    orders.edit("contracts/orders.odcs.yaml", "name: orders", bound)
    error = refused(orders)
    assert error.message == "the contract is about `basket`, which no model defines."
    assert error.location == "contracts/orders.odcs.yaml:7"


def test_two_contracts_of_one_model_are_an_error(orders) -> None:
    orders.write("contracts/other.odcs.yaml", BASE.replace("orders-contract", "other"))
    assert refused(orders).message == "`orders` has two contracts: contracts/orders.odcs.yaml:7 and here."


def test_two_contracts_with_one_id_are_an_error(orders) -> None:
    orders.write("contracts/other.odcs.yaml", BASE)
    assert (
        refused(orders).message
        == "two contracts have the id `orders-contract`: contracts/orders.odcs.yaml and this one."
    )


def test_contracts_stand_where_dryland_yml_says(orders) -> None:
    orders.write("dryland.yml", "contract_paths: [promises]\n")
    assert read(orders).contracts == ()
    orders.write("promises/deep/orders.odcs.yml", BASE)
    assert [each.place.path for each in read(orders).contracts] == ["promises/deep/orders.odcs.yml"]


def test_a_version_of_a_model_is_named_with_it(orders) -> None:
    orders.write("models/orders_v1.sql", "select 1 as order_id, cast(2 as double) as amount\n")
    (orders.root / "models" / "orders.sql").rename(orders.root / "models" / "orders_v2.sql")
    orders.write("models/orders.yml", "models: [{name: orders, versions: [{v: 1}, {v: 2}]}]\n")
    orders.edit("contracts/orders.odcs.yaml", "  - name: orders", "  - name: orders\n    physicalName: orders_v1")
    project = read(orders)
    assert project.contracts[0].datasets[0].node == "model.shop.orders.v1"
    assert [bool(node.columns) for _, node in sorted(project.nodes.items())] == [True, False]


def test_what_nothing_checks_is_told_by_name(orders) -> None:
    orders.edit(
        "contracts/orders.odcs.yaml",
        "        logicalType: number\n",
        "        logicalType: number\n        relationships: [{to: amounts.id}]\n        quality:\n"
        "          - {type: text, description: It looks right.}\n"
        "          - {type: custom, engine: soda, implementation: 'x: y'}\n",
    )
    assert read(orders).warnings == (
        "contracts/orders.odcs.yaml promises more than is checked: the text of amount (line 15), the rule for soda of "
        "amount (line 16), the relationship to amounts, which is no model here (line 13)",
    )


def test_a_query_that_does_not_parse_is_an_error_with_its_line(orders) -> None:
    orders.edit(
        "contracts/orders.odcs.yaml",
        "        logicalType: number\n",
        "        logicalType: number\n        quality:\n          - {type: sql, query: select select, mustBe: 0}\n",
    )
    error = refused(orders)
    assert (error.message, error.location) == (
        "the query of a quality rule does not parse.",
        "contracts/orders.odcs.yaml:14",
    )


def test_what_yaml_asks_already_is_not_asked_again(orders) -> None:
    orders.edit(
        "contracts/orders.odcs.yaml", "physicalType: integer", "physicalType: integer\n        primaryKey: true"
    )
    tests = "[not_null, {unique: {config: {severity: warn}}}]"
    orders.write(
        "models/orders.yml", f"models: [{{name: orders, columns: [{{name: order_id, data_tests: {tests}}}]}}]\n"
    )
    assert sorted(check.name for check in read(orders).checks.values()) == [
        "contract_orders_order_id_unique",
        "not_null_orders_order_id",
        "unique_orders_order_id",
    ]


def test_what_yaml_only_warns_of_is_not_warned_of_twice(orders) -> None:
    rule = "        quality: [{metric: nullValues, mustBe: 0, severity: warning}]\n"
    orders.edit("contracts/orders.odcs.yaml", "logicalType: number\n", f"logicalType: number\n{rule}")
    for severity in ("warn", "error"):
        tests = f"[{{not_null: {{config: {{severity: {severity}}}}}}}]"
        orders.write(
            "models/orders.yml", f"models: [{{name: orders, columns: [{{name: amount, data_tests: {tests}}}]}}]\n"
        )
        assert [check.name for check in read(orders).checks.values()] == ["not_null_orders_amount"]


def test_contracts_stand_within_the_project(orders) -> None:
    orders.write("dryland.yml", "contract_paths: [../elsewhere]\n")
    assert refused(orders).message == "the folder of contracts `../elsewhere` is not within the project."


def test_a_column_with_quotes_is_asked_about_by_its_own_name(orders) -> None:
    orders.write("models/orders.sql", 'select 1 as order_id, cast(1 as double) as "a \\1 ""b"""')
    orders.edit(
        "contracts/orders.odcs.yaml",
        "      - name: amount\n",
        "      - name: 'a \\1 \"b\"'\n        quality:\n"
        "          - {id: counted, type: sql, query: 'select count({property}) from {object}', mustBe: 1}\n",
    )
    [check] = read(orders).checks.values()
    assert check.rendered is not None
    assert check.name == "contract_orders_counted"
    assert '"a \\1 ""b"""' in check.rendered.sql
    orders.dryland("apply", "--yes", "-q")


def test_an_ephemeral_model_keeps_no_contract_and_that_is_told(orders) -> None:
    orders.edit("contracts/orders.odcs.yaml", "physicalType: integer", "physicalType: integer\n        required: true")
    orders.write("models/orders.sql", "{{ config(materialized='ephemeral') }} select 1 as order_id, 2.0 as amount")
    project = read(orders)
    assert project.checks == {}
    assert "contracts are kept for tables and views of models only: orders" in project.warnings
