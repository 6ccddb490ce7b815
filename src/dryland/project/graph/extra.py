"""Tells analyses and run hooks as dbt writes them among its nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from dryland.errors import DrylandError
from dryland.project.config import as_list, from_project, merged
from dryland.project.graph.config import full_config, unrendered
from dryland.project.graph.described import columns, description, doc_blocks, names_of
from dryland.project.graph.node import checksum
from dryland.project.graph.parts import Parts
from dryland.project.graph.references import meant, written_references
from dryland.project.jinja.state import Scope, State
from dryland.project.jinja.world import Pass
from dryland.project.layout import Layout
from dryland.project.properties import files_below, node_config_of
from dryland.project.text_file import read_text

MOMENTS = ("on-run-start", "on-run-end")


def analyses(parts: Parts) -> Iterator[dict[str, Any]]:
    """Queries that dbt compiles and never runs."""
    for layout in parts.layouts:
        described = {patch.name: patch for patch in parts.properties[layout.name].analyses.values()}
        for folder in layout.folders("analysis"):
            for path in files_below(layout.root, [folder], (".sql",)):
                shown = layout.shown(path)
                inner = PurePosixPath("analysis", path.relative_to(layout.root / folder).as_posix())
                yield _analysis(parts, layout, shown, inner, read_text(path, shown), described.get(path.stem))


def operations(parts: Parts) -> Iterator[dict[str, Any]]:
    """The statements of on-run-start and on-run-end, of every package."""
    for layout in parts.layouts:
        for moment in MOMENTS:
            for index, text in enumerate(as_list(layout.raw.get(moment))):
                yield _operation(parts, layout, moment, index, str(text))


def _analysis(parts: Parts, layout: Layout, shown: str, inner: PurePosixPath, text: str, patch: Any) -> dict[str, Any]:
    name, fqn = inner.stem, (layout.name, *inner.parts[:-1], inner.stem)
    body: Mapping[str, Any] = patch.body if patch else {}
    scope = Scope(shown, layout.name, f"analysis.{layout.name}.{name}", name)
    found = _plain(parts, layout, "analysis", fqn, scope, text, node_config_of(body))
    original = parts.original_path(shown, layout.name)
    return {
        **found, "path": inner.as_posix(), "original_file_path": original,
        "description": description(parts, body.get("description"), patch.place if patch else None, layout.name),  # type: ignore[arg-type]
        "columns": columns(parts, body.get("columns"), patch.place, layout.name) if patch else {},
        "doc_blocks": doc_blocks(parts, body.get("description"), layout.name),
        "patch_path": parts.patch_path(patch, layout.name),
    }  # fmt: skip


def _operation(parts: Parts, layout: Layout, moment: str, index: int, text: str) -> dict[str, Any]:
    name = f"{layout.name}-{moment}-{index}"
    scope = Scope(layout.prefix + "dbt_project.yml", layout.name, f"operation.{layout.name}.{name}", name)
    found = _plain(parts, layout, "operation", (layout.name, "hooks", name), scope, text, {})
    file = checksum(read_text(layout.root / "dbt_project.yml", scope.path))
    return {
        **found, "checksum": file, "path": f"hooks/{name}.sql", "original_file_path": "./dbt_project.yml",
        "tags": [moment, *found["tags"]], "index": index,
    }  # fmt: skip


def _plain(
    parts: Parts, layout: Layout, kind: str, fqn: tuple[str, ...], scope: Scope, text: str, patched: Mapping[str, Any]
) -> dict[str, Any]:
    state = _asked(parts, text, scope)
    config = merged(from_project(layout.section("models"), fqn), patched)
    called = state.called_config if state else []
    for declared in called:
        config = merged(config, declared)
    full = full_config(kind, config)
    refs, sources = (list(state.refs), list(state.sources)) if state else ([], [])
    return {
        "database": parts.warehouse.database, "schema": parts.warehouse.schema, "name": fqn[-1], "resource_type": kind,
        "package_name": layout.name, "path": "", "original_file_path": "", "unique_id": scope.unique_id,
        "fqn": list(fqn), "alias": fqn[-1], "checksum": checksum(text), "config": full, "tags": names_of(full["tags"]),
        "description": "", "columns": {}, "meta": full["meta"], "group": full["group"], "docs": full["docs"],
        "patch_path": None, "build_path": None, "unrendered_config": unrendered(parts, kind, fqn, patched, called),
        "created_at": parts.made_at, "relation_name": None, "raw_code": text.strip(), "doc_blocks": [],
        "language": "sql", **written_references(refs, sources), "metrics": [], "functions": [],
        "depends_on": {
            "macros": list(state.called) if state else [], "nodes": meant(parts, scope, refs, sources),
        },
        "compiled_path": None, "contract": {**full["contract"], "checksum": None},
    }  # fmt: skip


def _asked(parts: Parts, text: str, scope: Scope) -> State | None:
    """What a template asks for; nothing is known of one that does not render, for nothing here runs it."""
    try:
        return parts.templates.render(text, scope, {}, Pass())[1]
    except DrylandError:
        return None
