"""Says which monitors look at a dataset, and what to ask it for besides what its builds measure."""

from __future__ import annotations

from collections.abc import Iterable

import sqlglot
from sqlglot import exp

from dryland.check.offenders import persons_columns
from dryland.check.scanning.scan import table_of
from dryland.engines.relation import Relation
from dryland.errors import DrylandError
from dryland.project.monitors import NOTHING_SAID, Monitors
from dryland.project.nodes import Source
from dryland.project.project import Project
from dryland.project.source_freshness import rendered_query
from dryland.sql.parse import parse_query
from dryland.watch.measured import Ask


def monitors_of(project: Project, dataset: str) -> Monitors:
    """What is said of a dataset's monitors, over what dryland.yml says of all."""
    return project.monitors.get(dataset, NOTHING_SAID).over(project.settings.monitors)


def asks_of_sources(project: Project, sources: Iterable[str], dialect: str) -> list[Ask]:
    """What to ask sources: how many rows there are, and when the newest came where they say so."""
    asks = []
    for unique_id in sources:
        source, monitors = project.sources[unique_id], monitors_of(project, unique_id)
        if monitors.is_on is not False:
            persons, newest = persons_columns(unique_id, project), _newest(project, source, monitors, dialect)
            asks.append(Ask(unique_id, source.relation, monitors, counts=True, newest=newest, persons=persons))
    return asks


def asks_of_nodes(project: Project, relations: dict[str, Relation]) -> list[Ask]:
    """What to ask nodes that were built: only what no profile has, and only where somebody wants it."""
    asks = []
    for unique_id, relation in relations.items():
        monitors = monitors_of(project, unique_id)
        if monitors.is_on is not False and _asks(monitors):
            asks.append(Ask(unique_id, relation, monitors, persons=persons_columns(unique_id, project)))
    return asks


def _asks(monitors: Monitors) -> bool:
    rules = (monitors.rule("categories"), monitors.rule("quantiles"))
    return bool(monitors.metrics or monitors.rule("volume").segments or any(each.is_on for each in rules))


def _newest(project: Project, source: Source, monitors: Monitors, dialect: str) -> exp.Query | None:
    """The query for when the newest row came; what cannot be read as one is told by `dryland freshness`."""
    marker = source.loaded_at_field or monitors.rule("freshness").column
    try:
        if source.loaded_at_query:
            return parse_query(rendered_query(project, source), dialect)
        if marker:
            return exp.select(exp.Max(this=sqlglot.parse_one(marker, dialect=dialect))).from_(table_of(source.relation))
    except (DrylandError, sqlglot.errors.SqlglotError):
        pass
    return None
