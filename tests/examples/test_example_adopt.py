"""A warehouse that dbt built is taken over with no row lost, handed back, and dbt still runs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("dlt", reason="the demo extra is not installed: dlt is missing")
pytest.importorskip("sklearn", reason="the demo extra is not installed: scikit-learn is missing")

from world.ingest import ingest

if TYPE_CHECKING:
    from conftest import DbtBuild

pytestmark = [pytest.mark.dbt, pytest.mark.slow]
KINDS = "select table_name, table_type from information_schema.tables where table_schema = 'main' order by 1"


def test_dbt_hands_over_and_takes_back(
    segmentation: Path, small_world: Path, dbt_build: DbtBuild, workspace_at
) -> None:
    shutil.copytree(small_world, segmentation / "shop")
    ingest(segmentation / "shop", segmentation / "warehouse.duckdb")
    first = dbt_build(segmentation)
    shop = workspace_at(segmentation)
    theirs, kinds = shop.content(), shop.sql(KINDS)

    assert "in the way: main.as_of, main.campaign_audience" in shop.process("plan").out
    shop.process("apply", "--yes", "--adopt")
    ours = shop.content()
    trained = {"customer_segments", "segment_summary", "customers_360", "campaign_audience", "segment_history"}
    assert {name: ours[name][0] for name in theirs} == {name: rows for name, (rows, _) in theirs.items()}
    assert {name: ours[name] for name in theirs.keys() - trained} == {
        name: theirs[name] for name in theirs.keys() - trained
    }

    shop.process("rollback", "--yes")
    assert (shop.content(), shop.sql(KINDS)) == (theirs, kinds)
    again = dbt_build(segmentation)
    assert {name: status for name, (status, _) in again.items()} == {
        name: status for name, (status, _) in first.items()
    }
