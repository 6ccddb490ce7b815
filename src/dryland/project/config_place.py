"""Finds where a node's configuration is written, for errors."""

from __future__ import annotations

from typing import Any

from dryland.project.config_keys import line_of_key
from dryland.project.drafts import Draft
from dryland.project.layout import FILE
from dryland.project.yaml_file import Mapped

Where = dict[str, Any]  # path and line, as errors take them; the line may be unknown


def place_of(key: str, draft: Draft) -> Where:
    """The file and line that have the last word on a key of a node's configuration; else the node's own file."""
    return _in_the_file(key, draft) or _in_properties(key, draft) or _in_the_project(key, draft) or _somewhere(draft)


def _in_the_file(key: str, draft: Draft) -> Where | None:
    declared = [draft.python.config, *(draft.state.called_config if draft.state else ())]
    if not any(key in each for each in declared):
        return None
    return {"path": draft.place.path, "line": line_of_key(draft.raw, key)}


def _in_properties(key: str, draft: Draft) -> Where | None:
    config = draft.patch.body.get("config") if draft.patch else None
    if draft.patch is None or not isinstance(config, Mapped) or key not in config:
        return None
    return {"path": draft.patch.place.path, "line": config.line_of(key)}


def _in_the_project(key: str, draft: Draft) -> Where | None:
    """In the innermost folder of dbt_project.yml that says so."""
    found = None
    level: Any = draft.layout.section(f"{draft.kind}s")
    for part in (*draft.fqn, None):
        if not isinstance(level, Mapped):
            break
        written = next((each for each in (f"+{key}", key) if each in level), None)
        if written:
            found = {"path": draft.layout.prefix + FILE, "line": level.line_of(written)}
        level = level.get(str(part))
    return found


def _somewhere(draft: Draft) -> Where:
    return {"path": draft.place.path, "line": None}
