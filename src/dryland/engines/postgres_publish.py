"""Publishes on PostgreSQL: every view and the note of it in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain

from psycopg import errors

from dryland.engines.postgres_catalogue import COLLATED_TYPE, columns_of
from dryland.engines.postgres_grants import as_before, granted, revoked
from dryland.engines.postgres_names import literal, quoted, rendered
from dryland.engines.postgres_notes import note, notes_in, prepare_notes
from dryland.engines.postgres_owners import verify_readable
from dryland.engines.postgres_readers import bind, readers_of, set_aside, verify_bindable
from dryland.engines.postgres_session import PostgresSession
from dryland.engines.postgres_standing import NOTHING, Catalogue, read_standing
from dryland.engines.postgres_turns import WAITS_MS, take, turns
from dryland.engines.publication import Publication
from dryland.engines.relation import Relation
from dryland.errors import InTheWayError, QueryError

IDLE_MAX_MS = 5_000  # if this process is paused while it has views locked, the server undoes that for their readers
TAKE_OVER_HINT = "`dryland apply --adopt` takes them over, and a rollback brings them back."
READER_HINT = "drop or change those views, or keep the columns that they read, and apply again."


def publish(
    session: PostgresSession, publication: Publication, store_schema: str, *, patience_s: float,
    on_wait: Callable[[str], None] | None,
) -> None:  # fmt: skip
    """Swap all views, drop, move and note, or change nothing.

    Raises:
        InTheWayError: what somebody else made stands where a view is to be published, or reads what would go.
        WarehouseLockedError: somebody kept one of the views locked for `patience_s`.
        FencedError: another took over the environment.
    """
    prepare_notes(session, notes_in(session.database, store_schema))
    names = sorted({*publication.views, *publication.drops, *publication.moves})
    for wait_ms in turns(session, names, patience_s=patience_s, on_wait=on_wait):
        try:
            _attempt(session, publication, store_schema, wait_ms)
            return
        except QueryError as error:
            if not error.transient:
                raise


def _attempt(session: PostgresSession, publication: Publication, store_schema: str, wait_ms: int) -> None:
    with session.transaction():
        session.send(
            f"SET LOCAL lock_timeout = {wait_ms}; SET LOCAL search_path = ''; "
            f"SET LOCAL idle_in_transaction_session_timeout = {IDLE_MAX_MS}"
        )
        note(session, notes_in(session.database, store_schema), publication)
        session.create_schema({(name.database, name.schema) for name in publication.views})
        names = {*publication.views, *publication.drops, *chain(*publication.moves.items())}
        catalogue = read_standing(session, {*names, *chain(*publication.returns.items())}, store_schema)
        _verify_free(publication, catalogue)
        with _readers_told():
            if publication.moves or publication.returns:
                _swap_with_others(session, publication, catalogue)
            else:
                swap(session, publication, catalogue, wait_ms)
        verify_readable(session, publication.views)


def _swap_with_others(session: PostgresSession, publication: Publication, catalogue: Catalogue) -> None:
    """Take over what others made, and give back what is theirs."""
    from dryland.engines.postgres_adopt import exchange

    exchange(session, publication, catalogue, lambda after: swap(session, publication, after))


@contextmanager
def _readers_told() -> Iterator[None]:
    """Say whose views are in the way when PostgreSQL refuses for their sake."""
    try:
        yield
    except QueryError as error:
        if not isinstance(error.__cause__, errors.DependentObjectsStillExist):
            raise
        raise InTheWayError(
            f"views of others read what would change or go: {error.message}", objects=(), hint=READER_HINT
        ) from error


def swap(
    session: PostgresSession, publication: Publication, catalogue: Catalogue, wait_ms: int = WAITS_MS[-1]
) -> None:  # fmt: skip
    """Bind every view to its build, and drop those that go."""
    anew = _made_anew(session, publication, catalogue)
    readers = readers_of(session, [catalogue[name].oid for name in anew], session.database)
    verify_bindable(readers)
    ours = {name for name in {*publication.views, *publication.drops} if catalogue[name].is_ours}
    take(session, ours, wait_ms)
    aside = set_aside(session, anew) if readers else []
    gone = (ours & {*publication.drops}) | (set() if readers else anew)
    statements = [f"DROP VIEW {', '.join(map(rendered, sorted(gone)))}"] if gone else []
    for name in sorted(publication.views):
        verb = "CREATE OR REPLACE" if name in ours - anew else "CREATE"
        statements.append(f"{verb} VIEW {rendered(name)} AS SELECT * FROM {rendered(publication.views[name])}")
    for name in sorted(anew):
        statements += as_before(rendered(name), catalogue[name])
    for name in sorted(publication.grants):
        had = catalogue[name] if catalogue[name].is_ours else NOTHING
        statements += granted(rendered(name), publication.grants[name], had)
    for name in sorted(publication.revokes.keys() & ours):
        statements += revoked(rendered(name), publication.revokes[name], catalogue[name])
    if statements:
        session.execute(";\n".join(statements))  # one round trip
    bind(session, readers, moved={})
    session.drop((name, "view") for name in aside)
    if comments := list(_comments(session, publication, catalogue, anew)):
        session.execute(";\n".join(comments))


def _made_anew(session: PostgresSession, publication: Publication, catalogue: Catalogue) -> set[Relation]:
    """Our views that cannot be replaced in place, since their columns would be others."""
    builds = {build for name, build in publication.views.items() if name in catalogue}
    columns = columns_of(session, builds, session.database, COLLATED_TYPE)
    return {
        name for name, build in publication.views.items()
        if catalogue[name].is_ours and not catalogue[name].takes(columns.get(build, ()))
    }  # fmt: skip


def _comments(
    session: PostgresSession, publication: Publication, catalogue: Catalogue, anew: set[Relation]
) -> Iterator[str]:  # fmt: skip
    """What is not said is gone, also where the view is the one that was there before."""
    columns = session.columns(publication.comments)
    for name in publication.views:
        said = publication.comments.get(name)
        known = {column.name for column in columns.get(name, ())}
        wanted = {"": said.relation} | {on: text for on, text in said.columns.items() if on in known} if said else {}
        before = dict(catalogue[name].comments) if catalogue[name].is_ours and name not in anew else {}
        for on in sorted({*wanted, *before}):
            if (wanted.get(on) or "") != before.get(on, ""):
                what = f"COLUMN {rendered(name)}.{quoted(on)}" if on else f"VIEW {rendered(name)}"
                yield f"COMMENT ON {what} IS {literal(wanted[on]) if wanted.get(on) else 'NULL'}"


def _verify_free(publication: Publication, catalogue: Catalogue) -> None:
    """Only our own views are replaced."""
    blocked = sorted(
        str(name)
        for name in publication.views
        if name in catalogue and name not in publication.moves and not catalogue[name].is_ours
    )
    if blocked:
        raise InTheWayError(
            f"tables or views that Dryland did not make stand at {', '.join(blocked)}.",
            objects=tuple(blocked), hint=TAKE_OVER_HINT,
        )  # fmt: skip
