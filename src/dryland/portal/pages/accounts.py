"""Shows administrators who may come in, and lets them say who does, as what, and who does no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from dryland.access.person import ROLES, Person
from dryland.access.sign_in import Users
from dryland.errors import ConfigError, RightsError, UsageError
from dryland.portal.door.people import asked_of, needs
from dryland.portal.face import Visit
from dryland.portal.pages.me import standing_of
from dryland.portal.pages.sign_in import AtDoor
from dryland.portal.texts import TEXTS
from dryland.portal.visits import Visiting, form_of

router = APIRouter(dependencies=[needs("administer")])


@router.get("/people")
def people(visit: Visiting, door: AtDoor) -> Response:
    """Everybody with a password here, and everybody's tokens."""
    return _page(visit, door)


@router.post("/people", dependencies=[needs("administer")])
async def change_people(request: Request, visit: Visiting, door: AtDoor) -> Response:
    """Do what the form says, for the one whom it names."""
    given = await form_of(request)
    asked_of(request).is_noted = True  # by what changes it
    try:
        await run_in_threadpool(_change, door.platform.users, visit.person, given)
    except (UsageError, ConfigError, RightsError) as error:
        visit.person.verify_may("administer")  # what else it takes is a matter of what was filled in
        said = f"{error.message} {error.hint}".strip()
        new_name = given.get("name", "") if given.get("action") == "add" else ""
        return await run_in_threadpool(_page, visit, door, status=400, wrong=said, new_name=new_name)
    return RedirectResponse("/people", 303)


def _change(users: Users, by: Person, given: Mapping[str, str]) -> None:
    """One of the changes that there are.

    Raises:
        UsageError: it is none, or it would shut out the one who asks for it.
    """
    name, action = given.get("name", ""), given.get("action", "")
    roles = [each for each in ROLES if given.get(f"role_{each}") == "yes"]
    if action in ("roles", "disable", "end") and name.strip().lower() == by.name:
        raise UsageError(TEXTS["not_oneself"])
    if action in ("add", "roles") and not roles:
        raise UsageError(TEXTS["needs_a_role"])
    if action == "add":
        users.add(by, name, given.get("password", ""), roles)
    elif action == "roles":
        users.change_roles(by, name, roles)
    elif action == "password":
        users.change_password(by, name, given.get("password", ""), current=given.get("current", ""))
    elif action == "disable":
        users.disable(by, name)
    elif action == "enable":
        users.enable(by, name)
    elif action == "end":
        users.end_all(by, name)
    else:
        raise UsageError(TEXTS["no_change"])


def _page(visit: Visit, door: AtDoor, *, status: int = 200, wrong: str = "", new_name: str = "") -> Response:
    platform, now = door.platform, door.platform.journal.clock()
    values: dict[str, Any] = {
        "users": platform.users.listed(visit.person),
        "tokens": [(each, standing_of(each, now)) for each in platform.tokens.listed(visit.person, everybodys=True)],
        "roles": tuple(ROLES), "wrong": wrong, "new_name": new_name, "has_provider": door.has_provider,
    }  # fmt: skip
    return visit.page("people.html", status=status, **values)
