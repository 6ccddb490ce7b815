"""Remembers what was seen of datasets, build after build, and which of it monitors told of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dryland.state import tables
from dryland.state.connection import Connected, chunks
from dryland.state.observed import Alert, Feedback, Learned, Observation, Scored

PARTS = ("checks", "fresh", "documented")


class Observations(Connected):
    """Observations are only ever added; alerts have an id, and are told once."""

    def put_observations(self, observations: Iterable[Observation]) -> None:
        """Add to the history, all in one statement."""
        rows = [_observation_row(each) for each in observations]
        if rows:
            with self.writing() as connection:
                connection.execute(tables.observations.insert(), rows)

    def observations(
        self,
        environment: str,
        datasets: Iterable[str] | None = None,
        *,
        since: datetime | None = None,
        before: datetime | None = None,
        newest: int | None = None,
    ) -> dict[str, list[Observation]]:
        """The history of these datasets, or of all: by dataset, oldest first; of each the `newest` so many."""
        table = tables.observations
        query = _within(table, environment, since, before).order_by(table.c.at.desc(), table.c.id.desc())
        found: dict[str, list[Observation]] = {}
        for row in self._rows(query, table, datasets, newest):
            found.setdefault(row.dataset, []).append(_observation(row))
        return {dataset: history[::-1] for dataset, history in found.items()}

    def moments(
        self, environment: str, datasets: Iterable[str], *, since: datetime
    ) -> dict[str, list[datetime]]:  # fmt: skip
        """When these datasets were seen since then, the oldest first; what was seen is not read."""
        table = tables.observations
        query = sa.select(table.c.dataset, table.c.at).order_by(table.c.at, table.c.id)
        query = query.where(table.c.environment == environment, table.c.at >= since)
        found: dict[str, list[datetime]] = {}
        for row in self._rows(query, table, datasets):
            found.setdefault(row.dataset, []).append(row.at)
        return found

    def put_alerts(self, alerts: Iterable[Alert]) -> None:
        """Remember what was told; what people said of it before stays said."""
        rows = {each.id: _alert_row(each) for each in alerts}
        with self.writing() as connection:
            self.put(connection, tables.monitor_alerts, [*rows.values()], update=("body",))

    def alerts(
        self, environment: str, datasets: Iterable[str] | None = None, *, since: datetime | None = None
    ) -> dict[str, list[Alert]]:
        """What was told of these datasets, or of all: by dataset, oldest first."""
        table = tables.monitor_alerts
        query = _within(table, environment, since, None).order_by(table.c.at, table.c.id)
        found: dict[str, list[Alert]] = {}
        for row in self._rows(query, table, datasets):
            found.setdefault(row.dataset, []).append(_alert(row))
        return found

    def put_feedback(self, alert: str, feedback: Feedback) -> Alert | None:
        """Note what people say of an alert; None when there is none whose id begins so, or more than one."""
        table = tables.monitor_alerts
        with self.writing() as connection:
            rows = connection.execute(sa.select(table).where(table.c.id.startswith(alert, autoescape=True))).all()
            if len(rows) != 1:
                return None
            connection.execute(table.update().where(table.c.id == rows[0].id).values(feedback=feedback))
        found = _alert(rows[0])
        return Alert(found.environment, found.dataset, found.monitor, found.at, feedback, found.body)

    def put_learned(self, learned: Iterable[Learned]) -> None:
        """Remember what was learned, instead of what was before."""
        rows = [
            {"environment": each.environment, "dataset": each.dataset, "decided_by": each.decided_by,
             "body": dict(each.body)}
            for each in learned
        ]  # fmt: skip
        with self.writing() as connection:
            self.put(connection, tables.monitor_habits, rows, update=("decided_by", "body"))

    def learned(self, environment: str, datasets: Iterable[str]) -> dict[str, Learned]:
        """What was learned of these datasets."""
        table = tables.monitor_habits
        rows = self._rows(sa.select(table).where(table.c.environment == environment), table, datasets)
        return {row.dataset: Learned(row.environment, row.dataset, row.decided_by, row.body) for row in rows}

    def put_scored(self, scored: Iterable[Scored]) -> None:
        """Remember what scores are made of from now on."""
        rows = [_scored_row(each) for each in scored]
        with self.writing() as connection:
            self.put(connection, tables.quality_scores, rows, update=PARTS)

    def scored(
        self, environment: str, datasets: Iterable[str] | None = None, *, before: datetime | None = None
    ) -> list[Scored]:
        """What scores were made of, whenever that changed, the oldest first: of these datasets, or of all."""
        table = tables.quality_scores
        query = _within(table, environment, None, before).order_by(table.c.at, table.c.dataset)
        return [_scored(row) for row in self._rows(query, table, datasets)]

    def forget_observations(self, before: datetime) -> int:
        """Forget what was seen and told before this moment; say how many observations that were."""
        with self.writing() as connection:
            connection.execute(tables.monitor_alerts.delete().where(tables.monitor_alerts.c.at < before))
            there = sa.select(tables.observations.c.dataset).where(tables.observations.c.at >= before)
            connection.execute(tables.monitor_habits.delete().where(tables.monitor_habits.c.dataset.not_in(there)))
            connection.execute(_old_scores(before))
            done = connection.execute(tables.observations.delete().where(tables.observations.c.at < before))
        return done.rowcount

    def _rows(
        self, query: sa.Select[Any], table: sa.Table, datasets: Iterable[str] | None, newest: int | None = None
    ) -> Sequence[Any]:
        parts = [None] if datasets is None else chunks(dict.fromkeys(datasets))
        with self.reading() as connection:
            found: list[Any] = []
            for part in parts:
                asked = query if part is None else query.where(table.c.dataset.in_(part))
                found += connection.execute(_newest(asked, newest) if newest else asked)
            return found


def _newest(query: sa.Select[Any], newest: int) -> sa.Select[Any]:
    """Of each dataset so many rows, the newest; in the order of the query. Only of these the body is read."""
    table = tables.observations
    key = query.with_only_columns(table.c.id, table.c.dataset, table.c.at).order_by(None).subquery()
    moment = [key.c.at.desc(), key.c.id.desc()]
    rank = sa.func.row_number().over(partition_by=key.c.dataset, order_by=moment)
    ranked = sa.select(key.c.id, rank.label("rank")).subquery()
    wanted = sa.select(table).join(ranked, ranked.c.id == table.c.id).where(ranked.c.rank <= newest)
    return wanted.order_by(table.c.at.desc(), table.c.id.desc())


def _old_scores(before: datetime) -> sa.Delete:
    """Of each dataset all but the last of that time: it holds until there is another."""
    table, later = tables.quality_scores, tables.quality_scores.alias()
    is_of_it = sa.and_(later.c.environment == table.c.environment, later.c.dataset == table.c.dataset)
    newer = sa.select(later.c.at).where(is_of_it, later.c.at > table.c.at, later.c.at <= before)
    return table.delete().where(table.c.at < before, newer.exists())


def _within(table: sa.Table, environment: str, since: datetime | None, before: datetime | None) -> sa.Select[Any]:
    query = sa.select(table).where(table.c.environment == environment)
    if since is not None:
        query = query.where(table.c.at >= since)
    return query if before is None else query.where(table.c.at < before)


def _observation_row(value: Observation) -> dict[str, Any]:
    return {
        "environment": value.environment, "dataset": value.dataset, "at": value.at, "release": value.release,
        "run": value.run, "build_key": value.build_key, "body": dict(value.body),
    }  # fmt: skip


def _observation(row: Any) -> Observation:
    return Observation(row.environment, row.dataset, row.at, row.body, row.release, row.run, row.build_key)


def _alert_row(value: Alert) -> dict[str, Any]:
    return {
        "id": value.id, "environment": value.environment, "dataset": value.dataset, "monitor": value.monitor,
        "at": value.at, "feedback": value.feedback, "body": dict(value.body),
    }  # fmt: skip


def _alert(row: Any) -> Alert:
    return Alert(row.environment, row.dataset, row.monitor, row.at, row.feedback, row.body)


def _scored_row(value: Scored) -> dict[str, Any]:
    parts = dict(zip(PARTS, value.parts or (None, None, None), strict=True))
    return {"environment": value.environment, "dataset": value.dataset, "at": value.at, **parts}


def _scored(row: Any) -> Scored:
    parts = None if row.checks is None else (row.checks, row.fresh, row.documented)
    return Scored(row.environment, row.dataset, row.at, parts)
