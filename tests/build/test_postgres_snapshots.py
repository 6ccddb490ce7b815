"""Snapshots on PostgreSQL remember what dbt-postgres remembers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import psycopg
import pytest
from snapshot_worlds import WORLDS, World, statements, write_project, write_snapshot

pytestmark = pytest.mark.slow  # starts a server

LAST_DAY = max(len(world.days) for world in WORLDS.values())
FAST = ("timed_new_record", "checked_invalidate", "to_the_end", "own_strategy", "own_names", "odd_names", "key_of_two")
COLUMNS = """
    select attname, format_type(atttypid, atttypmod) from pg_attribute
    where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum
"""


@pytest.fixture
def places(postgres_server: Any) -> Iterator[dict[str, psycopg.Connection[Any]]]:
    """Two databases: ours, and dbt's."""
    names = {whose: postgres_server.new_database() for whose in ("ours", "dbt's")}
    connections = {whose: postgres_server.connect(name) for whose, name in names.items()}
    yield connections
    for whose, name in names.items():
        connections[whose].close()
        postgres_server.drop_database(name)


@pytest.fixture
def memory(workspace: Any, postgres_server: Any, places: Any) -> Any:
    """The worlds of a test, in a project that goes to the database that the environment names."""

    def memory(worlds: dict[str, World]) -> Any:
        write_project(workspace, worlds)
        settings = postgres_server.settings("x", threads=2) | {"dbname": "{{ env_var('PLACE') }}"}
        workspace.write("profiles.yml", f"memory: {{target: dev, outputs: {{dev: {settings!r}}}}}\n")
        return workspace

    return memory


def arrives(connection: psycopg.Connection[Any], worlds: dict[str, World], day: int) -> None:
    for statement in statements(worlds, day):
        connection.execute(statement.replace(" by name", " (id, name, amount, changed_at)"))  # as only DuckDB has it


def content(connection: psycopg.Connection[Any], name: str, world: World) -> tuple[list[Any], list[Any]]:
    """Columns with their types, and the rows; moments of a run are written `now`, names of versions are checked."""
    meta = {key: key for key in ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to")}
    meta |= {
        key: str(called).lower() for key, called in dict(world.config.get("snapshot_meta_column_names", {})).items()
    }
    columns = connection.execute(COLUMNS, [f"main.{name}"]).fetchall()
    shown = ", ".join(_shown(column, meta) for column, _ in columns)
    key = world.config["unique_key"]
    parts = [*(key if isinstance(key, list) else [key]), meta["dbt_updated_at"]]
    hashed = "||'|'||".join(f"coalesce(({part})::varchar, '')" for part in parts)
    of_old = f"select md5(old.{meta['dbt_scd_id']} || '|' || t.{meta['dbt_valid_from']}::varchar) from main.{name} old"
    told = (
        f"case when {meta['dbt_scd_id']} = md5({hashed}) then 'of key and time' "
        f"when {meta['dbt_scd_id']} in ({of_old}) then 'of a deletion' else 'of something else' end"
    )
    rows = connection.execute(f"select {shown}, {told} from main.{name} t").fetchall()
    return columns, sorted(rows, key=repr)


def _shown(column: str, meta: dict[str, str]) -> str:
    is_now = "abs(extract(epoch from t.{0}::text::timestamp - now()::timestamp)) < 86400 * 2"
    if column == meta["dbt_scd_id"]:
        return f"case when {is_now.format(meta['dbt_updated_at'])} then 'now' else {column} end"
    if column in meta.values() and column != meta.get("dbt_is_deleted", "dbt_is_deleted"):
        return f"case when {is_now.format(column)} then 'now' else {column}::varchar end"
    return f't."{column}"::text'


def play(workspace: Any, places: Any, worlds: dict[str, World], run_dbt: Callable[[], object] | None) -> dict[str, Any]:
    """Every day; what differs from dbt's, by snapshot and day, if dbt plays too."""
    differ = {}
    for day in range(LAST_DAY):
        for connection in places.values():
            arrives(connection, worlds, day)
        for name, world in worlds.items():
            if day in world.changes:
                write_snapshot(workspace, name, world, day)
        for verb in ("run", "apply") if day else ("apply",):
            workspace.dryland(verb, "--yes", PLACE=places["ours"].info.dbname)
        if run_dbt is not None:
            with mock.patch.dict(os.environ, {"PLACE": places["dbt's"].info.dbname}):
                run_dbt()
            for name, world in worlds.items():
                ours, theirs = (content(places[whose], name, world) for whose in ("ours", "dbt's"))
                if ours != theirs:
                    differ[f"{name}, day {day}"] = (ours, theirs)
    return differ


@pytest.mark.dbt
@pytest.mark.timeout(1200)
def test_every_day_is_remembered_as_dbt_remembers_it(memory: Any, places: Any, dbt: Callable[..., str]) -> None:
    worlds = dict(WORLDS)
    differ = play(memory(worlds), places, worlds, lambda: dbt("snapshot"))
    assert not differ, "\n".join(f"{key}\n  {ours}\n  {theirs}" for key, (ours, theirs) in differ.items())


def test_versions_end_and_begin(memory: Any, places: Any) -> None:
    worlds = {name: WORLDS[name] for name in FAST}
    play(memory(worlds), places, worlds, None)
    seen = {name: content(places["ours"], name, world) for name, world in worlds.items()}
    bo = "select amount, {0}::text, {1}::text from main.{2} where id = 2 order by {0}"
    timed = places["ours"].execute(bo.format("dbt_valid_from", "dbt_valid_to", "timed_new_record")).fetchall()
    assert timed == [
        (20, "2019-01-01 09:30:15.25", "2019-01-02 10:00:00"), (21, "2019-01-02 10:00:00", "2019-01-05 00:00:00"),
        (22, "2019-01-05 00:00:00", None),
    ]  # fmt: skip
    ended = places["ours"].execute(bo.format("dbt_valid_from", "dbt_valid_to", "to_the_end")).fetchall()
    assert ended[-1] == (22, "2019-01-05 00:00:00", "9999-12-31 00:00:00")
    assert [name for name, _ in seen["own_names"][0]][-5:] == ["version", "seen", "start_date", "end_date", "gone"]
    assert all("of something else" not in row for _, rows in seen.values() for row in rows if row != "own_strategy")
