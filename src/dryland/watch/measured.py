"""Asks datasets for what no build has measured: rows and age of sources, segments, categories, quantiles, metrics.

All datasets are asked in one query. When that fails each is asked alone, to know whose fault it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any

import sqlglot
from sqlglot import exp

from dryland.check.scanning.scan import table_of
from dryland.engines.protocol import Engine, Session
from dryland.engines.relation import Relation
from dryland.errors import DrylandError, QueryError, SqlError
from dryland.project.monitors import Metric, Monitors
from dryland.project.personal import EVERY
from dryland.values import dataclass

VALUES_MAX = 50  # of a column whose values are counted apart: the most frequent ones
DECILES = tuple(number / 10 for number in range(1, 10))


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of one dataset."""

    dataset: str
    relation: Relation
    monitors: Monitors
    counts: bool = False  # its rows: nobody else did
    newest: exp.Query | None = None  # gives when the newest row came
    persons: frozenset[str] = frozenset()  # columns, in lower case, of which no value is kept


@dataclass(frozen=True, slots=True)
class Measured:
    """What a dataset said."""

    rows: int | None = None
    newest: str | None = None
    segments: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    quantiles: Mapping[str, Sequence[float]] = field(default_factory=dict)
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    metrics: Mapping[str, float | None] = field(default_factory=dict)


def measured(engine: Engine, asks: Sequence[Ask]) -> tuple[dict[str, Measured], tuple[str, ...]]:
    """What datasets say, by their ids; sentences tell which could not, and why."""
    queries: dict[str, list[exp.Query]] = {}
    told: list[str] = []
    for ask in asks:
        try:
            queries[ask.dataset] = [*_questions(ask, engine.dialect)]
        except DrylandError as error:
            told.append(f"{ask.dataset} cannot be measured: {error}")
    queries = {dataset: listed for dataset, listed in queries.items() if listed}
    if not queries:
        return {}, tuple(told)
    with engine.session() as session:
        rows, failed = _asked(session, queries, engine.dialect)
    return _read(rows), (*told, *failed)


def merged(body: dict[str, Any], said: Measured | None) -> dict[str, Any]:
    """An observation's body with what was measured besides."""
    if said is None:
        return body
    columns: dict[str, dict[str, Any]] = {name: dict(of) for name, of in (body.get("columns") or {}).items()}
    for key, found in (("quantiles", said.quantiles), ("shares", said.shares)):
        for column, value in found.items():
            columns.setdefault(_spelt(column, columns), {})[key] = value
    plain = {"rows": said.rows, "newest": said.newest, "segments": said.segments, "metrics": said.metrics}
    return {**body, **({"columns": columns} if columns else {}), **{key: each for key, each in plain.items() if each}}


def _spelt(column: str, columns: Iterable[str]) -> str:
    return next((each for each in columns if each.lower() == column.lower()), column)


def _asked(
    session: Session, queries: Mapping[str, list[exp.Query]], dialect: str
) -> tuple[list[tuple[Any, ...]], list[str]]:
    try:
        return [*session.fetch(_together([each for listed in queries.values() for each in listed], dialect)).rows], []
    except QueryError:
        rows: list[tuple[Any, ...]] = []
        failed: list[str] = []
    for dataset, listed in queries.items():
        try:
            rows += session.fetch(_together(listed, dialect)).rows
        except QueryError as error:
            failed.append(f"{dataset} cannot be measured: {error.message}")
    return rows, failed


def _together(queries: list[exp.Query], dialect: str) -> str:
    return " union all ".join(each.sql(dialect=dialect) for each in queries)  # as a tree it would be as deep as long


def _questions(ask: Ask, dialect: str) -> Iterable[exp.Query]:
    table = table_of(ask.relation)
    if ask.counts:
        yield _row(ask, "rows", "", "", exp.Count(this=exp.Star())).from_(table)
    if ask.newest is not None:
        yield _row(ask, "newest", "", "", exp.Subquery(this=ask.newest.copy()))
    for column in ask.monitors.rule("volume").segments:
        yield _counted(ask, "segment", column, table)
    for column in _columns_of(ask, "categories"):
        yield _counted(ask, "share", column, table)
    for column in _columns_of(ask, "quantiles"):
        yield from (_quantile(ask, column, share, table) for share in DECILES)
    for metric in ask.monitors.metrics:
        if metric.rule.is_on is not False:
            yield _row(ask, "metric", metric.name, "", _number_of(metric, ask.relation, dialect))


