"""Describes a node as it will be remembered with a release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dryland.plan.compose import inlined
from dryland.project.nodes import Node
from dryland.project.project import Project
from dryland.sql.meaning import Meaning
from dryland.sql.parse import words
from dryland.state.records import Definition, digest

WRITTEN = "written"  # in a definition's body: what tells other code from other columns of what it reads


def definition_of(
    node: Node,
    meaning: Meaning,
    config: str,
    checks: Iterable[str],
    before: Definition | None,
    *,
    project: Project,
    dialect: str,
) -> Definition:
    """The definition to record: the one before, if only the text differs.

    So reformatting a model leaves no trace: its meaning, configuration, documentation and checks are what count.
    """
    body: dict[str, object] = {
        "meaning": meaning.as_json(),
        "config": config,
        "materialized": node.materialized,
        "checks": sorted(checks),
        "metadata": metadata_of(node),
    }
    if before is not None and {**before.body, WRITTEN: ""} == {**body, WRITTEN: ""}:
        return before
    return Definition(
        node.unique_id, compiled_sql(node, project, dialect), {**body, WRITTEN: written_hash(node, project, dialect)}
    )


def with_meaning(before: Definition, meaning: Meaning) -> Definition:
    """What was released, with what it means now."""
    if "meaning" not in before.body or before.body["meaning"] == meaning.as_json():
        return before
    return replace(before, body={**before.body, "meaning": meaning.as_json()})


def is_as_written(before: Definition, node: Node, project: Project, dialect: str) -> bool:
    """Whether the team wrote the same, whatever that means by now; formatting and comments are not writing."""
    return before.body.get(WRITTEN) == written_hash(node, project, dialect)


def written_hash(node: Node, project: Project, dialect: str) -> str:
    """Hash of everything that the team wrote of a node: its SQL in all of its forms, its Python, its seed."""
    if node.language != "sql":
        return digest([node.template_hash, node.file_hash])
    forms = [node.rendered, *([node.rendered_incremental] if node.rendered_incremental else [])]
    is_fleeting = any(form.needs_warehouse or (form.volatile and not form.still) for form in forms)
    texts = [inlined(form, project, dialect, is_still=True)[0] for form in forms]
    return digest([words(text, dialect) for text in texts] + [node.template_hash if is_fleeting else ""])


def compiled_sql(node: Node, project: Project, dialect: str) -> str:
    """What people see of a node's code: its SQL with ephemeral models in it, or its Python."""
    if node.language != "sql":
        return node.raw
    return inlined(node.rendered, project, dialect)[0] or node.raw


def metadata_of(node: Node) -> dict[str, object]:
    """What people are told of a node."""
    return {
        "description": node.description,
        "owner": node.owner,
        "group": node.group,
        "access": node.access,
        "tags": sorted(node.tags),
        "meta": _plain(node.meta),
        "columns": [
            {"name": c.name, "description": c.description, "tags": sorted(c.tags), "meta": _plain(c.meta)}
            for c in node.columns
        ],
    }


def _plain(value: object) -> object:
    """The value as JSON keeps it, so that what is read back compares equal."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
