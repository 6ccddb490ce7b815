"""Stands at the door: finds out who asks before anything is answered, and sees that what was changed is written down.

It lets nobody in by default: whoever is not signed in gets no further than the few addresses that are open to all.
"""

from __future__ import annotations

import math
from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from dryland.errors import SignInError
from dryland.portal.door.door import FOR_PROGRAMS, Door, is_for_programs
from dryland.portal.door.guard import SAFE, App, Message, Receive, Scope, Send
from dryland.portal.door.limits import SIGNED_IN, STRANGER
from dryland.portal.door.people import ASKED, NOBODY, Asked, Caller, local_caller, note
from dryland.portal.door.reach import address_in, neighbourhood
from dryland.portal.texts import TEXTS
from dryland.portal.visits import Desk
from dryland.values import dataclass

SIGN_IN = "/sign-in"
OPEN = frozenset({SIGN_IN, "/sign-in/provider", "/signed-in"})
FILES = ("/assets/", "/favicon.ico")  # the same for all, and nobody's
NOTED_BY_THE_DESK = {"read", "query"}
CHALLENGE = 'Bearer realm="dryland"'


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Before the application, and behind the guard."""

    app: App
    desk: Desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or have it answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        scope[ASKED] = Asked(Caller(NOBODY, address_in(request.client)))
        if scope["path"].startswith(FILES):
            await self.app(scope, receive, send)
            return
        refusal = await self._refusal(request, self.desk.door)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        status = [500]
        try:
            await self.app(scope, receive, _heard(send, status))
        finally:
            if request.method not in SAFE:
                await run_in_threadpool(self._note, request, status[0])

    async def _refusal(self, request: Request, door: Door | None) -> Response | None:
        """What is answered in place of the application; None where he may come in."""
        asked: Asked = request.scope[ASKED]
        if door is None:
            asked.caller = local_caller(request)
            return None
        if not door.is_safe_way(request):
            return PlainTextResponse(TEXTS["not_safe"], 403)
        try:
            asked.caller = await run_in_threadpool(door.caller, request)
        except SignInError as error:
            return _too_many(request, door, asked.caller) or _unknown(error.message, 'error="invalid_token"')
        refusal = _too_many(request, door, asked.caller)
        if refusal is None and asked.caller.person is NOBODY and request.scope["path"] not in OPEN:
            return _led_to_sign_in(request)
        if refusal is None and asked.caller.session and is_for_programs(request) and not _is_from_a_page(request):
            return JSONResponse({"error": TEXTS["form_is_old"], "hint": ""}, 403)
        return refusal

    def _note(self, request: Request, status: int) -> None:
        """What a route did not write down itself, in words that are always there: its address."""
        asked: Asked = request.scope[ASKED]
        is_read = status < 400 and bool(NOTED_BY_THE_DESK & set(asked.needed))
        if asked.is_noted or is_read or not asked.needed:
            return
        outcome = "done" if status < 400 else "refused" if status in (401, 403) else "failed"
        route = getattr(request.scope.get("route"), "path", "")
        note(request, f"{request.method} {route}", request.scope["path"][:200], outcome=outcome)


def local_path(text: str) -> str:
    """An address of this portal, whatever was asked for; the first page, where it is anything else.

    >>> [local_path(each) for each in ("/runs?env=dev", "//evil.org", "https://evil.org", "/\\\\evil.org", "/a\\nb")]
    ['/runs?env=dev', '/', '/', '/', '/']
    """
    is_local = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    if not is_local or len(text) > 2000 or urlsplit(text).netloc or urlsplit(text).path in (*OPEN, "/sign-out"):
        return "/"
    return text


def _too_many(request: Request, door: Door, caller: Caller) -> Response | None:
    is_known = caller.person is not NOBODY
    who = caller.person.name if is_known else neighbourhood(caller.address)
    wait_s = door.limits.wait_s(SIGNED_IN if is_known else STRANGER, who)
    if not wait_s:
        return None
    headers = {"retry-after": str(math.ceil(wait_s))}
    if is_for_programs(request):
        return JSONResponse({"error": TEXTS["too_many"], "hint": ""}, 429, headers)
    return PlainTextResponse(TEXTS["too_many"], 429, headers)


def _led_to_sign_in(request: Request) -> Response:
    """To a page for people, with a number for programs; parts of pages send the whole page there."""
    if request.headers.get("hx-request") == "true":
        shown = urlsplit(request.headers.get("hx-current-url", ""))
        place = local_path(shown.path + (f"?{shown.query}" if shown.query else ""))
        return Response(status_code=401, headers={"hx-redirect": _sign_in_path(place), "www-authenticate": CHALLENGE})
    path, query = request.scope["raw_path"].decode("latin-1"), request.scope["query_string"].decode("latin-1")
    is_page_too = not path.startswith(FOR_PROGRAMS) and "text/html" in request.headers.get("accept", "")
    if is_for_programs(request) and not is_page_too:
        return _unknown(TEXTS["not_signed_in"])
    wanted = local_path(f"{path}?{query}" if query else path)
    return RedirectResponse(_sign_in_path(wanted if request.method in SAFE else "/"), 303)


def _sign_in_path(place: str) -> str:
    return SIGN_IN if place == "/" else f"{SIGN_IN}?next={quote(place, safe='')}"


def _unknown(message: str, why: str = "") -> Response:
    challenge = f"{CHALLENGE}, {why}" if why else CHALLENGE
    return JSONResponse({"error": message, "hint": TEXTS["not_signed_in_hint"]}, 401, {"www-authenticate": challenge})


def _is_from_a_page(request: Request) -> bool:
    """Whether a change that comes with a browser's session was sent by a page of ours: browsers say so."""
    return request.method in SAFE or bool({"origin", "sec-fetch-site"} & set(request.headers))


def _heard(send: Send, status: list[int]) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            status[0] = message["status"]
        await send(message)

    return sending
