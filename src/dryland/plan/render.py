"""Renders a plan as JSON, and its changes of SQL as a diff."""

from __future__ import annotations

import difflib
from typing import Any

from dryland.plan.plan import Change, Plan
from dryland.project.project import Project
from dryland.project.untranslated import as_json as untranslated_json


def as_json(plan: Plan, project: Project) -> dict[str, Any]:
    """The plan as JSON; the keys are stable. Nothing to do: every step's action is `reuse`."""
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
        "torn": list(plan.torn),
        "event_time": {"start": plan.window.start.isoformat(), "end": plan.window.end.isoformat()}
        if plan.window
        else None,
        "untranslated": untranslated_json(plan.untranslated),
        "notes": list(plan.notes),
    }


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
        "others": list(change.others),
        "name_before": change.name_before or None,
        "name_after": change.name_after or None,
    }
