"""Makes observations of what a release brought to readers: from profiles, which were taken when it was built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from dryland.release.outcome import Outcome
from dryland.state.observed import Observation
from dryland.state.records import Build, Profile, StepRecord
from dryland.state.store import State
from dryland.watch.measured import Measured, merged

COST_SPAN = timedelta(hours=23)
"""A day in which builds cost: with a whole one, yesterday's would count again whenever today's is a bit sooner."""


def brought_by(outcome: Outcome, state: State) -> list[StepRecord]:
    """The steps whose builds readers see since this release; what was made for a preview came to readers just now."""
    if outcome.release is None:
        return []
    done = [step for step in outcome.steps if step.status == "done" and step.build_key]
    found = [step for step in done if step.node not in outcome.blocked]
    parent = outcome.release.parent
    if parent is None or all(step.action == "build" for step in found):
        return found
    before = state.marks(parent)
    return [
        step for step in found
        if step.action == "build" or step.node not in before or before[step.node].build_key != step.build_key
    ]  # fmt: skip


def observations_of(
    state: State, outcome: Outcome, steps: Iterable[StepRecord], measured: Mapping[str, Measured], *, verb: str,
    at: datetime,
) -> list[Observation]:  # fmt: skip
    """One for each of these steps of a release; `measured` is what was asked for besides."""
    steps = list(steps)
    keys = {step.build_key for step in steps}
    builds, profiles = state.builds(keys), state.profiles(keys)
    release = outcome.release
    was, spent = _columns_before(state, outcome, builds), state.built_since(at - COST_SPAN)
    return [
        Observation(
            outcome.environment, step.node, at,
            merged(
                {
                    **_body(step, builds[step.build_key], profiles[step.build_key], verb), **was.get(step.node, {}),
                    **({"cost_s": round(spent[step.node].seconds, 3)} if step.node in spent else {}),
                },
                measured.get(step.node),
            ),
            release.id if release else None, step.run_id, step.build_key,
        )
        for step in steps if step.build_key in builds and step.build_key in profiles
    ]  # fmt: skip


def _columns_before(state: State, outcome: Outcome, builds: Mapping[str, Build]) -> dict[str, dict[str, Any]]:
    """The columns that readers saw until this release, where they were others: a way back may lie in between."""
    if outcome.release is None or outcome.release.parent is None:
        return {}
    before = state.marks(outcome.release.parent)
    new = {step.node: dict(builds[step.build_key].columns) for step in outcome.steps if step.build_key in builds}
    old = state.builds({before[node].build_key for node in new if node in before})
    shown = {node: dict(old[before[node].build_key].columns) for node in new
             if node in before and before[node].build_key in old}  # fmt: skip
    return {node: {"was": {} if columns == new[node] else columns} for node, columns in shown.items()}


def _body(step: StepRecord, build: Build, profile: Profile, verb: str) -> dict[str, Any]:
    columns = {name: _column(kind, profile.columns.get(name, {}), profile.rows) for name, kind in build.columns}
    took = {"duration_s": round(step.duration_s, 3)} if step.action == "build" else {}
    return {"rows": profile.rows, "columns": columns, **took, "verb": verb}


def _column(kind: str, said: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """Nulls as a share: of a table that grows their number does, and says nothing."""
    rest: Iterable[tuple[str, Any]] = ((key, value) for key, value in said.items() if key != "nulls")
    nulls = said.get("nulls")
    return {"type": kind, **({} if nulls is None or not rows else {"nulls": round(int(nulls) / rows, 6)}), **dict(rest)}
