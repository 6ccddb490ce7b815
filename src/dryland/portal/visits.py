"""Finds out what a request is about: the environment, the catalogue of this moment, and the browser it came from."""

from __future__ import annotations

import threading
from dataclasses import field
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from dryland.access.journal import Journal
from dryland.access.keys import is_same
from dryland.portal.actions import Actions
from dryland.portal.door.door import Door
from dryland.portal.door.people import caller_of, person_of
from dryland.portal.door.tokens import COOKIE, FIELD, Tokens, cookie_name
from dryland.portal.face import Face, Visit, known_as
from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.facts.library import Library
from dryland.portal.facts.planned import Planning
from dryland.portal.rows.rows import Rows
from dryland.portal.texts import TEXTS
from dryland.state.store import State
from dryland.values import dataclass

FIELDS_MAX = 3000  # of one form: wide tables have a box for each column
SENDERS_MAX = 2  # threads that may wait for a channel at once: pages need the others


@dataclass(frozen=True)
class Desk:
    """What every request needs; one for the server."""

    library: Library
    actions: Actions
    rows: Rows
    face: Face = field(default_factory=Face)
    tokens: Tokens = field(default_factory=Tokens)
    door: Door | None = None  # None: nobody signs in, for nobody else gets here
    senders: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(SENDERS_MAX))

    @cached_property
    def planning(self) -> Planning:
        """What would be released now."""
        return Planning(self.actions, self.rows.warehouse)

    @property
    def state(self) -> State:
        """The metadata."""
        return self.library.state

    def send_alerts(self) -> None:
        """Send what is due; while others do, it waits in the queue for them, or for the next verb."""
        from dryland.noting import post_due

        if self.senders.acquire(blocking=False):
            try:
                post_due(self.library.platform)
            finally:
                self.senders.release()

    @property
    def journal(self) -> Journal:
        """The audit log."""
        return self.library.platform.journal

    @property
    def now(self) -> datetime:
        """The moment, by the clock of the server."""
        return self.library.now()


def desk_of(request: Request) -> Desk:
    """The desk of the server."""
    desk: Desk = request.app.state.desk
    return desk


async def catalogue_of(request: Request) -> Catalogue:
    """What the environment shows that the request names, or the default one.

    Raises:
        HTTPException: there is no such environment.
    """
    library = desk_of(request).library
    wanted = request.query_params.get("env") or library.default_environment
    found = library.at_hand(wanted)
    if found is not None:
        return found
    if wanted != library.default_environment and wanted not in await run_in_threadpool(_environments, library):
        raise HTTPException(404, TEXTS["no_environment"].format(name=wanted))
    return await run_in_threadpool(library.current, wanted)


def _environments(library: Library) -> frozenset[str]:
    return frozenset(library.state.environments())


async def visit_of(request: Request) -> Visit:
    """The visit of a request for a page."""
    catalogue = await catalogue_of(request)
    return visit_to(request, catalogue)


def visit_to(request: Request, catalogue: Catalogue) -> Visit:
    """The same where the catalogue is known."""
    desk, form, headers = desk_of(request), token_for(request), request.headers
    return Visit(
        desk.face, catalogue, desk.now, request.url.path, form.token,
        headers.get("hx-request") == "true" and headers.get("hx-history-restore-request") != "true",
        dict(request.query_params), form.new_visitor, request.url.scheme == "https",
        f"{request.url.scheme}://{request.url.netloc}", person=person_of(request), signs_in=desk.door is not None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormToken:
    """What the forms of a page carry, and what their browser is to be known by if it was not yet."""

    token: str
    new_visitor: str = ""


def token_for(request: Request) -> FormToken:
    """The token of a session, or of a browser that nobody is signed in with."""
    session, tokens = caller_of(request).session, desk_of(request).tokens
    if session is not None:
        return FormToken(session.csrf)
    known = request.cookies.get(cookie_name(COOKIE, request.url.scheme == "https"), "")
    visitor = known or tokens.new_visitor()
    return FormToken(tokens.token_of(visitor), "" if known else visitor)


def bare_page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page that tells nothing of the data: for those who are not signed in."""
    form = token_for(request)
    text = desk_of(request).face.filled(template, {**values, "token": form.token})
    response = HTMLResponse(text, status, {"cache-control": "no-store"})
    known_as(response, form.new_visitor, is_secure=request.url.scheme == "https")
    return response


async def form_of(request: Request) -> dict[str, str]:
    """What was filled in, from a page that this browser was given.

    Raises:
        HTTPException: it was not.
    """
    body = (await request.body()).decode("utf-8", "replace")
    try:
        listed = parse_qs(body, keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError:  # more than any form here has
        raise HTTPException(400, TEXTS["form_is_strange"]) from None
    given = {name: values[-1] for name, values in listed.items()}
    form = token_for(request)
    if form.new_visitor or not is_same(form.token, given.get(FIELD, "")):
        raise HTTPException(403, TEXTS["form_is_old"])
    return given


Visiting = Annotated[Visit, Depends(visit_of)]
Looking = Annotated[Catalogue, Depends(catalogue_of)]
AtDesk = Annotated[Desk, Depends(desk_of)]
