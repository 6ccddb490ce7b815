"""Runs what templates ask of the warehouse: `run_query`, `statement`, and the results that they keep by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dryland.errors import TemplateError
from dryland.project.jinja.answers import Table
from dryland.project.jinja.relation_parts import own_kind
from dryland.project.jinja.state import NeedsWarehouseError, State, Warehouse, called, current

MAIN = "main"  # the result that says what a materialisation did; it may be read more than once


@dataclass(frozen=True)
class Response:
    """What the warehouse said of a statement, beside its rows."""

    message: str = "OK"
    code: str | None = None
    rows_affected: int | None = None
    query_id: str | None = None

    def __str__(self) -> str:
        return self.message


def _plain(_rows: int) -> Response:
    return Response()


def _selected(rows: int) -> Response:
    return Response(f"SELECT {rows}", "SELECT", rows)


ANSWERS: Mapping[str, Callable[[int], Response]] = {"postgres": _selected}
"""Kind of warehouse -> what dbt's adapter for it says of a query with so many rows; the others just `OK`."""


def statement_functions() -> Mapping[str, Callable[..., Any]]:
    """The part of the context that runs SQL and keeps what came of it."""
    return {
        "run_query": run_query,
        "statement": statement,
        "noop_statement": noop_statement,
        "load_result": load_result,
        "store_result": store_result,
        "store_raw_result": store_raw_result,
    }


def run_query(sql: Any) -> Table | None:
    """Ask the warehouse; None in the parsing pass, as in dbt."""
    called("macro.dbt.run_query")
    if not executes(current()):
        return None
    return Table(*warehouse().run_query(str(sql)))


def execute(sql: Any, auto_begin: bool = False, fetch: bool = False, limit: int | None = None) -> tuple[Any, Table]:
    """Run SQL: what the warehouse said, and the rows if they are wanted."""
    if not executes(current()):
        return Response(""), Table()
    if not fetch:
        warehouse().execute(str(sql))
        return Response(), Table()
    table = Table(*warehouse().run_query(str(sql)))
    response = ANSWERS.get(own_kind(), _plain)(len(table.rows))
    return response, table.limit(limit) if limit else table


def statement(
    name: str | None = None,
    fetch_result: bool = False,
    auto_begin: bool = True,
    language: str = "sql",
    caller: Any = None,
) -> str:
    """`{% call statement('name', fetch_result=True) %} ... {% endcall %}`; `load_result('name')` has the answer."""
    called("macro.dbt.statement")
    if not executes(current()):
        return ""
    if language != "sql":
        raise TemplateError(f"`statement` runs SQL here, not {language}.", hint="make it a Python model.")
    response, table = execute(caller() if caller else "", fetch=fetch_result)
    return store_result(name, response, table) if name is not None else ""


def noop_statement(
    name: str | None = None,
    message: str | None = None,
    code: str | None = None,
    rows_affected: int | None = None,
    res: Table | None = None,
    caller: Any = None,
) -> str:
    """Keep a result under a name without running anything."""
    if caller:
        caller()
    return store_raw_result(name, message, code, rows_affected, res) if name is not None else ""


def store_result(name: str, response: Any, agate_table: Table | None = None) -> str:
    """Keep a result under a name."""
    table = agate_table if agate_table is not None else Table()
    data = [row.values() for row in table.rows]
    current().results[name] = {"response": response, "data": data, "table": table}
    return ""


def store_raw_result(
    name: str,
    message: str | None = None,
    code: str | None = None,
    rows_affected: int | None = None,
    agate_table: Table | None = None,
) -> str:
    """Keep a result under a name, with what is to be said of it."""
    return store_result(name, Response(message or "", code, rows_affected), agate_table)


def load_result(name: str) -> dict[str, Any] | None:
    """The result that was kept under a name, once; None when there is none."""
    results = current().results
    if name == MAIN or name not in results:
        return results.get(name)
    if results[name] is None:
        raise TemplateError(
            f"the result `{name}` was loaded already.", hint="keep it: {% set found = load_result(...) %}."
        )
    found: dict[str, Any] = results[name]
    results[name] = None
    return found


def executes(state: State) -> bool:
    """Whether questions are asked now; if not, a pass will follow in which they are."""
    state.looked_closer = True
    return state.execute


def warehouse() -> Warehouse:
    """Whom to ask.

    Raises:
        NeedsWarehouseError: there is nobody yet.
    """
    found = current().warehouse
    if found is None:
        raise NeedsWarehouseError
    return found
