"""Tells a project as dbt's `graph` does: plain dictionaries with dbt's keys, by unique id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dryland.project.config import as_list
from dryland.project.graph.extra import analyses, operations
from dryland.project.graph.generic_tests import Attached, generic_tests
from dryland.project.graph.node import node_dict
from dryland.project.graph.parts import Parts
from dryland.project.graph.semantics import semantics
from dryland.project.graph.singular_tests import singular_test
from dryland.project.graph.source import said_of, source_dict
from dryland.project.graph.uses import exposures, groups, unit_tests
from dryland.project.properties import files_below
from dryland.project.text_file import read_text

Entries = dict[str, dict[str, Any]]


def graph_of(parts: Parts) -> dict[str, Entries]:
    """Everything that is enabled, as templates see it in `graph`; the warehouse is not asked.

    The keys are dbt's: nodes, sources, exposures, groups, unit_tests, and those of its semantic layer.
    """
    return graph_and_disabled(parts)[0]


def graph_and_disabled(parts: Parts) -> tuple[dict[str, Entries], dict[str, list[dict[str, Any]]]]:
    """The same, and what the project switched off, as dbt lists it."""
    off: dict[str, list[dict[str, Any]]] = {}

    def enabled(listed: Iterator[dict[str, Any]]) -> Entries:
        found = {}
        for each in listed:
            if each["config"]["enabled"]:
                found[each["unique_id"]] = each
            else:
                off.setdefault(each["unique_id"], []).append(each)
        return found

    nodes = enabled(nodes_of(parts))
    _keys(nodes)
    graph = {
        "exposures": enabled(exposures(parts)),
        "functions": {},
        "groups": {each["unique_id"]: each for each in groups(parts)},
        "nodes": nodes,
        "sources": {uid: source_dict(parts, *each) for uid, each in parts.sources.items()},
        "unit_tests": enabled(unit_tests(parts)),
        **semantics(parts),
    }
    return graph, off


def nodes_of(parts: Parts) -> Iterator[dict[str, Any]]:
    """Models, seeds, snapshots, data tests, analyses and run hooks, disabled ones too."""
    for draft in parts.drafts.values():
        yield node_dict(parts, draft)
    yield from analyses(parts)
    yield from operations(parts)
    for draft in parts.drafts.values():
        if draft.patch is not None:
            yield from _switched_off_with(draft, generic_tests(parts, draft.patch.body, Attached.draft(draft)))
    for source, table in parts.sources.values():
        tags = (*as_list(said_of(parts, source).get("tags")), *as_list(table.get("tags")))
        yield from generic_tests(parts, table, Attached.source(source, tags))
    for layout in parts.layouts:
        for folder in layout.folders("test"):
            for path in files_below(layout.root, [folder], (".sql",)):
                if path.relative_to(layout.root / folder).parts[0] not in ("generic", "fixtures"):
                    shown = layout.shown(path)
                    yield singular_test(parts, layout, shown, read_text(path, shown))


def _switched_off_with(draft: Any, tests: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The tests of a disabled node are disabled with it."""
    for test in tests:
        yield test if draft.is_enabled else {**test, "config": {**test["config"], "enabled": False}}


def _keys(nodes: Entries) -> None:
    """Fill in each model's primary key: as declared, or else as its tests say."""
    tested: dict[str, dict[str, list[str]]] = {}
    for node in nodes.values():
        said = node.get("test_metadata")
        column = said["kwargs"].get("column_name") if said else None
        if said and node["attached_node"] and isinstance(column, str):
            tested.setdefault(node["attached_node"], {}).setdefault(said["name"], []).append(column)
    for uid, node in nodes.items():
        if node["resource_type"] == "model":
            node["primary_key"] = _key(node, tested.get(uid, {}))


def _key(node: Mapping[str, Any], tested: Mapping[str, list[str]]) -> list[str]:
    for constraint in node["constraints"]:
        if constraint["type"] == "primary_key":
            return list(constraint["columns"])
    for name, column in node["columns"].items():
        if any(constraint["type"] == "primary_key" for constraint in column["constraints"]):
            return [name]
    unique = list(dict.fromkeys(tested.get("unique", ())))
    return [column for column in unique if column in tested.get("not_null", ())] or unique
