"""Gives the tests of incidents and alerts a memory, a project of routes, and moments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from incident_values import Clock

from alert_servers import Hook, Mailbox, hook_server, mail_server
from dryland.project.alerting import Alerting, Channel, Route, Smtp
from dryland.project.project import Project, Settings, Warehouse
from dryland.state.store import State, open_state


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hook_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[State]:
    """An empty memory of either kind."""
    if request.param == "sqlite":
        opened = open_state(tmp_path / "state.db")
    else:
        server, name = request.getfixturevalue("postgres_server"), request.getfixturevalue("postgres")
        opened = open_state(f"postgresql://{server.user}@/{name}?host={server.folder}")
    yield opened
    opened.close()


ProjectOf = Callable[..., Project]


@pytest.fixture
def project_of(tmp_path: Path) -> ProjectOf:
    """A project whose routes lead to these channels."""

    def made(*channels: Channel, routes: tuple[Route, ...] = (), smtp: Smtp | None = None, url: str = "") -> Project:
        names = tuple(each.name for each in channels)
        alerting = Alerting(
            smtp or Smtp(), {each.name: each for each in channels}, routes or (Route("all", names),), portal_url=url
        )
        settings = Settings(alerting=alerting)
        return Project("shop", tmp_path, Warehouse("duckdb", "w", "main"), {}, {}, {}, settings=settings)

    return made
