"""Finds the macro that a project writes for an incremental strategy of its own, and asks it for its SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dryland.engines.relation import Column, Relation
from dryland.project.drafts import Draft
from dryland.project.jinja.adapters import column_class
from dryland.project.jinja.macro import BUILT_IN
from dryland.project.jinja.macros import MacroCall
from dryland.project.jinja.relation import RelationValue
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Pass
from dryland.project.nodes import Node
from dryland.project.project import Project

ROWS = ("target_relation", "temp_relation")
KEYED = (*ROWS, "unique_key", "dest_columns", "incremental_predicates")
Writer = tuple[str, tuple[str, ...]]  # a macro, and the names of its arguments
APPENDING: Writer = ("get_insert_into_sql", (*ROWS, "dest_columns"))
DELETING: Writer = ("get_delete_insert_merge_sql", KEYED)
MERGING: Writer = ("get_merge_sql", KEYED)
WRITERS: Mapping[str, Mapping[str, tuple[Writer, bool]]] = {
    "duckdb": {
        "append": (APPENDING, False),
        "delete_insert": (DELETING, True),
        "merge": (("duckdb__get_merge_sql", KEYED), False),  # which dbt-duckdb calls by this very name
    },
    "postgres": {"append": (APPENDING, False), "delete_insert": (DELETING, True), "merge": (MERGING, True)},
}
"""What the strategies of dbt's adapters call to write their statements: a project may have its version.

Of those that are dispatched, in any form that dispatch finds.
"""

DEFAULTS: Mapping[str, tuple[str, str]] = {
    "duckdb": ("delete_insert", "delete_insert"), "postgres": ("append", "delete_insert"),
}  # fmt: skip
"""What the adapters do when nobody says: without a unique key, and with one."""

BATCHED: Mapping[str, str] = {"postgres": "merge"}  # what does the work of `microbatch`, where that is another strategy


def incremental_macro(templates: Templates | None, node: Node) -> MacroCall | None:
    """The project's `get_incremental_<strategy>_sql`; one of the name of a built-in strategy takes its place."""
    return _found(templates, node) if templates and node.strategy_hash else None


def strategy_hash(draft: Draft, materialized: str, templates: Templates) -> str:
    """Hash of that macro's code, and of all that it may read; empty when there is none."""
    found = _found(templates, draft) if materialized == "incremental" else None
    return templates.late_hash("{{ " + found.macro.name + "() }}", draft.config) if found else ""


def macro_name(node: Node | Draft) -> str:
    """What dbt calls the macro of a node's strategy."""
    return f"get_incremental_{_strategy(node)}_sql"


def _strategy(node: Node | Draft) -> str:
    """The strategy by the name it has in macros."""
    return str(node.config.get("incremental_strategy") or "default").replace("+", "_")


def _strategies(node: Node | Draft, adapter: str) -> tuple[str, ...]:
    """The strategy, and by what it is done: the usual one and the batches of dbt's adapters are one of the others."""
    strategy = _strategy(node)
    if strategy == "default":
        return ("default", DEFAULTS[adapter][bool(node.config.get("unique_key"))])
    return (strategy, BATCHED[adapter]) if strategy == "microbatch" and adapter in BATCHED else (strategy,)


def _found(templates: Templates, node: Node | Draft) -> MacroCall | None:
    strategies = _strategies(node, templates.macros.adapter)
    called = [form for each in strategies for form in templates.macros.forms(f"get_incremental_{each}_sql")]
    for name in (*called, *_writers(templates, strategies[-1])):
        for package in (node.package, ""):
            found = templates.macros.find(name, package)
            if found is not None and found.macro.package != BUILT_IN:
                return found
    return None


def _writers(templates: Templates, strategy: str) -> Mapping[str, tuple[str, ...]]:
    """The macros that write a built-in strategy's statements, with the names of their arguments."""
    known = WRITERS.get(templates.macros.adapter, {})
    if strategy not in known:
        return {}
    (name, arguments), is_dispatched = known[strategy]
    return dict.fromkeys(templates.macros.forms(name) if is_dispatched else (name,), arguments)


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
        "dest_columns": [column_class(project.warehouse.type).found(each.name, each.type) for each in columns],
        "incremental_predicates": config.get("predicates") or config.get("incremental_predicates"),
    }
    scope = Scope(node.place.path, node.package, node.unique_id, node.name)
    writers = _writers(project.templates, _strategies(node, project.templates.macros.adapter)[-1])
    wanted = writers.get(macro.macro.name)
    given = [arguments[key] for key in wanted] if wanted else [arguments]
    sql, _ = project.templates.call(macro.macro.name, scope, config, how, *given, package=macro.macro.package)
    return str(sql)
