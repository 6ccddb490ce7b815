"""Reads a whole project: files in, `Project` out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from dryland.project.ephemeral import seen_through
from dryland.project.exposures import ExposureReader, groups_of
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.variables import EnvironmentVariables
from dryland.project.jinja.world import Stage, World
from dryland.project.layout import FILE, Layout, macro_files, read_layout, read_packages
from dryland.project.names import Names
from dryland.project.nodes import Check, Group, Node, Rendered, Source
from dryland.project.oversights import oversights
from dryland.project.profiles import from_settings, warehouse_of
from dryland.project.project import Project, Warehouse
from dryland.project.properties import Properties, read_properties
from dryland.project.rendering import rendered_text
from dryland.project.settings import SettingsFile, read_settings, settings_of
from dryland.project.sources import SourceReader, unique_sources
from dryland.project.tested import Tested
from dryland.project.unsupported import refuse
from dryland.project.without_effect import without_effect
from dryland.project.yaml_file import Mapped

DESCRIBED = ("model", "seed", "snapshot", "analysis", "macro", "test")  # folders in which YAML and docs may stand

SettingsRead = tuple[SettingsFile, Mapped]  # dryland.yml as values, and as YAML with its lines


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
        settings = read_settings(root)
        packages = read_packages(layout)
        world = _world(layout, packages, variables or {}, process)
        warehouse = _warehouse(layout, settings, target, profiles_dir, environment, Templates(world))
        world = replace(world, target=_target(warehouse), adapter=warehouse.type)
        templates = Templates(world, list(macro_files([layout, *packages])))
        layouts = tuple(each.rendered(templates) for each in (layout, *packages))
        files = _read(layouts, templates, warehouse, settings)
        named = _named(files)
        return _assembled(files, named, _completed(files, named))
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
        project=layout.name, target={}, adapter="duckdb", environment=environment, variables=layout.section("vars"),
        package_variables={package.name: package.section("vars") for package in packages},
        given_variables=given, dispatch=dispatch,
    )  # fmt: skip


def _warehouse(
    layout: Layout,
    settings: SettingsRead,
    target: str | None,
    profiles_dir: Path | None,
    environment: Mapping[str, str],
    templates: Templates,
) -> Warehouse:
    """What dryland.yml names, or else the project's profile."""
    own, raw = settings
    if own.warehouse is not None:
        return from_settings(own.warehouse, raw.line_of("warehouse"), templates)
    scope = Scope(FILE, layout.name, line=layout.raw.line_of("profile"))
    profile = str(templates.value(layout.raw.get("profile", layout.name), scope, stage=Stage.PROJECT))
    return warehouse_of(
        layout.root, profile, target=target, profiles_dir=profiles_dir, environment=environment, templates=templates
    )


