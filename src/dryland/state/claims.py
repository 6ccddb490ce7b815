"""Remembers which builds somebody makes now, and which are needed by work that goes on.

A build is made by one writer at a time: whoever else wants it waits, and finds it made. What a writer that is alive has
claimed is not collected as garbage.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from dryland.state import codec, tables
from dryland.state.connection import chunks
from dryland.state.leases import Leases, of_writers, writer_of
from dryland.state.records import Build
from dryland.state.work import Claimed, Writer


class Claims(Leases):
    """What this writer, and others, are making or need."""

    def need(self, keys: Iterable[str]) -> None:
        """Have builds left alone while this one is at work, those that stand and those that it is going to make."""
        rows = [{"key": key, "token": self.token, "is_making": False} for key in keys]
        with self.writing() as connection:
            self.put(connection, tables.claims, rows, update=())

    def claim(self, keys: Collection[str]) -> Claimed:
        """Claim builds to make them: those that nobody else makes, and that are not made yet."""
        with self.writing() as connection:
            held = self._makers(connection, keys)
            free = [key for key in keys if key not in held]
            made = self._made(connection, free)
            rows = [{"key": key, "token": self.token, "is_making": key not in made} for key in free]
            self.put(connection, tables.claims, rows, update=("is_making",))
        return Claimed(frozenset(free) - made.keys(), made, held)

    def claim_garbage(self, keys: Iterable[str]) -> None:
        """Claim builds to drop them: whoever wants one waits, and makes it anew."""
        rows = [{"key": key, "token": self.token, "is_making": True} for key in keys if self.token]
        with self.writing() as connection:
            self.put(connection, tables.claims, rows, update=("is_making",))

    def claimed_keys(self, *, but_mine: Iterable[str] = ()) -> frozenset[str]:
        """Keys of builds that somebody alive makes or needs; of this one's own, not these."""
        mine = {(key, self.token) for key in but_mine}
        with self.reading() as connection:
            alive = {each.token for each in self.writers() if each.is_alive}
            rows = connection.execute(sa.select(tables.claims.c.key, tables.claims.c.token))
            return frozenset(key for key, token in rows if token in alive and (key, token) not in mine)

    def unclaim(self, keys: Iterable[str]) -> None:
        """Let others make these: they are made, or could not be; they are needed still."""
        with self.writing() as connection:
            for chunk in chunks(keys):
                mine = (tables.claims.c.token == self.token) & tables.claims.c.key.in_(chunk)
                connection.execute(tables.claims.update().where(mine).values(is_making=False))

    def _makers(self, connection: sa.Connection, keys: Iterable[str]) -> dict[str, Writer]:
        """Others who are making these, and are alive; the dead have lost what they had."""
        claims, writers = tables.claims, tables.writers
        query = sa.select(claims.c.key, *of_writers()).join(writers, writers.c.token == claims.c.token)
        making = query.where(
            claims.c.is_making, claims.c.token != self.token, writers.c.expires > 0, ~writers.c.is_lost
        )
        rows = [row for chunk in chunks(keys) for row in connection.execute(making.where(claims.c.key.in_(chunk)))]
        makers = {row.key: writer_of(row) for row in rows}
        dead = {each.token: each for each in makers.values() if not each.is_alive}
        self.end(connection, dead.values())
        return {key: each for key, each in makers.items() if each.is_alive}

    def _made(self, connection: sa.Connection, keys: Iterable[str]) -> dict[str, Build]:
        builds = tables.builds
        found = (
            row
            for chunk in chunks(keys)
            for row in connection.execute(sa.select(builds).where(builds.c.key.in_(chunk)))
        )
        return {row.key: codec.build(row.key, row.body) for row in found}
