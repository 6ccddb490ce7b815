"""Finds out what a request is about: the environment, the catalogue of this moment, and the browser it came from."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from dryland.portal.actions import Actions
from dryland.portal.catalogue import Catalogue
from dryland.portal.face import Face, Visit
from dryland.portal.library import Library
from dryland.portal.people import person_of
from dryland.portal.texts import TEXTS
from dryland.portal.tokens import COOKIE, FIELD, Tokens
from dryland.state.store import State

SENDERS_MAX = 2  # threads that may wait for a channel at once: pages need the others


@dataclass(frozen=True)
class Desk:
    """What every request needs; one for the server."""

    library: Library
    actions: Actions
    face: Face = field(default_factory=Face)
    tokens: Tokens = field(default_factory=Tokens)
    senders: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(SENDERS_MAX))

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
    desk, known = desk_of(request), request.cookies.get(COOKIE, "")
    visitor = known or desk.tokens.new_visitor()
    headers = request.headers
    return Visit(
        desk.face, catalogue, desk.now, request.url.path, desk.tokens.token_of(visitor),
        headers.get("hx-request") == "true" and headers.get("hx-history-restore-request") != "true",
        dict(request.query_params), "" if known else visitor, request.url.scheme == "https", person_of(request),
    )  # fmt: skip


async def form_of(request: Request) -> dict[str, str]:
    """What was filled in, from a page that this browser was given.

    Raises:
        HTTPException: it was not.
    """
    body = (await request.body()).decode("utf-8", "replace")
    given = {name: values[-1] for name, values in parse_qs(body, keep_blank_values=True, max_num_fields=100).items()}
    if not desk_of(request).tokens.is_right(request.cookies.get(COOKIE, ""), given.get(FIELD, "")):
        raise HTTPException(403, TEXTS["form_is_old"])
    return given


Visiting = Annotated[Visit, Depends(visit_of)]
Looking = Annotated[Catalogue, Depends(catalogue_of)]
AtDesk = Annotated[Desk, Depends(desk_of)]