def _columns_of(ask: Ask, kind: str) -> tuple[str, ...]:
    rule = ask.monitors.rule(kind)
    return (rule.columns or ()) if rule.is_on else ()


def _row(ask: Ask, what: str, name: str, key: str | exp.Expr, value: exp.Expr) -> exp.Select:
    keyed = exp.Literal.string(key) if isinstance(key, str) else exp.cast(key, "text")
    literals = [exp.Literal.string(each) for each in (ask.dataset, what, name)]
    return exp.select(*(exp.cast(each, "text") for each in literals), keyed, exp.cast(value, "text"))


def _counted(ask: Ask, what: str, column: str, table: exp.Expr) -> exp.Query:
    """How often each value is there, of the most frequent ones.

    Raises:
        SqlError: the values are about persons, and are kept nowhere.
    """
    if {column.lower(), EVERY} & ask.persons:
        raise SqlError(f"the column {column} is about persons: its values are not counted apart.")
    value = exp.column(column, quoted=True)
    count = exp.Count(this=exp.Star())
    counted = (
        exp.select(value.copy().as_("value"), count.copy().as_("rows")).from_(table).group_by(value)
        .order_by(exp.Ordered(this=count, desc=True)).limit(VALUES_MAX).subquery("counted")
    )  # fmt: skip
    return _row(ask, what, column, exp.column("value"), exp.column("rows")).from_(counted)


def _quantile(ask: Ask, column: str, share: float, table: exp.Expr) -> exp.Query:
    value = exp.cast(exp.column(column, quoted=True), "double")
    found = exp.WithinGroup(
        this=exp.PercentileCont(this=exp.Literal.number(share)),
        expression=exp.Order(expressions=[exp.Ordered(this=value)]),
    )
    return _row(ask, "quantile", column, str(share), found).from_(table)


def _number_of(metric: Metric, relation: Relation, dialect: str) -> exp.Expr:
    """The metric's query as one value.

    Raises:
        SqlError: it is not one query.
    """
    table = table_of(relation).sql(dialect=dialect)
    text = metric.sql.replace("{table}", table)
    if not text.lstrip().lower().startswith(("select", "with", "(")):
        text = f"select {text} from {table}"
    try:
        parsed = sqlglot.parse(text, dialect=dialect)
    except sqlglot.errors.SqlglotError as error:
        raise _no_query(metric) from error
    if len(parsed) != 1 or not isinstance(parsed[0], exp.Query):
        raise _no_query(metric)
    return exp.Subquery(this=parsed[0])


def _no_query(metric: Metric) -> SqlError:
    return SqlError(
        f"the metric `{metric.name}` is not one query that gives a number.", path=metric.place.path,
        line=metric.place.line, hint="sql: select sum(amount) from {table}",
    )  # fmt: skip


def _read(rows: Iterable[tuple[Any, ...]]) -> dict[str, Measured]:
    found: dict[str, dict[str, dict[str, dict[str, str | None]]]] = {}
    for dataset, what, name, key, value in rows:
        found.setdefault(dataset, {}).setdefault(what, {}).setdefault(name, {})[str(key)] = value
    return {dataset: _of(said) for dataset, said in found.items()}


def _of(said: Mapping[str, Mapping[str, Mapping[str, str | None]]]) -> Measured:
    rows, newest = said.get("rows", {}).get("", {}).get(""), said.get("newest", {}).get("", {}).get("")
    return Measured(
        None if rows is None else int(rows),
        newest,
        {name: {key: int(str(each)) for key, each in of.items()} for name, of in said.get("segment", {}).items()},
        {name: quantiles for name, of in said.get("quantile", {}).items() if (quantiles := _numbers(of))},
        {name: _shares(of) for name, of in said.get("share", {}).items()},
        {name: None if of[""] is None else float(str(of[""])) for name, of in said.get("metric", {}).items()},
    )


def _numbers(of: Mapping[str, str | None]) -> list[float]:
    return [float(each) for _, each in sorted(of.items()) if each is not None]


def _shares(of: Mapping[str, str | None]) -> dict[str, float]:
    total = sum(int(str(each)) for each in of.values())
    return {key: round(int(str(each)) / total, 6) for key, each in of.items()} if total else {}
