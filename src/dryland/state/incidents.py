"""Remembers incidents with their history, mutes, and the columns that sources had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dryland.state import tables
from dryland.state.connection import Connected, again, chunks, new_id
from dryland.state.incident_records import Incident, IncidentEvent, Mute, Symptom

TIMES = ("first_at", "last_at", "since", "gone_at")
COLUMNS = frozenset(column.name for column in tables.incidents.columns)
BODY = tuple(each.name for each in fields(Incident) if each.name not in COLUMNS)
Shape = Sequence[Sequence[str]]  # of a source: its columns, each with its type


class Incidents(Connected):
    """Incidents, their events, mutes, and shapes of sources."""

    @again
    def incidents(
        self, environment: str = "", *, ids: Iterable[int] | None = None, is_open: bool = False,
        resolved_since: datetime | None = None, limit: int | None = None,
    ) -> tuple[Incident, ...]:  # fmt: skip
        """The newest first: of one environment or of all, those that are open or were resolved since, or some."""
        table = tables.incidents
        query = sa.select(table).order_by(table.c.id.desc()).limit(limit)
        if environment:
            query = query.where(table.c.environment == environment)
        if ids is not None:
            query = query.where(table.c.id.in_(list(ids)))
        if is_open:
            query = query.where(table.c.status != "resolved")
        elif resolved_since is not None:
            query = query.where(sa.or_(table.c.status != "resolved", table.c.resolved_at >= resolved_since))
        with self.reading() as connection:
            return tuple(_incident(row) for row in connection.execute(query))

    def incident(self, incident_id: int) -> Incident | None:
        """One incident, or None."""
        return next(iter(self.incidents(ids=(incident_id,))), None)

    def add_incidents(self, incidents: Sequence[Incident]) -> tuple[Incident, ...]:
        """Write down new ones; the same with their numbers."""
        if not incidents:
            return ()
        table = tables.incidents
        last = sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))
        with self.writing() as connection:  # nobody else writes meanwhile, so numbers come in the order of the rows
            before = connection.execute(last).scalar_one()
            connection.execute(table.insert(), [_row(each) for each in incidents])
            new = sa.select(table.c.id).where(table.c.id > before).order_by(table.c.id)
            ids = connection.execute(new).scalars().all()
        return tuple(replace(each, id=number) for each, number in zip(incidents, ids, strict=True))

    def put_incidents(self, incidents: Iterable[Incident]) -> None:
        """Write down how these stand now."""
        table = tables.incidents
        rows = [{"number": each.id, **_row(each)} for each in incidents]
        if rows:
            changes: dict[str, Any] = {name: sa.bindparam(name) for name in rows[0] if name != "number"}
            with self.writing() as connection:
                connection.execute(table.update().where(table.c.id == sa.bindparam("number")).values(changes), rows)

    def add_events(self, events: Iterable[IncidentEvent]) -> None:
        """Add to histories."""
        rows = [
            {"incident_id": each.incident, "at": each.at, "kind": each.kind, "who": each.who,
             "message": each.message, "body": dict(each.body)}
            for each in events
        ]  # fmt: skip
        if rows:
            with self.writing() as connection:
                connection.execute(tables.incident_events.insert(), rows)

    def incident_events(self, incident_id: int) -> tuple[IncidentEvent, ...]:
        """The history of one, oldest first."""
        table = tables.incident_events
        query = sa.select(table).where(table.c.incident_id == incident_id).order_by(table.c.id)
        with self.reading() as connection:
            return tuple(
                IncidentEvent(row.incident_id, row.at, row.kind, row.who, row.message, row.body)
                for row in connection.execute(query)
            )

    def add_mute(self, mute: Mute) -> Mute:
        """Begin a window of maintenance."""
        values = {each.name: getattr(mute, each.name) for each in fields(mute) if each.name != "id"}
        with self.writing() as connection:
            return replace(mute, id=new_id(connection, tables.mutes.insert().values(values)))

    def mutes(self, now: datetime) -> tuple[Mute, ...]:
        """Those that have not ended."""
        query = sa.select(tables.mutes).where(tables.mutes.c.until > now).order_by(tables.mutes.c.id)
        with self.reading() as connection:
            return tuple(Mute(**row._mapping) for row in connection.execute(query))

    def end_mute(self, mute_id: int, now: datetime) -> bool:
        """End one now; whether there was one."""
        table = tables.mutes
        ended = table.update().where(table.c.id == mute_id, table.c.until > now).values(until=now)
        with self.writing() as connection:
            return bool(connection.execute(ended).rowcount)

    def source_shapes(self, environment: str) -> dict[str, Shape]:
        """The columns that sources had when an environment was last released to, by source."""
        table = tables.source_shapes
        query = sa.select(table.c.source, table.c.columns).where(table.c.environment == environment)
        with self.reading() as connection:
            return {row.source: row.columns for row in connection.execute(query)}

    def put_source_shapes(self, environment: str, shapes: Mapping[str, Shape]) -> None:
        """Remember these, each instead of what was remembered of its source."""
        rows = [
            {"environment": environment, "source": source, "columns": [list(each) for each in columns]}
            for source, columns in shapes.items()
        ]
        with self.writing() as connection:
            self.put(connection, tables.source_shapes, rows, update=("columns",))

    def forget_incidents(self, before: datetime) -> int:
        """Forget those that were resolved before, with history and messages; say how many.

        Of those that are open, what says only that they were seen again is forgotten. So are mutes that ended, and
        messages about nothing.
        """
        table, events, deliveries = tables.incidents, tables.incident_events, tables.deliveries
        old = sa.select(table.c.id).where(table.c.status == "resolved", table.c.resolved_at < before)
        with self.writing() as connection:
            ids = list(connection.execute(old).scalars())
            for chunk in chunks(ids):
                connection.execute(events.delete().where(events.c.incident_id.in_(chunk)))
                connection.execute(deliveries.delete().where(deliveries.c.incident.in_(chunk)))
                connection.execute(table.delete().where(table.c.id.in_(chunk)))
            connection.execute(events.delete().where(events.c.kind == "seen", events.c.at < before))
            ended = deliveries.c.status.in_(("sent", "failed", "dropped"))
            connection.execute(deliveries.delete().where(ended, deliveries.c.created_at < before))
            connection.execute(tables.mutes.delete().where(tables.mutes.c.until < before))
        return len(ids)


def _row(value: Incident) -> dict[str, Any]:
    row = {name: getattr(value, name) for name in COLUMNS - {"id", "body"}}
    body = {name: getattr(value, name) for name in BODY if name != "symptoms"}
    body |= {"tags": list(value.tags), "hit": dict(value.hit), "probably": dict(value.probably)}
    return {**row, "body": {**body, "symptoms": [_symptom_json(each) for each in value.symptoms]}}


def _incident(row: Any) -> Incident:
    own = {name: getattr(row, name) for name in COLUMNS - {"body"}}
    body = {**row.body, "tags": tuple(row.body["tags"])}
    return Incident(**{**own, **body, "symptoms": tuple(_symptom(each) for each in body["symptoms"])})


def _symptom_json(value: Symptom) -> dict[str, Any]:
    body = {each.name: getattr(value, each.name) for each in fields(value)}
    moments = {name: body[name].isoformat() if body[name] else None for name in TIMES}
    return {**body, **moments, "evidence": dict(value.evidence)}


def _symptom(body: Mapping[str, Any]) -> Symptom:
    moments = {name: datetime.fromisoformat(body[name]) if body[name] else None for name in TIMES}
    return Symptom(**{**body, **moments})
