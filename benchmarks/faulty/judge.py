"""Lets one fault happen, and judges by what readers saw of it, and by what said no."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from dryland.errors import ContractError, DrylandError
from dryland.plan.plan import Plan
from dryland.platform import Platform
from dryland.release.outcome import Outcome
from dryland.state.records import Verdict
from faulty.fault import Fault
from faulty.stage import Content, Stage, content_of, opened, spoil_code, spoil_data

End = Literal["stopped", "in part", "absorbed", "not stopped"]
Reason = tuple[str, str]  # what kind of thing said no, and which


@dataclass(frozen=True, slots=True)
class Finding:
    """How one fault ended.

    `stopped`: something said no, and no reader saw a wrong row. `in part`: something said no, and some datasets were
    published with wrong rows all the same. `absorbed`: readers see what they would have seen without the fault.
    """

    fault: str
    end: End
    by: tuple[Reason, ...] = ()  # in the order of the project
    wrong: tuple[str, ...] = ()  # datasets that readers saw in a state that is neither the last good one nor right
    warned: tuple[str, ...] = ()  # checks that warned, and stopped nothing
    plan_said: str = ""  # of a fault in the code: whom the plan named before anything was built
    seconds: float = 0.0  # from the first look to the answer


def play(fault: Fault, stage: Stage) -> Finding:
    """Set the stage, let it go wrong, do what a team does, and compare what readers see."""
    refreshes = fault.refreshes if fault.edits else 1
    root = stage.set_for(has_arrived=refreshes > 0)
    spoil_data(root, fault.sql)
    for edit in fault.edits:
        spoil_code(root, edit)
    began = time.monotonic()
    found = Finding(fault.name, "absorbed")
    if fault.edits:
        found = _released(root, found)
    for _ in range(refreshes if not found.by else 0):
        found = _refreshed(root, found)
    seconds = time.monotonic() - began
    return judged(replace(found, seconds=seconds), stage.before, stage.fresh, content_of(root), refreshed=refreshes > 0)


def judged(found: Finding, before: Content, fresh: Content, after: Content, *, refreshed: bool) -> Finding:
    """How it ended, by what readers see: of each dataset the last good rows, the right new ones, or wrong ones."""
    right = fresh if refreshed else before
    names = sorted(before.keys() | after.keys())
    wrong = tuple(name for name in names if after.get(name) not in (before.get(name), right.get(name)))
    if found.by:
        return replace(found, end="in part" if wrong else "stopped", wrong=wrong)
    return replace(found, end="absorbed" if after == right else "not stopped", wrong=wrong)


def _released(root: Path, found: Finding) -> Finding:
    """`dryland plan`, then `dryland apply --yes`."""
    try:
        with opened(root) as platform:
            plan = platform.plan()
            found = replace(found, plan_said=announced(plan, platform))
            return _with(found, platform, plan, platform.apply(plan))
    except DrylandError as error:
        return replace(found, by=(_refusal(error),))


def _refreshed(root: Path, found: Finding) -> Finding:
    """`dryland freshness`, then `dryland run --yes`."""
    try:
        with opened(root) as platform:
            ages, _ = platform.freshness()
            old = tuple(("freshness", age.source.unique_id.partition(".")[2]) for age in ages if age.status == "error")
            plan = platform.plan(verb="run")
            found = _with(found, platform, plan, platform.apply(plan))
            return replace(found, by=(*old, *found.by))
    except DrylandError as error:
        return replace(found, by=(_refusal(error),))


def announced(plan: Plan, platform: Platform) -> str:
    """What a plan says of an edit: how grave it is, what it alters, and which exposures it hits."""
    edited = [change for change in plan.changes if change.change in ("changed", "removed", "added")]
    if not edited:
        return ""
    name_of = platform.project.name_of
    grave = "breaking" if any(change.category == "breaking" for change in edited) else edited[0].category
    more = f" and {len(edited) - 2} more" * (len(edited) > 2)
    names = ", ".join(name_of(change.node) for change in edited[:2]) + more
    exposures = sorted({name_of(each) for change in edited for each in change.exposures})
    return f"{grave or 'metadata'}: {names}" + f"; hits {', '.join(exposures)}" * bool(exposures)


def _with(found: Finding, platform: Platform, plan: Plan, outcome: Outcome) -> Finding:
    order = {node: at for at, node in enumerate(plan.targets)}
    verdicts = sorted(outcome.verdicts, key=lambda verdict: order.get(_node_of(verdict, platform), len(order)))
    failed = [_reason(each, platform) for each in verdicts if each.status in ("fail", "error")]
    warned = tuple(_reason(each, platform)[1] for each in verdicts if each.status == "warn")
    unbuilt = [
        (_of_build(step.message), f"{platform.project.name_of(step.node)}: {step.message}")
        for step in outcome.steps if step.status == "failed"
    ]  # fmt: skip
    whole = [("build error", outcome.error)] if outcome.error and not unbuilt else []
    return replace(found, by=(*unbuilt, *whole, *failed), warned=warned)


def _of_build(message: str) -> str:
    return "contract" if "does not keep its contract" in message else "build error"


def _node_of(verdict: Verdict, platform: Platform) -> str:
    """The node that a verdict is about; unit tests come before all of them."""
    check = platform.project.checks.get(verdict.check)
    return check.node or check.refs[-1] if check else verdict.check.partition(".")[2].partition(".")[2]


def _reason(verdict: Verdict, platform: Platform) -> Reason:
    check, test = platform.project.checks.get(verdict.check), platform.project.unit_tests.get(verdict.check)
    if test:
        return "unit test", test.name
    if check is None:
        return "emptied guard", f"of {platform.project.name_of(verdict.check.split('.', 2)[2])}"
    return "singular test" if check.kind == "singular" else f"{check.kind} check", check.name


def _refusal(error: DrylandError) -> Reason:
    return "contract" if isinstance(error, ContractError) else "plan error", error.message


def totals(findings: tuple[Finding, ...]) -> Mapping[End, int]:
    """How many ended in which way."""
    ends: tuple[End, ...] = ("stopped", "in part", "absorbed", "not stopped")
    return {end: sum(1 for finding in findings if finding.end == end) for end in ends}
