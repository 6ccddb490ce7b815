"""Says in the words of dbt's adapters what the warehouse answered to a build or a check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Answer = dict[str, Any]
PLAIN: Answer = {"_message": "OK"}


def answer_to_build(kind: str, materialized: str, rows: int | None) -> Answer:
    """What dbt's adapter would have told of making a table or view with so many rows.

    Of rows that were added to a table nobody has counted those that an adapter tells.
    """
    return BUILDS.get((kind, materialized), _plain)(rows)


def answer_to_check(kind: str) -> Answer:
    """What dbt's adapter would have told of a test's query, whose answer is one row."""
    return dict(CHECKS.get(kind, PLAIN))


def _plain(_rows: int | None) -> Answer:
    return dict(PLAIN)


def _inserted(rows: int | None) -> Answer:
    return {"_message": f"INSERT {rows}", "code": "INSERT", "rows_affected": rows}


def _selected(rows: int | None) -> Answer:
    return dict(PLAIN) if rows is None else {"_message": f"SELECT {rows}", "code": "SELECT", "rows_affected": rows}


def _view(_rows: int | None) -> Answer:
    return {"_message": "CREATE VIEW", "code": "CREATE VIEW", "rows_affected": -1}


BUILDS: Mapping[tuple[str, str], Callable[[int | None], Answer]] = {
    ("duckdb", "seed"): _inserted, ("postgres", "seed"): _inserted, ("postgres", "view"): _view,
    ("postgres", "table"): _selected, ("postgres", "materialized_view"): _selected,
}  # fmt: skip
"""Kind of warehouse and materialisation -> the answer; dbt-duckdb says `OK` to everything but seeds."""

CHECKS: Mapping[str, Answer] = {"postgres": {"_message": "SELECT 1", "code": "SELECT", "rows_affected": 1}}
