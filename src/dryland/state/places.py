"""Remembers what is outside: the warehouse that the releases are in, and sources that were read again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import sqlalchemy as sa

from dryland.state import tables
from dryland.state.connection import Connected
from dryland.state.records import Place, Rereading


class Places(Connected):
    """One place, for a store serves one target; at most one rereading for each source."""

    def place(self) -> Place | None:
        """Where the releases are; None before the first."""
        with self.reading() as connection:
            row = connection.execute(sa.select(tables.places)).first()
        return Place(row.target, row.database, row.schema) if row else None

    def put_place(self, place: Place) -> None:
        """Remember it instead of what was remembered."""
        with self.writing() as connection:
            connection.execute(tables.places.delete())
            connection.execute(tables.places.insert().values(asdict(place)))

    def rereadings(self) -> dict[str, Rereading]:
        """By source."""
        with self.reading() as connection:
            rows = connection.execute(sa.select(tables.rereadings))
            return {row.source: Rereading(row.source, row.token, row.salt) for row in rows}

    def put_rereadings(self, rereadings: Iterable[Rereading]) -> None:
        """Remember these, each instead of what was remembered of its source."""
        with self.writing() as connection:
            self.put(connection, tables.rereadings, [asdict(each) for each in rereadings], update=("token", "salt"))
