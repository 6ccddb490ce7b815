"""Makes run_results.json: how every node and check ended, in dbt's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dryland.artifacts.invocation import Invocation, moment
from dryland.state.records import StepRecord, Verdict

if TYPE_CHECKING:
    from dryland.artifacts.compiled import Compiler
    from dryland.plan.plan import Plan
    from dryland.release.outcome import Outcome

SCHEMA = "run-results/v6"
ENDED = {"done": "success", "rejected": "success", "failed": "error"}  # anything else was not begun
THREAD = "main"
SAID_OF_NODES = ("resource_type", "compiled", "compiled_code", "relation_name")  # from the manifest

Nodes = Mapping[str, Mapping[str, Any]]


def run_results(
    results: Iterable[Mapping[str, Any]], invocation: Invocation, *, elapsed_s: float, args: Mapping[str, Any]
) -> dict[str, Any]:
    """The whole file, from `of_outcome` or `of_verdicts`."""
    return {
        "metadata": invocation.metadata(SCHEMA),
        "results": list(results),
        "elapsed_time": elapsed_s,
        "args": {"which": invocation.verb, "invocation_command": f"dryland {invocation.verb}", "vars": {}, **args},
    }


def of_outcome(plan: Plan, outcome: Outcome, nodes: Nodes, began: datetime) -> Iterator[dict[str, Any]]:
    """How each node of a plan ended, then each check; a node that was there already is a success that says so.

    `nodes` are the manifest's.
    """
    records = {step.node: step for step in outcome.steps}
    for step in plan.steps:
        if step.action in ("build", "reuse") and step.node in nodes:
            yield _of_node(records.get(step.node), step.node, nodes[step.node], outcome, began)
    yield from of_verdicts(outcome.verdicts, nodes, began)
    asked = {verdict.check for verdict in outcome.verdicts}
    for unasked in (uid for uid in plan.checks if uid not in asked and uid in nodes):
        yield _result(unasked, nodes[unasked], "skipped", "what it looks at was not built", began, 0.0)


def of_verdicts(verdicts: Iterable[Verdict], nodes: Nodes, began: datetime) -> Iterator[dict[str, Any]]:
    """What each check said."""
    for verdict in verdicts:
        node = nodes.get(verdict.check, {})
        yield _result(
            verdict.check, node, verdict.status, _said(verdict), verdict.at or began, verdict.duration_s,
            failures=verdict.failures,
        )  # fmt: skip


def checked(compiler: Compiler, unique_id: str) -> dict[str, Any]:
    """What a result says of a check besides its verdict, without the whole manifest."""
    check = compiler.project.checks.get(unique_id)
    if check is None:
        return {"resource_type": "unit_test"}
    code = compiler.check(check)
    return {"resource_type": "test", "compiled": code is not None, "compiled_code": code}


def _of_node(
    record: StepRecord | None, unique_id: str, node: Mapping[str, Any], outcome: Outcome, began: datetime
) -> dict[str, Any]:
    if record is None:
        stopped = unique_id in outcome.blocked
        status, message = ("skipped", outcome.blocked[unique_id]) if stopped else ("success", "reused")
        return _result(unique_id, node, status, message, began, 0.0)
    status = ENDED.get(record.status, "skipped")
    message = record.message
    if status == "success":
        message = "reused" if record.action == "reuse" else "built"
        message += f" ({record.rows} rows)" if record.rows is not None else ""
    response = {"_message": message, "rows_affected": record.rows} if record.rows is not None else {"_message": message}
    return _result(unique_id, node, status, message, record.started_at, record.duration_s, response=response)


def _said(verdict: Verdict) -> str | None:
    if verdict.status == "pass":
        return "reused" if verdict.cached else None
    return verdict.message or f"{verdict.failures} failures"


def _result(
    unique_id: str, node: Mapping[str, Any], status: str, message: str | None, began: datetime, duration_s: float, *,
    failures: int | None = None, response: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    start, end = moment(began), moment(began + timedelta(seconds=duration_s))
    is_compilable = node.get("resource_type") not in ("seed", None)
    return {
        "status": status,
        "timing": [
            {"name": "compile", "started_at": start, "completed_at": start},
            {"name": "execute", "started_at": start, "completed_at": end},
        ],
        "thread_id": THREAD,
        "execution_time": duration_s,
        "adapter_response": dict(response or {}),
        "message": message,
        "failures": failures,
        "unique_id": unique_id,
        "compiled": bool(node.get("compiled")) if is_compilable else None,
        "compiled_code": node.get("compiled_code") if is_compilable else None,
        "relation_name": node.get("relation_name") if is_compilable else None,
        "batch_results": None,
    }
