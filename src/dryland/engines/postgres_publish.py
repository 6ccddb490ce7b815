"""Publishes on PostgreSQL: every view and the note of it in one transaction, and no reader waits long for it.

A view is replaced under an exclusive lock, for which PostgreSQL waits until everybody who reads the view has ended his
transaction; who comes later queues up behind. So we wait for a moment only, give up, let the queue pass, and try again:
readers wait for that moment at most, and a reader who keeps a transaction open keeps us waiting, and nobody else.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from psycopg import errors

from dryland.engines.postgres_grants import as_before, granted
from dryland.engines.postgres_names import literal, quoted, rendered
from dryland.engines.postgres_notes import note, notes_in, prepare_notes
from dryland.engines.postgres_owners import verify_readable
from dryland.engines.postgres_readers import bind, readers_of, set_aside, verify_bindable
from dryland.engines.postgres_session import PostgresSession
from dryland.engines.postgres_standing import NOTHING, Catalogue, read_standing
from dryland.engines.publication import Publication
from dryland.engines.relation import Relation
from dryland.errors import InTheWayError, QueryError, WarehouseLockedError

LOCK_WAIT_MS = 100  # and so the longest that a reader waits in the queue; deadlocks are looked for after 1,000
IDLE_MAX_MS = 5_000  # if this process is paused while it has views locked, the server undoes that for their readers
PAUSES_S = (0.05, 1.0)  # between two attempts: the first, and the longest
LONG_S = 1.0  # a reader's transaction that lasts longer is waited for before we try again
TELL_S = 1.0  # after which the person is told who is waited for
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
    began, pause, told = time.monotonic(), PAUSES_S[0], False
    while True:
        try:
            _attempt(session, publication, store_schema)
            return
        except QueryError as error:
            if not error.transient:
                raise
        while True:
            waited = time.monotonic() - began
            holders = _holders(session, publication)
            if waited > patience_s:
                raise WarehouseLockedError(
                    f"readers kept what is to be published locked for {waited:.0f} s: {'; '.join(holders) or 'many'}.",
                    hint="nothing was published; apply again, and what was built is found. `publish_wait_s` of the "
                    "profile says how long readers are waited for.",
                )  # fmt: skip
            if on_wait and waited > TELL_S and not told:
                on_wait(f"waiting for readers: {'; '.join(holders) or 'many short ones'}")
                told = True
            time.sleep(pause * (0.5 + random.random()))
            pause = min(pause * 2, PAUSES_S[1]) if holders else PAUSES_S[0]
            if not holders:
                break


def _attempt(session: PostgresSession, publication: Publication, store_schema: str) -> None:
    with session.transaction():
        session.execute(
            f"SET LOCAL lock_timeout = {LOCK_WAIT_MS}; SET LOCAL search_path = ''; "
            f"SET LOCAL idle_in_transaction_session_timeout = {IDLE_MAX_MS}"
        )
        note(session, notes_in(session.database, store_schema), publication)
        session.create_schema({(name.database, name.schema) for name in publication.views})
        names = {*publication.views, *publication.drops, *chain(*publication.moves.items())}
        catalogue = read_standing(session, {*names, *chain(*publication.returns.items())}, store_schema)
        _verify_free(publication, catalogue)
        with _told_of_readers():
            if publication.moves or publication.returns:
                _swap_with_others(session, publication, catalogue)
            else:
                swap(session, publication, catalogue)
        verify_readable(session, publication.views)


def _swap_with_others(session: PostgresSession, publication: Publication, catalogue: Catalogue) -> None:
    """Take over what others made, and give back what is theirs."""
    from dryland.engines.postgres_adopt import exchange

    exchange(session, publication, catalogue, lambda after: swap(session, publication, after))


class _told_of_readers:  # noqa: N801 - it is used as a function
    """Say whose views are in the way when PostgreSQL refuses for their sake."""

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, QueryError) and isinstance(error.__cause__, errors.DependentObjectsStillExist):
            raise InTheWayError(
                f"views of others read what would change or go: {error.message}", objects=(), hint=READER_HINT
            ) from error


def swap(session: PostgresSession, publication: Publication, catalogue: Catalogue) -> None:
    """Bind every view to its build, and drop those that go; in the order of their names, as everybody does."""
    anew = _made_anew(session, publication, catalogue)
    readers = readers_of(session, [catalogue[name].oid for name in anew], session.database)
    verify_bindable(readers)
    aside = set_aside(session, anew) if readers else []
    gone = {name for name in publication.drops if catalogue[name].is_ours} | (set() if readers else anew)
    statements = [f"DROP VIEW {', '.join(map(rendered, sorted(gone)))}"] if gone else []
    replaced = [name for name in sorted(publication.views) if catalogue[name].is_ours and name not in anew]
    if replaced:
        statements.append(_in_turn([f"CREATE OR REPLACE {_view(publication, name)}" for name in replaced]))
    statements += [f"CREATE {_view(publication, name)}" for name in sorted({*publication.views} - {*replaced})]
    for name in sorted(anew):
        statements += as_before(rendered(name), catalogue[name])
    for name in sorted(publication.grants):
        had = catalogue[name] if catalogue[name].is_ours else NOTHING
        statements += granted(rendered(name), publication.grants[name], had)
    if statements:
        session.execute(";\n".join(statements))  # one round trip
    bind(session, readers, moved={})
    session.drop((name, "view") for name in aside)
    if comments := list(_comments(session, publication, catalogue, anew)):
        session.execute(";\n".join(comments))


def _view(publication: Publication, name: Relation) -> str:
    return f"VIEW {rendered(name)} AS SELECT * FROM {rendered(publication.views[name])}"


def _in_turn(statements: list[str]) -> str:
    """Replace first all views that nobody reads at this moment, and then wait for the others.

    In the order of their names each would be waited for, and meanwhile readers of several views come to hold one that
    we want while they wait for one that we have: with enough of them no attempt would ever succeed. Whoever holds a
    view at the beginning has all that he needs, and soon ends.
    """
    listed = ", ".join(map(literal, statements))
    block = f"""
        DECLARE
            said text;
            later text[] := '{{}}';
        BEGIN
            PERFORM pg_catalog.set_config('lock_timeout', '1ms', true);
            FOREACH said IN ARRAY ARRAY[{listed}]::text[] LOOP
                BEGIN
                    EXECUTE said;
                EXCEPTION WHEN lock_not_available THEN
                    later := pg_catalog.array_append(later, said);
                END;
            END LOOP;
            PERFORM pg_catalog.set_config('lock_timeout', '{LOCK_WAIT_MS}ms', true);
            FOREACH said IN ARRAY later LOOP
                EXECUTE said;
            END LOOP;
        END
    """
    return f"DO {literal(block)}"


def _made_anew(session: PostgresSession, publication: Publication, catalogue: Catalogue) -> set[Relation]:
    """Our views that cannot be replaced in place, since their columns would be others."""
    columns = session.columns({build for name, build in publication.views.items() if name in catalogue})
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


def _holders(session: PostgresSession, publication: Publication) -> list[str]:
    """Who keeps what is to be published locked, in transactions that have lasted for a while: told for people."""
    names = sorted({*publication.views, *publication.drops, *publication.moves})
    if not names:
        return []
    query = f"""
        SELECT c.relname, l.pid, a.usename, a.application_name, extract(epoch FROM now() - a.xact_start)::float
        FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN (VALUES {_rows(names)}) AS asked(schema_name, table_name)
            ON n.nspname = asked.schema_name AND c.relname = asked.table_name
        LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
        WHERE l.granted AND l.pid <> pg_catalog.pg_backend_pid()
            AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
            AND coalesce(now() - a.xact_start > interval '{LONG_S} s', true)
        ORDER BY a.xact_start LIMIT 3
    """
    return [
        f"{name} by {user or 'somebody'} (pid {pid}{', ' + program if program else ''}"
        + (f", for {lasted:.0f} s)" if lasted is not None else ")")
        for name, pid, user, program, lasted in session.fetch(query).rows
    ]


def _rows(names: Iterable[Relation]) -> str:
    return ", ".join(f"({literal(name.schema)}, {literal(name.name)})" for name in names)
