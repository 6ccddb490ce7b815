"""On PostgreSQL a table gets the checks that it gets on DuckDB, and keeps them; health and diffs say the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_check_suggest import SCHEMA

from postgres_server import Server

pytestmark = pytest.mark.slow  # each releases projects

CUSTOMERS = """
    select i as customer_id, 'c' || i || '@example.org' as email,
        case i % 3 when 0 then 'de' when 1 then 'pt' else 'no' end as country,
        case when i % 100 = 0 then null else 'Name ' || i end as full_name, 'secret ' || (i % 4) as password_kind
    from generate_series(0, 1199) as t(i)
    """
LINES = """
    select cast(floor(i / 3.0) as integer) as order_id, i % 3 as line, (i * 7) % 1200 as customer_id,
        case i % 3 when 0 then 'new' when 1 then 'paid' else 'on' end as status, i % 5 + 1 as rating_code,
        cast(cast(i % 90 as decimal(10, 2)) / 4 as decimal(12, 4)) as net, i % 7 as tax,
        cast(cast(i % 90 as decimal(10, 2)) / 4 + i % 7 as decimal(12, 4)) as gross, i % 11 - 5 as "Delta",
        date '2026-01-01' + cast(i % 50 as int) as ordered_on,
        date '2026-01-01' + cast(i % 50 + i % 5 as int) as shipped_on,
        cast((i % 100) / 100.0 as double precision) as discount_rate, md5(cast(i as text)) as token,
        i % 2 = 0 as is_gift, '2026-01-' || (10 + i % 20) as day_text,
        timestamp '2026-01-01 00:00:00' + interval '1 minute' * i as placed_at
    from generate_series(0, {last}) as t(i)
    """


def project(shop: Any, output: dict[str, Any], rows: int = 3000) -> Any:
    shop.write("dbt_project.yml", "name: shop\nversion: '1'\nprofile: shop\nmodels: {shop: {+materialized: table}}\n")
    shop.write("profiles.yml", yaml.safe_dump({"shop": {"target": "dev", "outputs": {"dev": output}}}))
    shop.write("models/customers.sql", CUSTOMERS)
    shop.write("models/lines.sql", LINES.format(last=rows - 1))
    shop.write("models/paid.sql", "{{ config(materialized='view') }} select * from {{ ref('lines') }} where tax > 1\n")
    shop.write("models/schema.yml", SCHEMA)
    shop.dryland("apply", "--yes")
    return shop


@pytest.fixture(scope="module")
def shops(
    postgres_server: Server, tmp_path_factory: pytest.TempPathFactory, workspace_at: Callable[[Path], Any]
) -> Iterator[tuple[Any, Any]]:
    """The same project on both."""
    name = postgres_server.new_database()
    yield (
        project(workspace_at(tmp_path_factory.mktemp("ours")), postgres_server.settings(name)),
        project(workspace_at(tmp_path_factory.mktemp("theirs")), {"type": "duckdb", "path": "w.duckdb"}),
    )
    postgres_server.drop_database(name)


def proposed(shop: Any, *words: str) -> list[Any]:
    said = shop.dryland("check", "suggest", *words, "--json").json
    return [(model.get("name"), each) for model in said["models"] for each in model["checks"]]


@pytest.mark.parametrize("model", ["customers", "lines", "paid"])
def test_what_a_table_keeps_is_proposed(shops: tuple[Any, Any], model: str) -> None:
    ours, theirs = (proposed(shop, model) for shop in shops)
    assert len(ours) > 4
    assert [json.dumps(each, sort_keys=True) for each in ours] == [json.dumps(each, sort_keys=True) for each in theirs]


def test_what_is_proposed_and_written_is_kept(shops: tuple[Any, Any]) -> None:
    shop = shops[0]
    shop.dryland("check", "suggest", "customers", "lines", "--write")
    said = shop.dryland("apply", "--yes", "--json").json
    assert said["status"] in ("published", "unchanged", "done"), said
    checked = shop.dryland("check", "--again", "--json").json
    assert {each["status"] for each in checked["verdicts"]} == {"pass"}
    assert len(checked["verdicts"]) > 20
    shop.write("models/schema.yml", SCHEMA)


def test_health_is_the_same(shops: tuple[Any, Any]) -> None:
    ours, theirs = (shop.dryland("health", "--json").json for shop in shops)
    assert ours["score"] == theirs["score"]


def test_a_diff_of_two_environments_is_the_same(shops: tuple[Any, Any]) -> None:
    said = []
    for shop in shops:
        shop.write("models/lines.sql", LINES.format(last=2990).replace("i % 7 as tax", "i % 8 as tax"))
        shop.dryland("env", "create", "dev_ana")
        shop.dryland("apply", "--env", "dev_ana", "--yes")
        tables = shop.dryland("diff", "dev_ana", "lines", "--json", "--key", "order_id,line").json["tables"]
        said.append([{name: each[name] for name in ("status", "added", "removed", "changed", "key")}
                     for each in tables])  # fmt: skip
    assert said[0] == said[1]
    assert said[0][0]["removed"] == 9
