"""Reads a whole project: files in, `Project` out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dryland.errors import DrylandError
from dryland.project import drafts as reading
from dryland.project.completion import Completion, verify_relations
from dryland.project.config import as_list
from dryland.project.data_tests import TestMaker, unique_checks
from dryland.project.docs import Docs
from dryland.project.drafts import Draft
from dryland.project.exposures import ExposureReader, groups_of
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.variables import EnvironmentVariables
from dryland.project.jinja.world import Stage, World
from dryland.project.layout import FILE, Layout, macro_files, read_layout, read_packages
from dryland.project.names import Names
from dryland.project.nodes import Check, Project, Rendered, Warehouse
from dryland.project.oversights import oversights
from dryland.project.profiles import from_settings, warehouse_of
from dryland.project.properties import Properties, read_properties
from dryland.project.rendering import rendered_text
from dryland.project.settings import SettingsFile, read_settings, settings_of
from dryland.project.sources import SourceReader, unique_sources
from dryland.project.tested import Tested
from dryland.project.unsupported import refuse
from dryland.project.without_effect import without_effect
from dryland.project.yaml_file import Mapped

DESCRIBED = ("model", "seed", "snapshot", "analysis", "macro", "test")  # folders in which YAML and docs may stand


def load_project(
    root: Path,
    *,
    target: str | None = None,
    profiles_dir: Path | None = None,
    variables: Mapping[str, Any] | None = None,
    environment: Mapping[str, str],
) -> Project:
    """Read the dbt project at `root`, with dryland.yml if there is one.

    Raises:
        ProjectError: whatever must be mended, with file, line and a hint.
    """
    process = EnvironmentVariables(environment)
    try:
        layout = read_layout(root)
        settings, raw_settings = read_settings(root)
        packages = read_packages(layout)
        world = _world(layout, packages, variables or {}, process)
        bare = Templates(world)
        if settings.warehouse is not None:
            warehouse = from_settings(settings.warehouse, raw_settings.line_of("warehouse"), bare)
        else:
            scope = Scope(FILE, layout.name, line=layout.raw.line_of("profile"))
            profile = str(bare.value(layout.raw.get("profile", layout.name), scope, stage=Stage.PROJECT))
            warehouse = warehouse_of(
                root, profile, target=target, profiles_dir=profiles_dir, environment=environment, templates=bare
            )
        files = list(macro_files([layout, *packages]))
        templates = Templates(replace(world, target=_target(warehouse), adapter=warehouse.type), files)
        layouts = [each.rendered(templates) for each in (layout, *packages)]
        return _Loading(layouts[0], layouts, templates, warehouse, (settings, raw_settings)).project()
    except DrylandError as error:
        told, cause = process.discreet(error, error.__cause__)
        raise told from cause


def _world(
    layout: Layout, packages: list[Layout], given: Mapping[str, Any], environment: EnvironmentVariables
) -> World:
    dispatch = {
        str(each["macro_namespace"]): [str(name) for name in each["search_order"]]
        for each in as_list(layout.raw.get("dispatch"))
    }
    return World(
        project=layout.name,
        target={},
        adapter="duckdb",
        environment=environment,
        variables=layout.section("vars"),
        package_variables={package.name: package.section("vars") for package in packages},
        given_variables=given,
        dispatch=dispatch,
    )


def _target(warehouse: Warehouse) -> dict[str, Any]:
    """What templates may know of the warehouse: nothing secret."""
    return {
        "name": warehouse.target_name,
        "schema": warehouse.schema,
        "database": warehouse.database,
        "dbname": warehouse.database,
        "type": warehouse.type,
        "threads": warehouse.threads,
        "profile_name": warehouse.profile_name,
    }


@dataclass
class _Loading:
    """The order of loading: what is read first decides what can be named later."""

    layout: Layout
    layouts: list[Layout]
    templates: Templates
    warehouse: Warehouse
    settings: tuple[SettingsFile, Mapped]

    def project(self) -> Project:
        self.properties = {layout.name: self._properties(layout) for layout in self.layouts}
        self.drafts = reading.unique(self._drafts())
        blocks = {package: properties.docs for package, properties in self.properties.items()}
        self.docs = Docs(blocks, self.layout.name, self.templates)
        self.declared = unique_sources(each for reader in self._source_readers() for each in reader.sources())
        self.sources = {uid: source for uid, (source, _) in self.declared.items()}
        self.names = Names(self.drafts, self.sources, self.layout.name)
        self.names.place(self.templates)
        self.groups = {name: group for each in self.properties.values() for name, group in groups_of(each).items()}
        completion = Completion(self.names, self.templates, self.docs, self.groups)
        self.nodes = {uid: completion.node(draft) for uid, draft in self.drafts.items() if draft.is_enabled}
        verify_relations(self.nodes.values())
        own = self.properties[self.layout.name]
        exposures = ExposureReader(self.layout, own, self.names, self.templates, self.docs).exposures()
        return Project(
            name=self.layout.name,
            root=self.layout.root,
            warehouse=self.warehouse,
            nodes=self.nodes,
            sources=self.sources,
            checks=unique_checks(self._checks()),
            exposures={exposure.unique_id: exposure for exposure in exposures},
            groups=self.groups,
            settings=settings_of(*self.settings, self.templates, self.names, self.layout.name),
            on_run_start=self._run_hooks("on-run-start"),
            on_run_end=self._run_hooks("on-run-end"),
            vars=self.layout.section("vars"),
            warnings=self._warnings(),
            templates=self.templates,
        )

    def _properties(self, layout: Layout) -> Properties:
        folders = [folder for kind in DESCRIBED for folder in layout.folders(kind)]
        return read_properties(layout.root, list(dict.fromkeys(folders)), layout.prefix, layout.folders("docs"))

    def _drafts(self) -> Iterator[Draft]:
        for layout in self.layouts:
            outer = layout is not self.layout
            properties = self.properties[layout.name]
            refuse(layout, properties)
            override = self.layout.section("models") if outer else {}
            yield from reading.read_models(layout, properties, self.templates, override)
            override = self.layout.section("seeds") if outer else {}
            yield from reading.read_seed_drafts(layout, properties, self.templates, override)

    def _source_readers(self) -> Iterator[SourceReader]:
        for layout in self.layouts:
            properties = self.properties[layout.name]
            yield SourceReader(layout, properties, self.templates, self.docs, self.warehouse.database)

    def _checks(self) -> Iterator[Check]:
        layouts = {layout.name: layout for layout in self.layouts}
        maker = TestMaker(layouts, self.templates, self.names, self.docs, self._seen_through, self.layout.name)
        for node in self.nodes.values():
            patch = self.drafts[node.unique_id].patch
            if patch:
                yield from maker.of_entry(patch.body, Tested.node(node, patch.place))
        for source, table in self.declared.values():
            yield from maker.of_entry(table, Tested.source(source))
        yield from maker.singular(self.layout, self.properties[self.layout.name])

    def _seen_through(self, unique_id: str) -> tuple[str, ...]:
        """What must exist to look at a node: itself, or what an ephemeral one reads."""
        node = self.nodes.get(unique_id)
        if node is None or node.materialized != "ephemeral":
            return (unique_id,)
        return tuple(dict.fromkeys(each for read in node.depends_on for each in self._seen_through(read)))

    def _run_hooks(self, key: str) -> tuple[Rendered, ...]:
        scope = Scope(FILE, self.layout.name, line=self.layout.raw.line_of(key))
        texts = as_list(self.layout.raw.get(key))
        found = (rendered_text(str(text), scope, {}, self.names, self.templates) for text in texts)
        return tuple(hook for hook in found if hook.sql.strip())

    def _warnings(self) -> tuple[str, ...]:
        found = (
            each for layout in self.layouts for each in oversights(layout, self.properties[layout.name], self.drafts)
        )
        vain = without_effect(self.nodes.values(), self.sources.values())
        return tuple(dict.fromkeys((*found, *vain)))
