"""Reads a whole project: files in, `Project` out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any

from dryland.errors import DrylandError
from dryland.project.access import verify_access, verify_groups
from dryland.project.batches import verify_batches
from dryland.project.completion import Completion, verify_relations
from dryland.project.config import as_list
from dryland.project.contracts import verify_contracts
from dryland.project.data_tests import unique_checks
from dryland.project.databases import verify_databases
from dryland.project.exposures import ExposureReader
from dryland.project.external_file import verify_external
from dryland.project.files import Files, Named, named_in, read_files
from dryland.project.graph import graph_of
from dryland.project.graph.extra import analyses
from dryland.project.graph.parts import Parts
from dryland.project.idle_configuration import idle_configuration
from dryland.project.idle_macros import idle_macros
from dryland.project.jinja.state import Scope
from dryland.project.jinja.variables import EnvironmentVariables
from dryland.project.keeping import Shelf
from dryland.project.layout import FILE
from dryland.project.monitors_in_files import monitors_in, without_meaning
from dryland.project.nodes import Check, Node, Place, Rendered
from dryland.project.odcs.bind import unbound
from dryland.project.odcs.checks import contract_checks
from dryland.project.odcs.contract import contracted_nodes
from dryland.project.odcs.left_out import left_out
from dryland.project.odcs.tables import Tables
from dryland.project.opening import Asked, read_beginning, settings_in
from dryland.project.oversights import oversights
from dryland.project.project import Project
from dryland.project.query_comment import read_query_comment
from dryland.project.rendering import rendered_text
from dryland.project.seeds_behind import moved_to_seeds
from dryland.project.selectors_file import read_selectors
from dryland.project.semantic import SemanticReader
from dryland.project.tests_in_files import checks_in, unit_tests_in
from dryland.project.unit_tests import unique_unit_tests
from dryland.project.uses import Analysis, Exposure, Semantic
from dryland.project.watching import Watching, unwatched
from dryland.project.without_effect import without_effect
from dryland.timings import timed


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
    return load_asked(Asked(root, environment, target, profiles_dir, variables or {}), Shelf())


def load_asked(asked: Asked, shelf: Shelf) -> Project:
    """The same, for a project that is asked for in one word; what was compiled before is on the shelf."""
    process = EnvironmentVariables(asked.environment)
    with _discreet(process):
        files, named, parts = _read(asked, process, shelf)
        return _assembled(files, named, parts, _completed(files, named), asked.watching)


def load_parts(asked: Asked, shelf: Shelf) -> Parts:
    """What a project is read from, its templates among it: of one that is known, nothing is worked out again."""
    process = EnvironmentVariables(asked.environment)
    with _discreet(process):
        return _read(replace(asked, watching=unwatched), process, shelf)[2]  # somebody may watch something else


@contextmanager
def _discreet(process: EnvironmentVariables) -> Iterator[None]:
    """No error tells what stands in a variable that is a secret."""
    try:
        yield
    except DrylandError as error:
        told, cause = process.discreet(error, error.__cause__)
        raise told from cause


def _read(asked: Asked, process: EnvironmentVariables, shelf: Shelf) -> tuple[Files, Named, Parts]:
    beginning = read_beginning(asked, process, shelf)
    templates = beginning.templates
    files = read_files(beginning.layouts, templates, beginning.opening, asked.watching)
    named = named_in(files)
    parts = _parts(files, named)
    templates.graph = cache(partial(graph_of, parts))
    return files, named, parts


@timed("nodes")
def _completed(files: Files, named: Named) -> dict[str, Node]:
    completion = Completion(named.names, files.templates, files.docs, named.groups)
    nodes = {uid: completion.node(draft) for uid, draft in files.drafts.items() if draft.is_enabled}
    verify_relations(nodes.values())
    verify_contracts(nodes.values())
    verify_external(nodes.values(), files.warehouse)
    verify_batches(nodes.values(), files.warehouse.type)
    verify_databases(nodes.values(), {uid: source for uid, (source, _) in named.sources.items()}, files.warehouse)
    verify_groups(nodes.values(), named.groups)
    return nodes


def _assembled(
    files: Files, named: Named, parts: Parts, nodes: Mapping[str, Node], watching: Watching
) -> Project:  # fmt: skip
    own = files.own
    semantics = SemanticReader(files.layouts, files.properties, named.names, files.templates, files.docs).read()
    exposures = _exposures(files, named, semantics)
    tables = Tables(nodes, files.contracts, files.warehouse.type)
    checks = _checks(files, named, nodes, tables, watching)
    unit_tests = unique_unit_tests(unit_tests_in(files, named, nodes))
    verify_access(nodes, checks.values(), exposures.values(), files.layouts)
    sources = {uid: source for uid, (source, _) in named.sources.items()}
    vain = tuple(_vain(files, named, parts, tables, (sources, checks, unit_tests, exposures, semantics)))
    return Project(
        name=own.name,
        root=own.root,
        warehouse=files.warehouse,
        nodes=nodes,
        sources=sources,
        checks=checks,
        monitors=monitors_in(files, named, nodes),
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
        warnings=tuple(dict.fromkeys((*_warnings(files, nodes), *vain))),
        target_path=str(own.raw.get("target-path") or ""),
        write_json=str(own.section("flags").get("write_json", True)),
        parts=parts,
        parts_of=lambda unique_ids: parts,
        said=tuple(said.text for said in files.templates.said if said.kind == "info"),
        templates=files.templates,
    )


@timed("exposures")
def _exposures(files: Files, named: Named, semantics: Mapping[str, Semantic]) -> dict[str, Exposure]:
    readers = (
        ExposureReader(each, files.properties[each.name], named.names, files.templates, files.docs, semantics)
        for each in files.layouts
    )
    return {exposure.unique_id: exposure for reader in readers for exposure in reader.exposures()}


@timed("checks")
def _checks(
    files: Files, named: Named, nodes: Mapping[str, Node], tables: Tables, watching: Watching
) -> dict[str, Check]:  # fmt: skip
    """Those that the project says, over the seeds that its sources are; then those that its contracts say."""
    found = checks_in(files, named, nodes, watching)
    said = unique_checks(moved_to_seeds(each, named.names.seeds) for each in found)
    return unique_checks(chain(said.values(), contract_checks(tables, said.values())))


def _parts(files: Files, named: Named) -> Parts:
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


@timed("hooks")
def _run_hooks(files: Files, named: Named, key: str) -> tuple[Rendered, ...]:
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


@timed("warnings")
def _warnings(files: Files, nodes: Mapping[str, Node]) -> tuple[str, ...]:
    found = (each for own in files.layouts for each in oversights(own, files.properties[own.name], files.drafts))
    vain = without_effect(nodes.values(), files.warehouse.type)
    told = (f"{said.place}: {said.text}" for said in files.templates.said if said.kind == "warning")
    idle = idle_macros(files.templates, files.own.name)
    return tuple(dict.fromkeys((*found, *vain, *idle, *told)))


def _vain(
    files: Files, named: Named, parts: Parts, tables: Tables, configured: Iterable[Mapping[str, Any]]
) -> Iterator[str]:
    """What was written and does nothing: configuration of nothing, promises that nobody asks about, odd monitors."""
    told = ((uid.partition(".")[0], each.fqn) for things in (files.drafts, *configured) for uid, each in things.items())
    yield from idle_configuration(parts, told)
    yield from unbound(files.contracts)
    yield from left_out(tables)
    yield from without_meaning(files, named, tables.nodes)
