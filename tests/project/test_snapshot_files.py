"""Snapshots are read from their blocks and from YAML, with everything that configures them, as dbt reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from dryland.engines.relation import Relation
from dryland.errors import DrylandError
from dryland.project.load import load_project
from dryland.project.nodes import Node
from dryland.project.project import Project
from real_dbt import DBT, dbt

TIMED = "config(unique_key='id', strategy='timestamp', updated_at='changed_at')"
FILES = {
    "dbt_project.yml": """
        name: shop
        profile: shop
        snapshots:
          shop:
            +tags: [history]
            +schema: kept
            sales:
              +hard_deletes: invalidate
        """,
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n",
    "models/orders.sql": "select 1 as id, current_timestamp as changed_at\n",
    "models/reader.sql": "select id, dbt_valid_from from {{ ref('orders_history') }}\n",
    "models/sources.yml": "sources: [{name: raw, tables: [{name: customers}]}]\n",
    "snapshots/sales/orders.sql": f"""
        {{# two {{% snapshot of_nothing %}} #}}
        {{% snapshot orders_history %}}
          {{{{ {TIMED} }}}}
          select * from {{{{ ref('orders') }}}}
        {{% endsnapshot %}}

        {{%- snapshot orders_twice -%}}
          {{{{ config(
                unique_key=['id', 'changed_at'], strategy='check', check_cols='all', alias='twice',
                target_schema='elsewhere', tags='twice'
          ) }}}}
          select * from {{{{ ref('orders') }}}}
        {{%- endsnapshot -%}}
        {{% snapshot unwanted %}} {{{{ config(enabled=false) }}}} select 1 {{% endsnapshot %}}
        """,
    "snapshots/sales/orders.yml": """
        snapshots:
          - name: orders_history
            description: What orders were.
            config: {meta: {owner: Ana}}
            columns:
              - name: id
                description: Which order.
                data_tests: [not_null]
        """,
    "models/deep/customers.yml": """
        snapshots:
          - name: customers_history
            relation: source('raw', 'customers')
            config: {unique_key: id, strategy: timestamp, updated_at: changed_at, database: shop, schema: null}
            data_tests: [unique: {column_name: dbt_scd_id}]
          - name: history_of_history
            relation: ref('shop', 'orders_history')
            config: {unique_key: dbt_scd_id, strategy: check, check_cols: [dbt_valid_to], tags: [deep]}
        """,
}


@pytest.fixture
def shop(workspace: Any) -> Any:
    for path, text in FILES.items():
        workspace.write(path, text)
    return workspace


def read(workspace: Any) -> Project:
    return load_project(workspace.root, environment={"HOME": str(workspace.root)})


def snapshots(workspace: Any) -> dict[str, Node]:
    return {node.name: node for node in read(workspace).nodes.values() if node.kind == "snapshot"}


def test_every_block_and_every_relation_is_a_snapshot(shop: Any) -> None:
    found = snapshots(shop)
    assert found.keys() == {"orders_history", "orders_twice", "customers_history", "history_of_history"}
    assert {node.materialized for node in found.values()} == {"snapshot"}
    assert all(node.grows and node.unique_id == f"snapshot.shop.{name}" for name, node in found.items())


def test_a_block_is_rendered_as_a_model_is(shop: Any) -> None:
    found = snapshots(shop)["orders_history"]
    assert found.rendered.sql.strip() == 'select * from "shop"."main"."orders"'
    assert found.rendered.refs == ("model.shop.orders",)


def test_a_relation_is_everything_of_it(shop: Any) -> None:
    found = snapshots(shop)
    assert found["customers_history"].rendered.sql == 'select * from "shop"."raw"."customers"'
    assert found["customers_history"].rendered.sources == ("source.shop.raw.customers",)
    assert found["history_of_history"].rendered.refs == ("snapshot.shop.orders_history",)


def test_folders_properties_and_the_block_configure_it(shop: Any) -> None:
    found = snapshots(shop)
    assert found["orders_history"].tags == ("history",)
    assert found["orders_history"].config["hard_deletes"] == "invalidate"
    assert (found["orders_history"].owner, found["orders_history"].description) == ("Ana", "What orders were.")
    assert [column.description for column in found["orders_history"].columns] == ["Which order."]
    assert found["orders_twice"].tags == ("history", "twice")
    assert "hard_deletes" not in found["history_of_history"].config


def test_it_is_published_where_dbt_would(shop: Any) -> None:
    found = snapshots(shop)
    assert found["orders_history"].relation == Relation("shop", "main_kept", "orders_history")
    assert found["orders_twice"].relation == Relation("shop", "elsewhere", "twice")
    assert found["customers_history"].relation == Relation("shop", "main", "customers_history")


def test_its_checks_and_its_readers_find_it(shop: Any) -> None:
    project = read(shop)
    checked = {(check.kind, check.node) for check in project.checks.values()}
    assert checked == {
        ("not_null", "snapshot.shop.orders_history"),
        ("unique", "snapshot.shop.customers_history"),
    }
    assert project.nodes["model.shop.reader"].rendered.refs == ("snapshot.shop.orders_history",)


def test_where_a_block_stands_in_its_file_is_not_code(shop: Any) -> None:
    before = snapshots(shop)["orders_twice"]
    shop.edit("snapshots/sales/orders.sql", "{% snapshot orders_history", "\n\n{% snapshot orders_history")
    after = snapshots(shop)["orders_twice"]
    assert (after.place.line, after.template_hash) == (before.place.line + 2, before.template_hash)
    assert after.rendered.sql == before.rendered.sql


WRONG: Mapping[str, tuple[str, str, str, int, str]] = {
    "no_key": ("unique_key='id', ", "", "has no unique_key", 2, "unique_key: the column"),
    "no_strategy": ("strategy='timestamp', ", "", "has no strategy", 2, "strategy: timestamp"),
    "no_updated_at": (", updated_at='changed_at'", "", "timestamp and no updated_at", 2, "updated_at: the"),
    "no_check_cols": ("'timestamp', updated_at='changed_at'", "'check'", "check and no check_cols", 2, "all"),
    "check_cols_of_one": (
        "'timestamp', updated_at='changed_at'",
        "'check', check_cols='id'",
        "has the check_cols `id`",
        3,
        "[id]",
    ),
    "check_cols_in_vain": (
        "_at')",
        "_at', check_cols=['id'])",
        "strategy timestamp and check_cols",
        3,
        "strategy: check only",
    ),
    "unknown_strategy": (
        "'timestamp'",
        "'timestmap'",
        "asks for the strategy `timestmap`",
        3,
        "there are timestamp, check",
    ),
    "unknown_deletes": (
        "_at')",
        "_at', hard_deletes='drop')",
        "asks for hard_deletes `drop`",
        3,
        "ignore, invalidate, new_record",
    ),
    "both_deletes": (
        "_at')",
        "_at', hard_deletes='ignore', invalidate_hard_deletes=false)",
        "sets hard_deletes and invalid",
        3,
        "keep",
    ),
    "strange_meta": (
        "_at')",
        "_at', snapshot_meta_column_names={'valid_from': 'x'})",
        "names the column `valid_from`",
        3,
        "dbt_valid_from",
    ),
    "no_snapshot": ("_at')", "_at', materialized='table')", "asks for `materialized: table`", 3, "leave it out"),
    "misspelt": ("_at')", "_at', hard_delete='ignore')", "`hard_delete` is not a configuration", 3, "hard_deletes"),
    "unknown_ref": ("ref('orders')", "ref('order')", "refers to `order`", 4, "`orders` exists"),
    "open": ("{% endsnapshot %}", "", "`orders_history` is not closed", 2, "endsnapshot"),
    "no_name": ("snapshot orders_history", "snapshot 'x'", "is no name for a snapshot", 2, "{% snapshot"),
    "bad_jinja": ("select *", "select {{ nothing() }}", "`nothing` is not a macro", 4, ""),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_must_be_mended_is_said_with_its_line(workspace: Any, case: str) -> None:
    for path in ("dbt_project.yml", "profiles.yml", "models/orders.sql"):
        workspace.write(path, FILES[path])
    workspace.write(
        "snapshots/orders.sql",
        f"""
        -- what orders were
        {{% snapshot orders_history %}}
          {{{{ {TIMED} }}}}
          select * from {{{{ ref('orders') }}}}
        {{% endsnapshot %}}
        """,
    )
    old, new, message, line, hint = WRONG[case]
    workspace.edit("snapshots/orders.sql", old, new)
    with pytest.raises(DrylandError) as caught:
        for node in read(workspace).nodes.values():
            if node.rendered.trouble is not None:
                raise node.rendered.trouble  # as the plan does that would use it
    assert message in caught.value.message
    assert (caught.value.path, caught.value.line) == ("snapshots/orders.sql", line)
    assert hint in caught.value.hint


def test_a_relation_names_one_table(shop: Any) -> None:
    shop.edit("models/deep/customers.yml", "source('raw', 'customers')", "raw.customers")
    with pytest.raises(DrylandError, match=r"has the relation `raw\.customers`") as caught:
        read(shop)
    assert (caught.value.path, caught.value.line) == ("models/deep/customers.yml", 3)


def test_an_error_in_a_relation_points_at_it(shop: Any) -> None:
    shop.edit("models/deep/customers.yml", "ref('shop', 'orders_history')", "ref('orders_histry')")
    with pytest.raises(DrylandError, match="orders_histry") as caught:
        read(shop)
    assert (caught.value.path, caught.value.line) == ("models/deep/customers.yml", 7)


def test_a_macro_that_nobody_would_call_is_refused(shop: Any) -> None:
    shop.write("macros/own.sql", "{% macro default__snapshot_hash_arguments(args) %}1{% endmacro %}")
    with pytest.raises(DrylandError, match="changes how dbt writes snapshots") as caught:
        read(shop)
    assert caught.value.path == "macros/own.sql"


@pytest.mark.dbt
@pytest.mark.slow
@pytest.mark.skipif(not DBT.exists(), reason=f"dbt is missing: there is no {DBT}")
def test_dbt_reads_the_same(shop: Any) -> None:
    """Names, places, configuration, dependencies and SQL of dbt's manifest."""
    done = dbt(shop.root, "compile", "--profiles-dir", ".")
    assert done.returncode == 0, done.stdout
    manifest = json.loads((shop.root / "target" / "manifest.json").read_text())
    theirs = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "snapshot"}
    ours = snapshots(shop)
    assert ours.keys() == theirs.keys()
    for name, node in ours.items():
        other = theirs[name]
        assert (node.unique_id, list(node.fqn)) == (other["unique_id"], other["fqn"])
        assert node.relation == Relation(other["database"], other["schema"], other["alias"])
        assert sorted(node.depends_on) == sorted(other["depends_on"]["nodes"])
        assert sorted(node.tags) == sorted(other["tags"])
        assert node.rendered.sql.split() == other["compiled_code"].split()
        assert node.description == other["description"]
        said = {key: value for key, value in other["config"].items() if key in node.config}
        assert {key: value for key, value in node.config.items() if key not in ("tags", "schema")} == {
            key: value for key, value in said.items() if key not in ("tags", "schema")
        }
