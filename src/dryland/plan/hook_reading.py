"""Says what a node reads through its hooks: what they refer to, and tables from which they fill its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sqlglot
from sqlglot import exp

from dryland.project.ephemeral import seen_through
from dryland.project.nodes import Node, Rendered
from dryland.project.project import Project
from dryland.sql.inputs import name_inputs
from dryland.sql.meaning import EXTERNAL, WHOLE, Meaning, Part

THIS = "this"
CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge)


def with_hooks(node: Node, meaning: Meaning, project: Project, dialect: str) -> Meaning:
    """The meaning of a node whose hooks may write anything that they read into any of its rows and columns."""
    hooks = (*node.pre_hooks, *node.post_hooks)
    named = seen_through([each for hook in hooks for each in hook.reads], project.nodes)
    inputs = frozenset((*named, *(each for hook in hooks for each in _outside(hook, dialect)))) - {node.unique_id}
    if not inputs:
        return meaning
    reads = frozenset((each, WHOLE) for each in inputs)

    def reading(part: Part) -> Part:
        return replace(part, reads=part.reads | reads)

    columns = {name: reading(part) for name, part in meaning.columns.items()} if meaning.columns is not None else None
    return replace(meaning, rows=reading(meaning.rows), columns=columns, inputs=meaning.inputs | inputs)


def _outside(hook: Rendered, dialect: str) -> Iterator[str]:
    """What is no node and no source, and stands in a statement that changes the node's table."""
    own = {exp.to_table(text, dialect=dialect) for text, meant in hook.relations.items() if meant == THIS}
    for tree in _statements(hook, dialect) if own else ():
        if isinstance(tree, CHANGES) and tree.this.find(exp.Table) in own:
            found = name_inputs(tree, hook.relations, dialect).ids.values()  # type: ignore[arg-type]
            yield from (each for each in found if each.startswith(EXTERNAL))


def _statements(hook: Rendered, dialect: str) -> list[exp.Expr | None]:
    if hook.needs_warehouse:
        return []  # it is written when its turn comes
    try:
        return list(sqlglot.parse(hook.sql, dialect=dialect))
    except sqlglot.errors.SqlglotError:
        return []
