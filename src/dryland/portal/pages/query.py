"""Answers SQL of people: a field to write in, what they may ask about, and the answer as a table or a file."""

from __future__ import annotations

import secrets
import time
from typing import Any

import sqlglot
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from dryland.access import exporting
from dryland.access.reading import Answerable
from dryland.errors import DrylandError
from dryland.portal.door.people import needs
from dryland.portal.face import Visit
from dryland.portal.rows.answering import asked_by, attended, file_name, made, sent
from dryland.portal.rows.cells import ROWS_SHOWN, Table, table_of
from dryland.portal.rows.readable import quoted, readable_in
from dryland.portal.statuses import retry_after, status_of
from dryland.portal.texts import TEXTS
from dryland.portal.trouble import trouble_of
from dryland.portal.visits import AtDesk, Visiting, form_of
from dryland.portal.wording import length

router = APIRouter(prefix="/query", dependencies=[needs("query")])
SQL_IN_ADDRESS_MAX = 4000
WORDS_MAX = 200


@router.get("")
async def console(visit: Visiting, sql: str = "") -> Response:
    """The page; a query in its address is shown, and not asked until somebody says so."""
    return _console(visit, sql)


@router.get("/datasets")
async def datasets(visit: Visiting, q: str = "") -> Response:
    """What one may ask about, while somebody types."""
    found = readable_in(visit.catalogue, visit.person, q[:WORDS_MAX])
    return visit.page("query_datasets.html", readable=found, quoted=quoted)


@router.post("/run")
async def run(request: Request, visit: Visiting, desk: AtDesk) -> Response:
    """The answer as a table."""
    form = await form_of(request)
    sql, asked, began = form.get("sql", ""), asked_by(request, "query", name=form.get("name", "")), time.monotonic()

    def work() -> Table:
        with desk.rows.ask(visit.catalogue, asked, sql) as answer:
            return table_of(answer, began)

    try:
        table = await attended(request, work, lambda: desk.rows.stop(asked.name, asked.person))
    except DrylandError as error:
        return _troubled(visit, sql, error)
    return _answered(visit, sql, table=table, took=length(table.took_s))


@router.post("/explain")
async def explain(request: Request, visit: Visiting, desk: AtDesk) -> Response:
    """What would be sent; nothing is asked."""
    form = await form_of(request)
    sql, asked = form.get("sql", ""), asked_by(request, "query", name=form.get("name", ""))
    try:
        found = await attended(
            request,
            lambda: desk.rows.explained(visit.catalogue, asked, sql),
            lambda: desk.rows.stop(asked.name, asked.person),
        )
    except DrylandError as error:
        return _troubled(visit, sql, error)
    dialect = visit.catalogue.rights.project.warehouse.type if visit.catalogue.rights else ""
    return _answered(visit, sql, explained=found, pretty=_pretty(found, dialect))


@router.post("/download")
async def download(request: Request, visit: Visiting, desk: AtDesk) -> Response:
    """The answer as a file."""
    form = await form_of(request)
    kind, sql = form.get("format", "csv"), form.get("sql", "")
    exporting.format_named(kind)
    asked = asked_by(request, "export", name=form.get("name", ""))
    work = desk.rows.ask(visit.catalogue, asked, sql)
    try:
        file = await attended(request, lambda: made(work, kind), lambda: desk.rows.stop(asked.name, asked.person))
    except DrylandError as error:
        return _troubled(visit, sql, error)
    return sent(file, kind, file_name("query", kind, visit.now))


@router.post("/stop")
async def stop(request: Request, visit: Visiting, desk: AtDesk) -> Response:
    """Stop a query that goes on."""
    form = await form_of(request)
    await run_in_threadpool(desk.rows.stop, form.get("name", ""), visit.person)
    return Response(TEXTS["query_stopping"], media_type="text/plain")


def _answered(visit: Visit, sql: str, *, status: int = 200, **found: Any) -> Response:
    """The answer alone where the page is there already, or the whole page."""
    values = {"table": None, "explained": None, "trouble": None, "took": "", "pretty": "", **found}
    link = visit.link("/query", sql=sql) if len(sql) <= SQL_IN_ADDRESS_MAX else ""
    if visit.is_partial:
        return visit.page(
            "query_answer.html", status=status, sql=sql, address=link, shown=ROWS_SHOWN, is_new=True,
            name=secrets.token_hex(8), **values,
        )  # fmt: skip
    return _console(visit, sql, status=status, address=link, **values)


def _console(visit: Visit, sql: str, *, status: int = 200, **found: Any) -> Response:
    nothing = {"table": None, "explained": None, "trouble": None, "took": "", "pretty": "", "address": ""}
    rights = visit.catalogue.rights
    return visit.page(
        "query.html", status=status, sql=sql, name=secrets.token_hex(8), shown=ROWS_SHOWN, is_new=False,
        readable=readable_in(visit.catalogue, visit.person, ""), quoted=quoted, formats=exporting.FORMATS,
        limits=rights.settings.limits if rights else None, dialect=rights.project.warehouse.type if rights else "",
        **{**nothing, **found},
    )  # fmt: skip


def _troubled(visit: Visit, sql: str, error: DrylandError) -> Response:
    """What was wrong, where the person writes, with the status that a program needs."""
    answer = _answered(visit, sql, status=status_of(error), trouble=trouble_of(error, sql))
    answer.headers.update(retry_after(error))
    return answer


def _pretty(found: Answerable, dialect: str) -> str:
    """The text as people read it: what is sent stands in one line."""
    return sqlglot.parse_one(found.sql, read=dialect).sql(dialect=dialect, pretty=True)
