"""Names checks by what they ask, so that a verdict is good as long as the question and the build are the same."""

from __future__ import annotations

from collections.abc import Mapping

from dryland.errors import DrylandError
from dryland.plan.compose import still_sql
from dryland.project.nodes import Check
from dryland.project.project import Project
from dryland.sql.inputs import EXTERNAL, name_inputs
from dryland.sql.parse import parse_query, words
from dryland.sql.volatile import volatile_functions
from dryland.state.records import digest


def check_hash(check: Check, project: Project, dialect: str) -> str:
    """Hash of a check's definition: not its description, its name, or how its SQL is written down."""
    asked = [check.kind, check.node, check.column, dict(check.arguments), check.where, check.limit, check.fail_calc]
    judged = [check.severity, check.warn_if, check.error_if, check.store_failures and check.failures_schema]
    sql = words(still_sql(check.rendered), dialect) if check.rendered else []
    inlined = [project.nodes[uid].template_hash for uid in _ephemeral(check, project)]
    return digest([asked, judged, sql, inlined, list(check.refs)])


def may_change_by_itself(check: Check, dialect: str) -> bool:
    """Whether the answer changes although no build that it is known to read does: then a verdict is never reused.

    It reads the clock, or a table that is neither a node nor a declared source.
    """
    if check.rendered and check.rendered.volatile:
        return True
    texts = [check.rendered.sql] if check.rendered else []
    if check.where:
        texts.append(f"SELECT 1 WHERE {check.where}")
    relations = check.rendered.relations if check.rendered else {}
    return any(_is_moving(text, relations, dialect) for text in texts)


def _is_moving(text: str, relations: Mapping[str, str], dialect: str) -> bool:
    try:
        tree = parse_query(text, dialect)
    except DrylandError:
        return True
    if volatile_functions(tree):
        return True
    return any(unique_id.startswith(EXTERNAL) for unique_id in name_inputs(tree, relations, dialect).ids.values())


def _ephemeral(check: Check, project: Project) -> list[str]:
    if check.rendered is None:
        return []
    ids = check.rendered.relations.values()
    return sorted(uid for uid in ids if uid in project.nodes and project.nodes[uid].materialized == "ephemeral")
