"""Answers programs about people: who asks, what was done by whom; and what there is to ask at all."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from dryland.access.journal import as_json
from dryland.access.person import PERMISSIONS
from dryland.portal.api.fields import Data, Text
from dryland.portal.door.people import Asking, needs
from dryland.portal.pages.audit import entries_of
from dryland.portal.visits import AtDesk

router = APIRouter()


class Caller(BaseModel):
    """Somebody who asks."""

    name: str
    roles: list[str]
    may: list[str]
    via: str


@router.get("/me", summary="Who asks")
async def me(person: Asking) -> Caller:
    """Of a token what it is good for, of a person what he may do."""
    may: list[str] = [each for each in sorted(PERMISSIONS) if person.may(each)]
    return Caller(name=person.name, roles=list(person.roles), may=may, via=person.via)


@router.get("/audit", summary="What was read and changed, the newest first", dependencies=[needs("administer")])
def audit(
    desk: AtDesk, person: Text = "", action: Text = "", dataset: Text = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Data:  # fmt: skip
    """As `dryland access audit --json`."""
    entries = entries_of(desk, person, action, dataset, "", limit)
    return Data(items=[as_json(each) for each in entries])


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> dict[str, Any]:
    """What is described here."""
    schema: dict[str, Any] = request.app.openapi()
    return schema
