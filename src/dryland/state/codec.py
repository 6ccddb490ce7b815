"""Turns records into rows of the metadata tables, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from dryland.state.records import (
    Build,
    Environment,
    Pointer,
    Profile,
    Release,
    Run,
    StepRecord,
    Verdict,
    Versions,
)

Body = Mapping[str, Any]


def environment(row: Any) -> Environment:
    """An environment from its row."""
    return Environment(row.name, row.live_release, row.base, row.created_at, row.purpose)


def release(row: Any) -> Release:
    """A release from its row."""
    return Release(**row._mapping)


def run(row: Any) -> Run:
    """A run from its row."""
    return Run(**row._mapping)


def pointer_row(key: str, value: Pointer) -> dict[str, Any]:
    """A pointer's row; `key` is its id."""
    body = {
        "node": value.node,
        "build_key": value.build_key,
        "published": list(value.published),
        "code": value.code.as_json(),
        "data": value.data.as_json(),
        "definition": value.definition,
        "stale_since": value.stale_since,
        "stale_reason": value.stale_reason,
        "is_resting": value.is_resting,
    }
    return {"id": key, "node": value.node, "build_key": value.build_key, "body": body}


def pointer(body: Body) -> Pointer:
    """A pointer from its row's body."""
    database, schema, name = body["published"]
    versions = {part: Versions.from_json(body[part]) for part in ("code", "data")}
    return Pointer(**{**body, **versions, "published": (database, schema, name)})


def build_row(value: Build) -> dict[str, Any]:
    """A build's row."""
    body = {
        "node": value.node,
        "relation": value.relation,
        "kind": value.kind,
        "versions": value.versions.as_json(),
        "columns": [list(column) for column in value.columns],
        "inputs": list(value.inputs),
        "created_at": _text(value.created_at),
        "began_s": value.began_s,
        "duration_s": value.duration_s,
        "run_id": value.run_id,
        "is_outside": value.is_outside,
        "is_still": value.is_still,
    }
    return {"key": value.key, "node": value.node, "created_at": value.created_at, "body": body}


def build(key: str, body: Body) -> Build:
    """A build from its row."""
    exact = {
        "versions": Versions.from_json(body["versions"]),
        "columns": tuple((name, kind) for name, kind in body["columns"]),
        "inputs": tuple(body["inputs"]),
        "created_at": _moment(body["created_at"]),
    }
    return Build(key=key, **{**body, **exact})


def profile_body(value: Profile) -> dict[str, Any]:
    """A profile as JSON."""
    columns = {name: dict(numbers) for name, numbers in value.columns.items()}
    return {"rows": value.rows, "content_hash": value.content_hash, "columns": columns}


def verdict_row(value: Verdict) -> dict[str, Any]:
    """A verdict's row; the id is the check's hash on the builds' keys."""
    body = _fields(value) | {"builds": list(value.builds), "sample": [dict(row) for row in value.sample]}
    body |= {"at": _text(value.at), "cached": False}
    return {"id": value.id, "check": value.check, "at": value.at, "body": body}


def verdict(body: Body) -> Verdict:
    """A verdict from its row's body."""
    exact = {"builds": tuple(body["builds"]), "sample": tuple(body["sample"]), "at": _moment(body["at"])}
    return Verdict(**{**body, **exact})


def step_body(value: StepRecord) -> dict[str, Any]:
    """A step as JSON."""
    return _fields(value) | {"started_at": _text(value.started_at)}


def step(body: Body) -> StepRecord:
    """A step from its row's body."""
    return StepRecord(**{**body, "started_at": _moment(body["started_at"])})


def _fields(value: Verdict | StepRecord) -> dict[str, Any]:
    """The fields by name; `asdict` copies what is in them, which takes longer than to write it down."""
    return {each.name: getattr(value, each.name) for each in fields(value)}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
