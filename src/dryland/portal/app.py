"""Puts the portal together: pages, interface, assets, errors as pages, and the guard before all of them."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from dryland.errors import DrylandError, QueryError, RefusedQueryError, RightsError, SignInError, StepTimeoutError
from dryland.portal import api, metrics_api
from dryland.portal.face import ASSETS, asset, asset_hash
from dryland.portal.guard import Guard
from dryland.portal.pages import catalogue, dataset, environments, home, lineage, metrics, owners, releases, runs
from dryland.portal.texts import TEXTS
from dryland.portal.visits import Desk, visit_to

PAGES = (home, catalogue, dataset, lineage, releases, runs, environments, owners, metrics)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
YEAR_S = 365 * 24 * 3600
STATUSES: tuple[tuple[type[DrylandError], int], ...] = (
    (SignInError, 401),
    (RightsError, 403),
    (RefusedQueryError, 400),
    (StepTimeoutError, 504),
    (QueryError, 400),
)
"""What an error is to a browser, the first that fits; anything else means that something here does not answer."""
ITSELF_IS_ILL = (DrylandError, RecursionError, MemoryError)


def portal(desk: Desk, *, hosts: Iterable[str] = ()) -> Guard:
    """The application; `hosts` are names by which it may be called besides those of this machine itself."""
    app = FastAPI(
        title="Dryland", version="1", docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json",
        description=TEXTS["api_about"],
    )  # fmt: skip
    app.state.desk = desk
    for page in PAGES:
        app.include_router(page.router, include_in_schema=False)
    app.include_router(api.router, prefix="/api/v1")
    app.include_router(metrics_api.router, prefix="/api/v1")
    app.add_api_route("/assets/{version}/{name}", _asset, include_in_schema=False, response_model=None)
    app.add_api_route("/favicon.ico", _icon, include_in_schema=False, response_model=None)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(DrylandError, _troubled)
    app.add_exception_handler(500, _broken)
    return Guard(app, frozenset((*LOOPBACK, *hosts)))


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
    return await _error(request, error.status_code, TEXTS["no_page"] if standard else str(error.detail))


async def _misread(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    names = ", ".join(sorted({str(each["loc"][-1]) for each in error.errors()}))
    return await _error(request, 422, TEXTS["misread"].format(names=names))


async def _troubled(request: Request, error: Exception) -> Response:
    assert isinstance(error, DrylandError)
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 503)
    return await _error(request, status, error.message, error.hint)


async def _broken(request: Request, error: Exception) -> Response:
    return await _error(request, 500, TEXTS["broken"])


async def _error(request: Request, status: int, message: str, hint: str = "") -> Response:
    """As a page for people, as data for programs; when there is not even a catalogue, as plain words."""
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": message, "hint": hint}, status)
    desk: Desk = request.app.state.desk
    try:
        shown = await run_in_threadpool(desk.library.current, desk.library.default_environment)
    except ITSELF_IS_ILL:
        return Response(f"{message}\n{hint}", status, media_type="text/plain")
    return visit_to(request, shown).page("error.html", status=status, message=message, hint=hint, code=status)
