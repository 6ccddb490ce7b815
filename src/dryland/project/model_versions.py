"""Works out what YAML says of each version of a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from dryland.project.config import merged
from dryland.project.properties import Patch, Properties
from dryland.project.yaml_file import Mapped

OWN = ("description", "data_tests", "tests", "constraints")  # what a version says itself counts instead


def versions_of(properties: Properties) -> dict[str, tuple[Patch, str, str]]:
    """File stem -> (what YAML says of that version, version, model's name), for models with versions."""
    found = {}
    for patch in properties.models.values():
        for body in patch.body.get("versions") or ():
            version = str(body["v"])
            stem = str(body.get("defined_in") or f"{patch.name}_v{version}")
            one = (_of_version(patch, body), version, patch.name)
            found[PurePosixPath(stem).stem] = one
            if version == latest_version(patch):
                found.setdefault(patch.name, one)
    return found


def latest_version(patch: Patch | None) -> str:
    """The version that `ref` without one means; empty for a model without versions."""
    listed = [str(body["v"]) for body in patch.body.get("versions") or ()] if patch else []
    if not listed or patch is None:
        return ""
    declared = patch.body.get("latest_version")
    return str(declared) if declared is not None else max(listed, key=lambda v: ((v.isdigit() and int(v)) or 0, v))


def _of_version(patch: Patch, version: Mapped) -> Patch:
    body = Mapped(patch.body)
    body.line, body.lines = patch.body.line, dict(patch.body.lines)
    for key in OWN:
        if key in version:
            body[key], body.lines[key] = version[key], version.line_of(key)
    body["columns"] = _columns(patch.body.get("columns") or (), version.get("columns") or ())
    body["config"] = _config(patch.body.get("config") or {}, version.get("config") or {})
    return replace(patch, body=body)


def _config(common: Any, own: Any) -> Mapped:
    """The model's configuration and the version's own over it, with the lines of both."""
    found = Mapped(merged(common, own))
    found.line = getattr(own, "line", getattr(common, "line", 1))
    found.lines = {**getattr(common, "lines", {}), **getattr(own, "lines", {})}
    return found


def _columns(common: Any, own: Any) -> list[Any]:
    """The model's columns that the version includes, then its own; its own replace those of the same name."""
    choice = next((each for each in own if "include" in each or "exclude" in each), {"include": "all"})
    included, excluded = choice.get("include", "all"), set(choice.get("exclude") or ())
    named = [each for each in own if "name" in each]
    excluded |= {each["name"] for each in named}
    everything = included in ("all", "*")
    kept = [each for each in common if each["name"] not in excluded and (everything or each["name"] in included)]
    return [*kept, *named]
