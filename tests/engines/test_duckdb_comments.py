"""What readers are told of views on DuckDB: as it was written, on what is there, and as long as it is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from opening import READERS, at, duckdb_at, make, opened

from dryland.engines.protocol import Engine
from dryland.engines.publication import Comments, Publication
from dryland.engines.relation import Relation


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    duckdb = opened(duckdb_at(tmp_path))
    yield duckdb
    duckdb.close()


def reader(engine: Engine, name: str) -> Relation:
    return at(engine, name, READERS)


TEXTS = ["plain", "it's", 'a "b"', "back\\slash", "$$dollars$$", "two\nlines", "-- é ; /* x */", "{brace} %s"]


@pytest.mark.parametrize("text", TEXTS)
def test_comments_are_told_as_they_are(engine: Engine, text: str) -> None:
    name = reader(engine, "With Space")
    build = make(engine, "one", 'select 1 as x, 2 as "Odd \'name", 3 as silent')
    said = Comments(text, {"x": text, "Odd 'name": text, "X": "other case", "gone": "not there", "silent": ""})
    engine.publish(Publication("prod", "1", {name: build}, comments={name: said}))
    assert told(engine) == ([(text,)], [("x", text), ("Odd 'name", text), ("silent", "")])


def test_a_view_that_is_made_again_is_told_what_is_said_now(engine: Engine) -> None:
    name, build = reader(engine, "a"), make(engine, "one")
    engine.publish(Publication("prod", "1", {name: build}, comments={name: Comments("one", {"x": "two"})}))
    engine.publish(Publication("prod", "2", {name: build}, comments={name: Comments("", {"x": "three"})}))
    assert told(engine) == ([], [("x", "three")])
    engine.publish(Publication("prod", "3", {name: build}))
    assert told(engine) == ([], [])


def told(engine: Engine) -> tuple[list[tuple[str]], list[tuple[str, str]]]:
    """What readers are told of views, and of columns."""
    with engine.session() as session:
        views = session.fetch("select comment from duckdb_views() where not internal and comment is not null").rows
        columns = session.fetch("select column_name, comment from duckdb_columns() where comment is not null").rows
    return list(views), list(columns)
