"""Describes the interface as OpenAPI: what FastAPI knows of it, and how programs show who they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from dryland.portal.door.door import SESSION
from dryland.portal.texts import TEXTS

SCHEMES: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer", "description": TEXTS["api_token"]},
    "session": {"type": "apiKey", "in": "cookie", "name": SESSION, "description": TEXTS["api_session"]},
}


class Problem(BaseModel):
    """Why there is no answer."""

    error: str
    hint: str = ""


REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": TEXTS[f"refusal_{status}"]}
    for status in (400, 401, 403, 404, 409, 413, 414, 421, 422, 429, 503, 504)
}
"""What every address may say instead of an answer."""


def described(app: FastAPI, *, signs_in: bool) -> Callable[[], dict[str, Any]]:
    """What gives the description; made once, when it is first asked for."""
    plain = app.openapi

    def describe() -> dict[str, Any]:
        schema = plain()
        if signs_in and "security" not in schema:
            schema.setdefault("components", {})["securitySchemes"] = SCHEMES
            schema["security"] = [{name: []} for name in SCHEMES]
        return schema

    return describe
