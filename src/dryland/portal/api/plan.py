"""Answers programs what would be released now."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from dryland.portal.door.people import needs
from dryland.portal.visits import AtDesk, Looking

router = APIRouter()


@router.get("/plan", summary="What would change if what is written now were released", dependencies=[needs("look")])
def plan(catalogue: Looking, desk: AtDesk) -> dict[str, Any]:
    """As `dryland plan --json`."""
    return desk.planning.of(catalogue).data
