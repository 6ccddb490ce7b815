"""Puts the portal together: pages, interface, assets, errors as pages, and the guard before all of them."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from dryland.errors import DrylandError
from dryland.portal.api import datasets as api_datasets
from dryland.portal.api import incidents as api_incidents
from dryland.portal.api import metrics as api_metrics
from dryland.portal.api import people as api_people
from dryland.portal.api import plan as api_plan
from dryland.portal.api import releases as api_releases
from dryland.portal.api import rows as api_rows
from dryland.portal.api.described import REFUSALS, described
from dryland.portal.door.doorkeeper import Doorkeeper
from dryland.portal.door.guard import Guard
from dryland.portal.door.people import needs, person_of
from dryland.portal.door.reach import LOOPBACK
from dryland.portal.face import ASSETS, asset, asset_hash
from dryland.portal.pages import (
    accounts,
    alerts,
    audit,
    catalogue,
    dataset,
    environments,
    home,
    incidents,
    lineage,
    me,
    metrics,
    monitors,
    owners,
    plan,
    query,
    releases,
    rows,
    runs,
    sign_in,
)
from dryland.portal.statuses import retry_after, status_of
from dryland.portal.texts import TEXTS
from dryland.portal.visits import Desk, bare_page, visit_to

PAGES = (
    home, catalogue, dataset, rows, lineage, query, plan, releases, runs, environments, owners, alerts, incidents,
    monitors, metrics,
)  # fmt: skip
INTERFACES = (api_datasets, api_releases, api_rows, api_plan, api_incidents, api_metrics, api_people)
OF_PEOPLE = (me, accounts, audit)  # pages that there are where people sign in
YEAR_S = 365 * 24 * 3600
ITSELF_IS_ILL = (DrylandError, RecursionError, MemoryError)


def portal(desk: Desk, *, hosts: Iterable[str] = ()) -> Guard:
    """The application; `hosts` are names by which it may be called besides those of this machine itself."""
    app = FastAPI(
        title="Dryland", version="1", docs_url=None, redoc_url=None, openapi_url=None, description=TEXTS["api_about"],
    )  # fmt: skip
    app.state.desk = desk
    for page in (*PAGES, *(OF_PEOPLE if desk.door else ())):
        app.include_router(page.router, include_in_schema=False, dependencies=[needs("look")])
    if desk.door:
        app.include_router(sign_in.router, include_in_schema=False)
    for interface in INTERFACES:
        app.include_router(interface.router, prefix="/api/v1", dependencies=[needs("look")], responses=REFUSALS)
    app.openapi = described(app, signs_in=desk.door is not None)  # type: ignore[method-assign]
    app.add_api_route("/assets/{version}/{name}", _asset, include_in_schema=False, response_model=None)
    app.add_api_route("/favicon.ico", _icon, include_in_schema=False, response_model=None)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(DrylandError, _troubled)
    app.add_exception_handler(500, _broken)
    return Guard(Doorkeeper(app, desk), frozenset((*LOOPBACK, *hosts)))


async def _asset(version: str, name: str) -> Response:
    if name not in ASSETS or version != asset_hash(name):
        raise HTTPException(404, TEXTS["no_page"])
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(asset(name), media_type=kind, headers={"cache-control": f"public, max-age={YEAR_S}, immutable"})


async def _icon() -> Response:
    return Response(asset("icon.svg"), media_type="image/svg+xml", headers={"cache-control": "public, max-age=86400"})


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    standard = error.detail in ("Not Found", "Method Not Allowed")
    answer = await _error(request, error.status_code, TEXTS["no_page"] if standard else str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _misread(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    names = ", ".join(sorted({str(each["loc"][-1]) for each in error.errors()}))
    return await _error(request, 422, TEXTS["misread"].format(names=names))


async def _troubled(request: Request, error: Exception) -> Response:
    assert isinstance(error, DrylandError)
    answer = await _error(request, status_of(error), error.message, error.hint)
    answer.headers.update(retry_after(error))
    return answer


async def _broken(request: Request, error: Exception) -> Response:
    return await _error(request, 500, TEXTS["broken"])


async def _error(request: Request, status: int, message: str, hint: str = "") -> Response:
    """As a page for people, as data for programs; when there is not even a catalogue, as plain words."""
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": message, "hint": hint}, status)
    desk: Desk = request.app.state.desk
    if not person_of(request).may("look"):
        return bare_page(request, "bare_error.html", status=status, message=message, hint=hint)
    try:
        shown = await run_in_threadpool(desk.library.current, desk.library.default_environment)
    except ITSELF_IS_ILL:
        return Response(f"{message}\n{hint}", status, media_type="text/plain")
    return visit_to(request, shown).page("error.html", status=status, message=message, hint=hint, code=status)
