"""Gives tests a project with a history, and its portal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from portal_shop import Portal, copied, make_history, portal_of
from portal_team import team, team_once  # noqa: F401 - fixtures


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
