"""Two commands at once come one after the other, and the second goes on from what the first left."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

SLOW = "(select count(*) from range(20000) a, range(9000) b where hash(a.range + b.range) % 7 = 1) > 0"


def started(workspace, *words: str) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, "-m", "dryland", *words, "--yes"], cwd=workspace.root, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    time.sleep(1.2)  # it holds the warehouse by now
    return process


@pytest.fixture
def ledger(workspace):
    """A source, and a model that only ever adds what is new."""
    workspace.write("dbt_project.yml", "name: w\nprofile: w\n")
    workspace.write("profiles.yml", "w: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n")
    workspace.write(
        "models/raw.yml", "sources: [{name: raw, schema: raw, tables: [{name: paid, loaded_at_field: paid_on}]}]\n"
    )
    workspace.write(
        "models/book.sql",
        "{{ config(materialized='incremental', incremental_strategy='append') }}\n"
        "select id, paid_on from {{ source('raw', 'paid') }}\n"
        "{% if is_incremental() %} where paid_on > (select max(paid_on) from {{ this }}) and "
        + SLOW
        + " {% endif %}\n",
    )
    workspace.arrives("create schema raw", "create table raw.paid as select 1 as id, timestamp '2026-01-01' as paid_on")
    workspace.dryland("apply", "--yes")
    return workspace


@pytest.mark.slow
def test_two_refreshes_at_once_add_a_row_once(ledger) -> None:
    ledger.arrives("insert into raw.paid values (2, timestamp '2026-01-02')")
    first = started(ledger, "run")
    second = started(ledger, "run")
    said = [process.communicate(timeout=60)[0] for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], said
    assert ledger.sql("select id from book order by 1") == [(1,), (2,)], said
    assert "Nothing moved" in said[1]


@pytest.mark.slow
def test_two_releases_at_once_are_never_mixed(ledger) -> None:
    """The second was started while the first was building; readers see the code of the second, whole."""
    ledger.write("models/a.sql", "select 1 as x")
    ledger.write("models/b.sql", "select 1 as x")
    ledger.dryland("apply", "--yes")
    ledger.write("models/a.sql", "select 2 as x")
    ledger.write("models/slow.sql", "{{ config(materialized='table') }} select 1 as x where " + SLOW)
    first = started(ledger, "apply")
    ledger.write("models/a.sql", "select 1 as x")
    ledger.write("models/b.sql", "select 3 as x")
    (ledger.root / "models/slow.sql").unlink()
    second = started(ledger, "apply")
    said = [process.communicate(timeout=60)[0] for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], said
    assert ledger.sql("select (select x from a), (select x from b)") == [(1, 3)], said
    assert ledger.sql("select count(*) from duckdb_views() where view_name = 'slow'") == [(0,)]
