"""Holds what a project was read from, for whoever tells of it in dbt's words: files, drafts, names."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dryland.engines.relation import Relation
from dryland.project.docs import Docs
from dryland.project.drafts import Draft
from dryland.project.jinja.templates import Templates
from dryland.project.layout import Layout, read_layout
from dryland.project.names import Names
from dryland.project.nodes import Source
from dryland.project.project import Warehouse
from dryland.project.properties import Patch, Properties
from dryland.project.uses import Group
from dryland.project.yaml_file import Mapped


@dataclass(frozen=True)
class Parts:
    """A project before its templates have their final SQL: enough to say what there is and how it is configured."""

    layouts: tuple[Layout, ...]  # the project's own first
    properties: Mapping[str, Properties]  # by package
    drafts: Mapping[str, Draft]
    sources: Mapping[str, tuple[Source, Mapped]]  # with the YAML of their tables
    groups: Mapping[str, Group]
    names: Names
    docs: Docs
    templates: Templates
    warehouse: Warehouse
    made_at: float = field(default_factory=time.time)

    @property
    def own(self) -> Layout:
        """The project's own layout."""
        return self.layouts[0]

    @cached_property
    def by_package(self) -> dict[str, Layout]:
        """The layouts by name."""
        return {layout.name: layout for layout in self.layouts}

    @cached_property
    def written(self) -> dict[str, Layout]:
        """The same with dbt_project.yml as it is written, its Jinja not rendered."""
        return {layout.name: read_layout(layout.root, layout.prefix) for layout in self.layouts}

    def original_path(self, path: str, package: str) -> str:
        """A file's path as its own package knows it."""
        return path.removeprefix(self.by_package[package].prefix)

    def inner_path(self, path: str, package: str, kind: str) -> str:
        """The same, as seen from the folder in which this kind of file stands."""
        original = self.original_path(path, package)
        folders = [f"{folder.removeprefix('./').rstrip('/')}/" for folder in self.by_package[package].folders(kind)]
        return next((original.removeprefix(each) for each in folders if original.startswith(each)), original)

    def patch_path(self, patch: Patch | None, package: str) -> str | None:
        """The file in which YAML describes something, as dbt writes it."""
        if patch is None:
            return None
        whose = patch.package or package
        return f"{whose}://{self.original_path(patch.place.path, whose)}"

    @cached_property
    def failures_schemas(self) -> dict[tuple[Any, ...], str]:
        """Schemas that were worked out for tests, by what decides them; it grows."""
        return {}

    @cached_property
    def source_patches(self) -> dict[str, dict[tuple[str, str], Patch]]:
        """By package: source and table -> the first entry of YAML that holds it; without a table, that names it."""
        found: dict[str, dict[tuple[str, str], Patch]] = {}
        for package, properties in self.properties.items():
            of_tables = found.setdefault(package, {})
            for patch in properties.sources:
                for name in ("", *(str(table.get("name")) for table in patch.body.get("tables") or ())):
                    of_tables.setdefault((patch.name, name), patch)
        return found

    def relation(self, draft: Draft) -> Relation:
        """Where a node is published; of a disabled one, where the target would put it."""
        known = self.names.relations.get(draft.unique_id)
        alias = str(draft.config.get("alias") or draft.name)
        return known or Relation(self.warehouse.database, self.warehouse.schema, alias)

    def entries(self, section: str) -> Iterator[tuple[Layout, Any]]:
        """Every patch of a list or dictionary of `Properties`, with its package."""
        for layout in self.layouts:
            found = getattr(self.properties[layout.name], section, ())
            for patch in found.values() if isinstance(found, Mapping) else found:
                yield layout, patch
