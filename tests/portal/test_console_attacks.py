"""No query that is posted to the console or the API does what it must not: it is refused, or it is harmless."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from portal_shop import Portal, portal_of
from test_guard import token_on

from attacks import ATTACKS, KEPT_APART, filled_in
from dryland.access.person import Person

pytestmark = pytest.mark.slow
ANALYST = Person("ana", ("analyst",))
MODELS = {
    "orders": """select * from (values
        (10, 1, cast(20.50 as decimal(10, 2)), date '2026-01-01', 'web'), (12, 2, 7.25, date '2026-02-02', null))
        as t(order_id, customer_id, amount, ordered_on, channel)""",
    "customers": """select * from (values (1, 'Ana', 'ana@example.org', '4111111111111111', 'pt'),
        (2, 'Bo', 'bo@example.org', '4222', 'se')) as t(customer_id, name, email, card, country)""",
    "payroll": "select * from (values ('Ana', 90000), ('Bo', 1)) as t(name, salary)",
}
YAML = """
version: 2
models:
  - name: customers
    config: {meta: {pii: [name, email, card]}}
"""
RULES = """
access:
  rules:
    - {to: ["*"], select: payroll, deny: true}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, workspace_at: Callable[[Path], Any]) -> Iterator[Portal]:
    """Orders for all, customers masked, a payroll for nobody, and notes that are none of Dryland's."""
    root = tmp_path_factory.mktemp("guarded")
    workspace = workspace_at(root)
    workspace.write("dbt_project.yml", "{name: shop, version: '1.0', profile: shop, models: {+materialized: table}}")
    workspace.write(
        "profiles.yml",
        "shop: {target: dev, outputs: {dev: {type: duckdb, path: w.duckdb, schema: main, threads: 2}}}",
    )
    workspace.write("dryland.yml", RULES)
    workspace.write("models/models.yml", YAML)
    for name, sql in MODELS.items():
        workspace.write(f"models/{name}.sql", sql)
    workspace.dryland("apply", "--yes")
    with duckdb.connect(str(root / "w.duckdb")) as connection:
        connection.execute("create table main.private_notes as select 'psst' as note")
        connection.execute("create table dryland_store.secrets__1 as select 'hunter2' as word")
    (root / "files").mkdir()
    (root / "files" / "secret.csv").write_text("a\nfile-canary\n")
    with portal_of(root) as portal:
        yield portal


def world(shop: Portal) -> object:
    """What must not change; nobody reads just now."""
    shop.desk.rows.close()
    with duckdb.connect(str(shop.root / "w.duckdb"), read_only=True) as connection:
        names = (
            "select schema_name, table_name from duckdb_tables() union all "
            "select schema_name, view_name from duckdb_views() order by all"
        )
        return (
            connection.execute(names).fetchall(),
            connection.execute("select * from main.private_notes").fetchall(),
            connection.execute("select * from main.orders order by 1").fetchall(),
            sorted(each.name for each in (shop.root / "files").iterdir()),
        )


@pytest.mark.parametrize("way", ["page", "explain", "download", "api"])
def test_no_attack_gets_through(shop: Portal, asking_as: Callable[[Person], None], way: str) -> None:
    before, through, refused = world(shop), [], 0
    asking_as(ANALYST)
    token = token_on(shop.page("/query"))
    path = {"page": "/query/run", "explain": "/query/explain", "download": "/query/download"}.get(way, "/api/v1/query")
    for title, _, sql in ATTACKS:
        sql = filled_in(sql, shop.root / "files")
        began = time.monotonic()
        answer = (
            shop.client.post(path, json={"sql": sql})
            if way == "api"
            else shop.client.post(path, data={"sql": sql, "token": token}, headers={"hx-request": "true"})
        )
        said = answer.content.decode("utf-8", "replace")
        leaked = [word for word in KEPT_APART if word not in sql and word.strip("'") in said.replace("&#39;", "'")]
        refused += 400 <= answer.status_code < 500
        if leaked or answer.status_code >= 500 or time.monotonic() - began > 3:
            through.append((title, answer.status_code, leaked, said[:300]))
    assert through == []
    assert refused >= (100 if way == "explain" else 130)
    assert world(shop) == before
