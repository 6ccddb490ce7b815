"""Gives out rows of one dataset: a few to look at, and files of all of them or some columns."""

from __future__ import annotations

import time
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from dryland.access import exporting
from dryland.errors import DrylandError, RightsError
from dryland.portal.door.people import needs
from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.pages.dataset import dataset_named
from dryland.portal.rows.answering import asked_by, attended, file_name, from_here, made, sent
from dryland.portal.rows.cells import Table, table_of
from dryland.portal.rows.readable import Readable, readable_as
from dryland.portal.statuses import retry_after, status_of
from dryland.portal.trouble import trouble_of
from dryland.portal.visits import AtDesk, Visiting, form_of

router = APIRouter(prefix="/datasets/{unique_id}", dependencies=[needs("read")])
FEW = 20
DIGITS_MAX = 12


@router.get("/sample", dependencies=[Depends(from_here)])
async def sample(request: Request, visit: Visiting, desk: AtDesk, unique_id: str) -> Response:
    """A few rows as whoever asks sees them; the warehouse is asked because somebody asked for them."""
    found = dataset_named(visit.catalogue, unique_id)
    asked, began = asked_by(request, "sample"), time.monotonic()

    def work() -> Table:
        with desk.rows.dataset(visit.catalogue, asked, found.unique_id, rows=FEW) as answer:
            return table_of(answer, began)

    try:
        table = await attended(request, work, lambda: desk.rows.stop(asked.name, asked.person))
    except DrylandError as error:
        if not visit.is_partial:
            raise
        answer = visit.page("query_answer.html", status=status_of(error), trouble=trouble_of(error), is_new=False)
        answer.headers.update(retry_after(error))
        return answer
    return visit.page("sample_now.html" if visit.is_partial else "sample.html", dataset=found, table=table)


@router.get("/export")
async def export(visit: Visiting, unique_id: str) -> Response:
    """What a file may have in it."""
    found = dataset_named(visit.catalogue, unique_id)
    readable = _readable(visit.catalogue, visit, unique_id)
    rights = visit.catalogue.rights
    assert rights is not None
    return visit.page(
        "export.html", dataset=found, readable=readable, formats=exporting.FORMATS, limits=rights.settings.limits
    )


@router.post("/export")
async def exported(request: Request, visit: Visiting, desk: AtDesk, unique_id: str) -> Response:
    """The file."""
    form = await form_of(request)
    found, kind = dataset_named(visit.catalogue, unique_id), form.get("format", "csv")
    exporting.format_named(kind)
    asked = asked_by(request, "export")
    work = desk.rows.dataset(
        visit.catalogue, asked, found.unique_id, columns=await _columns(request), rows=_number(form.get("rows", ""))
    )
    file = await attended(request, lambda: made(work, kind), lambda: desk.rows.stop(asked.name, asked.person))
    return sent(file, kind, file_name(found.name, kind, visit.now))


def _readable(catalogue: Catalogue, visit: Visiting, unique_id: str) -> Readable:
    """The dataset as he sees it.

    Raises:
        RightsError: it is not published, or not for him.
    """
    found = dataset_named(catalogue, unique_id)
    readable = readable_as(catalogue.rights, visit.person, found) if catalogue.rights else None
    if readable is None:
        raise RightsError(f"there is no dataset `{found.name}` that you may read.")
    return readable


async def _columns(request: Request) -> tuple[str, ...]:
    """Those that were chosen; the form that was looked at has one value for each name, and these share one."""
    body = (await request.body()).decode("utf-8", "replace")
    return tuple(dict.fromkeys(parse_qs(body).get("columns", ())))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX else None
