"""Tells which columns of a dataset came, went or changed their type since it was seen before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dryland.state.observed import Observation

BY_THE_TEAM = "apply"  # what a release of code changes was planned, and is in its plan


def schema_changes(history: Sequence[Observation]) -> tuple[str, ...]:
    """What changed with the last observation, as sentences; nothing where the team released it."""
    last = history[-1]
    before = next((each for each in reversed(history[:-1]) if each.body.get("columns")), None)
    if before is None or last.body.get("verb") == BY_THE_TEAM:
        return ()
    old, new = _types(before), _types(last)
    gone = [f"column {name} was removed" for name in old if name not in new]
    come = [f"column {name} ({kind}) was added" for name, kind in new.items() if name not in old]
    other = [
        f"column {name} was {old[name]} and is {kind}" for name, kind in new.items()
        if name in old and kind != old[name] and kind and old[name]
    ]  # fmt: skip
    return (*gone, *other, *come)


def _types(observation: Observation) -> dict[str, str]:
    columns: Mapping[str, Any] = observation.body.get("columns") or {}  # type: ignore[assignment]
    return {name: str(said.get("type") or "") for name, said in columns.items()}
