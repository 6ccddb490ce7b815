"""A store of an earlier version is brought forward, and one of a later version is left alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from remembering import fill, fill_incidents, fill_people, observe, score

from dryland.errors import StateError
from dryland.state import migrations
from dryland.state.dump import dump
from dryland.state.records import Place, Rereading
from dryland.state.store import open_state

pytestmark = pytest.mark.medium

VERSIONS = Path(__file__).parent / "versions"
"""One file for each version there has been: `sqlite3 state.db .dump` of a store with one of everything in it."""
EARLIER = sorted(int(file.stem) for file in VERSIONS.glob("*.sql"))


def written(path: Path, version: int) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((VERSIONS / f"{version}.sql").read_text())
    return path


def schema(path: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("select name, sql from sqlite_master where sql is not null").fetchall()
    return {(name, " ".join(sql.split()).replace('"', "")) for name, sql in rows}


def test_every_version_there_has_been_has_its_file() -> None:
    assert list(range(1, migrations.VERSION + 1)) == EARLIER


@pytest.mark.parametrize("version", EARLIER)
def test_a_store_of_every_version_is_brought_forward_with_all_it_remembers(version: int, tmp_path: Path) -> None:
    opened = open_state(written(tmp_path / "old.db", version))
    fresh = open_state(tmp_path / "fresh.db")
    try:
        assert schema(tmp_path / "old.db") == schema(tmp_path / "fresh.db")
        (release,) = opened.releases("prod")
        assert (release.status, release.message) == ("live", "m")
        assert opened.pointers(release.id).keys() == {"model.0", "model.1"}
        assert opened.builds(["k"])["k"].columns == (("x", "INTEGER"),)
        assert opened.profiles(["k"])["k"].rows == 2**53
        assert opened.environments().keys() == {"prod", "dev_ana"}
        (run,) = opened.runs()
        assert opened.steps(run.id)[0].message == "said"
        fill(fresh)
        opened.put_place(Place("dev", "db", "db.duckdb", "main"))  # what version 1 did not know
        opened.put_refused_builds(["k"])
        opened.put_rereadings([Rereading("source.a", "2026|7", "again")])
        if version < 5:
            fill_incidents(opened)
            observe(opened)
            fill_people(opened)
        if version < 7:
            score(opened)
        opened.take("environment prod", "apply")  # nor version 3
        assert dump(opened, tmp_path / "old.jsonl") == dump(fresh, tmp_path / "fresh.jsonl")
    finally:
        opened.close()
        fresh.close()


def test_the_tables_change_only_with_a_migration(tmp_path: Path) -> None:
    """Otherwise stores that exist would lack what new ones have: add a migration, and a file of the new version."""
    open_state(tmp_path / "fresh.db").close()
    assert schema(tmp_path / "fresh.db") == schema(written(tmp_path / "known.db", migrations.VERSION))


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "state.db").touch()
    state = open_state(tmp_path / "state.db")
    assert state.environments() == {}
    state.close()


def test_a_new_store_is_made_as_the_newest_in_one_transaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends before has made nothing, and no migration runs over tables that are empty."""

    def never(connection: sa.Connection) -> None:
        raise AssertionError("a new store lacks nothing")

    def ends(connection: sa.Connection, version: int) -> None:
        raise StateError("the process ends here")

    monkeypatch.setattr(migrations, "MIGRATIONS", (never,) * len(migrations.MIGRATIONS))
    with monkeypatch.context() as patch, pytest.raises(StateError, match="ends here"):
        patch.setattr(migrations, "_record", ends)
        open_state(tmp_path / "state.db")
    assert schema(tmp_path / "state.db") == set()
    open_state(tmp_path / "state.db").close()
    assert schema(tmp_path / "state.db") == schema(written(tmp_path / "known.db", migrations.VERSION))


def test_a_migration_that_fails_leaves_the_version_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path / "state.db", 1)
    before = schema(file)

    def good(connection) -> None:
        connection.exec_driver_sql("create table more (x integer)")

    def bad(connection) -> None:
        connection.exec_driver_sql("create table half (x integer)")
        connection.exec_driver_sql("drop table environments")
        connection.exec_driver_sql("this is no SQL")

    monkeypatch.setattr(migrations, "MIGRATIONS", (good, bad))
    monkeypatch.setattr(migrations, "VERSION", 3)
    with pytest.raises(StateError, match="could not be used"):
        open_state(file)
    assert {name for name, _ in schema(file) - before} == {"more"}
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("select version from dryland_meta").fetchall() == [(2,)]
        assert connection.execute("select count(*) from environments").fetchone() == (2,)


def test_a_store_of_a_newer_dryland_is_left_alone(tmp_path: Path) -> None:
    file = written(tmp_path / "state.db", migrations.VERSION)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("update dryland_meta set version = 99")
        connection.commit()
    with pytest.raises(StateError, match=f"has version 99; this Dryland knows up to {migrations.VERSION}") as raised:
        open_state(file)
    assert "newer" in raised.value.hint
    assert raised.value.exit_code == 3
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("select version from dryland_meta").fetchall() == [(99,)]


def test_a_damaged_store_says_so(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"this is not a database" * 100)
    with pytest.raises(StateError, match="could not be used") as raised:
        open_state(tmp_path / "state.db")
    assert "dryland state dump" in raised.value.hint
