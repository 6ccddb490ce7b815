"""Views in attached databases follow the note, and none of them is half of a release for longer than a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from opening import READERS, STORE, at, make, rows

from dryland.engines import duckdb_publish
from dryland.engines.protocol import Engine
from dryland.engines.publication import Comments, Publication
from dryland.engines.registry import Address, open_engine
from dryland.engines.relation import Relation
from dryland.errors import InTheWayError, QueryError

FAR = Relation("other", "Far Away", "a")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """DuckDB with a second database attached."""
    settings = {"type": "duckdb", "path": "w.duckdb", "attach": [{"path": "other.duckdb", "alias": "other"}]}
    opened = open_engine("duckdb", Address(settings, "w", tmp_path, STORE))
    yield opened
    opened.close()


def publication(engine: Engine, release: str, query: str) -> Publication:
    """One view in each database, over one build."""
    build = make(engine, f"build_{release}", query)
    near = at(engine, "a", READERS)
    return Publication("prod", release, {near: build, FAR: build}, comments={FAR: Comments(release, {"x": "far"})})


def told(engine: Engine) -> list[tuple[str, ...]]:
    with engine.session() as session:
        return list(
            session.fetch("select database_name, comment from duckdb_views() where view_name = 'a' order by 1").rows
        )


def test_each_database_shows_the_release(engine: Engine) -> None:
    engine.publish(publication(engine, "1", "select 1 as x"))
    engine.publish(publication(engine, "2", "select 2 as x"))
    assert rows(engine, FAR) == rows(engine, at(engine, "a", READERS)) == [(2,)]
    assert told(engine) == [("other", "2"), ("w", None)]
    engine.publish(Publication("prod", "3", {}, (FAR, at(engine, "a", READERS))))
    assert told(engine) == []
    assert engine.published() == {"prod": "3"}


def test_what_cannot_be_made_elsewhere_stops_all_of_it(engine: Engine) -> None:
    engine.publish(publication(engine, "1", "select 1 as x"))
    second = publication(engine, "2", "select 2 as x")
    lost = {**second.views, FAR: at(engine, "not_there")}
    with pytest.raises(QueryError):
        engine.publish(Publication("prod", "2", lost))
    assert engine.published() == {"prod": "1"}
    assert rows(engine, FAR) == rows(engine, at(engine, "a", READERS)) == [(1,)]


def test_what_a_crash_left_is_completed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.publish(publication(engine, "1", "select 1 as x"))
    second = publication(engine, "2", "select 2 as x")
    with monkeypatch.context() as killed:
        killed.setattr(duckdb_publish, "complete", lambda *_: None)
        engine.publish(second)
    assert (engine.published(), rows(engine, FAR)) == ({"prod": "2"}, [(1,)])
    for _ in range(2):  # again is no matter
        engine.complete(second)
        assert rows(engine, FAR) == rows(engine, at(engine, "a", READERS)) == [(2,)]


@pytest.mark.parametrize("adopts", [False, True])
def test_what_others_made_elsewhere_stays_theirs(engine: Engine, adopts: bool) -> None:
    with engine.session() as session:
        session.create_schema([(FAR.database, FAR.schema)])
        session.create_table_as(FAR, "select 99 as x")
    wanted = publication(engine, "1", "select 1 as x")
    moves = {FAR: at(engine, "adopted")} if adopts else {}
    with pytest.raises(InTheWayError):
        engine.publish(Publication("prod", "1", wanted.views, moves=moves))
    assert rows(engine, FAR) == [(99,)]
    assert engine.published() == {}
