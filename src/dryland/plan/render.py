"""Renders a plan for machines, as a tree for people, and its SQL changes as a diff."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any, get_args

from dryland.plan.plan import Change, ChangeKind, Plan
from dryland.project.nodes import Project


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of a tree: what is said, of which kind it is (for colours), and what hangs below."""

    text: str
    kind: str = ""
    below: tuple[Branch, ...] = ()


def as_json(plan: Plan, project: Project) -> dict[str, Any]:
    """The plan as JSON; the keys are stable. Nothing to do: no step whose action is `build` or `publish`."""
    return {
        "project": project.name,
        "environment": plan.environment,
        "verb": plan.verb,
        "changes": [_change(change) for change in plan.changes],
        "steps": [
            {
                "node": step.node,
                "action": step.action,
                "reason": step.reason,
                "key": step.key,
                "relation": str(step.relation) if step.relation else None,
            }
            for step in plan.steps
        ],
        "checks": list(plan.checks),
        "in_the_way": [str(relation) for relation in plan.in_the_way],
        "notes": list(plan.notes),
    }


def as_tree(plan: Plan, project: Project) -> Branch:
    """The plan as a tree: changes by kind, whom each hits, and what would be done."""
    kinds = [
        Branch(kind, kind, tuple(_branch(change, project) for change in plan.changes if change.change == kind))
        for kind in get_args(ChangeKind)
    ]
    todo = [_todo(plan, project, action) for action in ("build", "publish", "drop")]
    notes = Branch("notes", "note", tuple(Branch(note, "note") for note in plan.notes))
    below = tuple(branch for branch in (*kinds, *todo, notes) if branch.below)
    return Branch(f"{plan.verb} to {plan.environment}", plan.verb, below)


def sql_diff(change: Change, context: int = 3) -> str:
    """A unified diff of the compiled SQL before and after."""
    lines = difflib.unified_diff(
        change.sql_before.splitlines(), change.sql_after.splitlines(), "released", "this plan", lineterm="", n=context
    )
    return "\n".join(lines)


def _change(change: Change) -> dict[str, Any]:
    return {
        "node": change.node,
        "change": change.change,
        "category": change.category or None,
        "reason": change.reason,
        "columns_added": list(change.columns_added),
        "columns_removed": list(change.columns_removed),
        "columns_altered": list(change.columns_altered),
        "rows_altered": change.rows_altered,
        "readers": list(change.readers),
        "reader_columns": {node: list(columns) for node, columns in change.reader_columns.items()},
        "exposures": list(change.exposures),
    }


def _branch(change: Change, project: Project) -> Branch:
    columns = [
        Branch(f"{word} {', '.join(names)}", "column")
        for word, names in (
            ("adds", change.columns_added),
            ("removes", change.columns_removed),
            ("alters", change.columns_altered),
        )
        if names
    ]
    rows = [Branch("alters which rows there are", "rows")] if change.rows_altered else []
    readers = [
        Branch(f"hits {project.name_of(reader)}: {', '.join(names)}", "reader")
        for reader, names in change.reader_columns.items()
    ]
    exposures = [Branch(f"hits exposure {project.name_of(each)}", "exposure") for each in change.exposures]
    kind = change.category or change.change
    said = [project.name_of(change.node), change.category.replace("_", "-"), change.reason]
    return Branch("  ".join(word for word in said if word), kind, (*columns, *rows, *readers, *exposures))


def _todo(plan: Plan, project: Project, action: str) -> Branch:
    steps = [step for step in plan.steps if step.action == action]
    below = tuple(Branch(f"{project.name_of(step.node)}: {step.reason}", action) for step in steps)
    return Branch(f"will {action}", action, below)
