"""What a query sees of its inputs: which rows count, and what of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from queries import TABLES
from said_cases import verify_said
from sqlglot import exp

from dryland.sql.analyse import understood
from dryland.sql.portion import Portion
from dryland.sql.portions import portions

FOLDER = Path(__file__).parents[1] / "cases" / "sql" / "portions"
CASE = re.compile(r"# (?P<title>.+)\n(?P<query>(?:.+\n)+?)=> (?P<said>.+)\n")
CASES = [(path, case) for path in sorted(FOLDER.glob("*.txt")) for case in CASE.finditer(path.read_text())]
KNOWN = {
    "relations": {table: f"model.{table}" for table in TABLES},
    "schemas": {f"model.{table}": names for table, names in TABLES.items()},
}


def seen(query: str, dialect: str = "duckdb") -> str:
    """All portions in words: `a, b of t where b > 1`; inputs that are not among them are seen as wholes."""
    found = portions(understood(query, dialect, **KNOWN))
    words = [_words(unique_id.removeprefix("model."), each) for unique_id, some in found.items() for each in some]
    return "; ".join(sorted(words)) or "all"


def _words(table: str, portion: Portion) -> str:
    columns = ", ".join(sorted(portion.columns)) or "rows"
    if portion.aggregates is not None:
        columns = ", ".join(f"{each.name}({each.column or '*'})" for each in sorted(portion.aggregates))
    conditions = [each.tree.sql() for each in portion.conditions]
    conditions += [f"{each.column} in {each.unique_id.removeprefix('model.')}.{each.other}" for each in portion.matches]
    return f"{columns} of {table}" + (f" where {' and '.join(sorted(conditions))}" if conditions else "")


@pytest.mark.parametrize(("path", "case"), [pytest.param(*each, id=each[1]["title"]) for each in CASES])
def test_what_is_seen(path: Path, case: re.Match[str]) -> None:
    verify_said(path, case, seen(case["query"]))


def test_every_case_of_the_files_is_read() -> None:
    titles = [line for path in FOLDER.glob("*.txt") for line in re.findall(r"^# .+", path.read_text(), re.MULTILINE)]
    assert len(CASES) == len(titles) == len(set(titles)) >= 50


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("select a from t where b > 1 and c like 'x%'", "a of t where b > 1 and c LIKE 'x%'"),
        ("select max(a) as a from t where c is not null", "max(a) of t where c IS NOT NULL"),
        ("select count(*) from t where b in (1, 2)", "count(*) of t where b IN (1, 2)"),
        ("select my_own(a) as a from t where b > 1", "a of t where b > 1"),
        ("select sum(a) as s from t where my_own(b) > 1", "a, b of t"),
        ("select a from t where b > (select max(d) from u)", "a, b of t; max(d) of u"),
        ("select (q).a from (select t from t) as q", "all"),
    ],
)
def test_postgresql_has_words_of_its_own(query: str, words: str) -> None:
    assert seen(query, "postgres") == words


def test_a_column_is_called_as_the_database_calls_it() -> None:
    """Where capitals count; those that nothing else tells apart are all seen."""
    known = {"relations": {"t": "model.t"}, "schemas": {"model.t": ["Id", "id", "n"]}}
    query = 'select "Id" as one from t where id > 1 and n > 2'
    (portion,) = portions(understood(query, "postgres", **known))["model.t"]
    assert portion.columns == {"Id", "id"}
    assert {each.name for part in portion.conditions for each in part.tree.find_all(exp.Column)} == {"id", "n"}
