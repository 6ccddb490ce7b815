"""Describes the interface as OpenAPI: what FastAPI knows of it, and how programs show who they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from dryland.portal.door import SESSION
from dryland.portal.texts import TEXTS

SCHEMES: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer", "description": TEXTS["api_token"]},
    "session": {"type": "apiKey", "in": "cookie", "name": SESSION, "description": TEXTS["api_session"]},
}


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
