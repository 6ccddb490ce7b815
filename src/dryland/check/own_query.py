"""Composes what checks ask outside the shared scan: how many fail, dbt's failing rows, and the rows to show."""

from __future__ import annotations

from functools import partial

from sqlglot import exp

from dryland.asking import Located, rendered_over
from dryland.check.dialects import WORDS
from dryland.check.kinds.catalogue import is_fused
from dryland.check.request import CheckRequest
from dryland.check.scanning.scan import table_of
from dryland.check.term import Asked, Term
from dryland.check.terms import term_of
from dryland.plan.compose import inlined
from dryland.project.engine_asked import EngineAsked
from dryland.project.nodes import Check
from dryland.sql.substitute import statement, substitute


def count_query(check: Check, request: CheckRequest) -> str:
    """A query for the number of failures, by dbt's `fail_calc` and `limit`."""
    if is_fused(check):
        found = term_of(check, request)
        if found.offending is None:
            return _counted(found, check, request)
    return f"SELECT {check.fail_calc} AS failures FROM (\n{failing_rows_query(check, request)}\n) AS dbt_internal_test"


def failing_rows_query(check: Check, request: CheckRequest) -> str:
    """dbt's failing rows within `limit`, their columns named as dbt names them."""
    limit = f"\nLIMIT {check.limit}" if check.limit is not None else ""
    if check.rendered is not None:
        return _written(check, request) + limit
    found = term_of(check, request)
    return (found.failing or found.sample).sql(dialect=request.dialect) + limit


def shown_rows_query(check: Check, request: CheckRequest, rows_max: int) -> str:
    """Some of the rows that offend as people want to see them: whole, where there are whole ones."""
    if check.rendered is not None:
        return f"SELECT * FROM (\n{_written(check, request)}\n) AS offending LIMIT {rows_max}"
    found = term_of(check, request)
    query = exp.select("*").from_(found.sample.subquery("offending")).limit(rows_max)
    if found.offending is not None and _has_places(check.node, request):
        table = table_of(request.relations[check.node], request.alias(check.node))
        query = _by_place(found.offending, table, request, rows_max)
    return query.sql(dialect=request.dialect)


def _has_places(node: str, request: CheckRequest) -> bool:
    """Whether the warehouse knows rows of a table by their place, under a name that no column has."""
    place = WORDS[request.dialect].row_place
    names = {column.name.lower() for column in request.columns.get(node, ())}
    found = request.project.nodes.get(node)
    is_file = found is not None and found.materialized == "external"
    return bool(place) and node in request.stored and not is_file and bool(names) and place not in names


def _by_place(offending: exp.Expr, table: exp.Table, request: CheckRequest, rows_max: int) -> exp.Select:
    """First where they are, then what they hold: of a wide table only the columns of the condition are read."""
    place = exp.column(WORDS[request.dialect].row_place)
    there = exp.select(place).from_(table.copy()).where(offending.copy()).limit(rows_max)
    return exp.select("*").from_(table).where(place.copy().isin(query=there))


def rows_query(check: Check, request: CheckRequest) -> str:
    """A query for the number of rows that a check looks at."""
    table = table_of(request.relations[check.node], request.alias(check.node))
    asked = Asked(check, table, request.dialect, check.arguments if check.rendered is None else {})
    return exp.select(exp.Count(this=exp.Star())).from_(table).where(*asked.conditions).sql(dialect=request.dialect)


def _counted(term: Term, check: Check, request: CheckRequest) -> str:
    """What the scan would have asked, by itself."""
    assert term.failures is not None, f"{check.kind} counts nothing"
    failures = term.failures
    if check.limit is not None:
        failures = exp.Least(this=failures, expressions=[exp.Literal.number(check.limit)])
    if isinstance(term.failures, exp.Subquery):  # it reads what it needs itself
        return exp.select(failures.as_("failures")).sql(dialect=request.dialect)
    table = table_of(request.relations[check.node], request.alias(check.node))
    return exp.select(failures.as_("failures")).from_(table).sql(dialect=request.dialect)


def _written(check: Check, request: CheckRequest) -> str:
    """The query of a macro or a file, over the relations to look at."""
    assert check.rendered is not None
    warehouse = Located.of(request.project, EngineAsked(request.engine), request.places)
    again = partial(rendered_over, request.project, warehouse=warehouse)
    sql, texts = inlined(again(check.rendered), request.project, request.dialect, again=again)
    sources = request.project.sources.items()
    places = {**{uid: request.places.get(source.seed, source.relation) for uid, source in sources}, **request.places}
    names = {text: request.engine.render(places[unique_id]) for text, unique_id in texts.items()}
    return substitute(statement(sql, request.dialect), names)
