"""Reads a whole project: files in, `Project` out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any

from dryland.errors import DrylandError
from dryland.project import drafts as reading
from dryland.project.access import verify_access, verify_groups
from dryland.project.batches import verify_batches
from dryland.project.borrowed_patches import with_borrowed_patches
from dryland.project.completion import Completion, verify_relations
from dryland.project.config import as_list
from dryland.project.contracts import verify_contracts
from dryland.project.data_tests import TestMaker, unique_checks
from dryland.project.docs import Docs
from dryland.project.drafts import Draft
from dryland.project.ephemeral import seen_through
from dryland.project.exposures import ExposureReader, groups_of
from dryland.project.external_file import verify_external
from dryland.project.fixtures import FixtureReader
from dryland.project.foreign_keys import foreign_keys
from dryland.project.graph import graph_of
from dryland.project.graph.extra import analyses
from dryland.project.graph.parts import Parts
from dryland.project.idle_configuration import idle_configuration
from dryland.project.idle_macros import idle_macros
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.variables import EnvironmentVariables
from dryland.project.layout import FILE, Layout, macro_files, verify_dbt_versions
from dryland.project.names import Names
from dryland.project.nodes import Check, Node, Place, Rendered, Source
from dryland.project.odcs.bind import bound, unbound
from dryland.project.odcs.checks import contract_checks
from dryland.project.odcs.contract import Contract, contracted_nodes
from dryland.project.odcs.left_out import left_out
from dryland.project.odcs.own_tests import own_tests
from dryland.project.odcs.read import contracts_in
from dryland.project.odcs.tables import Tables
from dryland.project.opening import Asked, Opening, read_opening, settings_in
from dryland.project.oversights import oversights
from dryland.project.packages import read_packages
from dryland.project.project import Project, Warehouse
from dryland.project.properties import Properties, read_properties
from dryland.project.property_jinja import with_promises_rendered
from dryland.project.query_comment import read_query_comment
from dryland.project.quoting import unquoted
from dryland.project.rendering import rendered_text
from dryland.project.selectors_file import read_selectors
from dryland.project.semantic import SemanticReader
from dryland.project.snapshots import read_snapshots
from dryland.project.sources import SourceReader, unique_sources
from dryland.project.tested import Tested
from dryland.project.unit_test import UnitTest
from dryland.project.unit_tests import UnitTestReader, models_by_name, unique_unit_tests
from dryland.project.unsupported import refuse
from dryland.project.uses import Analysis, Group
from dryland.project.without_effect import without_effect
from dryland.project.yaml_file import Mapped

DESCRIBED = ("model", "seed", "snapshot", "analysis", "macro", "test")  # folders in which YAML and docs may stand

READERS = (
    ("models", reading.read_models),
    ("seeds", reading.read_seed_drafts),
    ("snapshots", read_snapshots),
)


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
    return load_asked(Asked(root, environment, target, profiles_dir, variables or {}))


def load_asked(asked: Asked) -> Project:
    """The same, for a project that is asked for in one word."""
    process = EnvironmentVariables(asked.environment)
    try:
        opening = read_opening(asked, process)
        packages = read_packages(opening.layout, Templates(opening.world))
        variables = {package.name: package.section("vars") for package in packages}
        versions = {each.name: each.version for each in (opening.layout, *packages)}
        templates = Templates(
            replace(opening.world, package_variables=variables, versions=versions),
            list(macro_files([opening.layout, *packages])),
        )
        layouts = tuple(each.rendered(templates) for each in (opening.layout, *packages))
        verify_dbt_versions(layouts, asked.environment)
        files = _read(layouts, templates, opening)
        named = _named(files)
        parts = _parts(files, named)
        templates.graph = cache(partial(graph_of, parts))
        return _assembled(files, named, parts, _completed(files, named))
    except DrylandError as error:
        told, cause = process.discreet(error, error.__cause__)
        raise told from cause


@dataclass(frozen=True, slots=True)
class _Files:
    """What stands in the files, before anything in them has found what it names."""

    layouts: tuple[Layout, ...]  # the project's own first, then those of its packages
    templates: Templates
    warehouse: Warehouse
    opening: Opening
    properties: Mapping[str, Properties]  # by package
    drafts: Mapping[str, Draft]
    docs: Docs
    contracts: tuple[Contract, ...] = ()

    @property
    def own(self) -> Layout:
        return self.layouts[0]


@dataclass(frozen=True, slots=True)
class _Named:
    """What can be named: nodes and where they are published, sources with the YAML of their tables, groups."""

    names: Names
    sources: Mapping[str, tuple[Source, Mapped]]
    groups: Mapping[str, Group]


def _read(layouts: tuple[Layout, ...], templates: Templates, opening: Opening) -> _Files:
    properties = {
        layout.name: with_promises_rendered(_properties(layout), layout.name, templates) for layout in layouts
    }
    properties = with_borrowed_patches(layouts, properties)
    drafts = reading.unique(_drafts(layouts, properties, templates))
    docs = Docs({package: each.docs for package, each in properties.items()}, layouts[0].name, templates)
    contracts = bound(contracts_in(opening.layout.root, opening.contract_paths), drafts, opening.warehouse.type)
    return _Files(layouts, templates, opening.warehouse, opening, properties, drafts, docs, contracts)


def _properties(layout: Layout) -> Properties:
    folders = [folder for kind in DESCRIBED for folder in layout.folders(kind)]
    return read_properties(layout.root, list(dict.fromkeys(folders)), layout.prefix, layout.folders("docs"))


def _drafts(layouts: Sequence[Layout], properties: Mapping[str, Properties], templates: Templates) -> Iterator[Draft]:
    """Nodes as their own packages configure them; the project has the last word on those of packages."""
    own = layouts[0]
    for layout in layouts:
        refuse(properties[layout.name])
        for section, read in READERS:
            override = own.section(section) if layout is not own else {}
            yield from read(layout, properties[layout.name], templates, override)


def _named(files: _Files) -> _Named:
    readers = (
        SourceReader(
            each,
            files.properties[each.name],
            files.templates,
            files.docs,
            files.warehouse.database,
            {} if each is files.own else files.own.section("sources"),
        )
        for each in files.layouts
    )
    declared = unique_sources(each for reader in readers for each in reader.sources())
    sources = {uid: source for uid, (source, _) in declared.items()}
    names = Names(files.drafts, sources, files.own.name, unquoted(files.own.raw.get("quoting")))
    names.place(files.templates)
    groups = {name: group for each in files.properties.values() for name, group in groups_of(each).items()}
    return _Named(names, declared, groups)


def _completed(files: _Files, named: _Named) -> dict[str, Node]:
    completion = Completion(named.names, files.templates, files.docs, named.groups)
    nodes = {uid: completion.node(draft) for uid, draft in files.drafts.items() if draft.is_enabled}
    verify_relations(nodes.values())
    verify_contracts(nodes.values())
    verify_external(nodes.values(), files.warehouse)
    verify_batches(nodes.values())
    verify_groups(nodes.values(), named.groups)
    return nodes


def _assembled(files: _Files, named: _Named, parts: Parts, nodes: Mapping[str, Node]) -> Project:
    own = files.own
    semantics = SemanticReader(files.layouts, files.properties, named.names, files.templates, files.docs).read()
    readers = (
        ExposureReader(each, files.properties[each.name], named.names, files.templates, files.docs, semantics)
        for each in files.layouts
    )
    tables = Tables(nodes, files.contracts, files.warehouse.type)
    checks = unique_checks(_checks(files, named, nodes))
    checks = unique_checks(chain(checks.values(), contract_checks(tables, checks.values())))
    exposures = {exposure.unique_id: exposure for reader in readers for exposure in reader.exposures()}
    unit_tests = unique_unit_tests(_unit_tests(files, named, nodes))
    verify_access(nodes, checks.values(), exposures.values(), files.layouts)
    drafts, sources = files.drafts.values(), (source for source, _ in named.sources.values())
    tested = (*checks.values(), *unit_tests.values())
    told: tuple[Any, ...] = (*drafts, *sources, *tested, *exposures.values(), *semantics.values())
    idle = idle_configuration(parts, ((each.unique_id.partition(".")[0], each.fqn) for each in told))
    return Project(
        name=own.name,
        root=own.root,
        warehouse=files.warehouse,
        nodes=nodes,
        sources={uid: source for uid, (source, _) in named.sources.items()},
        checks=checks,
        exposures=exposures,
        groups=named.groups,
        unit_tests=unit_tests,
        semantics=semantics,
        contracts=files.contracts,
        contracted=contracted_nodes(files.contracts),
        analyses={each["unique_id"]: _analysis(each, parts) for each in analyses(parts) if each["config"]["enabled"]},
        package_folders={layout.name: layout.prefix for layout in files.layouts},
        selectors=read_selectors(own.root, own.name, files.templates),
        settings=settings_in(files.opening, files.templates, named.names),
        query_comment=read_query_comment(own),
        on_run_start=_run_hooks(files, named, "on-run-start"),
        on_run_end=_run_hooks(files, named, "on-run-end"),
        warnings=tuple(
            dict.fromkeys((*_warnings(files, named, nodes), *idle, *unbound(files.contracts), *left_out(tables)))
        ),
        target_path=str(own.raw.get("target-path") or ""),
        write_json=str(own.section("flags").get("write_json", True)),
        parts=parts,
        said=tuple(said.text for said in files.templates.said if said.kind == "info"),
        templates=files.templates,
    )


def _parts(files: _Files, named: _Named) -> Parts:
    return Parts(
        files.layouts, files.properties, files.drafts, named.sources, named.groups, named.names, files.docs,
        files.templates, files.warehouse,
    )  # fmt: skip


def _analysis(said: Mapping[str, Any], parts: Parts) -> Analysis:
    place = Place(parts.by_package[said["package_name"]].prefix + said["original_file_path"])
    return Analysis(
        said["unique_id"], said["name"], said["package_name"], place, tuple(said["fqn"]),
        tuple(said["depends_on"]["nodes"]), tuple(said["tags"]), said["config"],
    )  # fmt: skip


def _checks(files: _Files, named: _Named, nodes: Mapping[str, Node]) -> Iterator[Check]:
    layouts = {layout.name: layout for layout in files.layouts}
    maker = TestMaker(
        layouts, files.templates, named.names, files.docs, lambda each: seen_through([each], nodes), files.own.name
    )
    for node in nodes.values():
        patch = files.drafts[node.unique_id].patch
        if patch:
            yield from maker.of_entry(patch.body, Tested.node(node, patch))
    for source, table in named.sources.values():
        yield from maker.of_entry(table, Tested.source(source))
    for layout in files.layouts:
        yield from maker.singular(layout, files.properties[layout.name])
    yield from foreign_keys(nodes.values(), {uid: source for uid, (source, _) in named.sources.items()}, named.names)
    for body, node, patch in own_tests(files.contracts, nodes):
        yield from maker.of_entry(body, Tested.node(node, patch))


def _unit_tests(files: _Files, named: _Named, nodes: Mapping[str, Node]) -> Iterator[UnitTest]:
    """Unit tests as their own packages configure them; the project has the last word on those of packages."""
    for layout in files.layouts:
        if files.properties[layout.name].unit_tests:
            override = files.own.section("unit_tests") if layout is not files.own else {}
            fixtures = FixtureReader.of(layout, files.templates, nodes)
            models = models_by_name(files.drafts.values(), layout.name)
            properties = files.properties[layout.name]
            yield from UnitTestReader(layout, properties, fixtures, models, named.names, files.docs, override).tests()


def _run_hooks(files: _Files, named: _Named, key: str) -> tuple[Rendered, ...]:
    """The project's own, then those of packages by name: so dbt runs them, before and after."""
    found = []
    for layout in files.layouts:
        name = f"{layout.name}-{key}"
        scope = Scope(
            layout.prefix + FILE, layout.name, f"operation.{layout.name}.{name}", name, layout.raw.line_of(key),
            {"resource_type": "operation", "package_name": layout.name, "alias": name, "tags": [key]},
        )  # fmt: skip
        texts = [str(text) for text in as_list(layout.raw.get(key)) if str(text).strip()]
        found += [rendered_text(text, scope, {}, named.names, files.templates, is_late=True) for text in texts]
    return tuple(found)


def _warnings(files: _Files, named: _Named, nodes: Mapping[str, Node]) -> tuple[str, ...]:
    found = (each for own in files.layouts for each in oversights(own, files.properties[own.name], files.drafts))
    vain = without_effect(nodes.values(), files.warehouse.type)
    told = (f"{said.place}: {said.text}" for said in files.templates.said if said.kind == "warning")
    idle = idle_macros(files.templates, files.own.name)
    return tuple(dict.fromkeys((*found, *vain, *idle, *told)))
