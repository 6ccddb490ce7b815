"""Answers programs with rows: of a dataset or a query, as JSON, as lines, or as a file or stream for frames."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from dryland.access import exporting
from dryland.access.answer import Answer
from dryland.access.exporting.values import as_json
from dryland.portal.api.fields import NUMBER_MAX, Name
from dryland.portal.door.people import needs
from dryland.portal.rows.answering import asked_by, attended, file_name, from_here, made, sent
from dryland.portal.visits import AtDesk, Desk, Looking

router = APIRouter()
Form = Literal["json", "jsonl", "csv", "parquet", "xlsx", "arrow"]
FILES: Mapping[str, str] = {"jsonl": "json", **{form: form for form in ("csv", "parquet", "xlsx", "arrow")}}
"""What programs call a format -> what the desk calls it; `json` alone is no file, but an answer."""
SQL_MAX = 60_000


class ColumnShown(BaseModel):
    """A column of an answer."""

    name: str
    type: str


class MaskedColumn(BaseModel):
    """A column that was read and is not shown as it is."""

    dataset: str
    column: str
    mask: str


class RowsAnswer(BaseModel):
    """Rows, each a list in the order of the columns."""

    columns: list[ColumnShown]
    rows: list[list[Any]]
    row_count: int
    is_cut: bool = Field(description="Whether there are more than one answer may have.")
    masked: list[MaskedColumn]


class Question(BaseModel):
    """A query of one's own."""

    sql: str = Field(min_length=1, max_length=SQL_MAX, examples=["select 1 as one"])
    format: Form = "json"


BINARY = {"schema": {"type": "string", "format": "binary"}}
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "model": RowsAnswer,
        "description": "The rows. `x-dryland-cut: true` says that a file has not all of them.",
        "content": {exporting.media_type(each).split(";")[0]: BINARY for each in FILES.values()},
    },
    400: {"description": "It is no query of what is allowed, or the warehouse cannot answer it."},
    403: {"description": "It is not there, or not for you."},
    429: {"description": "Too much at once; `retry-after` says when to come again."},
    503: {"description": "The warehouse is held by somebody who changes it; `retry-after` says when to come again."},
    504: {"description": "It took longer than it may."},
}


@router.get(
    "/datasets/{unique_id}/rows", summary="Rows of a dataset, as you see it", responses=RESPONSES,
    response_model=None, dependencies=[needs("read"), Depends(from_here)],
)  # fmt: skip
async def rows(
    request: Request, catalogue: Looking, desk: AtDesk, unique_id: Name,
    columns: Annotated[list[str], Query(max_length=1000, description="Names, repeated or with commas; all.")] = [],  # noqa: B006
    limit: Annotated[int | None, Query(ge=0, le=NUMBER_MAX)] = None, format: Form = "json",  # noqa: A002
) -> Response:  # fmt: skip
    """By unique id or by short name. Columns that you do not see as they are come masked."""
    asked = asked_by(request, "read" if format == "json" else "export", is_export=format != "json")
    work = desk.rows.dataset(catalogue, asked, unique_id, columns=_listed(columns), rows=limit)
    return await _answered(request, desk, asked, work, format, unique_id.split(".")[-1])


@router.post(
    "/query", summary="The answer to a query", responses=RESPONSES, response_model=None,
    dependencies=[needs("query"), Depends(from_here)],
)  # fmt: skip
async def query(request: Request, catalogue: Looking, desk: AtDesk, question: Question) -> Response:
    """One SELECT over the datasets that you may read; it ends when you go away."""
    is_file = question.format != "json"
    asked = asked_by(request, "export" if is_file else "query", is_export=is_file)
    work = desk.rows.ask(catalogue, asked, question.sql)
    return await _answered(request, desk, asked, work, question.format, "query")


async def _answered(
    request: Request, desk: Desk, asked: Any, work: AbstractContextManager[Answer], form: Form, name: str
) -> Response:
    def stop() -> None:
        desk.rows.stop(asked.name, asked.person)

    if form == "json":
        return JSONResponse(await attended(request, lambda: _document(work), stop))
    kind = FILES[form]
    file = await attended(request, lambda: made(work, kind), stop)
    return sent(file, kind, file_name(name, kind, desk.now))


def _document(work: AbstractContextManager[Answer]) -> dict[str, Any]:
    with work as answer:
        found = [[as_json(value) for value in row] for block in answer.blocks() for row in block]
        return {
            "columns": [{"name": each.name, "type": each.type} for each in answer.columns], "rows": found,
            "row_count": answer.rows, "is_cut": answer.is_cut,
            "masked": [{"dataset": uid, "column": column, "mask": mask} for uid, column, mask in answer.masked],
        }  # fmt: skip


def _listed(columns: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for each in columns for name in each.split(",") if name.strip()))
