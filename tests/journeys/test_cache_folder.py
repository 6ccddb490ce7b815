"""What verbs leave in the cache folder is known as ours, so that it can make way when nobody asks for it any more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dryland.project import tidying

UNIT_TEST = """
unit_tests:
  - name: totals
    model: orders_total
    given: [{input: ref('stg_orders'), rows: [{id: 1, amount: 2}, {id: 2, amount: 3}]}]
    expect: {rows: [{total: 5}]}
"""
ENDINGS = {
    "project",
    "drafts",
    "templates",
    "meanings",
    "unit_tests",
    "manifest",
    "edits",
    "checks",
    "plan",
    "verdicts",
}


def test_all_that_verbs_keep_is_ours(branches: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("DRYLAND_CACHE", str(cache))
    branches.write("models/units.yml", UNIT_TEST)
    verbs = (["ls"], ["apply", "--yes"], ["check"], ["test"], ["plan"], ["ls", "--vars", "{a: b}"])
    for words in verbs:
        branches.dryland(*words)
    branches.write("models/orders_total.sql", "select sum(amount) + 0 as total from {{ ref('stg_orders') }}")
    branches.dryland("apply", "--yes")
    names = [each.name for each in cache.iterdir()]
    assert {name.rpartition(".")[2] for name in names} == ENDINGS
    assert [name for name in names if not tidying.OURS.fullmatch(name)] == []
