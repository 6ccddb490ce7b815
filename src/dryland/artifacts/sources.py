"""Makes sources.json: how old the sources are, against what the project demands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal

from dryland.artifacts.invocation import Invocation, moment
from dryland.project.nodes import Source
from dryland.values import dataclass

SCHEMA = "sources/v3"
NEVER = {"count": None, "period": None}


@dataclass(frozen=True, slots=True)
class Age:
    """How old one source was found to be; `error` says why that is not known."""

    source: Source
    status: Literal["pass", "warn", "error"] = "pass"
    newest: datetime | None = None
    at: datetime | None = None  # when it was asked
    duration_s: float = 0.0
    error: str = ""


def sources_file(ages: Iterable[Age], invocation: Invocation, *, elapsed_s: float) -> dict[str, Any]:
    """The whole file."""
    return {
        "metadata": invocation.metadata(SCHEMA),
        "results": [_result(age, invocation) for age in ages],
        "elapsed_time": elapsed_s,
    }


def _result(age: Age, invocation: Invocation) -> dict[str, Any]:
    if age.error or age.newest is None:
        return {"unique_id": age.source.unique_id, "error": age.error or None, "status": "runtime error"}
    asked = age.at or invocation.started_at
    ended = asked + timedelta(seconds=age.duration_s)
    demanded = age.source.freshness
    return {
        "unique_id": age.source.unique_id,
        "max_loaded_at": age.newest.isoformat(),
        "snapshotted_at": asked.isoformat(),
        "max_loaded_at_time_ago_in_s": (asked - age.newest).total_seconds(),
        "status": age.status,
        "criteria": {
            "warn_after": {**NEVER, **(demanded.get("warn_after") or {})},
            "error_after": {**NEVER, **(demanded.get("error_after") or {})},
            "filter": demanded.get("filter"),
        },
        "adapter_response": {},
        "timing": [
            {"name": "compile", "started_at": moment(asked), "completed_at": moment(asked)},
            {"name": "execute", "started_at": moment(asked), "completed_at": moment(ended)},
        ],
        "thread_id": "main",
        "execution_time": age.duration_s,
    }
