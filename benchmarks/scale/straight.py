"""Sends the statements of a file to DuckDB, one after the other, in one process: the floor."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

if __name__ == "__main__":
    with duckdb.connect("warehouse.duckdb") as connection:
        for path in sys.argv[1:]:
            for statement in json.loads(Path(path).read_text()):
                connection.execute(statement).fetchall()
