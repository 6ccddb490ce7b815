"""Tells models, seeds and snapshots as dbt writes them into its manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from dryland.engines.relation import Relation
from dryland.project.config import as_list
from dryland.project.drafts import Draft
from dryland.project.graph.config import full_config, plain, unrendered
from dryland.project.graph.described import columns, constraints, description, doc_blocks, names_of
from dryland.project.graph.parts import Parts
from dryland.project.graph.references import number, references
from dryland.project.model_versions import latest_version
from dryland.project.properties import node_config_of
from dryland.project.snapshots import without_lines_above
from dryland.project.text_file import read_text

SEED_BYTES_MAX = 1024 * 1024  # dbt tells larger seeds by their path alone
UNCHECKED = {"name": "none", "checksum": ""}


def node_dict(parts: Parts, draft: Draft) -> dict[str, Any]:
    """One model, seed or snapshot."""
    body: Mapping[str, Any] = draft.patch.body if draft.patch else {}
    config = full_config(draft.kind, draft.config)
    relation = parts.relation(draft)
    found = {
        **_named(parts, draft, relation),
        "config": config,
        "tags": _tags(config, body),
        **_documented(parts, draft, body),
        "meta": config["meta"],
        "group": config["group"],
        "docs": config["docs"],
        "patch_path": parts.patch_path(draft.patch, draft.package),
        "build_path": None,
        "relation_name": None if config["materialized"] == "ephemeral" else quoted(relation),
        **of_text(parts, draft),
    }
    if draft.kind == "seed":
        root = str(parts.by_package[draft.package].root)
        return {**found, "root_path": root}
    found["contract"] = {**config["contract"], "checksum": _contract_checksum(found, body)}
    return {**found, **_of_model(draft, body, config)} if draft.kind == "model" else found


def of_text(parts: Parts, draft: Draft) -> dict[str, Any]:
    """The part of `node_dict` that the text of the node's file decides."""
    body: Mapping[str, Any] = draft.patch.body if draft.patch else {}
    found = {
        "checksum": checksum(draft.raw) if draft.kind == "model" else file_checksum(parts, draft),
        "unrendered_config": unrendered(parts, draft.kind, draft.fqn, _patched(parts, draft, body), _called(draft)),
        "created_at": parts.made_at,
        "raw_code": "" if draft.kind == "seed" else code_of(draft),
    }
    return {**found, "depends_on": {"macros": []}} if draft.kind == "seed" else found | references(parts, draft)


def quoted(relation: Relation) -> str:
    """A relation's name as dbt writes it in SQL.

    >>> quoted(Relation("shop", "main", "orders"))
    '"shop"."main"."orders"'
    """
    return ".".join('"' + part.replace('"', '""') + '"' for part in _words(relation) if part)


def checksum(text: str) -> dict[str, str]:
    """What dbt tells a file by: the hash of its text without the space around it."""
    return {"name": "sha256", "checksum": hashlib.sha256(text.strip().encode()).hexdigest()}


def file_checksum(parts: Parts, draft: Draft) -> dict[str, str]:
    """The same for a file that is more, or less, than its draft; of a large seed, its path."""
    original = parts.original_path(draft.place.path, draft.package)
    path = draft.layout.root / original
    if draft.kind == "seed" and path.stat().st_size > SEED_BYTES_MAX:
        return {"name": "path", "checksum": original}
    return checksum(read_text(path, draft.place.path))


def code_of(draft: Draft) -> str:
    """A template as its file has it; a snapshot's is what stands in its block."""
    return without_lines_above(draft.raw).strip() if draft.kind == "snapshot" else draft.raw.strip()


def _named(parts: Parts, draft: Draft, relation: Relation) -> dict[str, Any]:
    inner = parts.inner_path(draft.place.path, draft.package, draft.kind)
    return {
        "database": relation.database,
        "schema": relation.schema,
        "name": draft.name,
        "resource_type": draft.kind,
        "package_name": draft.package,
        "path": f"{inner}/{draft.name}.sql" if inner.endswith((".yml", ".yaml")) else inner,
        "original_file_path": parts.original_path(draft.place.path, draft.package),
        "unique_id": draft.unique_id,
        "fqn": list(draft.fqn),
        "alias": relation.name,
    }


def _words(relation: Relation) -> tuple[str, str, str]:
    return relation.database, relation.schema, relation.name


def _documented(parts: Parts, draft: Draft, body: Mapping[str, Any]) -> dict[str, Any]:
    place = draft.patch.place if draft.patch else draft.place
    said = body.get("description")
    return {
        "description": description(parts, said, place, draft.package),
        "columns": columns(parts, body.get("columns"), place, draft.package),
        "doc_blocks": doc_blocks(parts, said, draft.package),
    }


def _tags(config: Mapping[str, Any], body: Mapping[str, Any]) -> list[str]:
    """Each once; dbt reads what YAML adds after all that the project and the file say."""
    tags, added = list(config["tags"]), [str(tag) for tag in as_list((body.get("config") or {}).get("tags"))]
    for tag in added:
        if tag in tags:
            tags.remove(tag)
    return names_of(dict.fromkeys([*tags, *added]))


def _patched(parts: Parts, draft: Draft, body: Mapping[str, Any]) -> dict[str, Any]:
    """What YAML configures, as dbt compares it: rendered."""
    if draft.patch is None:
        return {}
    rendered: dict[str, Any] = parts.templates.value(node_config_of(body), draft.scope)
    return rendered


def _called(draft: Draft) -> list[Mapping[str, Any]]:
    if draft.language == "python":
        return [draft.python.config]
    return list(draft.state.called_config) if draft.state else []


def _of_model(draft: Draft, body: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    own: Mapping[str, Any] = next((each for each in body.get("versions") or () if str(each["v"]) == draft.version), {})
    removal = own.get("deprecation_date") or body.get("deprecation_date")
    return {
        "access": config["access"],
        "constraints": constraints(body.get("constraints")),
        "version": number(draft.version),
        "latest_version": number(latest_version(draft.patch)),
        "deprecation_date": _moment(removal),
        "primary_key": [],  # filled in once the tests are known
        "time_spine": plain(body.get("time_spine")),
    }


def _moment(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return _moment(datetime.fromisoformat(str(value)))


def _contract_checksum(node: Mapping[str, Any], body: Mapping[str, Any]) -> str | None:
    """What dbt compares of an enforced contract: columns, types and constraints, as it prints them."""
    if not node["config"]["contract"].get("enforced"):
        return None
    text = "".join(
        f"|{name}{column['data_type']}{_printed(column['constraints'], 'ColumnLevelConstraint')}"
        for name, column in sorted(node["columns"].items())
    )
    if node["config"]["materialized"] in ("table", "incremental"):
        listed = constraints(body.get("constraints"))
        text += f"{node['config']['materialized']}{_printed(listed, 'ModelLevelConstraint')}"
    return hashlib.sha256(text.encode()).hexdigest()


def _printed(listed: Sequence[Mapping[str, Any]], name: str) -> str:
    """The text that Python gives of a list of dbt's constraints."""
    shown = []
    for each in listed:
        rest = ", ".join(f"{key}={value!r}" for key, value in each.items() if key != "type")
        shown.append(f"{name}(type=<ConstraintType.{each['type']}: '{each['type']}'>, {rest})")
    return f"[{', '.join(shown)}]"


def tags_of(*listed: Any) -> list[str]:
    """Tags of several places, sorted, each once."""
    return sorted({str(tag) for each in listed for tag in as_list(each)})
