"""A connection that is lost at any statement of a verb is made again: the verb is done, and is done once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from dryland.engines.postgres_connection import PostgresConnection
from dryland.platform import Platform
from dryland.release import patience

pytestmark = pytest.mark.slow

MART = "models/marts/customer_orders.sql"
STEP = 4  # metadata are asked much more often: every fourth of these statements
OPENING = 2  # statements of metadata that is opened: who cannot reach it is told at once


@dataclass
class Fate:
    """Which statement loses its connection, to the warehouse or to the metadata; and whether it was done by then."""

    shop: Any
    somebody: psycopg.Connection[Any]
    is_of_metadata: bool
    at: int = 0
    afterwards: bool = False
    sent: int = 0
    struck: str = ""

    def begin(self, at: int, *, afterwards: bool) -> None:
        """Count from here."""
        self.at, self.afterwards, self.sent, self.struck = at, afterwards, 0, ""

    def is_due(self, sql: str) -> bool:
        """Whether it is this statement."""
        self.sent += 1
        if self.sent == self.at:
            self.struck = " ".join(sql.split())
        return self.sent == self.at

    def strike(self, pid: int) -> None:
        """Let the server end a connection, and wait until it has."""
        self.somebody.execute("select pg_terminate_backend(%s, 5000)", [pid])

    def everywhere(self, verb: Callable[[Platform], object], check: Callable[[], None]) -> int:
        """Do it again and again, each time with another statement lost; how often that was."""
        at, times = OPENING if self.is_of_metadata else 0, 0
        while True:
            at += STEP if self.is_of_metadata else 1
            for afterwards in (False, True):
                if afterwards and (self.is_of_metadata or self.struck.startswith("SELECT")):
                    continue
                with Platform.open(self.shop.root) as platform:
                    self.begin(at, afterwards=afterwards)
                    try:
                        verb(platform)
                    except Exception as error:
                        raise AssertionError(f"lost at statement {at}, {self.struck!r}: {error}") from error
                    if not self.struck:
                        return times
                times += 1
                self.at = 0
                check()


@pytest.fixture(params=["warehouse", "metadata"])
def fate(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, pg_shop: Any, postgres_server: Any
) -> Iterator[Fate]:
    """The sample project, released twice, with its metadata on the same server; nothing is lost yet."""
    monkeypatch.setattr(patience, "PAUSE_S", 0.01)
    place = f"postgresql://{postgres_server.user}@/{pg_shop.database}?host={postgres_server.folder}"
    pg_shop.write("dryland.yml", f'state: "{place}"\n')
    pg_shop.dryland("apply", "--yes")
    pg_shop.edit(MART, "c.name,", "lower(c.name) as name,")
    pg_shop.dryland("apply", "--yes")
    with postgres_server.connect(pg_shop.database) as somebody:
        found = Fate(pg_shop, somebody, request.param == "metadata")
        if found.is_of_metadata:

            def before(connection: Any, _: object, statement: str, *__: object) -> None:
                if found.is_due(statement):
                    found.strike(connection.connection.dbapi_connection.info.backend_pid)

            sa.event.listen(sa.Engine, "before_cursor_execute", before)
            yield found
            sa.event.remove(sa.Engine, "before_cursor_execute", before)
            return
        run = PostgresConnection.run

        @contextmanager
        def running(session: Any, sql: str, **around: str) -> Iterator[Any]:
            if found.is_due(sql):
                if found.afterwards:
                    with suppress(psycopg.Error), run(session, sql, **around):
                        pass
                found.strike(session.connection.info.backend_pid)
            with run(session, sql, **around) as cursor:
                yield cursor

        monkeypatch.setattr(PostgresConnection, "run", running)
        yield found


def views_in(fate: Fate, schema: str) -> int:
    """How many there are."""
    ((count,),) = fate.shop.sql(f"select count(*) from pg_views where schemaname = '{schema}'")
    return int(count)


def test_a_rollback_is_done_once(fate: Fate) -> None:
    """Going back from one release to the other each time: twice would be seen."""
    wanted, names = [1, 2], {1: "Ana", 2: "ana"}

    def back(platform: Platform) -> None:
        wanted.append(wanted[-2])
        earlier = [each for each in platform.releases(limit=1000) if each.status == "superseded"]
        same = (each.id for each in earlier if each.summary.get("rolled_back_to", each.id) == wanted[-1])
        platform.rollback(release=next(same))

    def check() -> None:
        shown = fate.shop.sql("select name from main.customer_orders order by lower(name) limit 1")
        assert shown == [(names[wanted[-1]],)]
        with Platform.open(fate.shop.root) as platform:
            seen = [each.status for each in platform.releases(limit=1000) if each.status != "abandoned"]
        assert (len(seen), seen.count("live")) == (len(wanted), 1)

    assert fate.everywhere(back, check) > 3


def test_an_environment_is_made_and_dropped_once(fate: Fate) -> None:
    prod, made = views_in(fate, "main"), list[str]()

    def create(platform: Platform) -> None:
        made.append(f"dev_{len(made)}")
        platform.create_environment(made[-1])

    def drop(platform: Platform) -> None:
        platform.drop_environment(made[-1])

    def check_dropped() -> None:
        assert views_in(fate, f"main__{made.pop()}") == 0
        with Platform.open(fate.shop.root) as platform:
            assert {each.name for each in platform.environments()} == {"prod", *made}

    def check_made() -> None:
        assert views_in(fate, f"main__{made[-1]}") == prod

    assert fate.everywhere(create, check_made) > 3
    assert fate.everywhere(drop, check_dropped) > 3


def test_garbage_is_collected_to_its_end(fate: Fate) -> None:
    """What nobody needs is there before each time."""
    old = [f"create table dryland_store.old__{number:016x} ()" for number in range(3)]
    fate.shop.arrives(*old)
    collected: list[int] = []

    def check() -> None:
        assert fate.shop.sql("select relname from pg_class where relname like 'old\\_\\_%'") == []
        assert collected.pop() == len(old)
        fate.shop.arrives(*old)

    assert fate.everywhere(lambda platform: collected.append(len(platform.gc().relations)), check) > 3
