"""DuckDB writes down and lets go of small tables that were made, and has as much room afterwards as before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from opening import at, duckdb_at, make, opened, rows

from dryland.engines.duckdb_memory import KEPT_MAX
from dryland.engines.protocol import Engine

LARGE = KEPT_MAX // 8  # numbers of eight bytes that do not compress
QUERY = f"select hash(range) as x from range({LARGE} + 1000)"


def memory(engine: Engine) -> int:
    with engine.session() as session:
        return int(session.fetch("select sum(memory_usage_bytes)::bigint from duckdb_memory()").rows[0][0])


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


def alone(is_alone: bool = True) -> Callable[[], AbstractContextManager[bool]]:
    return lambda: nullcontext(is_alone)


def test_what_was_made_is_let_go_and_is_there_all_the_same(engine: Engine) -> None:
    before = limit(engine)
    for number in range(3):
        made = make(engine, f"t{number}", QUERY)
    assert memory(engine) > KEPT_MAX
    engine.spare_memory(alone())
    assert memory(engine) < KEPT_MAX
    assert limit(engine) == before
    assert len(rows(engine, made)) == LARGE + 1000


def test_nobody_is_held_up_while_there_is_little(engine: Engine) -> None:
    make(engine, "t", "select 1 as x")

    def nobody() -> AbstractContextManager[bool]:
        raise AssertionError("held up")

    engine.spare_memory(nobody)


def test_what_was_just_done_is_not_done_again(engine: Engine) -> None:
    """Of many tables it takes long: the time between is as long as several times of it."""
    make(engine, "t", QUERY)
    asked: list[bool] = []

    def told() -> AbstractContextManager[bool]:
        asked.append(True)
        return nullcontext(True)

    engine.spare_memory(told)
    make(engine, "u", QUERY)
    memory_of: Any = engine
    memory_of._memory._again_at += 60
    engine.spare_memory(told)
    assert len(asked) == 1
    memory_of._memory._again_at = 0
    engine.spare_memory(told)
    assert len(asked) == 2


def test_nothing_is_let_go_while_others_ask(engine: Engine) -> None:
    make(engine, "t", QUERY)
    before = memory(engine)
    engine.spare_memory(alone(False))
    assert memory(engine) == before


def test_what_somebody_has_not_committed_is_left_to_them(engine: Engine) -> None:
    make(engine, "t", QUERY)
    before = limit(engine)
    with engine.session() as session, session.transaction():
        session.execute(f"create table {engine.render(at(engine, 'u'))} as {QUERY}")
        engine.spare_memory(alone())
    assert limit(engine) == before
    assert len(rows(engine, at(engine, "u"))) == LARGE + 1000


@pytest.mark.parametrize("said", ["300 MiB", "2.7 GiB", "none"])
def test_a_limit_that_the_team_set_stays(tmp_path: Path, said: str) -> None:
    engine = at_address(tmp_path, settings={"memory_limit": said})
    before = limit(engine)
    make(engine, "t", QUERY)
    engine.spare_memory(alone())
    assert (limit(engine), memory(engine) < KEPT_MAX) == (before, True)
    engine.close()


def test_settings_that_the_team_locked_are_left_alone(tmp_path: Path) -> None:
    engine = at_address(tmp_path, settings={"lock_configuration": True})
    before = limit(engine)
    made = make(engine, "t", QUERY)
    assert not engine.spare_threads([made])
    engine.spare_memory(alone())
    engine.use_threads()
    assert limit(engine) == before
    engine.close()
