"""Remembers messages on their way: what is due, what somebody sends now, what was sent, and what could not be.

A message is written down with what it is about, in one transaction, so none is lost. Whoever sends takes it first and
says afterwards what came of it. Of one that was taken by somebody who ended in between nobody knows whether it went
out: it is taken once more, and then no more, so nobody gets one more than twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dryland.state import tables
from dryland.state.connection import Connected, chunks
from dryland.state.incident_records import Delivery, DeliveryStatus

TAKEN_S = 120.0  # for which a message is somebody's to send; far longer than any channel may take
UNHEARD_MAX = 2  # times that a message may be sent of which nobody knows whether it was
UNHEARD = "whoever sent it ended without a word, twice; it may have gone out"


class Deliveries(Connected):
    """The queue."""

    def add_deliveries(self, deliveries: Iterable[Delivery]) -> None:
        """Put messages into the queue."""
        rows = [
            {each.name: getattr(value, each.name) for each in fields(value) if each.name != "id"}
            | {"body": dict(value.body)}
            for value in deliveries
        ]
        if rows:
            with self.writing() as connection:
                connection.execute(tables.deliveries.insert(), rows)

    def take_due(self, now: datetime, *, limit: int = 200) -> tuple[Delivery, ...]:
        """Take what is due, the most urgent first; nobody else takes it for a while."""
        table = tables.deliveries
        due = sa.and_(table.c.status.in_(("waiting", "sending")), table.c.due_at <= now)
        until = now + timedelta(seconds=TAKEN_S)
        with self.writing() as connection:
            found = [_delivery(row) for row in connection.execute(
                sa.select(table).where(due).order_by(table.c.due_at, table.c.id).limit(limit)
            )]  # fmt: skip
            lost = [each.id for each in found if each.status == "sending" and each.unheard + 1 >= UNHEARD_MAX]
            again = [each.id for each in found if each.status == "sending" and each.id not in set(lost)]
            taken = [each for each in found if each.id not in set(lost)]
            for chunk in chunks(lost):
                given_up = {"status": "failed", "error": UNHEARD, "unheard": UNHEARD_MAX}
                connection.execute(table.update().where(table.c.id.in_(chunk)).values(given_up))
            for chunk in chunks(again):
                connection.execute(table.update().where(table.c.id.in_(chunk)).values(unheard=table.c.unheard + 1))
            for chunk in chunks(each.id for each in taken):
                mine = {"status": "sending", "due_at": until, "attempts": table.c.attempts + 1}
                connection.execute(table.update().where(table.c.id.in_(chunk)).values(mine))
        return tuple(taken)

    def end_deliveries(
        self, ids: Iterable[int], status: DeliveryStatus, now: datetime, *, error: str = "",
        due_at: datetime | None = None,
    ) -> None:  # fmt: skip
        """Say what came of some: sent, dropped, failed for good, or waiting until they are due again."""
        values: dict[str, Any] = {"status": status, "error": error, "sent_at": now if status == "sent" else None}
        if due_at is not None:
            values["due_at"] = due_at
        if status == "waiting":
            values["unheard"] = 0
        table = tables.deliveries
        with self.writing() as connection:
            for chunk in chunks(ids):
                connection.execute(table.update().where(table.c.id.in_(chunk)).values(values))

    def deliveries(
        self, *, incidents: Sequence[int] | None = None, status: str = "", limit: int | None = 50
    ) -> tuple[Delivery, ...]:
        """The newest first: of some incidents or of all, with one status or with any."""
        table = tables.deliveries
        query = sa.select(table).order_by(table.c.id.desc()).limit(limit)
        if incidents is not None:
            query = query.where(table.c.incident.in_(list(incidents)))
        if status:
            query = query.where(table.c.status == status)
        with self.reading() as connection:
            return tuple(_delivery(row) for row in connection.execute(query))

    def last_due(self) -> dict[tuple[str, str], datetime]:
        """When each route's last message to each channel was, or will be, due: (route, channel) -> moment."""
        table = tables.deliveries
        moment = sa.func.max(sa.func.coalesce(table.c.sent_at, table.c.due_at))
        query = sa.select(table.c.route, table.c.channel, moment.label("at"))
        query = query.where(table.c.status != "dropped", table.c.event.not_in(("reminder", "test")))
        with self.reading() as connection:
            rows = connection.execute(query.group_by(table.c.route, table.c.channel))
            return {(row.route, row.channel): row.at for row in rows}


def _delivery(row: Any) -> Delivery:
    return Delivery(**row._mapping)
