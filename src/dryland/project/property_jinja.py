"""Renders the Jinja in what property files name and promise: tables, columns and their types, and constraints."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.properties import Patch, Properties, by_name
from dryland.values import dataclass

LISTED = ("tables", "versions", "columns", "constraints")
LATER = frozenset({"config", "description", "tests", "data_tests", "loaded_at_query"})  # rendered by whoever reads them


def with_promises_rendered(properties: Properties, package: str, templates: Templates) -> Properties:
    """The same properties with the Jinja in the names and promises of models, seeds, snapshots and sources rendered.

    Raises:
        TemplateError: it cannot be; carries file and line.
        DuplicateError: two entries have one name once it is rendered.
    """
    rendered = _Rendering(package, templates).patch

    def all_of(patches: Iterable[Patch]) -> dict[str, Patch]:
        return by_name(rendered(patch) for patch in patches)

    return replace(
        properties, models=all_of(properties.models.values()), seeds=all_of(properties.seeds.values()),
        snapshots=all_of(properties.snapshots.values()), sources=[rendered(patch) for patch in properties.sources],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Rendering:
    """Renders the property files of one package."""

    package: str
    templates: Templates

    def patch(self, patch: Patch) -> Patch:
        scope = Scope(patch.place.path, self.package, line=patch.place.line)
        if not _has_jinja(patch.name) and not any(patch.body.get(key) for key in LISTED):
            return patch
        body = self._with_lists(patch.body, scope)
        if _has_jinja(patch.name):
            body["name"] = str(self.templates.value(patch.name, scope))
        return replace(patch, name=str(body["name"]), body=body)

    def _with_lists(self, body: Any, scope: Scope) -> Any:
        made = copy.copy(body)
        for key in LISTED:
            if isinstance(body.get(key), list):
                made[key] = copy.copy(body[key])
                made[key][:] = [self._entry(each, scope) for each in body[key]]
        return made

    def _entry(self, entry: Any, scope: Scope) -> Any:
        """An entry of a list, of which only what nobody else renders is rendered."""
        if not isinstance(entry, Mapping):
            return entry
        made: Any = self._with_lists(entry, scope)
        lines = getattr(entry, "lines", {})
        for key, value in entry.items():
            if key not in LATER and key not in LISTED and _has_jinja(value):
                made[key] = self.templates.value(value, replace(scope, line=lines.get(key, scope.line)))
        return made


def _has_jinja(value: Any) -> bool:
    return "{{" in str(value) or "{%" in str(value)
