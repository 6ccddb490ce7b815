"""Says what a person should know of a plan besides its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dryland.plan.plan import Step, Target
from dryland.plan.request import Deployed, PlanRequest
from dryland.project.nodes import Project
from dryland.sql.meaning import Meaning

NAMED = 5  # names in one sentence before "and n more"


def notes_on(
    project: Project,
    meanings: Mapping[str, Meaning],
    deployed: Deployed,
    targets: Mapping[str, Target],
    steps: Iterable[Step],
    request: PlanRequest,
) -> tuple[str, ...]:
    """Sentences, most important first; each only about nodes that the plan touches."""
    building = [step.node for step in steps if step.action == "build"]
    said = [
        _unreleased(project, meanings, deployed, targets, request),
        _incremental(project, deployed, building, request),
        _live_views(project, targets, building),
        *_opaque(project, targets, building),
        _external(targets, building),
    ]
    return tuple(note for note in said if note)


def _unreleased(
    project: Project,
    meanings: Mapping[str, Meaning],
    deployed: Deployed,
    targets: Mapping[str, Target],
    request: PlanRequest,
) -> str:
    if request.verb != "run":
        return ""
    changed = [
        node for node in meanings
        if node not in deployed.pointers or targets[node].code != deployed.pointers[node].code
    ]  # fmt: skip
    if not changed:
        return ""
    return f"{_names(project, changed)} differ from what is released and are not refreshed; `dryland apply` releases them"


def _incremental(project: Project, deployed: Deployed, building: list[str], request: PlanRequest) -> str:
    if request.verb != "apply" or request.full_refresh:
        return ""
    kept = [n for n in building if project.nodes[n].materialized == "incremental" and n in deployed.pointers]
    if not kept:
        return ""
    return f"existing rows of {_names(project, kept)} keep the old logic; --full-refresh rebuilds them"


def _live_views(project: Project, targets: Mapping[str, Target], building: list[str]) -> str:
    if project.settings.views_over_sources == "pinned":
        return ""
    live = [
        node for node in building
        if project.nodes[node].materialized == "view" and any(i not in project.nodes for i in targets[node].meaning.inputs)
    ]  # fmt: skip
    if not live:
        return ""
    return (
        f"{_names(project, live)} are live views over sources: their readers see rows as they arrive, before any check; "
        "`views_over_sources: pinned` in dryland.yml gates them"
    )


def _opaque(project: Project, targets: Mapping[str, Target], building: list[str]) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for node in building:
        meaning = targets[node].meaning
        if meaning.columns is None and project.nodes[node].language == "sql":
            reasons.setdefault(meaning.reason, []).append(node)
    return [f"{_names(project, nodes)} count as a whole ({reason})" for reason, nodes in reasons.items()]


def _external(targets: Mapping[str, Target], building: list[str]) -> str:
    outside = {
        unique_id.split(":", 1)[1] for node in building for unique_id in targets[node].meaning.inputs
        if unique_id.startswith("external:")
    }  # fmt: skip
    if not outside:
        return ""
    return f"{', '.join(sorted(outside)[:NAMED])} are read without being declared as sources: every run rebuilds their readers"


def _names(project: Project, nodes: list[str]) -> str:
    shown = ", ".join(project.name_of(node) for node in nodes[:NAMED])
    return f"{shown} and {len(nodes) - NAMED} more" if len(nodes) > NAMED else shown
