"""Asks the checks of DuckDB in SQL written by hand, in one of three forms: by_hand.py FOLDER FORM."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import duckdb
from checks_subject import TABLE, Asked, asked, good, measured, repeated

Found = dict[str, Any]
Connection = duckdb.DuckDBPyConnection

LIKELY_FEW = ("status", "channel", "country", "currency", "postcode", "phone", "email")


def main(folder: Path, form: str) -> None:
    """Ask, and print what fails."""
    with duckdb.connect(folder / "warehouse.duckdb", read_only=True) as connection:
        connection.execute("set threads = 2")
        found = FORMS[form](connection)
    assert len(found) == len(asked()), set(found) ^ {each.name for each in asked()}
    print(json.dumps({name: int(count) for name, count in found.items() if count}))


def fused(connection: Connection) -> Found:
    """Everything in one query, as it comes."""
    return _ask(connection, {each.name: _failures(each) for each in asked()})


def by_column(connection: Connection) -> Found:
    """One query for each column, and one for what is about several."""
    found: Found = {}
    for column in {each.column: None for each in asked()}:
        found |= _ask(connection, {each.name: _failures(each) for each in asked() if each.column == column})
    return found


def best(connection: Connection) -> Found:
    """What somebody writes who knows DuckDB, and this table.

    Bounds and nulls from its statistics, texts by their different values, close keys by bits; the rest in one scan.
    """
    known = [each for each in asked() if each.kind in ("range", "not_null") and _has_bounds(connection, each)]
    found: Found = {each.name: 0 for each in known}
    left = [each for each in asked() if each.name not in found]
    for column in LIKELY_FEW:
        group = [each for each in left if each.column == column and good(each)]
        values = f"(select {column}, count(*) as times from {TABLE} group by {column})"
        terms = {each.name: f"sum(times) filter (where not ({good(each)}))" for each in group}
        found |= _ask(connection, terms, values)
    [[low, high, count]] = connection.execute(f"select min(id), max(id), count(id) from {TABLE}").fetchall()
    [[marked]] = connection.execute(f"select bit_count(bitstring_agg(id, {low}, {high})) from {TABLE}").fetchall()
    found |= {"unique_id": 0} if marked == count else {}
    return found | _ask(connection, {each.name: _failures(each) for each in left if each.name not in found})


def _has_bounds(connection: Connection, each: Asked) -> bool:
    """Whether minimum and maximum, or the number of values, show that no row fails."""
    if each.kind == "not_null":
        form = f"count({each.column}) = count(*)"
    elif each.column in LIKELY_FEW:
        return False
    else:
        form = f"min({each.column}) >= '{each.low}' and max({each.column}) <= '{each.high}'"
    return bool(connection.execute(f"select {form} from {TABLE}").fetchall()[0][0])


def _failures(each: Asked) -> str:
    if each.kind == "unique":
        return repeated(each.column)
    if form := measured(each):
        return f"case when {form} between {each.low} and {each.high} then 0 else 1 end"
    if each.kind == "not_null":
        return f"count(*) - count({each.column})"
    return f"count(*) filter (where not ({good(each)}))"


def _ask(connection: Connection, terms: dict[str, str], source: str = TABLE) -> Found:
    if not terms:
        return {}
    row = connection.execute(f"select {', '.join(terms.values())} from {source}").fetchall()[0]
    return dict(zip(terms, row, strict=True))


FORMS: dict[str, Callable[[Connection], Found]] = {"fused": fused, "by_column": by_column, "best": best}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
