"""DuckDB writes down and lets go of small tables that were made, and has as much room afterwards as before."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from opening import at, duckdb_at, make, opened

from dryland.engines import duckdb_memory
from dryland.engines.duckdb_memory import KEPT_MAX
from dryland.engines.protocol import Engine
from dryland.engines.relation import Relation

pytestmark = pytest.mark.medium

LARGE = KEPT_MAX // 8  # numbers of eight bytes that do not compress
QUERY = f"select hash(range) as x from range({LARGE} + 1000)"


def memory(engine: Engine) -> int:
    with engine.session() as session:
        return int(session.fetch("select sum(memory_usage_bytes)::bigint from duckdb_memory()").rows[0][0])


def count(engine: Engine, made: Relation) -> int:
    with engine.session() as session:
        return int(session.fetch(f"select count(x) from {engine.render(made)}").rows[0][0])


def size_of(file: Path) -> int:
    """Bytes, none of a file that is gone: DuckDB may drop its log at any moment."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def limit(engine: Engine) -> str:
    with engine.session() as session:
        return str(session.fetch("select current_setting('memory_limit')").rows[0][0])


def at_address(root: Path, **settings: Any) -> Engine:
    address = duckdb_at(root)
    return opened(replace(address, settings={**address.settings, **settings}))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = opened(duckdb_at(tmp_path))
    yield engine
    engine.close()


class Others:
    """Those who use the warehouse, too: whether they come to rest when that is asked, and how often it was."""

    def __init__(self, is_quiet: bool = True, is_alone: bool = True) -> None:
        self.is_quiet, self.is_alone, self.asked = is_quiet, is_alone, 0

    def no_writers(self) -> AbstractContextManager[bool]:
        self.asked += 1
        return nullcontext(self.is_quiet)

    def alone(self) -> AbstractContextManager[bool]:
        return nullcontext(self.is_alone)


def test_what_was_made_is_let_go_and_is_there_all_the_same(engine: Engine) -> None:
    before = limit(engine)
    for number in range(3):
        made = make(engine, f"t{number}", QUERY)
    assert memory(engine) > KEPT_MAX
    engine.spare_memory(Others())
    assert memory(engine) < KEPT_MAX
    assert limit(engine) == before
    assert count(engine, made) == LARGE + 1000


def test_nobody_is_held_up_while_there_is_little(engine: Engine) -> None:
    make(engine, "t", "select 1 as x")
    others = Others()
    engine.spare_memory(others)
    assert others.asked == 0


def test_what_was_just_done_is_not_done_again(engine: Engine) -> None:
    """Of many tables it takes long: the time between is as long as that."""
    make(engine, "t", QUERY)
    others = Others()
    engine.spare_memory(others)
    make(engine, "u", QUERY)
    memory_of: Any = engine
    memory_of._memory._again_at += 60
    engine.spare_memory(others)
    assert others.asked == 1
    memory_of._memory._again_at = 0
    engine.spare_memory(others)
    assert others.asked == 2


def test_nothing_is_let_go_while_others_ask(engine: Engine) -> None:
    make(engine, "t", QUERY)
    before = memory(engine)
    engine.spare_memory(Others(is_quiet=False))
    assert memory(engine) == before
    made = at(engine, "t")
    engine.spare_memory(Others(is_alone=False))  # it is written down, and stays in memory
    assert memory(engine) > KEPT_MAX
    assert count(engine, made) == LARGE + 1000


def test_what_somebody_has_not_committed_is_left_to_them(engine: Engine) -> None:
    make(engine, "t", QUERY)
    before = limit(engine)
    with engine.session() as session, session.transaction():
        session.execute(f"create table {engine.render(at(engine, 'u'))} as {QUERY}")
        engine.spare_memory(Others())
    assert limit(engine) == before
    assert count(engine, at(engine, "u")) == LARGE + 1000


@pytest.mark.parametrize("said", ["300 MiB", "2.7 GiB", "none"])
def test_a_limit_that_the_team_set_stays(tmp_path: Path, said: str) -> None:
    engine = at_address(tmp_path, settings={"memory_limit": said})
    before = limit(engine)
    make(engine, "t", QUERY)
    engine.spare_memory(Others())
    assert (limit(engine), memory(engine) < KEPT_MAX) == (before, True)
    engine.close()


def test_settings_that_the_team_locked_are_left_alone(tmp_path: Path) -> None:
    engine = at_address(tmp_path, settings={"lock_configuration": True})
    before = limit(engine)
    made = make(engine, "t", QUERY)
    assert not engine.spare_threads([made])
    engine.spare_memory(Others())
    engine.use_threads()
    assert limit(engine) == before
    engine.close()


def test_what_a_release_wrote_is_written_down_beside_what_comes_next(tmp_path: Path) -> None:
    """Who closes the file has nothing left to do."""
    engine = opened(duckdb_at(tmp_path))
    make(engine, "t", QUERY)
    log = next(tmp_path.glob("*.duckdb")).with_suffix(".duckdb.wal")
    assert size_of(log)
    engine.write_down()
    until = time.monotonic() + 60
    while size_of(log) and time.monotonic() < until:
        time.sleep(0.01)
    assert not size_of(log)
    engine.close()


def test_who_closes_the_file_waits_for_what_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may, done = threading.Event(), threading.Event()
    write_down = duckdb_memory._write_down

    def slow(connection: duckdb.DuckDBPyConnection) -> None:
        assert may.wait(60)
        write_down(connection)
        done.set()

    monkeypatch.setattr(duckdb_memory, "_write_down", slow)
    engine = opened(duckdb_at(tmp_path))
    make(engine, "t", QUERY)
    engine.write_down()
    threading.Timer(0.1, may.set).start()
    engine.close()
    assert done.is_set()


def test_what_cannot_be_written_down_beside_is_left_to_who_closes_the_file(tmp_path: Path) -> None:
    engine = opened(duckdb_at(tmp_path))
    memory_of: Any = engine
    with engine.session() as session, session.transaction():
        session.execute(f"create table {engine.render(at(engine, 'u'))} as {QUERY}")
        engine.write_down()
        memory_of._memory.wait()
    assert count(engine, at(engine, "u")) == LARGE + 1000
    engine.close()
    again = opened(duckdb_at(tmp_path))
    assert count(again, at(again, "u")) == LARGE + 1000
    again.close()
