"""Times 5,000 checks of 1,000 tables: asked, and asked again of what did not change; real dbt beside it.

The tables are sources of one small model each, so that what is timed is what a check costs beside its scan. The first
run builds and checks everything; `apply` again finds every verdict remembered. dbt knows no verdicts, and asks again.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
from beside import Result, dbt, dbt_median, dryland, median, report, timed
from files import write_files

TABLES = int(os.environ.get("MANY_TABLES", 1_000))
ROWS, ROUNDS = 200, 3
MODEL = """\
{{{{ config(materialized='table') }}}}
select id, customer, status, amount from {{{{ source('raw', 'raw_{at}') }}}}
"""
STATUSES = ["new", "paid", "sent", "back"]
FILES = {
    "dbt_project.yml": "name: many\nprofile: many\n",
    "profiles.yml": "many: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb, threads: 2}}}\n",
    "macros/within.sql": """\
{% test within(model, column_name, low, high) %}
select * from {{ model }} where not ({{ column_name }} >= {{ low }} and {{ column_name }} <= {{ high }})
{% endtest %}
""",
}


def main() -> None:
    """Make the project twice, build it with both tools, then time the checks."""
    with tempfile.TemporaryDirectory(prefix="dryland-many-") as folder:
        os.environ["DRYLAND_CACHE"] = str(Path(folder) / "cache")
        ours = Path(folder) / "ours"
        write_project(ours)
        theirs = Path(shutil.copytree(ours, Path(folder) / "theirs"))
        results = list(_results(ours, theirs))
    report(results, f"{TABLES:,} tables, {5 * TABLES:,} checks; load {os.getloadavg()[0]:.1f}")


def _results(ours: Path, theirs: Path) -> Iterator[Result]:
    dryland(ours, "ls")
    dbt(theirs, "parse")
    yield "build and check all (dbt build)", timed(lambda: dryland(ours, "apply", "--yes", "-q")), dbt(theirs, "build")
    asked = median(lambda: dryland(ours, "check", "--again"), rounds=ROUNDS)
    yield "check all, nothing remembered (dbt test)", asked, dbt_median(theirs, "test", rounds=1)
    yield "again unchanged: every verdict remembered", timed(lambda: dryland(ours, "check")), None
    yield "and from then on", median(lambda: dryland(ours, "check"), rounds=ROUNDS), None
    yield "apply, nothing changed", timed(lambda: dryland(ours, "apply", "--yes", "-q")), None
    yield "and from then on", median(lambda: dryland(ours, "apply", "--yes", "-q"), rounds=ROUNDS), None


def write_project(root: Path) -> None:
    """The same project each time, and its sources."""
    root.mkdir(parents=True)
    tables = [{"name": f"raw_{at}"} for at in range(TABLES)]
    files = {
        **FILES,
        "models/sources.yml": json.dumps({"sources": [{"name": "raw", "schema": "raw", "tables": tables}]}),
    }
    for at in range(TABLES):
        files[f"models/table_{at}.sql"] = MODEL.format(at=at)
        files[f"models/table_{at}.yml"] = json.dumps({"models": [_described(f"table_{at}")]})
    write_files(root, files)
    with duckdb.connect(root / "warehouse.duckdb") as connection:
        connection.execute("create schema raw")
        for at in range(TABLES):
            connection.execute(
                f"create table raw.raw_{at} as select i as id, i % 7 + {at} as customer, "
                f"{STATUSES}[1 + i % 4] as status, (i % 100) / 4 as amount from range({ROWS}) t(i)"
            )


def _described(name: str) -> dict[str, object]:
    """Five checks each."""
    columns = [
        {"name": "id", "data_tests": ["unique", "not_null"]},
        {"name": "customer", "data_tests": ["not_null"]},
        {"name": "status", "data_tests": [{"accepted_values": {"arguments": {"values": STATUSES}}}]},
        {"name": "amount", "data_tests": [{"within": {"arguments": {"low": 0, "high": 100}}}]},
    ]
    return {"name": name, "columns": columns}


if __name__ == "__main__":
    main()
