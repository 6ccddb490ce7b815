"""Gives tests a project with a history, and its portal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import browser  # noqa: F401 - a fixture
from portal_shop import Portal, copied, make_history, portal_of
from portal_team import team, team_once  # noqa: F401 - fixtures
from story_shop import make_story, watch_a_month

from dryland.access.person import Person
from oidc_provider import one_stand, stand  # noqa: F401 - fixtures


@pytest.fixture(scope="session")
def history_once(
    tmp_path_factory: pytest.TempPathFactory, _released_once: Path, workspace_at: Callable[[Path], Any]
) -> Path:
    """Where it was made once."""
    root = copied(_released_once, tmp_path_factory.mktemp("history"))
    make_history(workspace_at(root))
    return root


@pytest.fixture(scope="session")
def looked_at(history_once: Path) -> Iterator[Portal]:
    """The portal, for tests that only look."""
    with portal_of(history_once) as found:
        yield found


@pytest.fixture
def own(history_once: Path, tmp_path: Path) -> Iterator[Portal]:
    """A portal of one's own, for tests that change something; every look is a new one."""
    ticks = iter(range(0, 1_000_000, 10))
    with portal_of(copied(history_once, tmp_path / "shop"), clock=lambda: float(next(ticks))) as found:
        yield found


@pytest.fixture(scope="session")
def story_once(
    tmp_path_factory: pytest.TempPathFactory, _released_once: Path, workspace_at: Callable[[Path], Any]
) -> Path:
    """Where an incident was made once: the edit that cost a campaign, and a monitor that tells of it."""
    root = copied(_released_once, tmp_path_factory.mktemp("story"))
    make_story(workspace_at(root))
    watch_a_month(root)
    return root


@pytest.fixture(scope="session")
def story(story_once: Path) -> Iterator[Portal]:
    """Its portal, for tests that only look."""
    with portal_of(story_once) as found:
        yield found


@pytest.fixture
def own_story(story_once: Path, tmp_path: Path) -> Iterator[Portal]:
    """The same for tests that change something."""
    ticks = iter(range(0, 1_000_000, 10))
    with portal_of(copied(story_once, tmp_path / "shop"), clock=lambda: float(next(ticks))) as found:
        yield found


@pytest.fixture
def asking_as(monkeypatch: pytest.MonkeyPatch) -> Callable[[Person], None]:
    """Has everybody who asks the portal be this person."""

    def become(person: Person) -> None:
        monkeypatch.setattr("dryland.portal.door.people.LOCAL", person)

    return become
