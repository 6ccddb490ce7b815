"""Runs what concerns the store on SQLite and on PostgreSQL: the same tests, and a store of its own for each."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from dryland.state.store import State, open_state
from postgres_server import Server

KINDS = ("sqlite", "postgres")
NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Where:
    """A store that may be opened as often as one likes."""

    url: str
    schema: str = "dryland_state"

    def open(self) -> State:
        return open_state(self.url, self.schema)


@pytest.fixture(scope="session")
def metadata_database(postgres_server: Server) -> str:
    """One database, with a schema for each test."""
    return postgres_server.new_database()


@pytest.fixture(scope="session")
def place_of(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Where]:
    """Where a new store of a kind is."""

    def place(kind: str) -> Where:
        if kind == "sqlite":
            return Where(str(tmp_path_factory.mktemp("state") / "state.db"))
        server: Server = request.getfixturevalue("postgres_server")
        database = request.getfixturevalue("metadata_database")
        return Where(f"postgresql://{server.user}@/{database}?host={server.folder}", f"state {next(NUMBERS)}")

    return place


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, place_of: Callable[[str], Where]) -> Where:
    """Where the store of a test is."""
    return place_of(request.param)


@pytest.fixture
def state(place: Where) -> Iterator[State]:
    """The store of a test."""
    opened = place.open()
    yield opened
    opened.close()
