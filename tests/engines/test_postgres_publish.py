"""Publishing on PostgreSQL: readers who keep transactions open, views of others over ours, columns that change."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from opening import READERS, STORE, at, make, opened, postgres_at, rows

from dryland.engines.protocol import Engine
from dryland.engines.publication import Comments, Publication
from dryland.engines.registry import Address
from dryland.errors import InTheWayError, WarehouseError, WarehouseLockedError

pytestmark = pytest.mark.slow  # each publishes, and looks


@pytest.fixture
def there(request: pytest.FixtureRequest, tmp_path: Any) -> Address:
    return postgres_at(tmp_path, request.getfixturevalue)


@pytest.fixture
def warehouse(there: Address) -> Iterator[Engine]:
    one = opened(replace(there, settings={**there.settings, "publish_wait_s": 0.5}))
    with one.session() as session:
        session.create_schema([(one.database, STORE), (one.database, READERS), (one.database, "analyst")])
    yield one
    one.close()


@pytest.fixture
def somebody(there: Address, postgres_server: Any) -> Iterator[psycopg.Connection[Any]]:
    """Who reads, and is not Dryland."""
    with postgres_server.connect(there.database, application_name="dashboard") as connection:
        yield connection


def publish(engine: Engine, release: int, query: str, **more: Any) -> None:
    build = make(engine, f"orders__{release}", query)
    engine.publish(Publication("prod", str(release), {at(engine, "orders", READERS): build}, **more))


def identity(somebody: psycopg.Connection[Any], name: str) -> int:
    (found,) = somebody.execute("select %s::regclass::oid::bigint", [name]).fetchone() or (0,)
    return int(found)


def test_a_reader_with_an_open_cursor_reads_on_and_keeps_nobody_but_us_waiting(
    warehouse: Engine, somebody: psycopg.Connection[Any], postgres_server: Any
) -> None:  # fmt: skip
    publish(warehouse, 1, "select x from generate_series(1, 1000) as t(x)")
    slowest, answered, stop = [0.0], [0], threading.Event()

    def look() -> None:
        with postgres_server.connect(warehouse.database) as another:
            while not stop.is_set():
                began = time.monotonic()
                another.execute("select count(*) from readers.orders").fetchall()
                slowest[0] = max(slowest[0], time.monotonic() - began)
                answered[0] += 1

    watcher = threading.Thread(target=look)
    with somebody.transaction(), somebody.cursor("slow") as cursor:
        cursor.execute("select x from readers.orders order by x")
        first = cursor.fetchmany(10)
        watcher.start()
        time.sleep(1.1)
        with pytest.raises(WarehouseLockedError, match=r"orders by postgres \(pid \d+, dashboard, for \d+ s\)"):
            publish(warehouse, 2, "select x from generate_series(1, 2000) as t(x)")
        assert warehouse.published() == {"prod": "1"}
        rest = cursor.fetchall()
    stop.set()
    watcher.join()
    assert [x for (x,) in [*first, *rest]] == list(range(1, 1001))
    assert answered[0] > 50 and slowest[0] < 0.5
    publish(warehouse, 2, "select x from generate_series(1, 2000) as t(x)")
    assert len(rows(warehouse, at(warehouse, "orders", READERS))) == 2000


def test_a_publication_waits_for_a_reader_who_soon_ends(there: Address, somebody: psycopg.Connection[Any]) -> None:
    told: list[str] = []
    warehouse = opened(there, on_wait=told.append)
    try:
        publish(warehouse, 1, "select 1 as x")
        somebody.execute("begin")
        somebody.execute("select * from readers.orders")
        threading.Timer(2.5, lambda: somebody.execute("commit")).start()
        began = time.monotonic()
        publish(warehouse, 2, "select 2 as x")
        assert 2 < time.monotonic() - began < 10
        assert rows(warehouse, at(warehouse, "orders", READERS)) == [(2,)]
        assert len(told) == 1 and "dashboard" in told[0]
    finally:
        warehouse.close()


def test_a_view_of_somebody_over_ours_survives_and_sees_what_is_new(
    warehouse: Engine, somebody: psycopg.Connection[Any]
) -> None:  # fmt: skip
    publish(warehouse, 1, "select 1 as id, 'a' as name")
    somebody.execute("create view analyst.named with (security_barrier=true) as select name from readers.orders")
    before = identity(somebody, "readers.orders"), identity(somebody, "analyst.named")
    publish(warehouse, 2, "select 2 as id, 'b' as name, 5 as added_last")
    assert somebody.execute("select * from analyst.named").fetchall() == [("b",)]
    assert (identity(somebody, "readers.orders"), identity(somebody, "analyst.named")) == before
    publish(warehouse, 3, "select 'c' as name, 3.5 as id")
    assert somebody.execute("select * from analyst.named").fetchall() == [("c",)]
    assert identity(somebody, "analyst.named") == before[1]
    options = "select reloptions from pg_class where oid = 'analyst.named'::regclass"
    assert somebody.execute(options).fetchall() == [(["security_barrier=true"],)]


@pytest.mark.parametrize(
    ("theirs", "why"),
    [
        ("create view analyst.v as select name from readers.orders", 'column "name" does not exist'),
        ("create materialized view analyst.v as select id from readers.orders", "materialised view"),
    ],
)
def test_what_a_view_of_somebody_cannot_do_without_stops_the_release(
    warehouse: Engine, somebody: psycopg.Connection[Any], theirs: str, why: str
) -> None:
    publish(warehouse, 1, "select 1 as id, 'a' as name")
    somebody.execute(theirs)
    before = somebody.execute("select * from analyst.v").fetchall()
    with pytest.raises(InTheWayError, match=f"analyst.v reads what would change, and .*{why}") as raised:
        publish(warehouse, 2, "select 2 as other, 1 as id")
    assert raised.value.objects == ("analyst.v",)
    assert (warehouse.published(), rows(warehouse, at(warehouse, "orders", READERS))) == ({"prod": "1"}, [(1, "a")])
    with pytest.raises(InTheWayError, match=r"view analyst\.v depends on view readers\.orders"):
        warehouse.publish(Publication("prod", "3", {}, (at(warehouse, "orders", READERS),)))
    assert somebody.execute("select * from analyst.v").fetchall() == before


def test_grants_and_owner_stay_when_columns_change(warehouse: Engine, somebody: psycopg.Connection[Any]) -> None:
    somebody.execute("create role readers_of_it; create role owner_of_it")
    try:
        publish(warehouse, 1, "select 1 as id, 'a' as name")
        somebody.execute("grant create, usage on schema readers to owner_of_it")
        somebody.execute("grant select on readers.orders to readers_of_it with grant option")
        somebody.execute("grant usage on schema dryland_store to owner_of_it")
        somebody.execute("alter default privileges in schema dryland_store grant select on tables to owner_of_it")
        somebody.execute("grant select on all tables in schema dryland_store to owner_of_it")
        somebody.execute("alter view readers.orders owner to owner_of_it")
        publish(warehouse, 2, "select 'b' as other")
        owner = "select pg_get_userbyid(relowner) from pg_class where oid = 'readers.orders'::regclass"
        may = "select has_table_privilege('readers_of_it', 'readers.orders', 'select with grant option')"
        assert somebody.execute(owner).fetchall() == [("owner_of_it",)]
        assert somebody.execute(may).fetchall() == [(True,)]
    finally:
        somebody.execute("drop owned by readers_of_it, owner_of_it cascade; drop role readers_of_it, owner_of_it")


def test_comments_are_those_of_the_newest_release(warehouse: Engine, somebody: psycopg.Connection[Any]) -> None:
    name = at(warehouse, "orders", READERS)
    said = (
        "select coalesce(obj_description('readers.orders'::regclass), ''), "
        "coalesce(col_description('readers.orders'::regclass, 1), '')"
    )
    publish(warehouse, 1, "select 1 as id", comments={name: Comments("All of them.", {"id": "It's a key.", "no": "x"})})
    assert somebody.execute(said).fetchall() == [("All of them.", "It's a key.")]
    publish(warehouse, 2, "select 2 as id", comments={name: Comments("", {"id": "The \\ key."})})
    assert somebody.execute(said).fetchall() == [("", "The \\ key.")]
    publish(warehouse, 3, "select 2 as id")
    assert somebody.execute(said).fetchall() == [("", "")]


def test_views_of_others_follow_a_table_that_is_taken_over_and_handed_back(
    warehouse: Engine, somebody: psycopg.Connection[Any]
) -> None:
    """They are bound to tables and not to names: unless we bind them anew, they would read the old rows for ever."""
    somebody.execute("create table readers.orders (id int primary key, name text)")
    somebody.execute("insert into readers.orders values (1, 'old'); create index on readers.orders (name)")
    somebody.execute("create view analyst.v as select id, name from readers.orders")
    names = at(warehouse, "orders", READERS), at(warehouse, "orders__a")
    warehouse.publish(Publication("prod", "1", dict([names]), moves=dict([names])))
    publish(warehouse, 2, "select 2 as id, 'new' as name")
    assert somebody.execute("select * from analyst.v").fetchall() == [(2, "new")]
    warehouse.publish(Publication("prod", "3", {}, returns=dict([names])))
    assert somebody.execute("select * from analyst.v").fetchall() == [(1, "old")]
    somebody.execute("insert into readers.orders values (3, 'later')")
    assert somebody.execute("select count(*) from analyst.v").fetchall() == [(2,)]
    kept = "select count(*) from pg_indexes where schemaname = 'readers' and tablename = 'orders'"
    assert somebody.execute(kept).fetchall() == [(2,)]
    assert rows(warehouse, names[1]) == [(1, "old")]


def test_what_cannot_be_moved_is_not_taken_over(warehouse: Engine, somebody: psycopg.Connection[Any]) -> None:
    somebody.execute("create table readers.orders (id int primary key)")
    somebody.execute("create table analyst.lines (order_id int references readers.orders)")
    names = at(warehouse, "orders", READERS), at(warehouse, "orders__a")
    with pytest.raises(InTheWayError, match=r"readers\.orders is what a foreign key of lines refers to"):
        warehouse.publish(Publication("prod", "1", dict([names]), moves=dict([names])))
    assert warehouse.published() == {}


def test_a_connection_that_the_server_closed_meanwhile_is_no_matter(
    warehouse: Engine, somebody: psycopg.Connection[Any]
) -> None:
    publish(warehouse, 1, "select 1 as id")
    ours = "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'dryland %'"
    somebody.execute(ours)
    time.sleep(0.2)
    publish(warehouse, 2, "select 2 as id")
    with warehouse.session() as session, pytest.raises(WarehouseError, match="connection to PostgreSQL was lost"):
        session.execute("select pg_terminate_backend(pg_backend_pid())")
    assert rows(warehouse, at(warehouse, "orders", READERS)) == [(2,)]
