"""Builds a model whose rows go to a file: the candidate is a file in the store, and a view that reads it.

The file is named by its build's key and never changes. The one at the model's `location` is a copy that is made when
the build is published (`release.deliver_files`), so nobody finds rows there that were not checked.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from dryland.build.contract import make_table
from dryland.build.incremental_strategies import table
from dryland.build.python_model import build_python_model
from dryland.build.request import BuildRequest
from dryland.engines.protocol import Session
from dryland.engines.relation import Column, Relation
from dryland.project.external_file import external_file

ROWS = "__rows"  # ends the name of the table that holds the rows until they are written


def build_external(request: BuildRequest, session: Session) -> None:
    """Write the rows to the store's file for this build, and make a view that reads it.

    Of no rows nothing could tell the types: as in dbt-duckdb one row of nulls is written, and not shown.

    Raises:
        QueryError: the rows could not be written.
    """
    assert request.engine is not None and request.project is not None, request.node.unique_id
    file = external_file(request.node, request.project.warehouse)
    held = _hold_rows(request, session)
    columns = session.describe(exp.select("*").from_(table(held)).sql(dialect=request.dialect))
    is_empty = session.fetch(_count(held).sql(dialect=request.dialect)).rows[0][0] == 0
    if is_empty:
        nulls = exp.insert(exp.select(*(exp.null() for _ in columns)), table(held), dialect=request.dialect)
        session.execute(nulls.sql(dialect=request.dialect))
    path = request.engine.files / f"{request.target.name}{file.suffix}"
    rows = exp.select("*").from_(table(held)).sql(dialect=request.dialect)
    session.copy_to_file(rows, str(path), file.writing)
    read = str(path / file.pattern) if file.pattern else str(path)
    relation = Relation("", "", "", expression=request.engine.reading(file.format, read, file.reading))
    session.create_view(request.target, _view(relation, columns if is_empty else ()).sql(dialect=request.dialect))
    session.drop([(held, "table")])


def _hold_rows(request: BuildRequest, session: Session) -> Relation:
    held = replace(request.target, name=f"{request.target.name}{ROWS}")
    inner = replace(request, target=held)
    if request.node.language == "python":
        build_python_model(inner, session)
    else:
        make_table(inner, session, request.sql)
    return held


def _count(relation: Relation) -> exp.Select:
    return exp.select(exp.Count(this=exp.Star())).from_(table(relation))


def _view(files: Relation, hidden: tuple[Column, ...]) -> exp.Select:
    """All rows; of an empty table not the one of nulls."""
    query = exp.select("*").from_(exp.Table(this=exp.Var(this=files.expression)))
    shown = [exp.column(column.name, quoted=True).is_(exp.null()).not_() for column in hidden]
    return query.where(*shown) if shown else query
