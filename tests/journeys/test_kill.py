"""Killed at any moment, readers see the old release or the new one, and the next apply finishes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest

KILLS = 10
SEED = 20261121


@pytest.fixture
def wide(workspace):
    """Twelve chains of models, slow enough that a kill lands anywhere between the first build and the last word."""
    workspace.write(
        "dbt_project.yml", "name: wide\nversion: '1.0'\nprofile: wide\nmodels: {wide: {+materialized: table}}\n"
    )
    workspace.write(
        "profiles.yml",
        "wide: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb, schema: main, threads: 2}}}\n",
    )
    for chain in range(12):
        workspace.write(
            f"models/first_{chain}.sql",
            f"select i, i * {chain} + 0 as release_mark, hash(i) as h from range(150000) r(i)\n",
        )
        workspace.write(
            f"models/second_{chain}.sql",
            f"select i, release_mark, h % 1000 as bucket from {{{{ ref('first_{chain}') }}}}\n",
        )
    workspace.write(
        "models/schema.yml",
        "version: 2\nmodels:\n"
        + "".join(
            f"  - name: second_{chain}\n    columns: [{{name: i, data_tests: [unique, not_null]}}]\n"
            for chain in range(12)
        ),
    )
    workspace.dryland("apply", "--yes")
    return workspace


def mark(workspace, number: int) -> None:
    """Change every first model so that the release is told apart by its rows."""
    for chain in range(12):
        workspace.write(
            f"models/first_{chain}.sql",
            f"select i, i * {chain} + {number} as release_mark, hash(i) as h from range(150000) r(i)\n",
        )


def marks_seen(workspace) -> set[int]:
    """Which releases readers see parts of; one when nothing is mixed."""
    query = " union all ".join(
        f"select min(release_mark - i * {chain}) as mark, max(release_mark - i * {chain}) from main.{name}_{chain}"
        for chain in range(12)
        for name in ("first", "second")
    )
    return {value for row in workspace.sql(query) for value in row}


def kill_after(workspace, delay_s: float) -> bool:
    """Start an apply and SIGKILL it; say whether it was still running."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dryland", "apply", "--yes", "-q"],
        cwd=workspace.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    time.sleep(delay_s)
    killed = process.poll() is None
    if killed:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return killed


@pytest.mark.slow
def test_ten_kills_never_show_a_mixture_and_never_lose_a_finished_build(wide) -> None:
    chance = random.Random(SEED)
    mark(wide, 1)
    began = time.monotonic()
    wide.dryland("apply", "--yes")
    whole_s = time.monotonic() - began
    live, landed = 1, 0
    for attempt in range(2, KILLS + 2):
        mark(wide, attempt)
        landed += kill_after(wide, chance.uniform(0.15, 0.98) * whole_s)
        seen = marks_seen(wide)
        assert seen in ({live}, {attempt}), f"a mixture after kill {attempt - 1}: {seen}"
        finished = {
            name for (name,) in wide.sql("select table_name from duckdb_tables() where schema_name = 'dryland_store'")
        }
        wide.dryland("apply", "--yes")
        assert marks_seen(wide) == {attempt}
        live = attempt
        after = wide.sql("select table_name, table_oid from duckdb_tables() where schema_name = 'dryland_store'")
        assert finished <= {name for name, _ in after}
        wide.dryland("gc", "--yes")
    assert landed >= KILLS // 2, f"only {landed} kills found the process alive"
    assert wide.dryland("plan", "--json").json["changes"] == []
