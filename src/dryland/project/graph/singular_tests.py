"""Tells data tests in files of their own as dbt writes them into its manifest."""

from __future__ import annotations

from functools import reduce
from pathlib import PurePosixPath
from typing import Any

from dryland.project.config import merged
from dryland.project.graph.config import full_config, unrendered
from dryland.project.graph.data_tests import data_test_dict, last_word, project_config
from dryland.project.graph.described import description
from dryland.project.graph.node import checksum
from dryland.project.graph.parts import Parts
from dryland.project.graph.references import all_known, meant, written_references
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Pass
from dryland.project.layout import Layout


def singular_test(parts: Parts, layout: Layout, shown: str, text: str) -> dict[str, Any]:
    """One query for what must not be."""
    inner = PurePosixPath(parts.inner_path(shown, layout.name, "test"))
    fqn = (layout.name, *inner.parent.parts, inner.stem)
    patch = parts.properties[layout.name].singular.get(inner.stem)
    scope = Scope(shown, layout.name, f"test.{layout.name}.{inner.stem}", inner.stem)
    patched = parts.templates.value(patch.body.get("config") or {}, scope) if patch else {}
    before = merged(project_config(layout, fqn), patched)
    _, state = parts.templates.render(text, scope, before, Pass())
    config = full_config("test", merged(reduce(merged, state.called_config, before), last_word(parts, fqn)))
    refs, sources = list(state.refs), list(state.sources)
    config["enabled"] = config["enabled"] and all_known(parts, scope, refs, sources)
    nodes = meant(parts, scope, refs, sources) if config["enabled"] else []
    original = parts.original_path(shown, layout.name)
    return {
        **data_test_dict(parts, scope.unique_id, fqn, config, path=inner.as_posix(), original=original),
        "checksum": checksum(text),
        "tags": config["tags"],
        "description": description(parts, patch.body.get("description"), patch.place, layout.name) if patch else "",
        "group": config["group"],
        "patch_path": parts.patch_path(patch, layout.name),
        "unrendered_config": unrendered(parts, "test", fqn, patched, state.called_config),
        "raw_code": text.strip(),
        **written_references(refs, sources),
        "depends_on": {"macros": list(state.called), "nodes": nodes},
    }
