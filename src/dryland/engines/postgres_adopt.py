"""Moves what somebody else made into the store, and hands it back as what it was.

PostgreSQL moves a table as it is: rows, indexes, constraints, grants and comments stay. Views are bound to relations,
and not to names: those that read what moved would go on reading it in the store, where nothing changes any more. So
whoever read it before is bound anew, to what stands under the name afterwards, and stays the view that he was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from dryland.engines.postgres_names import quoted, rendered
from dryland.engines.postgres_readers import Reader, bind, readers_of, set_aside, verify_bindable
from dryland.engines.postgres_session import PostgresSession
from dryland.engines.postgres_standing import NOTHING, Catalogue, Standing
from dryland.engines.publication import Publication
from dryland.engines.relation import Relation
from dryland.errors import InTheWayError, QueryError, WarehouseError

Moves = Mapping[Relation, Relation]  # name that readers use -> place in the store
WORDS = {"v": "VIEW", "m": "MATERIALIZED VIEW", "f": "FOREIGN TABLE"}
HINT = "give it another name or drop it, and apply again."


def exchange(
    session: PostgresSession, publication: Publication, catalogue: Catalogue, swap: Callable[[Catalogue], None]
) -> None:  # fmt: skip
    """Move, swap, return, and bind the readers of all that to what stands under its name now.

    Raises:
        InTheWayError: something cannot be moved, or a reader cannot be bound to what comes instead of it.
        WarehouseError: what was taken over is no longer where we left it.
    """
    moves = {name: place for name, place in publication.moves.items() if name in catalogue}
    returns = {
        name: place for name, place in publication.returns.items()
        if name not in catalogue or catalogue[name].is_ours
    }  # fmt: skip
    _verify_there(returns, catalogue)
    _verify_movable(session, moves, catalogue)
    readers = _readers(session, moves, returns, catalogue)
    for name, place in moves.items():
        _move(session, name, place, catalogue[name].kind)
    swap(_Without(catalogue, moves))
    with _copies_left(session, returns, catalogue):
        aside = set_aside(session, [name for name in returns if name in catalogue])
        for name, place in returns.items():
            _move(session, place, name, catalogue[place].kind)
    bind(session, readers, moved={**moves, **{place: name for name, place in returns.items()}})
    if aside:
        session.drop((name, "view") for name in aside)


def _readers(session: PostgresSession, moves: Moves, returns: Moves, catalogue: Catalogue) -> list[Reader]:
    """Who reads what moves, at either end; but for our own views of what comes back, which go."""
    ends = {*moves, *returns, *returns.values()}
    oids = [catalogue[name].oid for name in ends if name in catalogue]
    found = [each for each in readers_of(session, oids, session.database) if each.name not in returns]
    verify_bindable(found)
    return found


@contextmanager
def _copies_left(session: PostgresSession, returns: Moves, catalogue: Catalogue) -> Iterator[None]:
    """Leave a copy of what comes back in the store: releases and environments that point there go on showing it."""
    tables = [place for place in returns.values() if catalogue[place].kind != "v"]
    kept = {place: replace(place, name=f"dryland_kept_{number}") for number, place in enumerate(tables)}
    for place, keep in kept.items():  # before anything is locked that readers use
        session.execute(f"CREATE TABLE {rendered(keep)} AS TABLE {rendered(place)}")
    yield
    for place, keep in kept.items():
        session.execute(f"ALTER TABLE {rendered(keep)} RENAME TO {quoted(place.name)}")
    for name, place in returns.items():
        if place not in kept:
            session.execute(f"CREATE VIEW {rendered(place)} AS SELECT * FROM {rendered(name)}")


class _Without(Catalogue):
    """The catalogue after some names have moved away."""

    def __init__(self, catalogue: Catalogue, gone: Iterable[Relation]) -> None:
        self._before, self._gone = catalogue, frozenset(gone)

    def __contains__(self, name: Relation) -> bool:
        return name not in self._gone and name in self._before

    def __getitem__(self, name: Relation) -> Standing:
        return NOTHING if name in self._gone else self._before[name]


def _verify_there(returns: Moves, catalogue: Catalogue) -> None:
    gone = sorted(str(place) for place in returns.values() if place not in catalogue)
    if gone:
        raise WarehouseError(f"what was taken over cannot be handed back: {', '.join(gone)} is not what we left there.")


def _verify_movable(session: PostgresSession, moves: Moves, catalogue: Catalogue) -> None:
    """Say what we may not move, or what would be torn from what stays behind."""
    by_oid = {catalogue[name].oid: name for name in moves}
    reasons = {
        name: f"belongs to {catalogue[name].owner}, as whom we cannot act"
        for name in moves if not catalogue[name].may_change
    }  # fmt: skip
    if by_oid:
        oids = ", ".join(map(str, by_oid))
        query = f"""
            SELECT k.confrelid::bigint, 'is what a foreign key of ' || c.relname || ' refers to'
            FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
            WHERE k.contype = 'f' AND k.confrelid IN ({oids}) AND k.conrelid NOT IN ({oids})
            UNION ALL
            SELECT inhparent::bigint, 'is made of partitions' FROM pg_catalog.pg_inherits WHERE inhparent IN ({oids})
            UNION ALL
            SELECT inhrelid::bigint, 'is a partition of another' FROM pg_catalog.pg_inherits WHERE inhrelid IN ({oids})
        """
        reasons |= {by_oid[oid]: str(reason) for oid, reason in session.fetch(query).rows}
    if reasons:
        raise _refused(reasons)


def _refused(reasons: Mapping[Relation, str]) -> InTheWayError:
    told = "; ".join(f"{name} {reason}" for name, reason in sorted(reasons.items()))
    return InTheWayError(
        f"nothing was taken over, because not everything could be handed back as it was: {told}.",
        objects=tuple(sorted(str(name) for name in reasons)), hint=HINT,
    )  # fmt: skip


def _move(session: PostgresSession, old: Relation, new: Relation, kind: str) -> None:
    """To another schema and under another name; the new name is free in both."""
    word = WORDS.get(kind, "TABLE")
    middle = replace(old, name=new.name)
    statements = []
    if old.name != new.name:
        statements.append(f"ALTER {word} {rendered(old)} RENAME TO {quoted(new.name)}")
    if old.schema != new.schema:
        statements.append(f"ALTER {word} {rendered(middle)} SET SCHEMA {quoted(new.schema)}")
    try:
        session.execute(";\n".join(statements))
    except QueryError as error:
        if error.transient:
            raise
        raise _refused({old: f"cannot be moved ({error.message})"}) from error
