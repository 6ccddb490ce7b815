"""Publishes: writes down what is meant, swaps all views in one transaction, writes down that it is done.

The warehouse notes the release in the same transaction that swaps the views, so after a crash it knows which
release readers see, and `recover` brings the metadata in line with it.
"""

from __future__ import annotations

import getpass
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from dryland.engines.protocol import Engine, Publication
from dryland.engines.relation import Relation
from dryland.release.pointers import publication
from dryland.state.records import Definition, Pointer, Release, ReleaseKind
from dryland.state.store import State


@dataclass(frozen=True, slots=True)
class Intent:
    """What a release is to be."""

    environment: str
    kind: ReleaseKind
    after: Mapping[str, Pointer]
    before: Mapping[str, Pointer]
    definitions: Iterable[Definition] = ()
    parent: int | None = None
    author: str = ""
    git_commit: str = ""
    message: str = ""
    run_id: int | None = None
    summary: Mapping[str, object] = field(default_factory=dict)
    again: frozenset[str] = frozenset()  # views to make again although nothing about them changed
    moves: Mapping[Relation, Relation] = field(default_factory=dict)  # taken over: name -> place in the store
    returns: Mapping[Relation, Relation] = field(default_factory=dict)  # handed back: name -> place in the store


def publish(engine: Engine, state: State, intent: Intent, *, store_schema: str) -> Release:
    """Make `intent` what readers see. Killed at any line, readers see all of it or none."""
    builds = state.builds({pointer.build_key for pointer in intent.after.values()})
    release = state.begin_release(
        intent.environment,
        intent.kind,
        list(intent.after.values()),
        list(intent.definitions),
        parent=intent.parent,
        author=intent.author,
        git_commit=intent.git_commit,
        message=intent.message,
        run_id=intent.run_id,
        summary=intent.summary,
    )
    swap = publication(
        intent.environment, release.id, intent.after, intent.before, builds,
        store_schema=store_schema, again=intent.again,
    )  # fmt: skip
    try:
        engine.publish(_with_moves(swap, intent))
    except BaseException:
        if engine.published().get(intent.environment) != release.id:
            state.abandon_release(release.id)
        raise
    return state.complete_release(release.id)


def recover(engine: Engine, state: State) -> tuple[Release, ...]:
    """Finish or drop what a killed process left between its intent and its last word; return what was finished."""
    unfinished = state.unfinished_releases()
    if not unfinished:
        return ()
    seen = engine.published()
    finished = []
    for release in unfinished:
        if seen.get(release.environment) == release.id:
            finished.append(state.complete_release(release.id))
        else:
            state.abandon_release(release.id)
    return tuple(finished)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who released, from which commit."""

    author: str
    git_commit: str


def provenance(root: Path) -> Provenance:
    """The git commit and author of the project at `root`; the system user where there is no repository."""
    text = _git(root, "log", "-1", "--format=%H%n%an") or ""
    commit, _, author = text.partition("\n")
    if commit and _git(root, "status", "--porcelain", "--untracked-files=no", "."):
        commit += "+changes"
    return Provenance(_git(root, "config", "user.name") or author or _user(), commit)


def _git(root: Path, *arguments: str) -> str:
    try:
        answer = subprocess.run(  # noqa: S603
            ["git", "-C", str(root), *arguments],  # noqa: S607
            capture_output=True, text=True, timeout=10, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _with_moves(swap: Publication, intent: Intent) -> Publication:
    views = {name: store for name, store in swap.views.items() if name not in intent.returns}
    drops = tuple(name for name in swap.drops if name not in intent.returns)
    return replace(swap, views=views, drops=drops, moves=intent.moves, returns=intent.returns)
