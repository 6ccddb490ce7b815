"""Which parts of a query changed, for changes that people make."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from queries import TABLES

from dryland.sql.analyse import analyse
from dryland.sql.difference import changed_parts

PAIRS = Path(__file__).parents[1] / "cases" / "sql" / "pairs.txt"
CASE = re.compile(r"# (?P<title>.+)\n(?P<before>(?:.+\n)+?)---\n(?P<after>(?:.+\n)+?)=> (?P<verdict>.+)\n")


def verdict(before: str, after: str) -> str:
    """`same`, or what differs: `rows`, `order`, altered columns, `+added`, `-removed`."""
    schemas = {f"model.{table}": names for table, names in TABLES.items()}
    relations = {table: f"model.{table}" for table in TABLES}
    old, new = (analyse(sql, "duckdb", relations=relations, schemas=schemas) for sql in (before, after))
    if old.columns is None or new.columns is None:
        return f"opaque: {old.reason or new.reason}"
    parts = changed_parts(old, new)
    words = ["rows"] * parts.rows_altered + ["order"] * parts.order_changed + list(parts.altered)
    words += [f"+{name}" for name in parts.added] + [f"-{name}" for name in parts.removed]
    return " ".join(words) or "same"


CASES = list(CASE.finditer(PAIRS.read_text()))


def test_every_pair_of_the_file_is_read() -> None:
    assert len(CASES) == len(re.findall(r"^# ", PAIRS.read_text(), re.MULTILINE)) > 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_what_changed(case: re.Match[str]) -> None:
    said = verdict(case["before"], case["after"])
    if os.environ.get("UPDATE_CASES"):
        PAIRS.write_text(PAIRS.read_text().replace(case[0], case[0].replace(f"=> {case['verdict']}", f"=> {said}")))
        return
    assert said == case["verdict"]
