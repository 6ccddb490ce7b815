"""Whatever stops a run, readers see what they saw, and the next run goes on from what is done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

SLOW = "select count(*) as n from range(60000000) a, range(60000) b where a.range + b.range = 7 and {n} = {n}"


def hears_ctrl_c() -> None:
    """What a shell starts in the background is deaf to it, and so would be what we start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(workspace, *words: str) -> subprocess.Popen:
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "dryland", *words], cwd=workspace.root, env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=hears_ctrl_c,
    )  # fmt: skip


def test_ctrl_c_stops_a_long_query_and_publishes_nothing(released) -> None:
    before = released.content()
    released.edit("models/staging/stg_customers.sql", "country from", "country, 1 as extra from")
    released.write("models/marts/endless.sql", SLOW.format(n=1))
    process = start(released, "apply", "--yes")
    assert process.stderr is not None
    for line in process.stderr:  # until the quick one is done and the long one runs
        if "stg_customers (build" in line:  # and not the plan, which names it as well
            break
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    try:
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Interrupted; nothing was published." in err
    assert "Traceback" not in err
    assert released.content() == before
    assert released.sql("select count(*) from duckdb_tables() where table_name like 'endless%'") == [(0,)]
    (released.root / "models/marts/endless.sql").unlink()
    again = released.dryland("apply", "--yes", "--json").json
    done = {step["node"].rpartition(".")[2]: step["action"] for step in again["steps"]}
    assert done["stg_customers"] == "reuse"  # what was finished is not made again


@pytest.mark.slow
def test_a_generation_that_is_killed_leaves_the_last_one_whole(released) -> None:
    """kill -9 while the new rows are put in: readers keep the old rows, and the next run makes them again."""
    released.write(
        "models/marts/grows.sql",
        """
        {{ config(materialized='incremental', unique_key='order_id') }}
        select order_id, amount from {{ ref('stg_orders') }}
        {% if is_incremental() and var('slow', false) %}
            where (select count(*) from range(60000000) a, range(60000) b where a.range + b.range = 7) >= 0
        {% endif %}
        """,
    )
    released.dryland("apply", "--yes")
    before = released.content()
    released.edit("seeds/raw_orders.csv", "10,1,20.50", "10,1,99.50")
    process = start(released, "apply", "--yes", "--vars", "slow: true")
    assert process.stderr is not None
    for line in process.stderr:
        if "stg_orders" in line and "build" in line:
            break
    time.sleep(0.7)
    process.kill()
    process.communicate(timeout=20)
    assert released.content() == before
    released.dryland("apply", "--yes")
    assert released.sql("select amount from main.grows where order_id = 10") == [(99.5,)]
    assert released.sql("select count(*) from main.grows") == [(4,)]


@pytest.mark.slow
def test_a_model_over_its_time_is_cancelled_and_the_others_are_not(released) -> None:
    released.write("dryland.yml", "timeout: 2\nretries: 0\n")
    released.write("models/marts/endless.sql", SLOW.format(n=2))
    began = time.monotonic()
    answer = released.dryland("apply", "--yes", code=3)
    assert time.monotonic() - began < 30
    assert "took longer than the 2 s it may" in answer.out
    assert "raise `timeout` in dryland.yml" in answer.out
