"""Answers with rows: a query runs beside the pages, ends when its asker leaves, and a file is sent once it is whole.

A file is made on disk before its first byte is sent. So a failure is an error and never half a file, the headers say
how many rows there are and whether there would be more, and the warehouse is let go of before a slow line begins.
"""

from __future__ import annotations

import re
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from functools import cache
from typing import BinaryIO, TypeVar

import anyio
from anyio import CapacityLimiter, to_thread
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from dryland.access import exporting
from dryland.access.answer import Answer
from dryland.access.desk import Request as Asked
from dryland.errors import DrylandError, RightsError
from dryland.portal.door.people import person_of
from dryland.portal.texts import TEXTS
from dryland.values import dataclass

T = TypeVar("T")
FROM_HERE = ("same-origin", "none")
THREADS = 16  # more than may run at once: who waits for his turn has one too, and pages have others
LOOK_S = 0.5  # how often it is looked whether the asker is still there
CHUNK = 1 << 16
NAME = re.compile(r"[^A-Za-z0-9_.-]+")


@cache
def limiter() -> CapacityLimiter:
    """The threads in which queries are asked."""
    return CapacityLimiter(THREADS)


async def from_here(request: Request) -> None:
    """A dependency of addresses that ask the warehouse: no page from elsewhere has a browser ask for it.

    Raises:
        HTTPException: the browser says that one did.
    """
    if request.headers.get("sec-fetch-site", FROM_HERE[0]) not in FROM_HERE:
        raise HTTPException(403, TEXTS["not_from_here"])


def asked_by(request: Request, action: str, *, name: str = "", is_export: bool | None = None) -> Asked:
    """What somebody asks the desk for; it has a name in any case, by which it is stopped when he goes away."""
    address = request.client.host if request.client else ""
    is_file = action == "export" if is_export is None else is_export
    return Asked(person_of(request), action, address, name[:64] or secrets.token_hex(8), is_file)


async def attended(request: Request, work: Callable[[], T], stop: Callable[[], object]) -> T:
    """What `work` gives, in a thread of its own; `stop` is called when whoever asked has gone away."""
    outcome: list[T] = []
    trouble: list[DrylandError] = []

    async def watch() -> None:
        while True:
            await anyio.sleep(LOOK_S)
            if await request.is_disconnected():
                with suppress(RightsError):  # it has just ended, or waits still for its turn
                    await to_thread.run_sync(stop)
                return

    def do() -> None:
        try:
            outcome.append(work())
        except DrylandError as error:
            trouble.append(error)

    async with anyio.create_task_group() as group:
        group.start_soon(watch)
        await to_thread.run_sync(do, limiter=limiter())
        group.cancel_scope.cancel()
    if trouble:
        raise trouble[0]
    return outcome[0]


@dataclass(frozen=True, slots=True)
class Made:
    """A file that is whole, and what is known of it."""

    file: BinaryIO
    size: int
    rows: int
    is_cut: bool


def made(answered: AbstractContextManager[Answer], form: str) -> Made:
    """Write an answer to a file that has no name and goes with its last user."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it outlives this function, and is closed when it was sent
    try:
        with answered as answer:
            rows = exporting.write(answer, form, file)
        size = file.tell()
        file.seek(0)
        return Made(file, size, rows, answer.is_cut)
    except BaseException:
        file.close()
        raise


def sent(found: Made, form: str, name: str) -> Response:
    """The file, on its way to whoever asked."""
    kind = exporting.format_named(form)
    return StreamingResponse(
        _pieces(found.file),
        media_type=kind.media_type,
        headers={
            "content-length": str(found.size), "content-disposition": f'attachment; filename="{name}"',
            "x-dryland-rows": str(found.rows), "x-dryland-cut": "true" if found.is_cut else "false",
            "cache-control": "no-store",
        },
    )  # fmt: skip


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece


def file_name(what: str, form: str, now: datetime) -> str:
    """How a file is called: letters that every system takes.

    >>> file_name('../a "b"', "csv", datetime(2026, 1, 2, 3, 4))
    'a_b-2026-01-02.csv'
    """
    plain = NAME.sub("_", what).strip("._")[:80] or "data"
    return f"{plain}-{now:%Y-%m-%d}.{exporting.format_named(form).ending}"
