"""Asks sources how old their newest data is, all of them in one query, and judges that by what the project demands."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime, timedelta
from typing import Literal

import sqlglot
from sqlglot import exp

from dryland.artifacts.sources import Age
from dryland.artifacts.write import artifacts_of
from dryland.check.scanning.scan import table_of
from dryland.engines.protocol import Engine
from dryland.errors import DrylandError, QueryError, SqlError
from dryland.project.nodes import Source
from dryland.project.project import Project
from dryland.project.source_freshness import rendered_query
from dryland.sql.parse import parse_query
from dryland.values import dataclass
from dryland.workshop import Workshop

NEVER = datetime.min.replace(tzinfo=UTC)  # of a table without rows: as dbt says it
Status = Literal["pass", "warn", "error"]


def measured_ages(
    workshop: Workshop, sources: Iterable[str], environment: str
) -> tuple[tuple[Age, ...], tuple[str, ...]]:
    """How old each of these sources is that says how old it may be; sources.json tells it to dbt's tools.

    The sentences say why that file could not be written.
    """
    began, known = time.monotonic(), workshop.project.sources
    asked = [known[unique_id] for unique_id in sources if known[unique_id].freshness]
    ages = ages_of(workshop.project, workshop.engine, asked) if asked else ()
    written = artifacts_of(workshop.project, lambda: workshop.engine, "freshness", environment)
    return ages, written.after_freshness(ages, elapsed_s=time.monotonic() - began)


def ages_of(project: Project, engine: Engine, sources: Sequence[Source]) -> tuple[Age, ...]:
    """How old each source is, in the order of `sources`; one that cannot be asked says why."""
    queries: dict[str, exp.Query] = {}
    ages: dict[str, Age] = {}
    for source in sources:
        try:
            queries[source.unique_id] = _question(project, source, engine.dialect)
        except DrylandError as error:
            ages[source.unique_id] = Age(source, "error", error=error.message)
    asked = {source.unique_id: source for source in sources if source.unique_id in queries}
    if asked:
        ages |= _asked(engine, asked, queries)
    return tuple(ages[source.unique_id] for source in sources)


def status_of(age_s: float, freshness: Mapping[str, Mapping[str, object] | None]) -> Status:
    """What dbt says of an age in seconds.

    >>> status_of(7200, {"warn_after": {"count": 1, "period": "hour"}})
    'warn'
    """
    limits: tuple[tuple[Literal["error", "warn"], str], ...] = (("error", "error_after"), ("warn", "warn_after"))
    for status, key in limits:
        limit = freshness.get(key) or {}
        count, period = limit.get("count"), limit.get("period")
        if isinstance(count, int) and period and age_s > timedelta(**{f"{period}s": count}).total_seconds():
            return status
    return "pass"


def _asked(engine: Engine, sources: Mapping[str, Source], queries: Mapping[str, exp.Query]) -> dict[str, Age]:
    """One query for all; when it fails each source is asked on its own, to know which one it was."""
    try:
        return _answers(engine, sources, queries)
    except QueryError:
        found: dict[str, Age] = {}
        for unique_id, source in sources.items():
            try:
                found |= _answers(engine, {unique_id: source}, {unique_id: queries[unique_id]})
            except QueryError as error:
                found[unique_id] = Age(source, "error", error=error.message)
        return found


def _answers(engine: Engine, sources: Mapping[str, Source], queries: Mapping[str, exp.Query]) -> dict[str, Age]:
    listed = [queries[unique_id] for unique_id in sources]
    question = exp.union(*listed, distinct=False) if len(listed) > 1 else listed[0]
    began, at = time.monotonic(), datetime.now(UTC)
    with engine.session() as session:
        rows = session.fetch(question.sql(dialect=engine.dialect)).rows
    timing = _Timing(at, time.monotonic() - began)
    return {str(uid): timing.age(sources[str(uid)], newest) for uid, newest in rows}


@dataclass(frozen=True, slots=True)
class _Timing:
    at: datetime
    duration_s: float = field(default=0.0)

    def age(self, source: Source, newest: object) -> Age:
        try:
            moment = _moment(newest)
        except ValueError:
            return Age(source, "error", at=self.at, error=f"`{newest}` is no time; {_hint(source)}.")
        status = status_of((self.at - moment).total_seconds(), source.freshness)
        return Age(source, status, moment, self.at, self.duration_s)


def _question(project: Project, source: Source, dialect: str) -> exp.Query:
    """The source's name and its newest time as text, whatever type that has: so that all fit into one query."""
    found = exp.Literal.string(source.unique_id).as_("source")
    if source.loaded_at_query:
        inner = parse_query(rendered_query(project, source), dialect)
        return exp.select(found, exp.cast(exp.Subquery(this=inner), "text").as_("newest"))
    if not source.loaded_at_field:
        raise SqlError(f"nothing says when data arrived; {_hint(source)}.", path=source.place.path)
    newest = exp.Max(this=_parsed(source.loaded_at_field, dialect))
    query = exp.select(found, exp.cast(newest, "text").as_("newest")).from_(table_of(source.relation))
    condition = source.freshness.get("filter")
    return query.where(_parsed(str(condition), dialect)) if condition else query


def _parsed(text: str, dialect: str) -> exp.Expr:
    try:
        return sqlglot.parse_one(text, dialect=dialect)
    except sqlglot.errors.SqlglotError as error:
        raise SqlError(f"`{text}` does not parse.") from error


def _hint(source: Source) -> str:
    return f"`loaded_at_field` of {source.source_name}.{source.name} names a column or an expression"


def _moment(text: object) -> datetime:
    """A time without a zone is one of UTC, and no time at all is longer ago than anything, as for dbt."""
    if text is None:
        return NEVER
    found = datetime.fromisoformat(str(text))
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
