"""Defines what questions and answers of programs are made of: texts and numbers with their limits, moments, lists."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, BeforeValidator

from dryland.portal.wording import plain

NUMBER_MAX = 2**31 - 1
Text = Annotated[str, Query(max_length=200)]
Name = Annotated[str, Path(max_length=500)]
Number = Annotated[int, Path(ge=0, le=NUMBER_MAX)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Moment = Annotated[datetime, BeforeValidator(lambda moment: plain(moment).replace(tzinfo=UTC))]
"""Remembered in UTC, and told with its zone."""


class Data(BaseModel):
    """Plain data under one name, as the commands give it with `--json`."""

    environment: str = ""
    items: list[dict[str, Any]]
