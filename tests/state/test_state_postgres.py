"""Metadata on a server: it goes away and comes back, others hold it, and no password is ever shown."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from remembering import fill, release

from dryland.errors import StateError
from dryland.state import migrations, postgres
from dryland.state.dump import dump
from dryland.state.records import Build, Profile, Versions
from dryland.state.sqlite import open_sqlite
from dryland.state.store import State, open_state
from postgres_server import Server, running_server

pytestmark = pytest.mark.slow  # it starts servers of its own

VERSIONS = Path(__file__).parent / "versions"


@pytest.fixture
def there(place_of):
    return place_of("postgres")


@pytest.fixture
def state(there):
    opened = there.open()
    yield opened
    opened.close()


def url_of(server: Server, database: str) -> str:
    return f"postgresql://{server.user}@/{database}?host={server.folder}"


def end_all(server: Server, database: str) -> None:
    with server.connect("postgres") as connection:
        there = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s"
        connection.execute(there, [database])


def test_a_connection_that_was_ended_in_between_is_replaced(state: State, postgres_server, metadata_database) -> None:
    first = release(state, "a")
    for _ in range(3):
        end_all(postgres_server, metadata_database)
        assert state.environments()["prod"].live_release == first
        end_all(postgres_server, metadata_database)
        first = release(state, "b")


def test_a_connection_that_breaks_off_leaves_nothing_of_what_was_begun(
    state: State, postgres_server, metadata_database
) -> None:
    with pytest.raises(StateError, match="could not be used") as raised, state.writing():
        state.create_environment("half", "")
        end_all(postgres_server, metadata_database)
        state.create_environment("other half", "")
    assert raised.value.is_passing and "Try again" in raised.value.hint
    assert state.environments() == {}


def test_last_words_are_said_again_when_the_connection_broke_off(
    state: State, postgres_server, metadata_database, monkeypatch
) -> None:
    begun = release(state, "a")
    verify, left = state.verify_held, [True]

    def broken(*arguments) -> None:
        if left.pop() if left else False:
            end_all(postgres_server, metadata_database)
        verify(*arguments)

    monkeypatch.setattr(state, "verify_held", broken)
    assert state.complete_release(begun).status == "live"
    assert not left


@pytest.mark.slow
def test_a_server_that_crashes_and_comes_back_is_waited_for() -> None:
    with running_server() as server:
        state = open_state(url_of(server, server.new_database()))
        first = release(state, "a")
        server.crash()
        assert state.environments()["prod"].live_release == first
        crash = threading.Thread(target=server.crash)
        crash.start()
        said, released = [], 0
        while crash.is_alive():
            try:
                release(state, "b")
                released += 1
            except StateError as error:  # what was under way at that very moment
                said.append(error)
        crash.join()
        release(state, "c")
        assert all(each.is_passing for each in said), said
        assert len(said) <= 3, said
        live = [each for each in state.releases("prod", limit=100_000) if each.status == "live"]
        assert [each.id for each in live] == [state.environments()["prod"].live_release]
        state.close()


def test_a_server_that_stays_away_is_waited_for_once(monkeypatch) -> None:
    """And not again by each of the many who ask: a verb that lost its metadata comes to its end."""
    monkeypatch.setattr(postgres, "PATIENCE_S", 1.5)
    with running_server() as server:
        state = open_state(url_of(server, server.new_database()))
        first = release(state, "a")
        with server.away():
            began = time.monotonic()
            for _ in range(4):
                with pytest.raises(StateError) as raised:
                    release(state, "b")
                assert raised.value.is_passing
            assert 1.5 <= time.monotonic() - began < 3
        assert state.environments()["prod"].live_release == first
        server.crash()
        assert state.environments()["prod"].live_release == first
        state.close()


def test_a_server_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(StateError, match=r"store postgresql://ana@/team\?host=.*, schema dryland_state") as at:
        open_state(f"postgresql://ana@/team?host={tmp_path}")
    assert time.monotonic() - began < 5
    assert (at.value.exit_code, at.value.is_passing) == (3, True)
    assert "is the server up" in at.value.hint


def test_whoever_holds_up_all_writers_is_waited_for_and_then_told(there, monkeypatch) -> None:
    monkeypatch.setattr(postgres, "LINE_S", 1)
    first, second = there.open(), there.open()
    with first.writing():
        assert second.environments() == {}, "readers wait for nobody"
        with pytest.raises(StateError, match="lock timeout") as raised:
            second.create_environment("b", "")
    assert raised.value.is_passing and "`dryland runs` shows who is at work" in raised.value.hint
    second.create_environment("b", "")
    first.close()
    second.close()


def test_whoever_is_paused_within_a_transaction_holds_nobody_up_for_long(there, monkeypatch) -> None:
    monkeypatch.setattr(postgres, "IDLE_MAX_S", 1)
    paused, other = there.open(), there.open()
    with pytest.raises(StateError, match="could not be used"), paused.writing():
        paused.create_environment("paused", "")
        other.create_environment("other", "")  # waits until the server has ended the first
        paused.create_environment("back", "")
    assert other.environments().keys() == {"other"}
    paused.close()
    other.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ana:{secret}@/team?host={folder}",
        "postgresql://ana@/team?host={folder}&password={secret}",
        "postgresql://ana@/team?host={folder}&sslpassword={secret}",
        "postgresql://ana:{secret}@[broken/team",
        "nonsense://ana:{secret}@host/team",
        "postgresql://ana@host:port{secret}/team",
    ],
)
def test_a_password_is_never_shown(url: str, tmp_path: Path) -> None:
    with pytest.raises(StateError) as raised:
        open_state(url.format(secret="opensesame", folder=tmp_path))
    error: BaseException | None = raised.value
    while error is not None:
        assert "opensesame" not in f"{error} {error!r}"
        error = None if error.__suppress_context__ and not error.__cause__ else error.__cause__ or error.__context__


def test_a_role_without_rights_is_told_what_it_needs(postgres_server: Server, postgres: str) -> None:
    with postgres_server.connect(postgres) as connection:
        connection.execute("create role nobody_special login")
    with pytest.raises(StateError, match="permission denied") as raised:
        open_state(f"postgresql://nobody_special@/{postgres}?host={postgres_server.folder}")
    assert "must be allowed to create a schema" in raised.value.hint
    with postgres_server.connect(postgres) as connection:
        connection.execute("create schema given authorization nobody_special")
    open_state(f"postgresql://nobody_special@/{postgres}?host={postgres_server.folder}", "given").close()
    with postgres_server.connect(postgres) as connection:
        connection.execute("drop owned by nobody_special; drop role nobody_special")


def test_numbers_that_json_has_no_word_for_come_back(state: State) -> None:
    profile = Profile(1, "h", {"x": {"max": float("inf"), "min": -float("inf"), "odd": {"$float": 1}}})
    state.put_build(Build("k", "n", "r", "table", Versions("v"), ()), profile)
    assert state.profiles(["k"]) == {"k": profile}


def test_a_schema_may_have_any_name_and_others_stay_apart(postgres_server: Server, postgres: str) -> None:
    stores = [open_state(url_of(postgres_server, postgres), name) for name in ('o"dd; drop', "Upper", "dryland_state")]
    for number, store in enumerate(stores):
        store.create_environment(f"e{number}", "")
    assert [list(store.environments()) for store in stores] == [["e0"], ["e1"], ["e2"]]
    for store in stores:
        store.close()
    with postgres_server.connect(postgres) as connection:
        names = connection.execute("select nspname from pg_namespace where nspname !~ '^(pg_|info|public)'").fetchall()
    assert sorted(name for (name,) in names) == ["Upper", "dryland_state", 'o"dd; drop']


def test_processes_that_open_a_new_store_at_once_make_it_once(there) -> None:
    opened, problems = [], []
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        try:
            opened.append(there.open())
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(opened), problems) == (4, [])
    with opened[0].reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(migrations.tables.meta)).scalar() == 1
    for store in opened:
        store.close()


@pytest.mark.parametrize("version", sorted(int(file.stem) for file in VERSIONS.glob("*.sql")))
def test_a_store_of_every_version_is_brought_forward(version: int, there, tmp_path: Path) -> None:
    """The tables of that time, as PostgreSQL has them."""
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.executescript((VERSIONS / f"{version}.sql").read_text())
    old = sa.MetaData()
    source = open_sqlite(tmp_path / "old.db")
    old.reflect(source)
    target = postgres.open_postgres(sa.make_url(there.url), there.schema)
    with target.begin() as into, source.connect() as rows:
        into.execute(sa.schema.CreateSchema(there.schema))
        for table in old.sorted_tables:
            for column in table.columns:
                column.type = column.type.as_generic()
        old.create_all(into)
        for table in old.sorted_tables:
            found = [dict(row._mapping) for row in rows.execute(sa.select(table))]
            if found:
                into.execute(table.insert(), found)
    target.dispose()
    source.dispose()
    state = there.open()
    assert [each.status for each in state.releases("prod")] == ["live"]
    assert state.take("environment prod", "apply") is None
    fresh = open_state(tmp_path / "fresh.db")
    fill(fresh)
    with state.reading() as connection:
        tables = sa.inspect(connection).get_table_names(there.schema)
    with fresh.reading() as connection:
        assert sorted(tables) == sorted(sa.inspect(connection).get_table_names())
    assert dump(state, tmp_path / "dump.jsonl") > 0
    fresh.close()
    state.close()
