"""Composes checks that need a query of their own: relationships, macros of the project, singular tests."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from dryland.check.scan import table_of
from dryland.check.term import condition
from dryland.engines.protocol import Engine
from dryland.engines.relation import Relation
from dryland.plan.compose import inlined
from dryland.project.nodes import Check, Project
from dryland.sql.substitute import statement, substitute


def own_query(check: Check, project: Project, engine: Engine, relations: Mapping[str, Relation]) -> str:
    """A query for the number of failures, by dbt's `fail_calc` and `limit`."""
    failing = failing_rows_query(check, project, engine, relations)
    limit = f"\nLIMIT {int(check.limit)}" if check.limit is not None else ""
    return f"SELECT {check.fail_calc} AS failures FROM (\n{failing}{limit}\n) AS dbt_internal_test"


def failing_rows_query(check: Check, project: Project, engine: Engine, relations: Mapping[str, Relation]) -> str:
    """A query for the rows that offend."""
    if check.rendered is None:
        return _orphans(check, engine.dialect, relations)
    sql, texts = inlined(check.rendered, project, engine.dialect)
    names = {text: engine.render(relations[unique_id]) for text, unique_id in texts.items()}
    return substitute(statement(sql, engine.dialect), names)


def _orphans(check: Check, dialect: str, relations: Mapping[str, Relation]) -> str:
    """Rows of the child whose value the parent does not have; nulls refer to nothing."""
    assert check.kind == "relationships", f"{check.unique_id} has no query"
    parent = table_of(relations[str(check.arguments["to"])])
    theirs = exp.column(str(check.arguments["field"]), quoted=True)
    value = exp.column(check.column, quoted=True)
    there = exp.select(theirs).from_(parent).where(theirs.copy().is_(exp.null()).not_())
    orphan = value.copy().isin(query=there).not_()
    child = table_of(relations[check.node])
    query = exp.select("*").from_(child).where(value.is_(exp.null()).not_(), orphan, *condition(check, dialect))
    return query.sql(dialect=dialect)
