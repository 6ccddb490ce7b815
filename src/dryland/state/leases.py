"""Remembers who is at work on what: one writer for each environment, by a lease that ends when it is not renewed.

Each taking has a fence, a number that only grows. Whoever stood still, and comes back when another has taken over, has
a smaller one than the store knows, and changes nothing any more. Time is the store's, whatever machines believe.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from dryland.errors import FencedError, HeldError
from dryland.state import tables
from dryland.state.connection import Connected, again
from dryland.state.processes import this_process, who
from dryland.state.work import LEASE_S, Holding, Writer, name_of, scope_of

ENDED = 0.0  # the moment at which a writer expires that has ended


class _Now(sa.sql.functions.FunctionElement[float]):
    """Seconds since 1970 by the clock of the store."""

    type = sa.Float()
    inherit_cache = True
    name = "store_now"


@compiles(_Now, "sqlite")
def _now_of_sqlite(_: object, __: object, **___: object) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(_Now, "postgresql")
def _now_of_postgres(_: object, __: object, **___: object) -> str:
    return "extract(epoch from clock_timestamp())::double precision"


class Leases(Connected):
    """Writers and leases; a store that was opened is one writer."""

    def __init__(self, engine: sa.Engine, place: str, reading: Mapping[str, Any]) -> None:
        super().__init__(engine, place, reading)
        self.lease_s = LEASE_S
        self.token = ""  # of the writer that this one is while it is at work
        self.lost = threading.Event()  # another took over what this one held
        self._fences: dict[str, int] = {}
        self._ended: list[str] = []

    def holds(self, scope: str) -> bool:
        """Whether this one has taken the lease of a scope."""
        return scope in self._fences

    def fence_of(self, environment: str) -> int:
        """The fence with which this one holds an environment; 0 when it does not."""
        return self._fences.get(scope_of(environment), 0)

    @again
    def take(self, scope: str, verb: str) -> Writer | None:
        """Take the lease of a scope; whoever has it already, and is alive, is given back instead."""
        leases = tables.leases
        with self.writing() as connection:
            now, last = connection.execute(sa.select(_Now(), sa.func.max(leases.c.fence))).one()
            holder = self._holder(connection, scope)
            if holder and holder.token != self.token:
                if holder.is_alive:
                    return holder
                self.end(connection, [holder])
            self._enlist(connection, verb, scope, now, is_waiting=False)
            fence = (last or 0) + 1
            lease = {"scope": scope, "fence": fence, "token": self.token}
            self.put(connection, leases, [lease], update=("fence", "token"))
        self._fences[scope] = fence
        return None

    def wait_for(self, scope: str, verb: str) -> None:
        """Let others see that this one waits."""
        with self.writing() as connection:
            now = connection.execute(sa.select(_Now())).scalar_one()
            self._enlist(connection, verb, scope, now, is_waiting=True)

    @again
    def let_go(self, scope: str) -> None:
        """Give a lease back, or stop waiting for it; without any, all that was claimed is given back, too."""
        self._fences.pop(scope, None)
        leases, writers, claims = tables.leases, tables.writers, tables.claims
        mine = writers.c.token == self.token
        with self.writing() as connection:
            held = (leases.c.scope == scope) & (leases.c.token == self.token)
            connection.execute(leases.update().where(held).values(token=None))
            if not self._fences:
                connection.execute(claims.delete().where(claims.c.token == self.token))
                connection.execute(writers.delete().where(mine, writers.c.run_id.is_(None)))
                connection.execute(writers.update().where(mine).values(expires=ENDED))
        if not self._fences:
            self.token = ""

    def renew(self) -> bool:
        """Give a sign of life; False when another has taken over meanwhile."""
        writers = tables.writers
        alive = {"heard": _Now(), "expires": _Now() + self.lease_s}
        with self.writing() as connection:
            mine = writers.update().where(writers.c.token == self.token, ~writers.c.is_lost)
            return connection.execute(mine.values(alive)).rowcount == 1

    def raise_fence(self, environment: str, above: int) -> int:
        """Go on with a fence above that of a warehouse which knows other metadata, or these as they were later.

        Raises:
            FencedError: the environment is no longer held by this one.
        """
        scope = scope_of(environment)
        with self.writing() as connection:
            self.verify_held(connection, environment)
            last = connection.execute(sa.select(sa.func.max(tables.leases.c.fence))).scalar() or 0
            fence = max(last, above) + 1
            lease = {"scope": scope, "fence": fence, "token": self.token}
            self.put(connection, tables.leases, [lease], update=("fence",))
        self._fences[scope] = fence
        return fence

    def verify_held(self, connection: sa.Connection, environment: str) -> None:
        """Nobody else has, or took, an environment that is about to be changed in this transaction.

        Raises:
            FencedError: another took over what this one held.
            HeldError: another holds it, and this one never did.
        """
        scope = scope_of(environment)
        holder = self._holder(connection, scope)
        fence = self._fences.get(scope)
        if fence is None:
            if holder and holder.token != self.token and holder.is_alive:
                raise held_by(scope, holder)
        elif holder is None or holder.token != self.token or holder.is_lost:
            raise fenced(scope, holder)

    def verify_kept(self, scope: str) -> None:
        """Nobody took over what this one holds.

        Raises:
            FencedError: somebody did; says who.
        """
        if self.lost.is_set():
            with self.reading() as connection:
                raise fenced(scope, self._holder(connection, scope))

    @again
    def holdings(self) -> tuple[Holding, ...]:
        """All leases that somebody alive has."""
        leases = tables.leases
        query = sa.select(leases.c.scope.label("held"), leases.c.fence, *of_writers())
        with self.reading() as connection:
            rows = connection.execute(
                query.join(tables.writers, tables.writers.c.token == leases.c.token).order_by(leases.c.scope)
            )
            found = (Holding(row.held, row.fence, writer_of(row)) for row in rows)
            return tuple(each for each in found if each.writer.is_alive)

    def writers(self) -> tuple[Writer, ...]:
        """Everybody who is remembered, those that ended, too; the longest at work first."""
        with self.reading() as connection:
            rows = connection.execute(sa.select(*of_writers()).order_by(tables.writers.c.since))
            return tuple(writer_of(row) for row in rows)

    def end_dead(self) -> None:
        """Take all that they had from writers that are dead, or have not been heard of for too long."""
        with self.writing() as connection:
            self.end(connection, [each for each in self.writers() if not each.is_alive and not each.is_over])

    def forget_writers(self) -> None:
        """Forget writers that ended and whose runs are forgotten, and environments that nobody holds."""
        writers, leases = tables.writers, tables.leases
        runs = sa.select(tables.runs.c.id)
        last = sa.select(sa.func.max(leases.c.fence)).scalar_subquery()
        with self.writing() as connection:
            is_over = writers.c.is_lost | (writers.c.expires <= ENDED)
            connection.execute(writers.delete().where(is_over, sa.func.coalesce(writers.c.run_id, 0).not_in(runs)))
            known = sa.select(writers.c.token)
            connection.execute(tables.claims.delete().where(tables.claims.c.token.not_in(known)))
            free = leases.c.token.is_(None) | leases.c.token.not_in(known)
            connection.execute(leases.delete().where(free, leases.c.fence < last))  # fences go on above the last

    def end(self, connection: sa.Connection, dead: Iterable[Writer]) -> None:
        """Take all that they had from these writers."""
        for writer in dead:
            mine = tables.writers.c.token == writer.token
            connection.execute(tables.writers.update().where(mine).values(is_lost=True))
            self._ended.append(writer.process)

    def pop_ended(self) -> list[str]:
        """Processes from which this one took over since it was asked last: the warehouse may know them still."""
        ended, self._ended = self._ended, []
        return ended

    def _holder(self, connection: sa.Connection, scope: str) -> Writer | None:
        """Who has the lease of a scope, dead or alive."""
        leases, writers = tables.leases, tables.writers
        query = sa.select(*of_writers()).join(leases, leases.c.token == writers.c.token)
        row = connection.execute(query.where(leases.c.scope == scope)).first()
        return writer_of(row) if row else None

    def _enlist(self, connection: sa.Connection, verb: str, scope: str, now: float, *, is_waiting: bool) -> None:
        """Be a writer from here on, or one that waits to be."""
        if self._fences:
            return
        if not self.token:
            self.token = secrets.token_hex(8)
            self.lost.clear()
        row = {
            "token": self.token, "who": who(), "process": this_process(), "verb": verb, "scope": scope,
            "run_id": None, "since": now, "heard": now, "expires": now + self.lease_s,
            "is_lost": False, "is_waiting": is_waiting,
        }  # fmt: skip
        self.put(connection, tables.writers, [row], update=("since", "heard", "expires", "is_lost", "is_waiting"))


def held_by(scope: str, holder: Writer) -> HeldError:
    """What to tell somebody who may not begin."""
    return HeldError(
        f"{name_of(scope)} is held by {holder}.",
        holder=holder.as_dict(),
        hint="--wait waits for it; `dryland runs` shows who is at work.",
    )


def fenced(scope: str, holder: Writer | None) -> FencedError:
    """What to tell somebody who was away for too long."""
    by = f" by {holder}" if holder else ""
    return FencedError(
        f"{name_of(scope)} was taken over{by}: nothing had been heard of this process, and it changes nothing more.",
        hint="was the machine asleep, or the metadata out of reach? Run it again: what was built is found.",
    )


def of_writers() -> tuple[sa.ColumnElement[Any], ...]:
    """What is asked of writers, for `writer_of`."""
    writers = tables.writers
    return (
        *(column for column in writers.c if column not in (writers.c.heard, writers.c.expires)),
        (_Now() - writers.c.heard).label("heard_s"), (writers.c.expires - _Now()).label("left_s"),
        (writers.c.expires <= ENDED).label("is_over"),
    )  # fmt: skip


def writer_of(row: Any) -> Writer:
    """A writer from its row."""
    return Writer(
        row.token, row.who, row.process, row.verb, row.scope, row.run_id,
        datetime.fromtimestamp(row.since, UTC).replace(tzinfo=None),
        row.heard_s, row.left_s, bool(row.is_lost), bool(row.is_waiting), bool(row.is_over),
    )  # fmt: skip
