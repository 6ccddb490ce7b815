"""Composes what checks ask outside the shared scan: how many fail, dbt's failing rows, and the rows to show."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from dryland.asking import Located, rendered_over
from dryland.check.dialects import WORDS
from dryland.check.kinds.catalogue import is_fused
from dryland.check.measures import looked_at, offending_rows
from dryland.check.request import CheckRequest
from dryland.check.scanning.scan import table_of
from dryland.check.term import Asked, Term
from dryland.check.terms import term_of
from dryland.check.writing import render_sql
from dryland.engines.relation import Relation
from dryland.plan.compose import inlined
from dryland.project.engine_asked import EngineAsked
from dryland.project.nodes import Check, Rendered
from dryland.sql.substitute import statement, substitute, with_ctes

PLACE_MARK = "\0"  # stands in no query


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
    return render_sql(found.failing or found.sample, request.dialect) + limit


def shown_rows_query(check: Check, request: CheckRequest, rows_max: int) -> str:
    """Some of the rows that offend as people want to see them: whole, where there are whole ones."""
    if check.rendered is not None:
        return f"SELECT * FROM (\n{_of_few_rows(check, request, rows_max)}\n) AS offending LIMIT {rows_max}"
    found = term_of(check, request)
    query = exp.select("*").from_(found.sample.subquery("offending")).limit(rows_max)
    if found.offending is not None and _has_places(check.node, request):
        table = table_of(request.relations[check.node], request.alias(check.node))
        query = _by_place(found.offending, table, request.dialect, rows_max)
    return render_sql(query, request.dialect)


def _has_places(node: str, request: CheckRequest) -> bool:
    """Whether the warehouse knows rows of a table by their place, under a name that no column has."""
    place = WORDS[request.dialect].row_place
    names = {column.name.lower() for column in request.columns.get(node, ())}
    found = request.project.nodes.get(node)
    is_file = found is not None and found.materialized == "external"
    return bool(place) and node in request.stored and not is_file and bool(names) and place not in names


def _by_place(offending: exp.Expr, table: exp.Table, dialect: str, rows_max: int) -> exp.Select:
    """First where they are, then what they hold: of a wide table only the columns of the condition are read."""
    place = exp.column(WORDS[dialect].row_place)
    there = exp.select(place).from_(table.copy()).where(offending.copy()).limit(rows_max)
    return exp.select("*").from_(table).where(place.copy().isin(query=there))


def rows_query(check: Check, request: CheckRequest) -> str:
    """A query for the number of rows that a check looks at."""
    table = table_of(request.relations[check.node], request.alias(check.node))
    asked = Asked(check, table, request.dialect, check.arguments if check.rendered is None else {})
    return render_sql(exp.select(exp.Count(this=exp.Star())).from_(table).where(*asked.conditions), request.dialect)


def _counted(term: Term, check: Check, request: CheckRequest) -> str:
    """What the scan would have asked, by itself."""
    assert term.failures is not None, f"{check.kind} counts nothing"
    failures = term.failures
    if check.limit is not None:
        failures = exp.Least(this=failures, expressions=[exp.Literal.number(check.limit)])
    if isinstance(term.failures, exp.Subquery):  # it reads what it needs itself
        return render_sql(exp.select(failures.as_("failures")), request.dialect)
    table = table_of(request.relations[check.node], request.alias(check.node))
    return render_sql(exp.select(failures.as_("failures")).from_(table), request.dialect)


def _of_few_rows(check: Check, request: CheckRequest, rows_max: int) -> str:
    """The query of a macro or a file, asked of no more rows that offend than are shown, where it picks rows."""
    node = looked_at(check)
    condition = offending_rows(check, request) if _has_places(node, request) else None
    sql, names = _apart(check, request)
    places = [text for text, unique_id in names.items() if unique_id == node]
    table = request.relations[node].name if node in request.relations else ""
    if condition is None or len(places) != 1 or not _is_named_once(sql, places[0], table):
        return _written(check, request)
    few = _by_place(condition, table_of(request.relations[node]), request.dialect, rows_max)
    called = exp.to_identifier(table, quoted=True).sql(dialect=request.dialect)
    over = substitute(sql, {**_rendered(names, request), places[0]: called})
    return with_ctes(over, [(called, render_sql(few, request.dialect))], request.dialect)


def _is_named_once(sql: str, place: str, table: str) -> bool:
    """Whether a query reads a table in one place only: what it reads elsewhere must be all of the table."""
    apart = substitute(sql, {place: PLACE_MARK})
    return apart.count(PLACE_MARK) == 1 and table.lower() not in apart.lower()


def _written(check: Check, request: CheckRequest) -> str:
    """The query of a macro or a file, over the relations to look at."""
    sql, names = _apart(check, request)
    return substitute(sql, _rendered(names, request))


def _apart(check: Check, request: CheckRequest) -> tuple[str, Mapping[str, str]]:
    """The query of a macro or a file, and what it reads by the names in it."""
    assert check.rendered is not None

    def again(each: Rendered) -> Rendered:
        if not each.needs_warehouse:
            return each
        return rendered_over(
            request.project, each, Located.of(request.project, EngineAsked(request.engine), request.places)
        )

    sql, texts = inlined(again(check.rendered), request.project, request.dialect, again=again)
    return statement(sql, request.dialect), texts


def _rendered(names: Mapping[str, str], request: CheckRequest) -> dict[str, str]:
    return {text: request.engine.render(_place(unique_id, request)) for text, unique_id in names.items()}


def _place(unique_id: str, request: CheckRequest) -> Relation:
    found = request.place(unique_id)
    if found is not None:
        return found
    source = request.project.sources[unique_id]
    return request.place(source.seed) or source.relation
