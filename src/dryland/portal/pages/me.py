"""Shows somebody who he is here: what he may do, his tokens, his password."""

from __future__ import annotations

import math
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from dryland.access.person import Permission
from dryland.access.tokens import DAYS_MAX
from dryland.errors import SignInError, UsageError
from dryland.portal.door.door import forget
from dryland.portal.door.limits import PASSWORD
from dryland.portal.door.people import Asking, asked_of, caller_of, needs, note
from dryland.portal.face import Visit
from dryland.portal.pages.sign_in import AtDoor
from dryland.portal.texts import TEXTS
from dryland.portal.visits import Visiting, form_of
from dryland.state.people import ApiToken

router = APIRouter()
SCOPES: tuple[Permission, ...] = ("look", "read", "query", "handle", "release", "administer")


def standing_of(token: ApiToken, now: datetime) -> str:
    """Whether a token is good for anything."""
    return "revoked" if token.revoked_at else "ended" if token.expires_at <= now else "good"


@router.get("/me")
def me(request: Request, visit: Visiting, door: AtDoor) -> Response:
    """The page."""
    return _page(request, visit, door)


@router.post("/me/tokens", dependencies=[needs("look")])
async def make_token(request: Request, visit: Visiting, door: AtDoor) -> Response:
    """A token, whose text is on this page and never again."""
    given = await form_of(request)
    scopes = [each for each in SCOPES if given.get(f"scope_{each}") == "yes"]
    days = int(given["days"]) if given.get("days", "").isdecimal() and len(given["days"]) < 5 else 0
    person = visit.person
    try:
        text, made = await run_in_threadpool(
            door.platform.tokens.create, person, purpose=given.get("purpose", ""), scopes=scopes, days=days
        )
    except UsageError as error:
        return await run_in_threadpool(_page, request, visit, door, status=400, wrong=error.message)
    await run_in_threadpool(note, request, "token create", f"{made.id} for {person.name}: {', '.join(made.scopes)}")
    return await run_in_threadpool(_page, request, visit, door, new_token=text)


@router.post("/me/tokens/{token_id}/revoke", dependencies=[needs("look")])
async def revoke_token(request: Request, person: Asking, door: AtDoor, token_id: str) -> Response:
    """End a token of one's own; an administrator's click ends anybody's."""
    given = await form_of(request)
    await run_in_threadpool(door.platform.tokens.revoke, person, token_id)
    await run_in_threadpool(note, request, "token revoke", token_id)
    return RedirectResponse("/people#tokens" if given.get("from") == "people" else "/me#tokens", 303)


@router.post("/me/password", dependencies=[needs("look")])
async def change_password(request: Request, visit: Visiting, door: AtDoor) -> Response:
    """Another password; who had the old one is out, and so is everybody's browser until he signs in anew."""
    given, person = await form_of(request), visit.person
    if wait_s := door.limits.wait_s(PASSWORD, person.name):
        raise HTTPException(429, TEXTS["too_many"], {"retry-after": str(math.ceil(wait_s))})
    asked_of(request).is_noted = True  # by what changes it, right or wrong
    try:
        if given.get("new", "") != given.get("again", ""):
            raise UsageError(TEXTS["passwords_differ"])
        await run_in_threadpool(
            door.platform.users.change_password, person, person.name, given.get("new", ""),
            current=given.get("current", ""),
        )  # fmt: skip
    except (SignInError, UsageError) as error:
        said = f"{error.message} {error.hint}".strip()
        return await run_in_threadpool(_page, request, visit, door, status=400, wrong=said)
    return forget(request, RedirectResponse("/sign-in?said=changed", 303))


def _page(
    request: Request, visit: Visit, door: AtDoor, *, status: int = 200, wrong: str = "", new_token: str = ""
) -> Response:
    person, platform = visit.person, door.platform
    session = caller_of(request).session
    now = platform.journal.clock()
    found = [(token, standing_of(token, now)) for token in platform.tokens.listed(person)]
    return visit.page(
        "me.html", status=status, wrong=wrong, new_token=new_token, days_max=DAYS_MAX, session=session,
        tokens=found, scopes=[each for each in SCOPES if person.may(each)],
        has_password=platform.state.user(person.name) is not None,
    )  # fmt: skip
