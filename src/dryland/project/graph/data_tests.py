"""Tells what every data test has in dbt's manifest, whether YAML asks for it or a file of its own."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from dryland.engines.relation import Relation
from dryland.project.config import from_project
from dryland.project.graph.node import quoted
from dryland.project.graph.parts import Parts
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Pass
from dryland.project.layout import FILE, Layout


def data_test_dict(
    parts: Parts, unique_id: str, fqn: tuple[str, ...], config: Mapping[str, Any], *, path: str, original: str
) -> dict[str, Any]:
    """A test as far as its name and configuration tell; `path` is where dbt would put its SQL."""
    name = fqn[-1]
    schema = failures_schema(parts, config, fqn)
    relation = Relation(str(config["database"] or parts.warehouse.database), schema, str(config["alias"] or name))
    return {
        "database": relation.database, "schema": schema, "name": name, "resource_type": "test",
        "package_name": fqn[0], "path": path, "original_file_path": original, "unique_id": unique_id,
        "fqn": list(fqn), "alias": relation.name, "config": config, "columns": {}, "meta": config["meta"],
        "docs": {"show": True, "node_color": None}, "build_path": None, "created_at": parts.made_at,
        "relation_name": quoted(relation) if config["store_failures"] else None, "doc_blocks": [], "language": "sql",
        "metrics": [], "functions": [], "compiled_path": None,
        "contract": {"enforced": False, "alias_types": True, "checksum": None},
    }  # fmt: skip


def project_config(layout: Layout, fqn: tuple[str, ...]) -> dict[str, Any]:
    """What dbt_project.yml says of a test."""
    return from_project({**layout.section("tests"), **layout.section("data_tests")}, fqn)


def last_word(parts: Parts, fqn: tuple[str, ...]) -> Mapping[str, Any]:
    """What the project configures of a package's tests: over all that the package says."""
    own = parts.layouts[0]
    return project_config(own, fqn) if fqn[0] != own.name else {}


def failures_schema(parts: Parts, config: Mapping[str, Any], fqn: tuple[str, ...]) -> str:
    """Where failing rows would be kept, by the project's own naming macro."""
    key = (config["schema"], fqn[:-1])  # one answer for the tests of a folder: asking takes longer than all the rest
    if key not in parts.failures_schemas:
        parts.failures_schemas[key] = _failures_schema(parts, config, fqn)
    return parts.failures_schemas[key]


def _failures_schema(parts: Parts, config: Mapping[str, Any], fqn: tuple[str, ...]) -> str:
    package, name = fqn[0], fqn[-1]
    node = SimpleNamespace(
        name=name, resource_type="test", package_name=package, fqn=list(fqn), config=config, tags=config["tags"],
        unique_id=f"test.{package}.{name}", version=None, meta=config["meta"], schema="", alias=name,
    )  # fmt: skip
    named, _ = parts.templates.call(
        "generate_schema_name", Scope(FILE, package), config, Pass(), config["schema"], node
    )
    return str(named).strip()
