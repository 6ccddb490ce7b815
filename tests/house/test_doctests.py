"""The examples in docstrings are true."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
SHOWN = sorted(path for path in SOURCE.rglob("*.py") if ">>> " in path.read_text())
TAKES_SQL = {"analyse", "cte_reference", "retarget", "single_source", "substitute", "volatile"}


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: str(path.relative_to(SOURCE)))
def test_examples(path: Path) -> None:
    name = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
    result = doctest.testmod(importlib.import_module(name))
    assert (result.failed, result.attempted > 0) == (0, True)


def test_where_sql_goes_in_or_out_an_example_stands() -> None:
    assert {path.stem for path in SHOWN if path.parent.name == "sql"} >= TAKES_SQL
