"""The promises of the first page, kept on the customer segmentation of a shop."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("dlt", reason="the demo extra is not installed: dlt is missing")
pytest.importorskip("sklearn", reason="the demo extra is not installed: scikit-learn is missing")

from world.generate import advance, repair
from world.ingest import ingest

pytestmark = pytest.mark.slow
FATAL = ("models/features/fct_active_customers.sql", "interval '7 days'", "interval '90 days'")


@pytest.fixture
def shop(released_once: Path, tmp_path: Path, workspace_at) -> Any:
    return workspace_at(Path(shutil.copytree(released_once, tmp_path / "project")))


def built(plan: dict) -> set[str]:
    return {step["node"].rpartition(".")[2] for step in plan["steps"] if step["action"] == "build"}


def test_reformatting_and_commenting_every_model_is_nothing_to_do(shop) -> None:
    """Formatting is not meaning: comments, line breaks, blank lines and the case of keywords."""
    keyword = re.compile(r"\b(select|from|where|group by|order by|inner join|left join|with|as|on)\b(?![^{]*}})")
    for path in (shop.root / "models").rglob("*.sql"):
        text = re.sub(r"\n", "\n\n", keyword.sub(lambda found: found[0].upper(), path.read_text()))
        path.write_text(f"-- says nothing new\n\n{text}\n/* nor does this */\n")
    assert "Nothing to do" in shop.process("plan").out


def test_a_new_column_that_nobody_reads_is_exactly_one_build(shop) -> None:
    shop.edit("models/staging/stg_products.sql", "select\n    product_id,", "select\n    1 as shelf, product_id,")
    assert built(shop.process("plan", "--json").json) == {"stg_products"}


def test_a_changed_column_builds_exactly_its_readers(shop) -> None:
    """`fct_active_customers.is_active` is read by three; the dozens of others stay."""
    shop.edit(*FATAL)
    plan = shop.process("plan", "--json").json
    assert built(plan) == {"fct_active_customers", "customers_360", "kpis", "campaign_audience"}
    changed = next(change for change in plan["changes"] if change["change"] == "changed")
    assert changed["columns_altered"] == ["is_active"]
    assert {exposure.rpartition(".")[2] for exposure in changed["exposures"]} == {"campaign", "dashboard"}


def test_the_fatal_edit_is_refused_and_no_reader_sees_a_row(shop) -> None:
    before = shop.content()
    shop.edit(*FATAL)
    answer = shop.process("apply", "--yes", code=1)
    assert "share_between_fct_active_customers" in answer.out
    assert "Refused: prod is unchanged" in answer.out
    assert shop.content() == before
    share = shop.process(
        "query", "-e", "prod_refused", "--json", "select avg(is_active::int) s from fct_active_customers"
    )
    assert share.json["rows"][0][0] > 0.35


def test_a_corrupt_day_leaves_readers_with_the_last_good_data(shop) -> None:
    before = shop.content()
    advance(shop.root / "shop", corrupt="all")
    ingest(shop.root / "shop", shop.root / "warehouse.duckdb")
    shop.process("run", "--yes", code=1)
    after = shop.content()
    states = {row["name"]: row for row in shop.process("ls", "--json").json["nodes"]}
    stale = {name for name, row in states.items() if row["stale"]}
    assert {"stg_orders", "stg_order_lines", "kpis", "customer_segments"} <= stale
    assert {name: after[name] for name in stale} == {name: before[name] for name in stale}
    repair(shop.root / "shop")
    ingest(shop.root / "shop", shop.root / "warehouse.duckdb")
    shop.process("run", "--yes")
    assert not any(row["stale"] for row in shop.process("ls", "--json").json["nodes"])


def test_an_environment_and_a_way_back_take_moments_and_copy_nothing(shop) -> None:
    tables = "select count(*) from duckdb_tables() where schema_name = 'dryland_store'"
    before, count = shop.content(), shop.sql(tables)
    made = shop.process("env", "create", "dev_x")
    assert seconds(made.out) < 1
    assert (shop.content("main__dev_x"), shop.sql(tables)) == (before, count)
    shop.edit("models/marts/product_performance.sql", "select", "select 1 as one,")
    shop.process("apply", "--yes")
    assert shop.content() != before
    back = shop.process("rollback", "--yes")
    assert seconds(back.out) < 1
    assert shop.content() == before


def seconds(text: str) -> float:
    found = re.search(r"\(([\d.]+) s\)", text)
    assert found, text
    return float(found[1])
