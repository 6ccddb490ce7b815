"""Brings the world into the warehouse with dlt: what is new since the last time, and what was delivered again.

One rule holds for all feeds: what is delivered again replaces what was delivered before. A table of the
shop is delivered by day (`batch_day`), web events and CRM preferences by file (`file_name`). Nothing is
cleaned on the way: repeated, late and ugly rows reach the project, which deals with them in the open.
"""

from __future__ import annotations

import os
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import dlt
import duckdb
import pyarrow
import pyarrow.csv
import pyarrow.json
from dlt.extract import DltResource
from dlt.sources import incremental

SETTINGS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "true",  # how a reader sees that a source moved
}
TABLES = ("customers", "products", "orders", "order_lines")
FILES = {"web_events": "events/*.jsonl", "crm_preferences": "crm_preferences.csv"}
ROWS_AT_ONCE = 50_000
STORAGE_VERSION = "v1.2.0"  # so that an older DuckDB than the one that makes the warehouse can open it too


@dataclass(frozen=True, slots=True)
class Ingested:
    """What one ingestion brought: rows by table, and the id of the load (empty when nothing was new)."""

    rows: dict[str, int]
    load_id: str


def ingest(folder: Path, warehouse: Path) -> Ingested:
    """Load what is new in the world at `folder` into the schema `raw` of the DuckDB file `warehouse`."""
    os.environ.update(SETTINGS)
    _create(warehouse)
    pipeline = dlt.pipeline(
        "shop",
        pipelines_dir=str((folder / ".dlt").resolve()),
        destination=dlt.destinations.duckdb(str(warehouse.resolve())),
        dataset_name="raw",
    )
    feeds = [shop_table(folder, name) for name in TABLES] + [files(folder, name) for name in FILES]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries on each other; nothing a player could mend
        loaded = pipeline.run(feeds, loader_file_format="parquet")
    counts = pipeline.last_trace.last_normalize_info.row_counts if loaded.loads_ids else {}
    rows = {name: count for name, count in counts.items() if name in TABLES or name in FILES}
    return Ingested(rows, loaded.loads_ids[-1] if rows else "")


def shop_table(folder: Path, name: str) -> DltResource:
    """The rows of one table of the shop in batches not seen before, as Arrow tables."""

    @dlt.resource(name=name, write_disposition="merge", merge_key="batch_day")
    def rows(
        batch: incremental[int] = incremental("batch_id", initial_value=0, range_start="open"),  # noqa: B008
    ) -> Iterator[pyarrow.Table]:
        query = f"SELECT * FROM {name} WHERE batch_id > ?"
        with closing(sqlite3.connect(folder / "shop.sqlite")) as database:
            cursor = database.execute(query, (batch.last_value,))
            columns = [column[0] for column in cursor.description]
            while some := cursor.fetchmany(ROWS_AT_ONCE):
                yield pyarrow.table(dict(zip(columns, zip(*some, strict=True), strict=True)))

    return rows


def files(folder: Path, name: str) -> DltResource:
    """The rows of files written since the last time, each row with the name of its file."""

    @dlt.resource(name=name, write_disposition="merge", merge_key="file_name")
    def rows() -> Iterator[pyarrow.Table]:
        state = dlt.current.resource_state()
        seen = state.get("written_ns", 0)
        written = {path: path.stat().st_mtime_ns for path in sorted(folder.glob(FILES[name]))}
        if changed := [path for path in written if written[path] > seen]:
            yield pyarrow.concat_tables(map(_read, changed), promote_options="permissive")
            state["written_ns"] = max(written.values())

    return rows


def _create(warehouse: Path) -> None:
    if not warehouse.exists():
        with duckdb.connect() as connection:
            connection.execute(f"ATTACH '{warehouse}' AS warehouse (STORAGE_VERSION '{STORAGE_VERSION}')")


def _read(path: Path) -> pyarrow.Table:
    read = pyarrow.csv.read_csv if path.suffix == ".csv" else pyarrow.json.read_json
    table = read(path)
    return table.append_column("file_name", pyarrow.array([path.name] * table.num_rows))
