"""Renders the Jinja in what property files promise of tables: columns, their types, and constraints."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.properties import Patch, Properties

PROMISES = ("columns", "constraints")
LATER = frozenset({"config", "description", "tests", "data_tests"})  # rendered by whoever reads them


def with_promises_rendered(properties: Properties, package: str, templates: Templates) -> Properties:
    """The same properties with the Jinja in the promises of models, seeds and snapshots rendered.

    Raises:
        TemplateError: it cannot be; carries file and line.
    """

    def rendered(patches: Mapping[str, Patch]) -> dict[str, Patch]:
        return {name: _promise(patch, package, templates) for name, patch in patches.items()}

    return replace(
        properties, models=rendered(properties.models), seeds=rendered(properties.seeds),
        snapshots=rendered(properties.snapshots),
    )  # fmt: skip


def _promise(patch: Patch, package: str, templates: Templates) -> Patch:
    if not any(patch.body.get(key) for key in PROMISES):
        return patch
    body = copy.copy(patch.body)
    scope = Scope(patch.place.path, package, line=patch.place.line)
    for key in PROMISES:
        if isinstance(body.get(key), list):
            listed = copy.copy(body[key])
            listed[:] = [_entry(each, scope, templates) for each in listed]
            body[key] = listed
    return replace(patch, body=body)


def _entry(entry: Any, scope: Scope, templates: Templates) -> Any:
    """An entry of a list, of which only what nobody else renders is rendered."""
    if not isinstance(entry, Mapping):
        return entry
    now = {key: value for key, value in entry.items() if key not in LATER}
    if not any("{{" in repr(value) or "{%" in repr(value) for value in now.values()):
        return entry
    made: Any = copy.copy(entry)
    lines = getattr(entry, "lines", {})
    for key, value in now.items():
        made[key] = templates.value(value, replace(scope, line=lines.get(key, scope.line)))
    return made
