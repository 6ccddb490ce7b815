"""Incremental models add to the last generation, and leave it alone until a gate has said yes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
DBT = Path(os.environ.get("DRYLAND_DBT", ROOT / ".venv-dbt" / "bin" / "dbt"))
DAYS = (
    [(1, 10, 1), (2, 20, 1)],
    [(2, 25, 2), (3, 30, 2)],
    [(1, 11, 3), (3, 33, 3), (4, 40, 3)],
)
STRATEGIES = {
    "append": "incremental_strategy='append'",
    "merge": "incremental_strategy='merge', unique_key='id'",
    "delete+insert": "incremental_strategy='delete+insert', unique_key='id'",
    "delete+insert by two columns": "incremental_strategy='delete+insert', unique_key=['id', 'day']",
    "the default with a key": "unique_key='id'",
    "the default without a key": "",
}
ROWS = "select id, amount, day from main.totals order by all"


@pytest.fixture
def ledger(workspace) -> Any:
    workspace.write("dbt_project.yml", "name: ledger\nprofile: ledger\n")
    workspace.write("profiles.yml", "ledger: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb}}}\n")
    workspace.write("models/sources.yml", "sources:\n  - name: raw\n    schema: raw\n    tables: [{name: entries}]\n")
    return workspace


def model(ledger, config: str, columns: str = "id, amount, day") -> None:
    config = f"materialized='incremental'{', ' if config else ''}{config}"
    ledger.write(
        "models/totals.sql",
        f"""
        {{{{ config({config}) }}}}
        select {columns} from {{{{ source('raw', 'entries') }}}}
        {{% if is_incremental() %}} where day > (select max(day) from {{{{ this }}}}) {{% endif %}}
        """,
    )


def a_day_comes(ledger, rows: list[tuple[int, int, int]]) -> None:
    with duckdb.connect(str(ledger.root / "warehouse.duckdb")) as connection:
        connection.execute("create schema if not exists raw")
        connection.execute("create table if not exists raw.entries (id integer, amount integer, day integer)")
        connection.executemany("insert into raw.entries values (?, ?, ?)", rows)


EXPECTED = {
    "append": sorted(row for day in DAYS for row in day),
    "merge": [(1, 11, 3), (2, 25, 2), (3, 33, 3), (4, 40, 3)],
    "delete+insert": [(1, 11, 3), (2, 25, 2), (3, 33, 3), (4, 40, 3)],
    "delete+insert by two columns": sorted(row for day in DAYS for row in day),
    "the default with a key": [(1, 11, 3), (2, 25, 2), (3, 33, 3), (4, 40, 3)],
    "the default without a key": sorted(row for day in DAYS for row in day),
}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_three_days_of_data(ledger, strategy: str) -> None:
    model(ledger, STRATEGIES[strategy])
    for number, rows in enumerate(DAYS):
        a_day_comes(ledger, rows)
        ledger.dryland("run" if number else "apply", "--yes")
    assert ledger.sql(ROWS) == EXPECTED[strategy]


@pytest.mark.dbt
@pytest.mark.slow
@pytest.mark.skipif(not DBT.exists(), reason=f"dbt is missing: there is no {DBT}")
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_dbt_has_the_same_rows(ledger, strategy: str) -> None:
    model(ledger, STRATEGIES[strategy])
    environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    for rows in DAYS:
        a_day_comes(ledger, rows)
        done = subprocess.run(
            [DBT, "--no-version-check", "run"],
            cwd=ledger.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
    assert ledger.sql(ROWS) == EXPECTED[strategy]


def test_a_full_refresh_starts_from_nothing(ledger) -> None:
    model(ledger, "incremental_strategy='append'")
    a_day_comes(ledger, DAYS[0])
    ledger.dryland("apply", "--yes")
    with duckdb.connect(str(ledger.root / "warehouse.duckdb")) as connection:
        connection.execute("update raw.entries set amount = 0")
    ledger.dryland("run", "--yes", "--full-refresh")
    assert ledger.sql(ROWS) == [(1, 0, 1), (2, 0, 1)]


def test_a_refused_day_leaves_the_generation_as_it_was(ledger) -> None:
    """Copy on write: the live table is never the one that is written."""
    model(ledger, "unique_key='id'")
    ledger.write("models/totals.yml", "models: [{name: totals, columns: [{name: amount, data_tests: [not_null]}]}]\n")
    a_day_comes(ledger, DAYS[0])
    ledger.dryland("apply", "--yes")
    before = ledger.content()
    a_day_comes(ledger, [(1, None, 2), (9, 90, 2)])
    answer = ledger.dryland("run", "--yes", code=1)
    assert "1 row has no amount" in answer.out
    assert ledger.content() == before
    with duckdb.connect(str(ledger.root / "warehouse.duckdb")) as connection:
        connection.execute("update raw.entries set amount = 12 where amount is null")
    ledger.dryland("run", "--yes")
    assert ledger.sql(ROWS) == [(1, 12, 2), (2, 20, 1), (9, 90, 2)]


CHANGES = {
    "ignore": ([(1, 10, 1), (2, 20, 1), (2, 25, 2), (3, 30, 2)], ["id", "amount", "day"]),
    "append_new_columns": (
        [(1, 10, 1, None), (2, 20, 1, None), (2, 25, 2, 50), (3, 30, 2, 60)], ["id", "amount", "day", "twice"]
    ),
    "sync_all_columns": ([(1, 1, None), (2, 1, None), (2, 2, 50), (3, 2, 60)], ["id", "day", "twice"]),
}  # fmt: skip


@pytest.mark.parametrize("policy", CHANGES)
def test_a_column_that_comes_later(ledger, policy: str) -> None:
    config = f"incremental_strategy='append', on_schema_change='{policy}'"
    model(ledger, config)
    a_day_comes(ledger, DAYS[0])
    ledger.dryland("apply", "--yes")
    columns = "id, day, amount * 2 as twice" if policy == "sync_all_columns" else "id, amount, day, amount * 2 as twice"
    model(ledger, config, columns)
    a_day_comes(ledger, DAYS[1])
    ledger.dryland("apply", "--yes")
    rows, names = CHANGES[policy]
    assert [name for (name,) in ledger.sql("select column_name from (describe main.totals)")] == names
    assert ledger.sql("from main.totals order by all") == rows


def test_a_schema_change_that_must_fail_fails_and_names_the_columns(ledger) -> None:
    model(ledger, "incremental_strategy='append', on_schema_change='fail'")
    a_day_comes(ledger, DAYS[0])
    ledger.dryland("apply", "--yes")
    before = ledger.content()
    model(ledger, "incremental_strategy='append', on_schema_change='fail'", "id, amount, day, 1 as extra")
    a_day_comes(ledger, DAYS[1])
    answer = ledger.dryland("apply", "--yes", code=3)
    assert "extra" in answer.out and "on_schema_change" in answer.out
    assert "models/totals.sql" in answer.out
    assert ledger.content() == before


def test_changed_code_says_that_old_rows_keep_the_old_logic(ledger) -> None:
    model(ledger, "incremental_strategy='append'")
    a_day_comes(ledger, DAYS[0])
    ledger.dryland("apply", "--yes")
    model(ledger, "incremental_strategy='append'", "id, amount + 1 as amount, day")
    assert "existing rows of totals keep the old logic" in ledger.dryland("plan").out
