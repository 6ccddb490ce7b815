"""The benchmarks of checks run as they are called, on little data, and everybody in them finds the same failures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from checks import _once
from checks_contenders import Contender
from peers import DBT, ROOT


def ran(script: str, *words: str, **environment: str) -> str:
    command = [sys.executable, ROOT / "benchmarks" / script, *words]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_each_run_begins_with_nothing_remembered(tmp_path: Path) -> None:
    remember = 'test ! -e "$DRYLAND_CACHE" && mkdir "$DRYLAND_CACHE" && echo {}'
    contender = Contender("somebody", ("sh", "-c", remember), lambda said, _: dict(json.loads(said)), "ours")
    (tmp_path / "ours").mkdir()
    assert [_once(contender, tmp_path)[1] for _ in range(2)] == [{}, {}]


@pytest.mark.slow
def test_a_hundred_checks_say_the_same_by_hand(tmp_path: Path) -> None:
    """The script itself compares the failures that each found."""
    said = ran("checks.py", "--rows", "20000", "--rounds", "1", DRYLAND_DBT="/nowhere", DRYLAND_PEERS=str(tmp_path))
    assert "| dryland check |" in said and "| by hand: the best form |" in said
    assert "dbt" not in said and "soda" not in said


@pytest.mark.slow
@pytest.mark.dbt
def test_a_hundred_checks_say_the_same_under_dbt(tmp_path: Path) -> None:
    if not DBT.exists():
        pytest.skip("dbt is not installed: `make test` installs it")
    assert "| dbt 1." in ran("checks.py", "--rows", "2000", "--rounds", "1", DRYLAND_PEERS=str(tmp_path))


@pytest.mark.slow
def test_many_checks_are_asked_and_remembered() -> None:
    said = ran("many_checks.py", MANY_TABLES="3", DRYLAND_DBT="/nowhere")
    assert "3 tables, 15 checks" in said and "again unchanged" in said
