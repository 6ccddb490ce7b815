"""Whoever reads an ephemeral model reads what it reads."""

from __future__ import annotations

import pytest

from dryland.engines.relation import Relation
from dryland.project.ephemeral import is_ephemeral, seen_through
from dryland.project.load import load_project
from dryland.project.nodes import BUILT_IN_MATERIALIZATIONS, Node, Place, Rendered


def node(name: str, materialized: str, *reads: str) -> Node:
    return Node(
        name, "model", name, "shop", Place(f"models/{name}.sql"), "sql", "", "", materialized,
        Relation("db", "main", name), ("shop", name), rendered=Rendered("", refs=reads),
    )  # fmt: skip


NODES = {
    each.unique_id: each
    for each in (
        node("orders", "table"),
        node("thin", "ephemeral", "raw.b", "orders", "thinner"),
        node("thinner", "ephemeral", "raw.a", "raw.b"),
        node("round", "ephemeral", "about", "orders"),
        node("about", "ephemeral", "round"),
        node("constant", "ephemeral"),
    )
}


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        (("orders", "raw.a"), ("orders", "raw.a")),
        (("thin",), ("raw.b", "orders", "raw.a")),
        (("orders", "thin"), ("orders", "raw.b", "raw.a")),
        (("raw.z", "thinner", "thin"), ("raw.z", "raw.a", "raw.b", "orders")),
        (("constant",), ()),
    ],
)
def test_what_ephemeral_models_read_stands_in_their_place_once_and_in_order(asked, seen) -> None:
    assert seen_through(asked, NODES) == seen


def test_ephemeral_models_in_a_circle_are_seen_through() -> None:
    """The circle is told as an error when the plan puts nodes in order; looking through it ends."""
    assert seen_through(["round"], NODES) == ("orders",)


@pytest.mark.parametrize("materialized", sorted(BUILT_IN_MATERIALIZATIONS))
def test_only_ephemeral_nodes_have_no_table(materialized: str) -> None:
    assert is_ephemeral("n", {"n": node("n", materialized)}) == (materialized == "ephemeral")
    assert not is_ephemeral("source.raw.a", {})


def test_a_test_of_an_ephemeral_model_waits_for_what_the_model_reads(shop) -> None:
    shop.edit("models/staging/stg_orders.sql", "select", "{{ config(materialized='ephemeral') }} select")
    project = load_project(shop.root, environment={})
    checks = {check.name: check.refs for check in project.checks.values()}
    assert checks["not_null_stg_orders_order_id"] == ("seed.shop.raw_orders",)
    assert checks["not_null_customer_orders_customer_id"] == ("model.shop.customer_orders",)
