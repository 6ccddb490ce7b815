"""Composes what checks ask outside the shared scan: how many fail, dbt's failing rows, and the rows to show."""

from __future__ import annotations

from functools import partial

from sqlglot import exp

from dryland.asking import Located, rendered_over
from dryland.check.kinds import catalogue
from dryland.check.request import CheckRequest
from dryland.check.scan import table_of
from dryland.check.term import Term, condition
from dryland.plan.compose import inlined
from dryland.project.engine_asked import EngineAsked
from dryland.project.nodes import Check
from dryland.sql.substitute import statement, substitute


def count_query(check: Check, request: CheckRequest) -> str:
    """A query for the number of failures, by dbt's `fail_calc` and `limit`."""
    return f"SELECT {check.fail_calc} AS failures FROM (\n{failing_rows_query(check, request)}\n) AS dbt_internal_test"


def failing_rows_query(check: Check, request: CheckRequest) -> str:
    """dbt's failing rows within `limit`, their columns named as dbt names them."""
    limit = f"\nLIMIT {check.limit}" if check.limit is not None else ""
    if check.rendered is not None:
        return _written(check, request) + limit
    if check.kind == "relationships":
        names = exp.column(check.column, quoted=True).as_("from_field")
        return _orphans(check, request, names).sql(dialect=request.dialect) + limit
    found = _term(check, request)
    return (found.failing or found.sample).sql(dialect=request.dialect) + limit


def shown_rows_query(check: Check, request: CheckRequest) -> str:
    """The rows that offend as people want to see them: whole, where there are whole ones."""
    if check.rendered is not None:
        return _written(check, request)
    if check.kind == "relationships":
        return _orphans(check, request, exp.Star()).sql(dialect=request.dialect)
    return _term(check, request).sample.sql(dialect=request.dialect)


def _term(check: Check, request: CheckRequest) -> Term:
    return catalogue.KINDS[check.kind](check, _table(check.node, request), request.dialect)


def _table(unique_id: str, request: CheckRequest) -> exp.Table:
    return table_of(request.relations[unique_id], request.alias(unique_id))


def _written(check: Check, request: CheckRequest) -> str:
    """The query of a macro or a file, over the relations to look at."""
    assert check.rendered is not None
    warehouse = Located.of(request.project, EngineAsked(request.engine), request.places)
    again = partial(rendered_over, request.project, warehouse=warehouse)
    sql, texts = inlined(again(check.rendered), request.project, request.dialect, again=again)
    places = {**{uid: source.relation for uid, source in request.project.sources.items()}, **request.places}
    names = {text: request.engine.render(places[unique_id]) for text, unique_id in texts.items()}
    return substitute(statement(sql, request.dialect), names)


def _orphans(check: Check, request: CheckRequest, shown: exp.Expr) -> exp.Query:
    """Rows of the child whose value the parent does not have; nulls refer to nothing."""
    theirs = exp.column(str(check.arguments["field"]), quoted=True)
    parent = table_of(request.relations[str(check.arguments["to"])])
    there = exp.select(theirs).from_(parent).where(theirs.copy().is_(exp.null()).not_())
    value = exp.column(check.column, quoted=True)
    orphan = value.copy().isin(query=there).not_()
    present = value.is_(exp.null()).not_()
    conditions = (present, orphan, *condition(check, request.dialect))
    return exp.select(shown).from_(_table(check.node, request)).where(*conditions)
