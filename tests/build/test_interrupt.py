"""Whatever stops a run, readers see what they saw, and the next run goes on from what is done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

SLOW = "select count(*) as n from range(60000000) a, range(60000) b where a.range + b.range = 7 and {n} = {n}"


def start(workspace, *words: str) -> subprocess.Popen:
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "dryland", *words], cwd=workspace.root, env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_ctrl_c_stops_a_long_query_and_publishes_nothing(released) -> None:
    before = released.content()
    released.edit("models/staging/stg_customers.sql", "country from", "country, 1 as extra from")
    released.write("models/marts/endless.sql", SLOW.format(n=1))
    process = start(released, "apply", "--yes")
    assert process.stderr is not None
    for line in process.stderr:  # until the quick one is done and the long one runs
        if "stg_customers" in line:
            break
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Interrupted; nothing was published." in err
    assert "Traceback" not in err
    assert released.content() == before
    (released.root / "models/marts/endless.sql").unlink()
    again = released.dryland("apply", "--yes", "--json").json
    done = {step["node"].rpartition(".")[2]: step["action"] for step in again["steps"]}
    assert done["stg_customers"] == "reuse"  # what was finished is not made again


@pytest.mark.slow
def test_a_model_over_its_time_is_cancelled_and_the_others_are_not(released) -> None:
    released.write("dryland.yml", "timeout: 2\nretries: 0\n")
    released.write("models/marts/endless.sql", SLOW.format(n=2))
    began = time.monotonic()
    answer = released.dryland("apply", "--yes", code=3)
    assert time.monotonic() - began < 30
    assert "took longer than the 2 s it may" in answer.out
    assert "raise `timeout` in dryland.yml" in answer.out
