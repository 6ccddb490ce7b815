"""Asks sources whether they moved: one query for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlglot
from sqlglot import exp

from dryland.check.scanning.scan import table_of
from dryland.engines.protocol import Engine
from dryland.engines.relation import Column
from dryland.errors import SqlError
from dryland.project.external_source import said_of
from dryland.project.nodes import Source

LOAD_ID = "_dlt_load_id"  # what dlt writes on each row it loads
UNKNOWN = "unknown"


def measure(
    engine: Engine, sources: Iterable[Source], columns: Mapping[str, tuple[Column, ...]], *, now: str
) -> dict[str, str]:
    """Return a token for each source that exists: equal tokens mean that nothing arrived.

    The token is the newest load id of an ingest, or the maximum of the `loaded_at_field`, each with the number of
    rows; of files their sizes and times of change, where the engine can tell. A source that has none of these counts
    as moved: its token carries `now`.
    """
    sources = tuple(sources)
    files = engine.file_marks(source.relation.expression for source in sources if source.relation.expression)
    tokens: dict[str, str] = {}
    queries: list[exp.Query] = []
    for source in sources:
        existing = columns.get(source.unique_id)
        if not existing:
            continue
        if source.relation.expression in files:
            tokens[source.unique_id] = files[source.relation.expression]
            continue
        marker = _marker(source, existing, engine.dialect)
        if marker is None:
            tokens[source.unique_id] = f"{UNKNOWN}:{now}"
        else:
            queries.append(_question(source, marker))
    if queries:
        question = exp.union(*queries, distinct=False) if len(queries) > 1 else queries[0]
        with engine.session() as session:
            answer = session.fetch(question.sql(dialect=engine.dialect))
        tokens.update({str(source): f"{newest}|{rows}" for source, newest, rows in answer.rows})
    return tokens


def _marker(source: Source, columns: tuple[Column, ...], dialect: str) -> exp.Expr | None:
    if any(column.name == LOAD_ID for column in columns):
        return exp.column(LOAD_ID, quoted=True)
    if not source.loaded_at_field or said_of(source.config).get("plugin"):  # which is loaded after it is asked
        return None
    try:
        marker = sqlglot.parse_one(source.loaded_at_field, dialect=dialect)
    except sqlglot.ParseError as error:
        raise SqlError(
            f"the loaded_at_field of {source.source_name}.{source.name} does not parse: {source.loaded_at_field}",
            hint="give a column or an expression of the source's columns.",
            path=source.place.path, line=source.place.line,
        ) from error  # fmt: skip
    there = {column.name.lower() for column in columns}
    is_there = all(column.name.lower() in there for column in marker.find_all(exp.Column))
    return marker if is_there else None  # only `dryland freshness` needs it, and tells what is missing


def _question(source: Source, marker: exp.Expr) -> exp.Query:
    newest = exp.cast(exp.Max(this=marker), "text")
    return exp.select(
        exp.Literal.string(source.unique_id).as_("source"), newest.as_("newest"), exp.Count(this=exp.Star()).as_("rows")
    ).from_(table_of(source.relation))
