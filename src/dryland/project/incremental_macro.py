"""Finds the macro that a project writes for an incremental strategy of its own, and asks it for its SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dryland.engines.relation import Column, Relation
from dryland.project.drafts import Draft
from dryland.project.jinja.columns import ColumnValue
from dryland.project.jinja.macro import BUILT_IN
from dryland.project.jinja.macros import MacroCall
from dryland.project.jinja.relation import RelationValue
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Pass
from dryland.project.nodes import Node
from dryland.project.project import Project

PREFIXES = ("", "duckdb__", "default__")
ROWS = ("target_relation", "temp_relation")
KEYED = (*ROWS, "unique_key", "dest_columns", "incremental_predicates")
WRITERS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "append": (("get_insert_into_sql",), (*ROWS, "dest_columns")),
    "delete_insert": (tuple(f"{each}get_delete_insert_merge_sql" for each in PREFIXES), KEYED),
    "merge": (("duckdb__get_merge_sql",), KEYED),
}
"""What dbt's own strategies call to write their statements, with the arguments: a project may have its version."""


def incremental_macro(templates: Templates | None, node: Node) -> MacroCall | None:
    """The project's `get_incremental_<strategy>_sql`; one of the name of a built-in strategy takes its place."""
    return _found(templates, node) if templates and node.strategy_hash else None


def strategy_hash(draft: Draft, materialized: str, templates: Templates) -> str:
    """Hash of that macro's code, and of all that it may read; empty when there is none."""
    found = _found(templates, draft) if materialized == "incremental" else None
    return templates.late_hash("{{ " + found.macro.name + "() }}", draft.config) if found else ""


def macro_name(node: Node | Draft) -> str:
    """What dbt calls the macro of a node's strategy."""
    return f"get_incremental_{_strategies(node)[0]}_sql"


def _strategies(node: Node | Draft) -> tuple[str, ...]:
    """The strategy by the name it has in macros; by default dbt-duckdb deletes and inserts."""
    strategy = str(node.config.get("incremental_strategy") or "default").replace("+", "_")
    return ("default", "delete_insert") if strategy == "default" else (strategy,)


def _found(templates: Templates, node: Node | Draft) -> MacroCall | None:
    strategies = _strategies(node)
    called = [f"{prefix}get_incremental_{each}_sql" for each in strategies for prefix in PREFIXES]
    for name in (*called, *WRITERS.get(strategies[-1], ((), ()))[0]):
        for package in (node.package, ""):
            found = templates.macros.find(name, package)
            if found is not None and found.macro.package != BUILT_IN:
                return found
    return None


def incremental_sql(
    project: Project, node: Node, how: Pass, *, target: Relation, delta: Relation, columns: Sequence[Column]
) -> str:
    """What the macro makes of dbt's arguments: statements that put the rows of `delta` into `target`.

    Raises:
        TemplateError: the macro could not be rendered; with its file and line.
    """
    macro = incremental_macro(project.templates, node)
    assert macro is not None, node.unique_id
    config: Mapping[str, Any] = node.config
    arguments = {
        "target_relation": RelationValue(target, None, kind="table"),
        "temp_relation": RelationValue(delta, None, kind="table"),
        "unique_key": config.get("unique_key"),
        "dest_columns": [ColumnValue(column.name, column.type) for column in columns],
        "incremental_predicates": config.get("predicates") or config.get("incremental_predicates"),
    }
    scope = Scope(node.place.path, node.package, node.unique_id, node.name)
    names, wanted = WRITERS.get(_strategies(node)[-1], ((), ()))
    given = [arguments[key] for key in wanted] if macro.macro.name in names else [arguments]
    sql, _ = project.templates.call(macro.macro.name, scope, config, how, *given, package=macro.macro.package)
    return str(sql)
