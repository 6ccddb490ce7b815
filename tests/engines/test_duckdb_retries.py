"""A statement is sent again after the errors that a profile calls passing, and after no others."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from opening import STORE

from dryland.engines.duckdb_retries import patience_s
from dryland.engines.registry import Address, open_engine
from dryland.errors import DrylandError

MISSING = "from read_csv('{}/late.csv')"


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it would have waited, each time."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


def attempt(root: Path, query: str, *, inside: bool = False, **retries: Any) -> None:
    engine = open_engine("duckdb", Address({"type": "duckdb", "retries": retries}, "memory", root, STORE))
    try:
        with engine.session() as session:
            if inside:
                with session.transaction():
                    session.fetch(query)
            else:
                session.fetch(query)
    finally:
        engine.close()


def test_a_file_that_comes_late_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(seconds: float) -> None:
        (tmp_path / "late.csv").write_text(f"a\n{seconds}\n")

    monkeypatch.setattr(time, "sleep", sleep)
    attempt(tmp_path, MISSING.format(tmp_path), query_attempts=2)


@pytest.mark.parametrize(
    ("retries", "expected"),
    [
        ({"query_attempts": 3}, [1, 2]),
        ({"query_attempts": 1}, []),
        ({}, []),
        ({"query_attempts": 3, "retryable_exceptions": ["HTTPException"]}, []),
    ],
)
def test_it_is_sent_as_often_as_the_profile_says(
    tmp_path: Path, waits: list[float], retries: dict[str, Any], expected: list[int]
) -> None:
    with pytest.raises(DrylandError, match=r"late\.csv"):
        attempt(tmp_path, MISSING.format(tmp_path), **retries)
    assert waits == expected


def test_an_error_that_is_not_passing_is_told_at_once(tmp_path: Path, waits: list[float]) -> None:
    with pytest.raises(DrylandError, match="nosuch"):
        attempt(tmp_path, "from nosuch", query_attempts=5)
    assert waits == []


def test_within_a_transaction_that_ended_nothing_is_sent_again(tmp_path: Path, waits: list[float]) -> None:
    """The first error is told, and not that the transaction is over."""
    query = "select error('gone')"
    with pytest.raises(DrylandError, match="gone"):
        attempt(tmp_path, query, inside=True, query_attempts=3, retryable_exceptions=["InvalidInputException"])
    assert waits == []
    with pytest.raises(DrylandError, match="gone"):
        attempt(tmp_path, query, query_attempts=3, retryable_exceptions=["InvalidInputException"])
    assert waits == [1, 2]


def test_dbts_attempts_to_connect_are_a_time_to_wait() -> None:
    """1, 2, 4, ... seconds; but never less than Dryland waits anyway."""
    assert [patience_s({"retries": {"connect_attempts": n}}, 10.0) for n in (1, 3, 5, 10**9)] == [10, 10, 31, 2**20 - 1]
    assert patience_s({}, 0.1) == 0.1


def test_a_connection_is_duckdbs_own_when_nothing_is_said(tmp_path: Path) -> None:
    engine = open_engine("duckdb", Address({"type": "duckdb"}, "memory", tmp_path, STORE))
    with engine.session() as session:
        assert isinstance(session.python_session(), duckdb.DuckDBPyConnection)
    engine.close()
