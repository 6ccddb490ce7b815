"""Asks the checks of Soda Core 4, as one contract. Run by the Python of its own environment: soda.py FOLDER."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["SODA_CORE_TELEMETRY_ENABLED"] = "false"

from checks_subject import COLUMNS, TABLE, Asked, asked, good, measured
from soda_core.contracts.api import verify_contract_locally

NOTHING = {"threshold": {"must_be": 0}}


def main(folder: Path) -> None:
    """Write the contract, verify it, and print what it said."""
    (folder / "source.yml").write_text(
        json.dumps({"type": "duckdb", "name": "w", "connection": {"database": "warehouse.duckdb", "read_only": True}})
    )
    (folder / "contract.yml").write_text(json.dumps(_contract()))
    os.chdir(folder)
    session = verify_contract_locally(data_source_file_path="source.yml", contract_file_path="contract.yml")
    results = session.contract_verification_results[0].check_results
    assert len(results) == len(asked()), (len(results), session.get_errors_str())
    failed = {each.check.name: _count(each) for each in results if each.is_failed}
    print(json.dumps(failed))


def _contract() -> dict[str, Any]:
    of_table, of_columns = [], {name: [] for name in COLUMNS}
    for each in asked():
        where = of_columns[each.column] if each.column and each.kind != "deviation" else of_table
        where.append(_check(each))
    columns = [{"name": name, "checks": checks} for name, checks in of_columns.items()]
    return {"dataset": f"w/main/{TABLE}", "columns": columns, "checks": of_table}


def _check(each: Asked) -> dict[str, Any]:
    named = {"name": each.name, "qualifier": each.name}
    between = {"must_be_between": {"greater_than_or_equal": each.low, "less_than_or_equal": each.high}}
    match each.kind:
        case "not_null":
            return {"missing": {**named, **NOTHING}}
        case "nulls":
            share = {"metric": "percent", "must_be_less_than_or_equal": each.high * 100}
            return {"missing": {**named, "threshold": share}}
        case "unique":
            return {"duplicate": {**named, **NOTHING}}
        case "range" if not isinstance(each.low, str):  # it takes numbers only
            return {"invalid": {**named, "valid_min": each.low, "valid_max": each.high, **NOTHING}}
        case "length":
            return {"invalid": {**named, "valid_min_length": each.low, "valid_max_length": each.high, **NOTHING}}
        case "accepted":
            return {"invalid": {**named, "valid_values": list(each.values), **NOTHING}}
        case "forbidden":
            return {"invalid": {**named, "invalid_values": list(each.values), **NOTHING}}
        case "regex":
            return {"invalid": {**named, "valid_format": {"regex": each.text, "name": each.name}, **NOTHING}}
        case "mean" | "sum":
            function = "avg" if each.kind == "mean" else "sum"
            return {"aggregate": {**named, "function": function, "threshold": between}}
        case "rows":
            return {"row_count": {**named, "threshold": between}}
        case "deviation":
            return {"metric": {**named, "expression": measured(each), "threshold": between}}
    return {"failed_rows": {**named, "expression": f"not ({good(each)})", **NOTHING}}


def _count(result: Any) -> int | None:
    return next((int(value) for name, value in result.diagnostic_metric_values.items() if name in COUNTS), None)


COUNTS = ("invalid_count", "missing_count", "duplicate_count", "failed_rows_count")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
