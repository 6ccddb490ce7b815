"""Gets views to itself for a moment, and keeps nobody who reads them waiting for long.

PostgreSQL gives a view away only when everybody who reads it has ended his transaction, and who comes later queues up
behind. So we wait for a moment only, give up, let the queue pass, and try again: readers wait for that moment at most,
and a reader who keeps a transaction open keeps us waiting, and nobody else.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle

from dryland.engines.postgres_catalogue import listed
from dryland.engines.postgres_names import literal
from dryland.engines.postgres_session import PostgresSession
from dryland.engines.relation import Relation
from dryland.engines.statement import Asked
from dryland.errors import WarehouseLockedError

WAITS_MS = (5, 10, 20, 40, 80, 160, 320)  # for all views together, one turn each; deadlocks are looked for after 1,000
PAUSE = 2  # times as long as we may have kept readers waiting, they have for themselves
PAUSE_MAX_S = 0.25  # until we look again whether a long reader has gone
LONG_S = 1.0  # a reader's transaction that lasts longer is waited for before we try again
TELL_S = 1.0  # after which the person is told who is waited for
LOCKING = """
DECLARE
    began timestamptz := clock_timestamp();
    each record;
BEGIN
    FOR each IN
        SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner) AS owner
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN {listed} ON n.nspname = asked.schema_name AND c.relname = asked.table_name
        WHERE c.relkind = 'v' AND pg_has_role(c.relowner, 'USAGE')  -- or what is said of it next is refused, and told
        ORDER BY c.oid IN (SELECT relation FROM pg_locks WHERE granted AND pid <> pg_backend_pid()), 1, 2
    LOOP
        PERFORM set_config('lock_timeout', greatest(
            {wait_ms} - 1000 * extract(epoch FROM clock_timestamp() - began), 1
        )::int::text, true);
        EXECUTE format('ALTER VIEW %I.%I OWNER TO %I', each.nspname, each.relname, each.owner);
    END LOOP;
END
"""  # an owner who stays takes the lock and changes nothing; LOCK TABLE would lock what the view reads as well


def take(session: PostgresSession, names: Iterable[Relation], wait_ms: int) -> None:
    """Lock those of these views that exist until the transaction ends; no lock after that is waited for any longer.

    Those that nobody reads at this moment go first. In the order of their names each would be waited for, and
    meanwhile readers of several views come to hold one that we want while they wait for one that we have. Whoever holds
    a view when we begin has all that he needs, and soon ends.

    Raises:
        QueryError: not all of them came free within `wait_ms`; it is transient.
    """
    wanted = sorted(set(names))
    if wanted:
        session.send(f"DO {literal(LOCKING.format(listed=listed(wanted), wait_ms=wait_ms))}")


def turns(
    session: Asked, names: Sequence[Relation], *, patience_s: float, on_wait: Callable[[str], None] | None
) -> Iterator[int]:  # fmt: skip
    """How long to wait for these names, in milliseconds: once for each turn, which comes when no long reader is there.

    Among readers who never pause a turn has success within a few milliseconds or not at all (tried: every third of them
    with 50 views); readers whose queries take longer need longer turns. So the short ones come first.

    Raises:
        WarehouseLockedError: somebody kept one of them locked for `patience_s`.
    """
    began, told = time.monotonic(), False
    for wait_ms in cycle(WAITS_MS):
        yield wait_ms
        pause_s, holders = PAUSE * wait_ms / 1000, ["until we looked"]
        while holders:
            time.sleep(pause_s * (0.5 + random.random()))
            pause_s = min(pause_s * 2, PAUSE_MAX_S)
            holders, waited_s = _holders(session, names), time.monotonic() - began
            if waited_s > patience_s:
                raise WarehouseLockedError(
                    f"readers kept what is to be published locked for {waited_s:.0f} s: "
                    f"{'; '.join(holders) or 'many short ones'}.",
                    hint="nothing was published; apply again, and what was built is found. `publish_wait_s` of the "
                    "profile says how long readers are waited for.",
                )
            if on_wait and waited_s > TELL_S and not told:
                on_wait(f"waiting for readers: {'; '.join(holders) or 'many short ones'}")
                told = True


def _holders(session: Asked, names: Sequence[Relation]) -> list[str]:
    """Who keeps them locked, in transactions that have lasted for a while: told for people."""
    if not names:
        return []
    query = f"""
        SELECT c.relname, l.pid, a.usename, a.application_name, extract(epoch FROM now() - a.xact_start)::float
        FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN {listed(names)} ON n.nspname = asked.schema_name AND c.relname = asked.table_name
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
