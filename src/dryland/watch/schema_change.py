"""Tells which columns of a dataset came, went or changed their type since it was seen before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from dryland.state.observed import Observation

BY_THE_TEAM = "apply"  # what a release of code changes was planned, and is in its plan


def schema_changes(history: Sequence[Observation], known: Mapping[str, str] = MappingProxyType({})) -> tuple[str, ...]:
    """What changed with the last observation, as sentences; nothing where the team released it.

    `known` are the columns that were there before, as `types_of` gives them.
    """
    last = history[-1]
    was: Mapping[str, str] | None = last.body.get("was")  # type: ignore[assignment]
    before = next((types_of(each) for each in reversed(history[:-1]) if each.body.get("columns")), known)
    before = before if was is None else was
    if not before or last.body.get("verb") == BY_THE_TEAM:
        return ()
    new = types_of(last)
    gone = [f"column {name} was removed" for name in before if name not in new]
    come = [f"column {name} ({kind}) was added" for name, kind in new.items() if name not in before]
    other = [
        f"column {name} was {before[name]} and is {kind}" for name, kind in new.items()
        if name in before and kind != before[name] and kind and before[name]
    ]  # fmt: skip
    return (*gone, *other, *come)


def types_of(observation: Observation) -> dict[str, str]:
    """The columns of a dataset, with their types."""
    columns: Mapping[str, Any] = observation.body.get("columns") or {}  # type: ignore[assignment]
    return {name: str(said.get("type") or "") for name, said in columns.items()}
