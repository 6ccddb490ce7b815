"""Lets people in and out: by name and password, or by the provider that the project names."""

from __future__ import annotations

import math
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from dryland.access.sign_in import TOO_OFTEN
from dryland.errors import DrylandError, SignInError
from dryland.portal.door.door import Door, forget, remember, session_id_of
from dryland.portal.door.doorkeeper import local_path
from dryland.portal.door.limits import SIGN_IN
from dryland.portal.door.people import asked_of, caller_of, needs
from dryland.portal.door.reach import neighbourhood
from dryland.portal.door.tokens import cookie_name
from dryland.portal.texts import TEXTS
from dryland.portal.visits import AtDesk, bare_page, form_of

BEGUN = "dryland_begun"  # keeps, sealed, what was begun with the provider
BEGUN_S = 600
BACK = "/signed-in"
NEXT_MAX = 1000

router = APIRouter()


async def door_at(desk: AtDesk) -> Door:
    """The door, where there is one.

    Raises:
        HTTPException: nobody signs in here.
    """
    if desk.door is None:
        raise HTTPException(404, TEXTS["no_page"])
    return desk.door


AtDoor = Annotated[Door, Depends(door_at)]


@router.get("/sign-in")
def sign_in(request: Request, door: AtDoor, next: str = "/", said: str = "") -> Response:  # noqa: A002
    """The page; who is signed in is led on."""
    place = local_path(next)
    if caller_of(request).session is not None:
        return RedirectResponse(place, 303)
    return _page(request, door, place, told=TEXTS["password_changed"] if said == "changed" else "")


@router.post("/sign-in")
async def let_in(request: Request, door: AtDoor) -> Response:
    """Look at a name and a password."""
    given, address = await form_of(request), caller_of(request).address
    place, name = local_path(given.get("next", "")), given.get("name", "")[:200]
    if wait_s := door.limits.wait_s(SIGN_IN, neighbourhood(address)):
        error = SignInError(TOO_OFTEN, retry_after_s=wait_s)
        return await run_in_threadpool(_refused, request, door, place, name, error)
    try:
        session = await run_in_threadpool(
            door.platform.door.sign_in, name, given.get("password", ""), address=address,
            came_with=session_id_of(request),
        )  # fmt: skip
    except SignInError as error:
        return await run_in_threadpool(_refused, request, door, place, name, error)
    return remember(request, RedirectResponse(place, 303), session)


@router.get("/sign-in/provider")
def to_the_provider(request: Request, door: AtDoor, next: str = "/") -> Response:  # noqa: A002
    """Lead somebody to where he signs in."""
    if not door.has_provider:
        raise HTTPException(404, TEXTS["no_page"])
    place = local_path(next)
    try:
        begun = door.platform.provider.begin(_here(request) + BACK)
    except DrylandError as error:
        return _page(request, door, place, status=503, wrong=error.message)
    response = RedirectResponse(begun.url, 303)
    kept = f"{begun.sealed}~{quote(place[:NEXT_MAX], safe='')}"
    is_secure = request.url.scheme == "https"
    response.set_cookie(
        cookie_name(BEGUN, is_secure), kept, max_age=BEGUN_S, httponly=True, samesite="lax", secure=is_secure, path="/"
    )
    return response


@router.get(BACK)
def back_from_the_provider(request: Request, desk: AtDesk, door: AtDoor) -> Response:
    """Let somebody in whom the provider vouches for."""
    if not door.has_provider:
        raise HTTPException(404, TEXTS["no_page"])
    is_secure, address = request.url.scheme == "https", caller_of(request).address
    sealed, _, quoted = request.cookies.get(cookie_name(BEGUN, is_secure), "").partition("~")
    place, platform = local_path(unquote(quoted)), door.platform
    try:
        person = platform.provider.finish(sealed, dict(request.query_params))
        session = platform.sessions.begin(person, "oidc", came_with=session_id_of(request))
    except DrylandError as error:
        desk.journal.changed("?", "", "sign in", "provider", address=address, outcome="refused")
        response = _page(request, door, place, status=401, wrong=error.message)
    else:
        desk.journal.changed(person.name, "session", "sign in", "provider", address=address)
        response = remember(request, RedirectResponse(place, 303), session)
    response.delete_cookie(cookie_name(BEGUN, is_secure), httponly=True, samesite="lax", secure=is_secure, path="/")
    return response


@router.post("/sign-out", dependencies=[needs("look")])
async def sign_out(request: Request, door: AtDoor) -> Response:
    """Let somebody out, here or everywhere."""
    given, caller = await form_of(request), caller_of(request)
    assert caller.session is not None  # pages know people by nothing else
    is_everywhere = given.get("everywhere") == "yes"
    await run_in_threadpool(
        door.platform.door.sign_out, caller.session, address=caller.address, everywhere=is_everywhere
    )
    asked_of(request).is_noted = True
    return forget(request, RedirectResponse("/sign-in", 303))


def _here(request: Request) -> str:
    """By which name he came, which the guard knows to be one of ours."""
    return f"{request.url.scheme}://{request.headers['host']}"


def _refused(request: Request, door: Door, place: str, name: str, error: SignInError) -> Response:
    if error.retry_after_s is None:
        return _page(request, door, place, status=401, wrong=error.message, name=name)
    wait_s = math.ceil(error.retry_after_s)
    response = _page(
        request, door, place, status=429, name=name, wrong=TEXTS["wait"].format(minutes=math.ceil(wait_s / 60))
    )
    response.headers["retry-after"] = str(wait_s)
    return response


def _page(
    request: Request, door: Door, place: str, *, status: int = 200, wrong: str = "", told: str = "", name: str = ""
) -> Response:
    has_passwords = any(not each.is_disabled for each in door.platform.state.users()) or not door.has_provider
    return bare_page(
        request, "sign_in.html", status=status, place=place, wrong=wrong, told=told, name=name,
        has_provider=door.has_provider, has_passwords=has_passwords,
    )  # fmt: skip
