"""Makes manifest.json: everything in the project, in dbt's words, with its compiled SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from dryland.artifacts.compiled import Compiler
from dryland.artifacts.installation import dbt_macro_folders
from dryland.artifacts.invocation import Invocation
from dryland.engines.relation import Relation
from dryland.project.graph import graph_and_disabled
from dryland.project.graph.config import full_config
from dryland.project.graph.macros import macros
from dryland.project.graph.node import of_text, quoted
from dryland.project.graph.parts import Parts
from dryland.project.graph.selectors import selectors
from dryland.project.graph.uses import docs
from dryland.project.nodes import Check
from dryland.project.project import Project

SCHEMA = "manifest/v12"
MAPPED = ("sources", "exposures", "unit_tests", "semantic_models", "metrics", "saved_queries")
NOT_COMPILED = frozenset({"seed"})
DECLARED = ("severity", "where", "limit", "warn_if", "error_if", "fail_calc", "store_failures", "store_failures_as")

Entries = Mapping[str, Mapping[str, Any]]


def manifest(compiler: Compiler, invocation: Invocation) -> dict[str, Any]:
    """The whole manifest."""
    project, parts = compiler.project, compiler.project.parts
    graph, disabled = graph_and_disabled(parts)
    nodes = {uid: _of_environment(_compiled(node, compiler), compiler) for uid, node in graph["nodes"].items()}
    written = macros(parts, dbt_macro_folders(invocation.variables))
    return {
        "metadata": metadata(project, invocation),
        "nodes": nodes,
        "sources": graph["sources"],
        "macros": {macro["unique_id"]: macro for macro in written},
        "docs": {each["unique_id"]: each for each in docs(parts)},
        "exposures": graph["exposures"],
        "metrics": graph["metrics"],
        "groups": graph["groups"],
        "selectors": selectors(parts),
        "disabled": disabled,
        **_maps(nodes, graph),
        "saved_queries": graph["saved_queries"],
        "semantic_models": graph["semantic_models"],
        "unit_tests": graph["unit_tests"],
        "functions": graph["functions"],
    }


def edited_node(before: Mapping[str, Any], parts: Parts, compiler: Compiler) -> dict[str, Any]:
    """An enabled model as the manifest tells it, after an edit of its text alone; `parts` are those of the model."""
    told = {**before, **of_text(parts, parts.drafts[before["unique_id"]])}
    return _of_environment(_compiled(told, compiler), compiler)


def children_of(parents: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Who reads each, sorted; of `parents` by unique id."""
    children: dict[str, list[str]] = {uid: [] for uid in parents}
    for uid, read in parents.items():
        for parent in read:
            children.setdefault(parent, []).append(uid)
    return {uid: sorted(found) for uid, found in children.items()}


def metadata(project: Project, invocation: Invocation) -> dict[str, Any]:
    """What the manifest starts with."""
    return {
        **invocation.metadata(SCHEMA),
        "project_name": project.name,
        "project_id": hashlib.md5(project.name.encode(), usedforsecurity=False).hexdigest(),
        "user_id": None,
        "send_anonymous_usage_stats": False,
        "adapter_type": project.warehouse.type,
        "quoting": {"database": True, "schema": True, "identifier": True, "column": None},
        "run_started_at": invocation.started_at.isoformat(),
    }


def _compiled(node: dict[str, Any], compiler: Compiler) -> dict[str, Any]:
    """The node with its SQL, and, of a test, with what its macro says of its configuration."""
    if node["resource_type"] in NOT_COMPILED:
        return node
    uid, project = node["unique_id"], compiler.project
    check = project.checks.get(uid)
    if check is not None:
        node, code = _as_checked(node, check), compiler.check(check)
    elif uid in project.nodes:
        code = compiler.node(project.nodes[uid])
    else:
        code = compiler.analysis(node) if node["resource_type"] == "analysis" else None
    if code is None:
        return node
    path = PurePosixPath("target/compiled", node["package_name"], compiled_path(node))
    return {
        **node, "compiled_path": str(path), "compiled": True, "compiled_code": code, "extra_ctes_injected": True,
        "extra_ctes": [],
    }  # fmt: skip


def compiled_path(node: Mapping[str, Any]) -> str:
    """Where below its package a node's SQL goes: of what YAML describes, in a folder of the file's name."""
    original = str(node["original_file_path"])
    return original if original.endswith((".sql", ".py")) else f"{original}/{node['path']}"


def _as_checked(node: dict[str, Any], check: Check) -> dict[str, Any]:
    config = full_config("test", check.config) if check.config else node["config"]
    said = dict(node["unrendered_config"])
    for key in DECLARED:
        written = said.get(key)
        if check.config.get(key) not in (None, written) and "{{" not in str(written):
            said[key] = check.config[key]
    return {**node, "config": {**config, "alias": node["config"]["alias"]}, "unrendered_config": said}


def _of_environment(node: dict[str, Any], compiler: Compiler) -> dict[str, Any]:
    """Under the name by which readers of the environment find it."""
    shown: Relation | None = compiler.relations.get(node["unique_id"])
    if shown is None or (shown.database, shown.schema, shown.name) == (node["database"], node["schema"], node["alias"]):
        return node
    name = quoted(shown) if node["relation_name"] else None
    return {**node, "database": shown.database, "schema": shown.schema, "alias": shown.name, "relation_name": name}


def _maps(nodes: Entries, graph: Mapping[str, Entries]) -> dict[str, Any]:
    """Who reads whom, in both directions, and who belongs to which group."""
    members = {**nodes, **{uid: each for section in MAPPED for uid, each in graph[section].items()}}
    parents = {uid: sorted(each.get("depends_on", {}).get("nodes", ())) for uid, each in members.items()}
    grouped: dict[str, list[str]] = {each["name"]: [] for each in graph["groups"].values()}
    for uid, node in nodes.items():
        if node["group"] in grouped:
            grouped[node["group"]].append(uid)
    return {"parent_map": parents, "child_map": children_of(parents), "group_map": grouped}
