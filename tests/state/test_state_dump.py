"""A dump holds everything of one moment, and loads into an empty store or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from remembering import fill, release

from dryland.errors import StateError
from dryland.state import tables
from dryland.state.dump import BATCH_ROWS, dump, load
from dryland.state.records import Build, Verdict, Versions
from dryland.state.store import State

pytestmark = pytest.mark.slow  # every table of the store, on both kinds of database


@pytest.fixture
def state(place) -> Iterator[State]:
    opened = place.open()
    fill(opened)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgres"])
def other(request, place_of) -> Iterator[State]:
    """An empty store, of the same kind or of the other."""
    opened = place_of(request.param).open()
    yield opened
    opened.close()


NOT_KEPT = (
    tables.meta, tables.writers, tables.claims, tables.sessions, tables.sign_in_attempts, tables.monitor_habits,
)  # fmt: skip


def everything(state: State) -> dict[str, list[tuple]]:
    with state.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
            for table in tables.metadata.sorted_tables
            if table not in NOT_KEPT
        }  # fmt: skip


def test_what_is_dumped_and_loaded_is_equal_in_every_table(state: State, other: State, tmp_path: Path) -> None:
    rows = dump(state, tmp_path / "dump.jsonl")
    assert load(other, tmp_path / "dump.jsonl") == rows
    assert everything(other) == everything(state)
    assert all(everything(state).values()), "every table takes part"
    dump(other, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_text() == (tmp_path / "dump.jsonl").read_text()


def test_a_loaded_store_goes_on_where_the_first_one_was(state: State, other: State, tmp_path: Path) -> None:
    dump(state, tmp_path / "dump.jsonl")
    load(other, tmp_path / "dump.jsonl")
    last = other.releases("prod")[0].id
    assert release(other, "k") == last + 1
    assert other.environments()["prod"].live_release == last + 1


def test_more_rows_than_a_batch_are_all_loaded(state: State, other: State, tmp_path: Path) -> None:
    state.put_verdicts(Verdict("test", str(number), (), "pass", 0) for number in range(2 * BATCH_ROWS + 7))
    rows = dump(state, tmp_path / "dump.jsonl")
    assert rows > 2 * BATCH_ROWS
    assert load(other, tmp_path / "dump.jsonl") == rows
    assert everything(other) == everything(state)


def test_a_store_that_is_not_empty_is_not_loaded_into(state: State, other: State, tmp_path: Path) -> None:
    dump(state, tmp_path / "dump.jsonl")
    other.put_build(Build("mine", "n", "r", "table", Versions("v"), ()))
    with pytest.raises(StateError, match="is not empty"):
        load(other, tmp_path / "dump.jsonl")
    assert other.all_builds().keys() == {"mine"}
    assert other.environments() == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a dump"), ("hello\n", "is not a dump"), ("[1]\n", "is not a dump"), ("{}\n", "is not a dump"),
        ('{"dryland_state": 999}\n', "was written by version 999"),
        ('{"dryland_state": 2}\n["environ', "damaged"), ('{"dryland_state": 2}\n["no_such_table", {}]\n', "damaged"),
        ('{"dryland_state": 2}\n["pointers", {"id": "x"}]\n', "damaged"), ('{"dryland_state": 2}\n17\n', "damaged"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_dump_is_refused(other: State, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad").write_text(text)
    with pytest.raises(StateError, match=said):
        load(other, tmp_path / "bad")
    assert not any(everything(other).values())


def test_a_dump_that_breaks_off_loads_nothing_and_says_where(state: State, other: State, tmp_path: Path) -> None:
    rows = dump(state, tmp_path / "dump.jsonl")
    text = (tmp_path / "dump.jsonl").read_text()
    (tmp_path / "dump.jsonl").write_text(text[: len(text) - 9])
    with pytest.raises(StateError) as raised:
        load(other, tmp_path / "dump.jsonl")
    assert raised.value.location == f"{tmp_path / 'dump.jsonl'}:{rows + 1}"
    assert not any(everything(other).values())


def test_a_dump_that_cannot_be_written_leaves_no_file(state: State, tmp_path: Path) -> None:
    with pytest.raises(StateError, match="cannot be written: No such file or directory"):
        dump(state, tmp_path / "nowhere" / "dump.jsonl")


def test_a_dump_shows_one_moment_while_others_write(state: State, place, tmp_path: Path) -> None:
    """A release that comes in between is in it with its pointers, or not at all."""
    second = place.open()
    query = sa.select(sa.func.count()).select_from(tables.releases)
    with state.reading() as connection:
        before = connection.execute(query).scalar()
        release(second, "new")
        assert connection.execute(query).scalar() == before
    second.close()
    dump(state, tmp_path / "dump.jsonl")
    names = [json.loads(line)[0] for line in (tmp_path / "dump.jsonl").read_text().splitlines()[1:]]
    assert names.count("releases") == 2
