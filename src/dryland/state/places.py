"""Remembers what is outside: where the releases are, which sources were read again, and which builds were refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import sqlalchemy as sa

from dryland.state import tables
from dryland.state.connection import Connected, again
from dryland.state.records import Place, Rereading


class Places(Connected):
    """One place, for a store serves one target; at most one rereading for each source."""

    @again
    def place(self) -> Place | None:
        """Where the releases are; None before the first."""
        with self.reading() as connection:
            row = connection.execute(sa.select(tables.places)).first()
        return Place(row.target, row.database, row.where, row.schema) if row else None

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

    def refused_builds(self) -> frozenset[str]:
        """Keys of builds that the gate refused, whatever has become of them."""
        with self.reading() as connection:
            return frozenset(key for (key,) in connection.execute(sa.select(tables.refused_builds)))

    def put_refused_builds(self, keys: Iterable[str]) -> None:
        """Remember these as well."""
        with self.writing() as connection:
            self.put(connection, tables.refused_builds, [{"key": key} for key in keys], update=())
