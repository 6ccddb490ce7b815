"""Finds by what rows of a node are told apart: constraints, unique checks, or the key that it grows by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from dryland.project.nodes import Check, Node
from dryland.project.project import Project

UNIQUE_KINDS = {"unique": "", "unique_combination_of_columns": "combination_of_columns",
                "expect_compound_columns_to_be_unique": "column_list",
                "expect_column_values_to_be_unique": ""}  # fmt: skip
"""Kinds of checks that make a key, and the argument in which they list its columns."""

PARTLY = frozenset({"row_condition", "group_by", "mostly"})  # with these, some rows may share a key

SNAPSHOT_ROW = "dbt_scd_id"


def key_of(project: Project, unique_id: str, columns: Collection[str]) -> tuple[str, ...]:
    """The first key that is known and of which the table has all columns; empty when there is none."""
    return next(keys_of(project, unique_id, columns), ())


def keys_of(project: Project, unique_id: str, columns: Collection[str]) -> Iterator[tuple[str, ...]]:
    """Every key that is known and of which the table has all columns, the strongest promise first."""
    have = {name.lower() for name in columns}
    checks = (check for check in project.checks.values() if check.node == unique_id)
    return (key for key in promised_keys(project, unique_id, checks) if {name.lower() for name in key} <= have)


def promised_keys(project: Project, unique_id: str, checks: Iterable[Check]) -> Iterator[tuple[str, ...]]:
    """Every key that somebody promised of a node or source with these checks, the strongest promise first."""
    return filter(None, _known(project, unique_id, checks))


def _known(project: Project, unique_id: str, checks: Iterable[Check]) -> Iterator[tuple[str, ...]]:
    node = project.nodes.get(unique_id)
    if node is not None:
        yield from _of_constraints(node, "primary_key")
    if unique_id in project.contracted:
        yield project.contracted[unique_id][1].key
    yield from (_of_check(check) for check in checks if not check.where)
    if node is not None:
        yield from _of_constraints(node, "unique")
        yield (SNAPSHOT_ROW,) if node.kind == "snapshot" else _listed(node.config.get("unique_key"))


def _of_constraints(node: Node, kind: str) -> Iterator[tuple[str, ...]]:
    for constraint in node.constraints:
        if constraint.get("type") == kind:
            yield _listed(constraint.get("columns"))
    for column in node.columns:
        if any(constraint.get("type") == kind for constraint in column.constraints):
            yield (column.name,)


def _of_check(check: Check) -> tuple[str, ...]:
    kind = check.kind.rpartition(".")[2]
    if kind not in UNIQUE_KINDS or PARTLY & check.arguments.keys():
        return ()
    listed = check.arguments.get(UNIQUE_KINDS[kind] or "columns")
    return _listed(listed) if listed else _listed(check.column)


def _listed(value: object) -> tuple[str, ...]:
    """One name or several; what is an expression rather than a name will not be among the columns."""
    if isinstance(value, str):
        return (value.strip().strip('"`'),) if value.strip() else ()
    return tuple(str(each).strip().strip('"`') for each in value) if isinstance(value, Iterable) else ()
