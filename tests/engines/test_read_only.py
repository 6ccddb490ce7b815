"""A stranger's query is answered, and does nothing else: whatever the first wall let through by mistake."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from opening import COUNTLESS, at, make, opened, rows

from dryland.engines.protocol import Engine
from dryland.engines.read_only import Bounds
from dryland.engines.registry import Address
from dryland.errors import DrylandError, QueryError, StepTimeoutError

pytestmark = pytest.mark.medium

BOUNDS = Bounds(timeout_s=20)
WRITING = (
    "create table dryland_store.made (x int)", "insert into dryland_store.t values (2)",
    "update dryland_store.t set x = 2", "delete from dryland_store.t", "drop table dryland_store.t",
    "truncate dryland_store.t", "alter table dryland_store.t add column y int", "select 1; select 2",
    "select 1; drop table dryland_store.t", "commit", "begin", "rollback", "", ";", "vacuum", "analyze",
    "set search_path = dryland_store",
)  # fmt: skip
OF_FILES = {
    "duckdb": (
        "copy (select 1) to '{file}'", "select * from read_text('{file}')", "select * from '{file}'",
        "select * from read_csv('{file}')", "attach '{file}.duckdb'", "export database '{file}'",
        "install httpfs", "load httpfs", "pragma database_list", "set enable_external_access = true",
        "call pragma_version()", "select * from glob('{file}*')", "checkpoint", "set variable a = 1",
    ),
    "postgres": (
        "copy (select 1) to '{file}'", "copy dryland_store.t to program 'cat > {file}'", "call nothing()",
        "with gone as (delete from dryland_store.t returning x) select x from gone",
        "select x from dryland_store.t for update", "select nextval('dryland_store.counter')",
        "select lo_import('{file}')", "select set_config('role', 'none', false), lo_create(7)",
        "lock table dryland_store.t", "listen a", "do $$ begin end $$", "prepare a as select 1", "reset role",
    ),
}  # fmt: skip


@pytest.fixture(params=[False, True], ids=["writes as well", "only reads"])
def reader(request: pytest.FixtureRequest, address: Address) -> Iterator[Engine]:
    """A warehouse with a table of one row, opened as the process that writes has it, or for reading alone."""
    one = opened(address)
    with one.session() as session:
        session.create_schema([(one.database, "readers")])
    make(one, "t")
    if request.param:
        one.close()
        one = opened(address, is_read_only=True)
    yield one
    one.close()


def answered(engine: Engine, sql: str, bounds: Bounds = BOUNDS) -> list[tuple[object, ...]]:
    with engine.read_only(sql, bounds) as stream:
        return [row for block in stream.blocks() for row in block]


def test_a_query_is_answered_with_its_columns(reader: Engine) -> None:
    with reader.read_only("select x, 'a' as y from dryland_store.t", BOUNDS) as stream:
        assert [column.name for column in stream.columns] == ["x", "y"]
        assert list(stream.blocks()) == [[(1, "a")]]


def test_rows_come_in_blocks(reader: Engine) -> None:
    query = "select g from generate_series(1, 25) as s(g) order by g"
    with reader.read_only(query, Bounds(timeout_s=20, block_rows=10)) as stream:
        assert [len(block) for block in stream.blocks()] == [10, 10, 5]


def test_nothing_but_one_query_is_let_through(reader: Engine, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\nsecret\n")
    for written in (*WRITING, *OF_FILES[reader.name]):
        with pytest.raises(DrylandError):
            answered(reader, written.format(file=tmp_path / "secret.csv"))
            pytest.fail(f"went through: {written}")
    assert answered(reader, "select x from dryland_store.t") == [(1,)]
    assert rows(reader, at(reader, "t")) == [(1,)]
    assert sorted(each.name for each in tmp_path.glob("secret*")) == ["secret.csv"]


def test_a_query_ends_with_its_time(reader: Engine) -> None:
    began = time.monotonic()
    with pytest.raises(StepTimeoutError, match=r"0\.3 s"):
        answered(reader, COUNTLESS[reader.name], Bounds(timeout_s=0.3))
    assert time.monotonic() - began < 10
    assert answered(reader, "select 1") == [(1,)]


def test_a_query_can_be_stopped_by_whoever_asked(reader: Engine) -> None:
    with reader.read_only(COUNTLESS[reader.name], BOUNDS) as stream:
        threading.Timer(0.3, stream.interrupt).start()
        with pytest.raises(QueryError, match=r"(?i)interrupt|cancel"):
            list(stream.blocks())
    assert answered(reader, "select 1") == [(1,)]


def test_who_stops_reading_leaves_nothing_behind(reader: Engine) -> None:
    with reader.read_only("select g from generate_series(1, 100000) as s(g)", Bounds(block_rows=10)) as stream:
        assert len(next(stream.blocks())) == 10
    with suppress(QueryError), reader.session() as session:
        session.execute("commit")  # there is no transaction to end
    assert answered(reader, "select count(*) from dryland_store.t") == [(1,)]


def test_a_role_reads_what_it_may(
    address: Address, request: pytest.FixtureRequest, readers_role: Callable[[Engine], str]
) -> None:
    """Where the warehouse has roles, a reader's own is the third wall."""
    engine = opened(address)
    try:
        make(engine, "t"), make(engine, "other")
        role = readers_role(engine)
        if role:
            assert answered(engine, "select x from dryland_store.t", Bounds(role=role)) == [(1,)]
            with pytest.raises(QueryError, match="permission denied"):
                answered(engine, "select x from dryland_store.other", Bounds(role=role))
        assert answered(engine, "select x from dryland_store.other", BOUNDS) == [(1,)]
    finally:
        engine.close()


@pytest.fixture
def readers_role() -> Iterator[Callable[[Engine], str]]:
    """Makes a role that may read one table, where there are roles."""
    made: list[tuple[Engine, str]] = []

    def make_role(engine: Engine) -> str:
        if engine.name == "duckdb":
            return ""
        name = f"reader_{time.time_ns()}"
        with engine.session() as session:
            session.execute(f"create role {name}")
            session.execute(f"grant usage on schema dryland_store to {name}")
            session.execute(f"grant select on dryland_store.t to {name}")
        made.append((engine, name))
        return name

    yield make_role
