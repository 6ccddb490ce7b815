"""Drops what was kept of a refused release when a good one has answered it, also where a kill came in between."""

from __future__ import annotations

from dryland.engines.protocol import Engine
from dryland.project.project import Project
from dryland.release.environments import drop_environment
from dryland.release.publish import in_nobodys_hands, is_shown
from dryland.state.records import Environment, Release
from dryland.state.store import State
from dryland.state.work import REFUSED

BY_VERBS = ("apply", "run")  # a rollback answers nothing


def drop_answered(engine: Engine, state: State, project: Project) -> tuple[str, ...]:
    """Drop what a killed process had no time to drop, or to fill; return the names. What others are at is left."""
    dropped = []
    for name in _answered(state):
        with in_nobodys_hands(state, name) as is_left:
            if is_left and name in _answered(state) and is_shown(engine.published(), state, _refused_by(name)):
                drop_environment(engine, state, project, name)
                dropped.append(name)
    return tuple(dropped)


def _answered(state: State) -> tuple[str, ...]:
    kept = (each for each in state.environments().values() if each.purpose == "refused")
    return tuple(each.name for each in kept if each.live_release is None or _has_answer(state, each, each.live_release))


def _refused_by(kept: str) -> str:
    """The environment whose release it was."""
    return kept.removesuffix(REFUSED)


def _has_answer(state: State, kept: Environment, shown: int) -> bool:
    newest_first = state.releases(_refused_by(kept.name), limit=1_000_000)
    return any(each.id > shown and _is_good(state, each) for each in newest_first)


def _is_good(state: State, release: Release) -> bool:
    """Whether everything in it was let through."""
    if release.kind not in BY_VERBS or release.status not in ("live", "superseded"):
        return False
    return not any(pointer.stale_since for pointer in state.pointers(release.id).values())
