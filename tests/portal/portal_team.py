"""The portal where people sign in: a team with one of each role, browsers of theirs, and a clock in the test's hand."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from portal_shop import copied, desk_at

from dryland.access.journal import Journal
from dryland.access.passwords import Passwords
from dryland.access.person import LOCAL
from dryland.clock import utc_now
from dryland.platform import Platform
from dryland.portal.app import portal
from dryland.portal.door.door import SESSION, Door
from dryland.portal.door.guard import Guard
from dryland.portal.door.limits import Limits
from dryland.portal.door.reach import Reach
from dryland.portal.door.tokens import FIELD
from dryland.portal.serve import bound, config_of
from dryland.portal.visits import Desk
from dryland.project.access_rules import Oidc
from dryland.state.people import AuditEntry

NAME = "portal.example.org"
HERE = f"https://{NAME}"
COOKIE = f"__Host-{SESSION}"
PASSWORD = "several words that fit nowhere"
TEAM = {"vi": "viewer", "ana": "analyst", "ed": "engineer", "ada": "admin"}
CHEAP = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
FORM = re.compile(rf'name="{FIELD}" value="([^"]+)"')


@dataclass
class Team:
    """A served project, and whoever comes."""

    platform: Platform
    desk: Desk
    app: Guard
    now: datetime = field(default_factory=utc_now)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def stranger(self, address: str = "10.0.0.1", here: str = HERE) -> Browser:
        """A browser that nobody knows."""
        client = TestClient(self.app, base_url=here, client=(address, 50_000), follow_redirects=False)
        return Browser(client)

    def browser(self, name: str, address: str = "10.0.0.1") -> Browser:
        """A browser in which somebody is signed in."""
        browser = self.stranger(address)
        answer = browser.sign_in(name)
        assert answer.status_code == 303, answer.text
        return browser

    def token(self, name: str, *scopes: str, days: int = 1) -> str:
        """What a program of somebody's shows."""
        text, _ = self.platform.tokens.create(self.platform.somebody(name), purpose="", scopes=scopes, days=days)
        return text

    def log(self, **of: Any) -> list[AuditEntry]:
        self.platform.journal.write()
        return list(self.platform.state.audit(**of))


@dataclass
class Browser:
    """Keeps cookies, and fills in forms as they were shown."""

    client: TestClient

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def form(self, path: str) -> str:
        """What the forms of a page carry."""
        found = FORM.search(self.get(path).text)
        assert found, path
        return found.group(1)

    def post(self, path: str, shown_at: str, given: dict[str, str] | None = None, **headers: str) -> Any:
        """Send a form as it was shown on a page."""
        return self.client.post(path, data={FIELD: self.form(shown_at), **(given or {})}, headers=headers)

    def sign_in(self, name: str, password: str = PASSWORD, place: str = "/") -> Any:
        return self.post("/sign-in", "/sign-in", {"name": name, "password": password, "next": place})

    @property
    def session(self) -> str:
        return str(self.client.cookies.get(COOKIE) or "")


@contextmanager
def team_at(root: Path, *, plain_http: bool = False, oidc: Oidc | None = None) -> Iterator[Team]:
    """The team at work in a project."""
    platform, desk = desk_at(root)
    with platform:
        settings = platform.written.settings
        access = replace(settings.access, oidc=oidc)
        platform.written = replace(platform.written, settings=replace(settings, access=access))
        door = Door(platform, Limits(lambda: 0.0), plain_http)
        desk = replace(desk, door=door)
        team = Team(platform, desk, portal(desk, hosts=[NAME]))
        platform.journal = Journal(platform.state, clock=lambda: team.now)
        platform.passwords = Passwords(CHEAP)
        door.limits.clock = lambda: team.now.timestamp()
        for name, role in TEAM.items():
            if platform.state.user(name) is None:
                platform.users.add(LOCAL, name, PASSWORD, [role])
        yield team
        desk.actions.finish()


@contextmanager
def serving(team: Team, reach: Reach) -> Iterator[int]:
    """The same at a port of this machine, with the very settings of `dryland portal`."""
    assert team.desk.door
    desk = replace(team.desk, door=replace(team.desk.door, allows_plain_http=reach.allows_plain_http))
    with bound("127.0.0.1", 0) as listening:
        server = uvicorn.Server(config_of(desk, reach))
        thread = threading.Thread(target=server.run, args=([listening],), name="portal")
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def team_once(history_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """The portal of a team, for tests that change nothing of each other's."""
    with team_at(copied(history_once, tmp_path_factory.mktemp("team") / "shop")) as found:
        yield found


@pytest.fixture
def team(team_once: Team) -> Team:
    """The same, as long after the test before that nothing of it counts any more."""
    team_once.later(hours=1)
    return team_once
