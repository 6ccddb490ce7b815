"""dlt brings what is new into the warehouse, and what is delivered again replaces what was delivered before."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="the demo extra is not installed: numpy is missing")
pytest.importorskip("dlt", reason="the demo extra is not installed: dlt is missing")
pytest.importorskip("pyarrow", reason="the demo extra is not installed: pyarrow is missing")

import duckdb
from world.generate import advance, repair, today
from world.ingest import TABLES, ingest

pytestmark = pytest.mark.slow


def ask(warehouse: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def rows_in_shop(folder: Path, name: str) -> int:
    with closing(sqlite3.connect(folder / "shop.sqlite")) as database:
        return database.execute(f"SELECT count(*) FROM {name}").fetchone()[0]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


def test_the_first_load_brings_every_row(world_copy: Path, warehouse: Path) -> None:
    loaded = ingest(world_copy, warehouse)
    for name in TABLES:
        (counted,) = ask(warehouse, f"SELECT count(*), count(_dlt_load_id) FROM raw.{name}")
        assert counted == (rows_in_shop(world_copy, name),) * 2 == (loaded.rows[name],) * 2
    assert ask(warehouse, "SELECT count(DISTINCT file_name) FROM raw.web_events") == [(730,)]
    assert ask(warehouse, "SELECT DISTINCT _dlt_load_id FROM raw.orders") == [(loaded.load_id,)]


def test_when_nothing_is_new_nothing_is_loaded(world_copy: Path, warehouse: Path) -> None:
    ingest(world_copy, warehouse)
    again = ingest(world_copy, warehouse)
    assert (again.rows, again.load_id) == ({}, "")


def test_a_new_day_adds_only_that_day(world_copy: Path, warehouse: Path) -> None:
    first = ingest(world_copy, warehouse)
    volumes = advance(world_copy)
    second = ingest(world_copy, warehouse)
    assert second.rows["orders"] == volumes.orders
    assert second.rows["web_events"] == volumes.sessions
    assert "products" not in second.rows
    by_load = "SELECT _dlt_load_id, count(*), max(batch_day) FROM raw.orders GROUP BY ALL ORDER BY ALL"
    assert [row[:2] for row in ask(warehouse, by_load)] == [
        (first.load_id, first.rows["orders"]),
        (second.load_id, volumes.orders),
    ]
    assert ask(warehouse, by_load)[1][2] == today(world_copy).isoformat()


def test_a_repaired_day_replaces_the_corrupt_one(world_copy: Path, warehouse: Path) -> None:
    ingest(world_copy, warehouse)
    advance(world_copy, corrupt="all")
    ingest(world_copy, warehouse)
    assert ask(warehouse, "SELECT count(*) > 0 FROM raw.orders WHERE order_id IS NULL") == [(True,)]
    repair(world_copy)
    ingest(world_copy, warehouse)
    assert ask(warehouse, "SELECT count(*) FROM raw.orders WHERE order_id IS NULL") == [(0,)]
    for name in TABLES:
        assert ask(warehouse, f"SELECT count(*) FROM raw.{name}") == [(rows_in_shop(world_copy, name),)]


def test_a_lost_warehouse_is_filled_again(world_copy: Path, warehouse: Path) -> None:
    first = ingest(world_copy, warehouse)
    warehouse.unlink()
    assert ingest(world_copy, warehouse).rows == first.rows


def test_ingestion_is_quiet_and_keeps_to_its_folder(
    world_copy: Path, warehouse: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(warehouse.parent)
    ingest(world_copy, warehouse)
    assert capfd.readouterr() == ("", "")
    assert sorted(path.name for path in warehouse.parent.iterdir()) == ["shop", "warehouse.duckdb"]
