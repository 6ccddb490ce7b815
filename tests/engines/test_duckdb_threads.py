"""DuckDB keeps its threads unless all that is read is small, and has them all again afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from opening import at, duckdb_at, make, opened

from dryland.build.sessions import Sessions
from dryland.build.sparing import LONG_S, MADE, ROWS_FEW, Sparing
from dryland.engines.duckdb_threads import ROWS_OF_A_THREAD
from dryland.engines.protocol import Engine
from dryland.engines.relation import Relation

THREADS = 3


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    address = duckdb_at(tmp_path)
    engine = opened(replace(address, settings={**address.settings, "config_options": {"threads": THREADS}}))
    make(engine, "small", "select 1 as x")
    yield engine
    engine.close()


def threads(engine: Engine) -> int:
    with engine.session() as session:
        return int(session.fetch("select current_setting('threads')").rows[0][0])


def test_threads_are_spared_over_small_tables_until_all_are_wanted_again(engine: Engine) -> None:
    assert engine.spare_threads([at(engine, "small"), at(engine, "SMALL")])
    assert threads(engine) == 1
    assert engine.spare_threads([])  # told twice, the usual number is still known
    engine.use_threads()
    assert threads(engine) == THREADS
    engine.use_threads()
    assert threads(engine) == THREADS


def test_none_are_spared_where_something_large_or_unknown_is_read(engine: Engine) -> None:
    make(engine, "large", f"select * from range({ROWS_OF_A_THREAD + 1})")
    with engine.session() as session:
        session.create_view(at(engine, "view"), "select 1 as x")
    small = at(engine, "small")
    file = replace(small, expression="read_csv('x.csv')")
    for unknown in (at(engine, "large"), at(engine, "view"), at(engine, "missing"), file):
        assert not engine.spare_threads([small, unknown])
        assert threads(engine) == THREADS


def job(engine: Engine, *, kind: str = "sql") -> Any:
    """Two models that read a table, one after the other."""
    nodes = {name: SimpleNamespace(language=kind, materialization_macro="") for name in ("first", "second")}
    reads = {"first": {"source"}, "second": {"first"}}
    targets = {name: SimpleNamespace(meaning=SimpleNamespace(inputs=reads[name])) for name in nodes}
    return SimpleNamespace(
        engine=engine, limits=SimpleNamespace(threads=1), project=SimpleNamespace(nodes=nodes),
        plan=SimpleNamespace(targets=targets),
    )  # fmt: skip


def begun(engine: Engine, of: Any, wanted: tuple[str, ...], places: dict[str, Relation]) -> Sparing:
    sparing = Sparing(engine, Sessions(engine))
    sparing.begin(of, wanted, places)
    return sparing


def test_a_build_spares_threads_until_a_model_comes_out_large_or_takes_long(engine: Engine) -> None:
    places = {"source": at(engine, "small")}
    for tell in (
        lambda sparing: sparing.made(ROWS_FEW + 1),
        lambda sparing: sparing.look(LONG_S + 1),
        lambda sparing: sparing.end(),
    ):
        sparing = begun(engine, job(engine), ("first", "second"), places)
        sparing.made(ROWS_FEW)
        sparing.look(LONG_S)
        assert threads(engine) == 1
        tell(sparing)
        assert threads(engine) == THREADS


def test_a_build_spares_none_for_few_models_nor_for_what_it_cannot_know(engine: Engine) -> None:
    places = {"source": at(engine, "small")}
    begun(engine, job(engine), ("first",), places)
    begun(engine, job(engine), ("first", "second"), {})
    begun(engine, job(engine, kind="python"), ("first", "second"), places)
    assert threads(engine) == THREADS


def test_memory_is_spared_as_long_as_threads_are(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[object] = []
    monkeypatch.setattr(engine, "spare_memory", looked.append)
    sparing = begun(engine, job(engine), ("first", "second"), {"source": at(engine, "small")})
    for _ in range(2 * MADE):
        sparing.made(1)
    assert len(looked) == 2
    sparing.made(ROWS_FEW + 1)
    for _ in range(2 * MADE):
        sparing.made(1)
    assert len(looked) == 2
