"""Asks the checks of Great Expectations 1.x, as one suite of a SQL data source: expectations.py FOLDER."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["GX_ANALYTICS_ENABLED"] = "false"
warnings.simplefilter("ignore")

import great_expectations as gx  # noqa: E402
from checks_subject import TABLE, Asked, asked, good  # noqa: E402
from great_expectations import expectations as gxe  # noqa: E402
from great_expectations.execution_engine import sqlalchemy_execution_engine as engine  # noqa: E402


class _DuckDB(str):
    """A dialect of which a connection is kept: DuckDB forgets an answer when it is given back before it was read."""

    __slots__ = ()
    value = "duckdb"


engine._PERSISTED_CONNECTION_DIALECTS = (*engine._PERSISTED_CONNECTION_DIALECTS, _DuckDB("duckdb"))


def main(folder: Path) -> None:
    """Make the suite, validate it, and print what it said."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_sql(
        "w", connection_string=f"duckdb:///{folder / 'warehouse.duckdb'}", create_temp_table=False
    )
    batch = source.add_table_asset("orders", table_name=TABLE).add_batch_definition_whole_table("all").get_batch()
    suite = gx.ExpectationSuite("checks", expectations=list(_expectations()))
    results = batch.validate(suite, result_format="BASIC").results
    assert len(results) == len(asked()), len(results)
    for each in results:
        assert "'raised_exception': True" not in str(each.exception_info), each.exception_info
    failed = {each.expectation_config.meta["name"]: _count(each.result) for each in results if not each.success}
    print(json.dumps(failed))


def _expectations() -> Iterator[Any]:
    for each in asked():
        expectation = _expectation(each)
        expectation.meta = {"name": each.name}
        yield expectation


def _expectation(each: Asked) -> Any:
    bounds = {"min_value": each.low, "max_value": each.high}
    match each.kind:
        case "not_null":
            return gxe.ExpectColumnValuesToNotBeNull(column=each.column)
        case "nulls":
            return gxe.ExpectColumnValuesToNotBeNull(column=each.column, mostly=1 - each.high)
        case "unique":
            return gxe.ExpectColumnValuesToBeUnique(column=each.column)
        case "range":
            return gxe.ExpectColumnValuesToBeBetween(column=each.column, **bounds)
        case "length":
            return gxe.ExpectColumnValueLengthsToBeBetween(column=each.column, **bounds)
        case "accepted":
            return gxe.ExpectColumnValuesToBeInSet(column=each.column, value_set=list(each.values))
        case "forbidden":
            return gxe.ExpectColumnValuesToNotBeInSet(column=each.column, value_set=list(each.values))
        case "mean":
            return gxe.ExpectColumnMeanToBeBetween(column=each.column, **bounds)
        case "sum":
            return gxe.ExpectColumnSumToBeBetween(column=each.column, **bounds)
        case "deviation":
            return gxe.ExpectColumnStdevToBeBetween(column=each.column, **bounds)
        case "rows":
            return gxe.ExpectTableRowCountToBeBetween(**bounds)
    # Patterns too: it has none for DuckDB.
    braced = good(each).replace("{", "{{").replace("}", "}}")
    return gxe.UnexpectedRowsExpectation(unexpected_rows_query=f"SELECT * FROM {{batch}} WHERE NOT ({braced})")


def _count(result: dict[str, Any]) -> int | None:
    value = result.get("unexpected_count", result.get("observed_value"))
    return int(value) if isinstance(value, int) else None


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
