"""Every address of the portal takes a right, and whoever has it not gets nothing: walked over all that there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from portal_team import HERE, PASSWORD, TEAM, Team

from dryland.access.person import PERMISSIONS, ROLES, Permission
from dryland.portal.app import portal
from dryland.portal.door.people import permission_of

pytestmark = pytest.mark.medium

OPEN_TO_ALL = {
    ("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/sign-in/provider"), ("GET", "/signed-in"),
    ("GET", "/assets/{version}/{name}"), ("GET", "/favicon.ico"),
}  # fmt: skip
ABOUT_ONESELF = {
    ("POST", "/sign-out"), ("POST", "/me/tokens"), ("POST", "/me/tokens/{token_id}/revoke"), ("POST", "/me/password"),
}  # fmt: skip
"""What changes something and yet takes no more than being here."""
VALUES = {"number": "1", "unique_id": "customer_orders", "column": "revenue", "token_id": "0"}


@dataclass(frozen=True)
class Address:
    method: str
    path: str
    permissions: frozenset[Permission]

    @property
    def filled(self) -> str:
        path = self.path
        for name in [each.partition("}")[0] for each in path.split("{")[1:]]:
            path = path.replace(f"{{{name}}}", VALUES.get(name.partition(":")[0], "1"))
        return path


def addresses(team: Team) -> Iterator[Address]:
    """All that the application answers, as it stands."""
    application: Any = team.app.app.app  # type: ignore[attr-defined]
    for route in iter_route_contexts(application.routes):
        found = (permission_of(each.call) for each in route.dependant.dependencies)
        permissions = frozenset(each for each in found if each is not None)
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield Address(method, str(route.path), permissions)


def test_every_address_takes_a_right(team: Team) -> None:
    """Whoever adds a page says for whom it is: what changes something takes more than looking."""
    found = list(addresses(team))
    assert len(found) > 30
    for each in found:
        known = (each.method, each.path)
        if known in OPEN_TO_ALL:
            continue
        assert "look" in each.permissions, f"{known} does not ask who looks"
        if each.method != "GET" and known not in ABOUT_ONESELF:
            assert each.permissions - {"look"}, f"{known} changes something, and takes no right"


def test_nobody_gets_anything(team: Team) -> None:
    stranger = team.stranger()
    for each in addresses(team):
        if (each.method, each.path) in OPEN_TO_ALL:
            continue
        team.later(seconds=1)
        answer = stranger.client.request(each.method, each.filled)
        if each.path.startswith("/api/") or each.path == "/metrics":
            assert answer.status_code == 401, each
            assert answer.headers["www-authenticate"].startswith("Bearer"), each
            assert set(answer.json()) == {"error", "hint"}
        else:
            assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in"), each


@pytest.mark.parametrize("name", TEAM)
def test_each_role_gets_what_it_may_and_nothing_else(team: Team, name: str) -> None:
    """Over every address: refused exactly where the right is missing. Forms are sent without their token."""
    browser, may = team.browser(name), ROLES[TEAM[name]]  # type: ignore[index]
    for each in addresses(team):
        if (each.method, each.path) in OPEN_TO_ALL:
            continue
        team.later(seconds=1)
        answer = browser.client.request(each.method, each.filled, headers={"origin": HERE})
        says_no = "takes the right to" in answer.text
        assert answer.status_code < 500, each
        assert says_no == bool(each.permissions - may), (each, answer.status_code, answer.text[:300])
        assert answer.status_code == 403 or not says_no, each


@pytest.mark.parametrize("scope", sorted(PERMISSIONS))
def test_a_token_is_good_for_its_scopes_alone(team: Team, scope: Permission) -> None:
    """Though an administrator made it."""
    headers = {"authorization": f"Bearer {team.token('ada', scope)}"}
    stranger = team.stranger()
    for each in addresses(team):
        if each.method != "GET" or (each.method, each.path) in OPEN_TO_ALL:
            continue
        team.later(seconds=1)
        answer = stranger.get(each.filled, **headers)
        if not each.path.startswith(("/api/", "/metrics")):
            assert answer.status_code == 303, "tokens are for programs, and open no pages"
        else:
            assert (answer.status_code == 403) == bool(each.permissions - {scope}), each


def test_a_token_is_never_good_for_more_than_its_owner(team: Team) -> None:
    team.platform.users.add(team.platform.somebody("ada"), "fay", PASSWORD, ["admin"])
    headers = {"authorization": f"Bearer {team.token('fay', 'look', 'administer')}"}
    stranger = team.stranger()
    assert stranger.get("/api/v1/audit", **headers).status_code == 200
    team.platform.users.change_roles(team.platform.somebody("ada"), "fay", ["viewer"])
    assert stranger.get("/api/v1/audit", **headers).status_code == 403
    assert stranger.get("/api/v1/datasets", **headers).status_code == 200


def test_nobody_ends_tokens_of_others(team: Team) -> None:
    _, token = team.platform.tokens.create(team.platform.somebody("ana"), purpose="", scopes=["look"], days=1)
    answer = team.browser("ed").post(f"/me/tokens/{token.id}/revoke", "/me")
    assert answer.status_code == 403 and "no token" in answer.text
    unknown = team.browser("ed").post("/me/tokens/000000/revoke", "/me")
    assert unknown.text.replace("000000", "").count("no token") == 1, "and does not learn which there are"
    assert token.id not in team.browser("ed").get("/me").text
    team.browser("ada").post(f"/me/tokens/{token.id}/revoke", "/people")
    assert team.platform.state.api_token(token.id).revoked_at  # type: ignore[union-attr]


def test_where_nobody_signs_in_there_is_no_door(team: Team) -> None:
    """Everything is let to whoever sits at the machine, and there are no people to look after."""
    from fastapi.testclient import TestClient

    local = TestClient(portal(replace(team.desk, door=None)), base_url="http://localhost", follow_redirects=False)
    for path in ("/sign-in", "/signed-in", "/me", "/people", "/audit", "/sign-in/provider"):
        assert local.get(path).status_code == 404, path
    home = local.get("/").text
    assert "Sign in" not in home and 'href="/me"' not in home and "/people" not in home
    assert local.get("/api/v1/me").json()["via"] == "local"
