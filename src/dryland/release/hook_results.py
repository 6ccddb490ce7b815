"""Tells hooks after a run how each node and check ended: dbt's `results`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from dryland.project.project import Project
from dryland.release.adapter_answers import PLAIN, answer_to_build, answer_to_check
from dryland.release.outcome import Outcome
from dryland.state.records import StepRecord, Verdict

STATUSES: Mapping[str, str] = {"done": "success", "rejected": "success", "failed": "error", "blocked": "skipped"}
THREAD = "Thread-1 (worker)"


class Told(dict[str, Any]):
    """A value that templates ask by attribute, by key, or for its plain form."""

    def to_dict(self, omit_none: bool = False) -> dict[str, Any]:
        """Its plain form, in which moments are text."""
        return {key: _plain(value) for key, value in self.items() if not (omit_none and value is None)}


class Settings(Told):
    """A node's configuration, of which a key that is not set is nothing."""

    def __missing__(self, key: str) -> None:
        return None


def hook_results(project: Project, outcome: Outcome) -> list[Told]:
    """Nodes first, then checks, as dbt would tell of them."""
    graph = project.templates.graph()["nodes"] if project.templates.graph else {}
    began = outcome.steps[0].started_at if outcome.steps else datetime.now(UTC)
    steps = [_of_step(step, graph, project) for step in outcome.steps]
    verdicts = (_of_verdict(verdict, graph, project, began) for verdict in outcome.verdicts)
    return [*steps, *verdicts]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, Told):
        return value.to_dict()
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _of_step(step: StepRecord, graph: Mapping[str, Any], project: Project) -> Told:
    status = STATUSES[step.status]
    response: dict[str, Any] = {}
    if status == "success":
        node = project.nodes.get(step.node)
        response = answer_to_build(project.warehouse.type, node.materialized if node else "", step.rows)
        response |= {"_message": step.message} if step.message and response == PLAIN else {}
    message = response.get("_message", step.message)
    return _told(step.node, graph, status, message, step.started_at, step.duration_s, None, response)


def _of_verdict(verdict: Verdict, graph: Mapping[str, Any], project: Project, began: datetime) -> Told:
    check = project.checks.get(verdict.check)
    response = answer_to_check(project.warehouse.type) if verdict.status != "error" else {}
    message = verdict.message or None
    if check and verdict.status in ("warn", "fail"):
        limit = check.warn_if if verdict.status == "warn" else check.error_if
        results = f"{verdict.failures} result{'' if verdict.failures == 1 else 's'}"
        message = f"Got {results}, configured to {verdict.status} if {limit}"
    return _told(verdict.check, graph, verdict.status, message, began, verdict.duration_s, verdict.failures, response)


def _told(
    unique_id: str, graph: Mapping[str, Any], status: str, message: str | None, began: datetime, duration_s: float,
    failures: int | None, response: Mapping[str, Any],
) -> Told:  # fmt: skip
    known = graph.get(unique_id, {"unique_id": unique_id})
    node = Told({**known, "config": Settings(known.get("config", {}))})
    return Told(
        unique_id=unique_id, node=node, status=status, message=message,
        execution_time=duration_s, failures=failures, thread_id=THREAD, timing=_timing(began, duration_s),
        adapter_response=dict(response), batch_results=None,
    )  # fmt: skip


def _timing(began: datetime, duration_s: float) -> list[Told]:
    end = began + timedelta(seconds=duration_s)
    return [
        Told(name="compile", started_at=began, completed_at=began),
        Told(name="execute", started_at=began, completed_at=end),
    ]
