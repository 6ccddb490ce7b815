"""Templates find the whole project in `graph`, as dbt's templates do."""

from __future__ import annotations

import os

import pytest

from dryland.project.graph import graph_of
from dryland.project.load import load_project


def test_a_template_walks_over_the_project(released) -> None:
    released.write(
        "models/marts/inventory.sql",
        """
        {% set ns = namespace(names=[]) %}
        {% if execute %}
        {% set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') %}
        {% for node in models | sort(attribute='name') %}
            {% do ns.names.append("'" ~ node.name ~ ":" ~ node.config.materialized ~ "'") %}
        {% endfor %}
        {% endif %}
        select unnest([{{ ns.names | join(', ') }}]) as model
        """,
    )
    released.dryland("apply", "--yes")
    assert [row[0] for row in released.sql("select model from main.inventory")] == [
        "big_spenders:view", "customer_orders:table", "inventory:table", "stg_customers:table", "stg_orders:table",
    ]  # fmt: skip


@pytest.fixture
def graph(shop):
    return graph_of(load_project(shop.root, environment=os.environ).parts)


def test_it_needs_no_warehouse(graph, shop) -> None:
    assert not (shop.root / "warehouse.duckdb").exists()
    assert {"nodes", "sources", "exposures", "groups", "metrics"} <= graph.keys()


def test_nodes_have_dbts_keys(graph) -> None:
    node = graph["nodes"]["model.shop.customer_orders"]
    assert node["refs"] == [
        {"name": "stg_orders", "package": None, "version": None},
        {"name": "stg_customers", "package": None, "version": None},
    ]
    assert node["depends_on"]["nodes"] == ["model.shop.stg_orders", "model.shop.stg_customers"]
    assert node["config"]["materialized"] == "table"
    assert node["description"] == "One row per customer."
    assert node["columns"]["revenue"]["name"] == "revenue"
    assert node["primary_key"] == ["customer_id"]
    assert node["original_file_path"] == "models/marts/customer_orders.sql"
    assert node["path"] == "marts/customer_orders.sql"


def test_tests_say_what_they_are_about(graph) -> None:
    tests = [node for node in graph["nodes"].values() if node["resource_type"] == "test"]
    related = next(node for node in tests if node["test_metadata"]["name"] == "relationships")
    assert related["attached_node"] == "model.shop.stg_orders"
    assert related["column_name"] == "customer_id"
    assert set(related["depends_on"]["nodes"]) == {"model.shop.stg_orders", "model.shop.stg_customers"}
    assert related["test_metadata"]["kwargs"]["to"] == "ref('stg_customers')"
