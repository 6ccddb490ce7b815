"""The manifest says what there is, under dbt's ids, as the readers of an environment see it."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.slow  # each reads or releases a project

ORDERS = "model.shop.customer_orders"


@pytest.fixture
def written(released: Any) -> Any:
    """The manifest of the sample project, as `dryland artifacts` writes it."""

    def read(*arguments: str, **environment: str) -> dict[str, Any]:
        released.dryland("artifacts", *arguments, **environment)
        return json.loads((released.root / "target" / "manifest.json").read_text())

    return read


def test_every_node_is_there_under_dbts_id(written) -> None:
    nodes = written()["nodes"]
    assert {uid for uid in nodes if not uid.startswith("test.")} == {
        "seed.shop.raw_customers", "seed.shop.raw_orders", "model.shop.stg_customers", "model.shop.stg_orders",
        "model.shop.big_spenders", ORDERS,
    }  # fmt: skip
    assert "test.shop.unique_customer_orders_customer_id.0e9f6da4ce" in nodes
    assert len([uid for uid in nodes if uid.startswith("test.")]) == 8


def test_it_says_which_dbt_can_read_it_and_nothing_of_the_machine(written) -> None:
    metadata = written(DBT_ENV_CUSTOM_ENV_RUN="42", DBT_ENV_SECRET_KEY="hunter2")["metadata"]
    assert metadata["dbt_schema_version"] == "https://schemas.getdbt.com/dbt/manifest/v12.json"
    assert metadata["dbt_version"].startswith("1.11.")
    assert metadata["env"] == {"RUN": "42"}
    assert (metadata["adapter_type"], metadata["project_name"]) == ("duckdb", "shop")


def test_parents_and_children_are_two_sides_of_one_map(written) -> None:
    manifest = written()
    parents, children = manifest["parent_map"], manifest["child_map"]
    assert parents[ORDERS] == ["model.shop.stg_customers", "model.shop.stg_orders"]
    assert parents["exposure.shop.spenders_dashboard"] == ["model.shop.big_spenders"]
    turned = {(parent, child) for child, found in parents.items() for parent in found}
    assert turned == {(parent, child) for parent, found in children.items() for child in found}


def test_compiled_code_has_the_names_that_readers_use(written, released) -> None:
    node = written()["nodes"]["model.shop.big_spenders"]
    assert node["compiled_code"].strip().endswith('from "warehouse"."main"."customer_orders" where revenue > 20')
    compiled = released.root / node["compiled_path"]
    assert compiled.read_text() == node["compiled_code"]
    assert released.sql(node["compiled_code"]) == released.sql("select * from main.big_spenders")


def test_the_compiled_code_of_a_test_finds_what_offends(written, released) -> None:
    nodes = written()["nodes"]
    tests = [node for uid, node in nodes.items() if uid.startswith("test.")]
    assert all(released.sql(node["compiled_code"]) == [] for node in tests)
    rows = next(node["compiled_code"] for node in tests if node["name"] == "not_null_customer_orders_revenue")
    assert released.sql(rows.replace("IS NULL", "IS NOT NULL")) == released.sql("select * from main.customer_orders")


def test_another_environment_has_its_own_names(written, released) -> None:
    released.dryland("env", "create", "dev")
    nodes = written("-e", "dev")["nodes"]
    assert nodes[ORDERS]["relation_name"] == '"warehouse"."main__dev"."customer_orders"'
    assert '"main__dev"."customer_orders"' in nodes["model.shop.big_spenders"]["compiled_code"]
    assert released.sql(nodes["model.shop.big_spenders"]["compiled_code"])
    assert written()["nodes"][ORDERS]["schema"] == "main"


def test_what_is_switched_off_is_listed_apart(written, released) -> None:
    released.edit("models/marts/big_spenders.sql", "materialized='view'", "materialized='view', enabled=false")
    released.edit("models/schema.yml", "depends_on: [ref('big_spenders')]", "depends_on: []")
    released.edit("models/schema.yml", "data_tests: [not_null]", "data_tests: [not_null: {config: {enabled: false}}]")
    manifest = written()
    off = {"model.shop.big_spenders", "test.shop.not_null_customer_orders_revenue.6b443e3862"}
    assert manifest["disabled"].keys() == off
    assert not off & manifest["nodes"].keys()


def test_a_column_that_is_quoted_is_so_in_the_names_of_its_tests(written, released) -> None:
    released.edit("models/schema.yml", "- name: revenue\n", "- name: revenue\n        quote: true\n")
    found = [
        node for uid, node in written()["nodes"].items() if uid.startswith("test.shop.not_null_customer_orders__rev")
    ]
    assert [node["name"] for node in found] == ["not_null_customer_orders__revenue_"]
    assert found[0]["compiled"]


def test_a_models_macros_are_there_with_their_text(written, released) -> None:
    text = "{%- macro loud(word) -%} upper({{ word }}) {%- endmacro -%}"
    released.write("macros/loud.sql", f"{{# no {{% macro other() %}} here #}}\n{text}\n")
    released.edit("models/marts/big_spenders.sql", "select customer_id", "select {{ loud(\"'a'\") }} as a, customer_id")
    manifest = written()
    assert manifest["macros"]["macro.shop.loud"]["macro_sql"].strip() == text
    assert "macro.shop.other" not in manifest["macros"]
    assert manifest["nodes"]["model.shop.big_spenders"]["depends_on"]["macros"] == ["macro.shop.loud"]


def test_a_model_that_asks_the_warehouse_is_compiled_on_request_and_not_asked_again_by_a_release(released) -> None:
    released.write(
        "models/asks.sql",
        """
        {% set found = run_query('select count(*) as n from ' ~ ref('raw_orders')) %}
        select {{ found.columns[0].values()[0] if execute else 0 }} as orders
        """,
    )
    path = released.root / "target" / "manifest.json"
    released.dryland("apply", "--yes")
    assert "compiled_code" not in json.loads(path.read_text())["nodes"]["model.shop.asks"]
    released.dryland("artifacts")
    assert json.loads(path.read_text())["nodes"]["model.shop.asks"]["compiled_code"].strip() == "select 4 as orders"
