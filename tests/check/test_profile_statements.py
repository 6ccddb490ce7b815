"""What a session made itself it need not count before it is profiled; what is large is looked up as before."""

from __future__ import annotations

from pathlib import Path

import pytest
from checking import STORE, Listening

from dryland.check.scanning.known import ROWS_FEW
from dryland.check.scanning.scan import ScanRequest, scan
from dryland.engines.registry import Address, open_engine
from dryland.engines.relation import Relation
from dryland.state.records import Profile


def profiled(root: Path, query: str, *, forgets: bool = False) -> tuple[Profile | None, list[str]]:
    """The profile of a table made of a query, and what was asked for it; `forgets`: by another session."""
    engine = open_engine("duckdb", Address({"type": "duckdb", "path": "w.duckdb"}, "w", root, STORE))
    relation = Relation(engine.database, STORE, "made")
    try:
        with engine.session() as maker, engine.session() as other:
            maker.create_table_as(relation, query)
            listening = Listening(other if forgets else maker)
            columns = maker.columns([relation])[relation]
            return scan(listening, ScanRequest(relation, columns, is_stored=True), "duckdb").profile, listening.asked
    finally:
        engine.close()


def test_a_small_table_is_profiled_in_one_statement_by_whoever_made_it(tmp_path: Path) -> None:
    query = "select range as id, 'a' || range as name, date '2024-01-01' as day, [range] as list from range(10)"
    found, asked = profiled(tmp_path, query)
    assert len(asked) == 1
    counted, asked_twice = profiled(tmp_path, query, forgets=True)
    assert len(asked_twice) == 2
    assert found == counted
    assert found is not None and found.rows == 10 and found.columns["id"]["max"] == 9


@pytest.mark.parametrize("forgets", [False, True])
def test_a_large_table_is_looked_up_by_everybody(tmp_path: Path, *, forgets: bool) -> None:
    found, asked = profiled(tmp_path, f"select range as id from range({ROWS_FEW + 1})", forgets=forgets)
    assert asked[0].startswith("SELECT COUNT(*) FROM") and len(asked) > 2
    assert found is not None and found.rows == ROWS_FEW + 1
