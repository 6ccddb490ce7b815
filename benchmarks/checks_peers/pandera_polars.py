"""Asks the checks of Pandera, over polars that read the Parquet file: pandera_polars.py FOLDER."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pandera.polars as pa
import polars as pl
from checks_subject import COLUMNS, NULLABLE, Asked, asked

ROWS = ("range", "length", "accepted", "forbidden", "regex")


def main(folder: Path) -> None:
    """Make the schema, validate with it, and print what it said."""
    table = pl.read_parquet(folder / "orders.parquet")
    failed: dict[str, int | None] = {}
    try:
        _schema(table).validate(table, lazy=True)
    except pa.errors.SchemaErrors as problems:
        for each in problems.schema_errors:
            failed[_name(each)] = _count(each)
    print(json.dumps(failed))


def _schema(table: pl.DataFrame) -> Any:
    checks = asked()
    columns = {
        name: pa.Column(
            table.schema[name], nullable=name in NULLABLE,
            unique=any(each.kind == "unique" and each.column == name for each in checks),
            checks=[_of_column(each) for each in checks if each.column == name and each.kind in ROWS],
        )
        for name in COLUMNS
    }  # fmt: skip
    return pa.DataFrameSchema(columns, checks=[_of_table(each) for each in checks if _of(each) is not None])


def _of_column(each: Asked) -> Any:
    low, high = (pl.select(pl.lit(bound).str.to_datetime()).item() if isinstance(bound, str) and " " in bound
                 else pl.select(pl.lit(bound).str.to_date()).item() if isinstance(bound, str) else bound
                 for bound in (each.low, each.high))  # fmt: skip
    made = {
        "range": lambda: pa.Check.in_range(low, high, name=each.name),
        "length": lambda: pa.Check.str_length(low, high, name=each.name),
        "accepted": lambda: pa.Check.isin(list(each.values), name=each.name),
        "forbidden": lambda: pa.Check.notin(list(each.values), name=each.name),
        "regex": lambda: pa.Check.str_matches(each.text, name=each.name),
    }
    return made[each.kind]()


def _of(each: Asked) -> Callable[[], pl.Expr] | None:
    column = pl.col(each.column) if each.column else pl.lit(0)
    return {
        "mean": lambda: column.mean().is_between(each.low, each.high),
        "sum": lambda: column.sum().is_between(each.low, each.high),
        "deviation": lambda: column.std().is_between(each.low, each.high),
        "nulls": lambda: column.null_count() / pl.len() <= each.high,
        "rows": lambda: pl.len().is_between(each.low, each.high),
        "expression": lambda: pl.sql_expr(each.text).fill_null(True),
    }.get(each.kind)


def _of_table(each: Asked) -> Any:
    form = _of(each)
    assert form is not None
    return pa.Check(lambda data: data.lazyframe.select(form()), name=each.name, error=each.name)


def _name(problem: Any) -> str:
    return str(getattr(problem.check, "name", None) or problem.check)


def _count(problem: Any) -> int | None:
    cases = problem.failure_cases
    return len(cases) if isinstance(cases, pl.DataFrame) else None


if __name__ == "__main__":
    main(Path(sys.argv[1]))
