"""Collects garbage: builds that no environment and no kept release needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dryland.engines.protocol import Engine
from dryland.engines.relation import Found
from dryland.errors import UsageError
from dryland.project.project import Settings
from dryland.release.publish import is_shown
from dryland.state.store import State

KEY_LENGTH = 16
RUNS_KEPT = 1_000  # with their steps: some months of a project that is refreshed each hour


@dataclass(frozen=True, slots=True)
class Garbage:
    """What was, or would be, dropped."""

    relations: tuple[str, ...] = ()
    releases: tuple[int, ...] = ()


def collect_garbage(
    engine: Engine, state: State, settings: Settings, *, dry_run: bool = False, removed: bool = False
) -> Garbage:  # fmt: skip
    """Forget releases beyond retention, then drop every store relation whose build nobody needs.

    A build is needed when a live environment or a kept release points to it, or when a needed view reads it.
    So are the last rows of what grew and left the project, unless `removed` says that it will not come back.
    What stands in the store without being remembered (a killed run's) is dropped too. Never runs beside a build:
    the caller holds the warehouse.

    Raises:
        UsageError: the warehouse shows a release that this metadata does not know as the live one.
    """
    _verify_known(engine, state)
    old = tuple(
        release
        for environment in state.environments()
        for release in state.beyond_retention(environment, settings.releases_kept)
    )
    needed = state.live_build_keys(without=old, rests=not removed)
    store = engine.list_relations([(engine.database, settings.store_schema)])
    builds = {build.relation: key for key, build in state.all_builds().items()}
    useless = [found for found in store if _is_build(found) and not _is_needed(found, builds, needed)]
    if not dry_run:
        state.delete_releases(old)
        _sweep(engine, store, useless)
        _forget(state, needed)
    return Garbage(tuple(sorted(found.relation.name for found in useless)), old)


def _sweep(engine: Engine, store: Iterable[Found], useless: list[Found]) -> None:
    """Drop what is useless, and files that no relation of the store reads any more."""
    with engine.session() as session:
        session.drop([(found.relation, found.kind) for found in _views_first(useless)])
    engine.sweep_files({found.relation.name for found in store} - {found.relation.name for found in useless})


def _forget(state: State, needed: set[str]) -> None:
    state.forget_runs(RUNS_KEPT)
    state.forget_builds([key for key in state.all_builds() if key not in needed])
    state.forget_old_verdicts()


def _verify_known(engine: Engine, state: State) -> None:
    """Whoever does not know what readers see must not clean up behind them."""
    notes = engine.published()
    for environment, note in notes.items():
        if not note:
            continue  # killed while the environment was dropped: its views are gone already
        if state.environment(environment) is None or not is_shown(notes, state, environment):
            raise UsageError(
                f"the warehouse shows release {note.partition('-')[0]} of {environment}, "
                "which this metadata does not know.",
                hint="bring the metadata back (dryland state load FILE), or release anew (dryland apply).",
            )


def _is_build(found: Found) -> bool:
    name, separator, key = found.relation.name.rpartition("__")
    return bool(name and separator) and len(key) == KEY_LENGTH and all(letter in "0123456789abcdef" for letter in key)


def _is_needed(found: Found, builds: dict[str, str], needed: set[str]) -> bool:
    return builds.get(found.relation.name, "") in needed


def _views_first(found: list[Found]) -> list[Found]:
    return sorted(found, key=lambda each: each.kind != "view")