def _target(warehouse: Warehouse) -> dict[str, Any]:
    """What templates may know of the warehouse: nothing secret."""
    return {
        "name": warehouse.target_name, "schema": warehouse.schema,
        "database": warehouse.database, "dbname": warehouse.database,
        "type": warehouse.type, "threads": warehouse.threads, "profile_name": warehouse.profile_name,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Files:
    """What stands in the files, before anything in them has found what it names."""

    layouts: tuple[Layout, ...]  # the project's own first, then those of its packages
    templates: Templates
    warehouse: Warehouse
    settings: SettingsRead
    properties: Mapping[str, Properties]  # by package
    drafts: Mapping[str, Draft]
    docs: Docs

    @property
    def own(self) -> Layout:
        return self.layouts[0]


@dataclass(frozen=True, slots=True)
class _Named:
    """What can be named: nodes and where they are published, sources with the YAML of their tables, groups."""

    names: Names
    sources: Mapping[str, tuple[Source, Mapped]]
    groups: Mapping[str, Group]


def _read(layouts: tuple[Layout, ...], templates: Templates, warehouse: Warehouse, settings: SettingsRead) -> _Files:
    properties = {layout.name: _properties(layout) for layout in layouts}
    drafts = reading.unique(_drafts(layouts, properties, templates))
    docs = Docs({package: each.docs for package, each in properties.items()}, layouts[0].name, templates)
    return _Files(layouts, templates, warehouse, settings, properties, drafts, docs)


def _properties(layout: Layout) -> Properties:
    folders = [folder for kind in DESCRIBED for folder in layout.folders(kind)]
    return read_properties(layout.root, list(dict.fromkeys(folders)), layout.prefix, layout.folders("docs"))


def _drafts(layouts: Sequence[Layout], properties: Mapping[str, Properties], templates: Templates) -> Iterator[Draft]:
    """Models and seeds as their own packages configure them; the project has the last word on those of packages."""
    own = layouts[0]
    for layout in layouts:
        refuse(layout, properties[layout.name])
        for section, read in (("models", reading.read_models), ("seeds", reading.read_seed_drafts)):
            override = own.section(section) if layout is not own else {}
            yield from read(layout, properties[layout.name], templates, override)


def _named(files: _Files) -> _Named:
    readers = (
        SourceReader(each, files.properties[each.name], files.templates, files.docs, files.warehouse.database)
        for each in files.layouts
    )
    declared = unique_sources(each for reader in readers for each in reader.sources())
    names = Names(files.drafts, {uid: source for uid, (source, _) in declared.items()}, files.own.name)
    names.place(files.templates)
    groups = {name: group for each in files.properties.values() for name, group in groups_of(each).items()}
    return _Named(names, declared, groups)


def _completed(files: _Files, named: _Named) -> dict[str, Node]:
    completion = Completion(named.names, files.templates, files.docs, named.groups)
    nodes = {uid: completion.node(draft) for uid, draft in files.drafts.items() if draft.is_enabled}
    verify_relations(nodes.values())
    return nodes


def _assembled(files: _Files, named: _Named, nodes: Mapping[str, Node]) -> Project:
    own = files.own
    exposures = ExposureReader(own, files.properties[own.name], named.names, files.templates, files.docs)
    return Project(
        name=own.name,
        root=own.root,
        warehouse=files.warehouse,
        nodes=nodes,
        sources={uid: source for uid, (source, _) in named.sources.items()},
        checks=unique_checks(_checks(files, named, nodes)),
        exposures={exposure.unique_id: exposure for exposure in exposures.exposures()},
        groups=named.groups,
        settings=settings_of(*files.settings, files.templates, named.names, own.name),
        on_run_start=_run_hooks(files, named, "on-run-start"),
        on_run_end=_run_hooks(files, named, "on-run-end"),
        warnings=_warnings(files, named, nodes),
        templates=files.templates,
    )


def _checks(files: _Files, named: _Named, nodes: Mapping[str, Node]) -> Iterator[Check]:
    own, layouts = files.own, {layout.name: layout for layout in files.layouts}
    maker = TestMaker(
        layouts, files.templates, named.names, files.docs, lambda each: seen_through([each], nodes), own.name
    )
    for node in nodes.values():
        patch = files.drafts[node.unique_id].patch
        if patch:
            yield from maker.of_entry(patch.body, Tested.node(node, patch.place))
    for source, table in named.sources.values():
        yield from maker.of_entry(table, Tested.source(source))
    yield from maker.singular(own, files.properties[own.name])


def _run_hooks(files: _Files, named: _Named, key: str) -> tuple[Rendered, ...]:
    raw = files.own.raw
    scope = Scope(FILE, files.own.name, line=raw.line_of(key))
    found = (rendered_text(str(text), scope, {}, named.names, files.templates) for text in as_list(raw.get(key)))
    return tuple(hook for hook in found if hook.sql.strip())


def _warnings(files: _Files, named: _Named, nodes: Mapping[str, Node]) -> tuple[str, ...]:
    found = (each for own in files.layouts for each in oversights(own, files.properties[own.name], files.drafts))
    vain = without_effect(nodes.values(), (source for source, _ in named.sources.values()))
    return tuple(dict.fromkeys((*found, *vain)))
