"""A generic test stands where its YAML stands, whatever it tests: so dbt configures and selects it."""

from __future__ import annotations

from pathlib import Path

from dryland.project.load import load_project
from dryland.project.nodes import Check

FILES = {
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: w.duckdb, schema: main}}}\n",
    "models/marts/deep/orders.sql": "select 1 as id\n",
    "models/prices.sql": "select 1 as id\n",
    "models/all.yml": "models: [{name: orders, columns: [{name: id, data_tests: [not_null]}]}]\n",
    "models/marts/some.yml": (
        "models: [{name: prices, columns: [{name: id, data_tests: [not_null, unique]}]}]\n"
        "sources: [{name: raw, tables: [{name: a, columns: [{name: id, data_tests: [not_null]}]}]}]\n"
    ),
}
SETTINGS = "name: shop\nprofile: shop\ndata_tests: {shop: {marts: {+severity: warn, unique_prices_id: {+limit: 7}}}}\n"


def checks(root: Path, prefix: str = "", **project: str) -> dict[str, Check]:
    for path, text in {**{f"{prefix}{path}": text for path, text in FILES.items()}, **project}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return {check.name: check for check in load_project(root, environment={}).checks.values()}


def test_a_test_has_the_configuration_of_the_folder_of_its_yaml(tmp_path: Path) -> None:
    found = checks(tmp_path, **{"dbt_project.yml": SETTINGS})
    assert {name: (check.fqn, check.severity, check.limit) for name, check in found.items()} == {
        "not_null_orders_id": (("shop", "not_null_orders_id"), "error", None),
        "not_null_prices_id": (("shop", "marts", "not_null_prices_id"), "warn", None),
        "unique_prices_id": (("shop", "marts", "unique_prices_id"), "warn", 7),
        "source_not_null_raw_a_id": (("shop", "marts", "source_not_null_raw_a_id"), "warn", None),
    }


def test_folders_of_a_package_are_those_within_the_package(tmp_path: Path) -> None:
    project = {
        "dbt_project.yml": "name: shop\nprofile: shop\n",
        "profiles.yml": FILES["profiles.yml"],
        "dbt_packages/aged/dbt_project.yml": SETTINGS.replace("shop", "aged"),
    }
    found = checks(tmp_path, "dbt_packages/aged/", **project)
    assert found["not_null_prices_id"].fqn == ("aged", "marts", "not_null_prices_id")
    assert found["not_null_prices_id"].severity == "warn"
