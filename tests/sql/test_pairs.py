"""Which parts of a query changed, for changes that people make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from queries import TABLES
from said_cases import verify_said

from dryland.sql.analyse import analyse
from dryland.sql.difference import changed_parts

FOLDER = Path(__file__).parents[1] / "cases" / "sql"
CASE = re.compile(r"# (?P<title>.+)\n(?P<before>(?:.+\n)+?)---\n(?P<after>(?:.+\n)+?)=> (?P<said>.+)\n")
CASES = [(path, case) for path in sorted(FOLDER.glob("*.txt")) for case in CASE.finditer(path.read_text())]


def verdict(before: str, after: str) -> str:
    """`same`; or `rows`, `order`, altered columns, `+added`, `-removed`; `opaque` when it counts as a whole."""
    schemas = {f"model.{table}": names for table, names in TABLES.items()}
    relations = {table: f"model.{table}" for table in TABLES}
    old, new = (analyse(sql, "duckdb", relations=relations, schemas=schemas) for sql in (before, after))
    parts = changed_parts(old, new)
    words = ["rows"] * parts.rows_altered + ["order"] * parts.order_changed + list(parts.altered)
    words += [f"+{name}" for name in parts.added] + [f"-{name}" for name in parts.removed]
    if old.columns is None or new.columns is None:
        return f"opaque, {'another' if parts else 'same'}: {old.reason or new.reason}"
    return " ".join(words) or "same"


@pytest.mark.parametrize(("path", "case"), [pytest.param(*each, id=each[1]["title"]) for each in CASES])
def test_what_changed(path: Path, case: re.Match[str]) -> None:
    verify_said(path, case, verdict(case["before"], case["after"]))


def test_every_pair_of_the_files_is_read() -> None:
    titles = [line for path in FOLDER.glob("*.txt") for line in re.findall(r"^# .+", path.read_text(), re.MULTILINE)]
    assert len(CASES) == len(titles) == len(set(titles)) >= 70
