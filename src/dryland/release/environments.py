"""Creates, drops and rolls back environments: only pointers and views move, never data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dryland.engines.protocol import Engine, Publication
from dryland.engines.relation import Relation
from dryland.errors import UsageError
from dryland.plan.environment import published_relation
from dryland.project.nodes import Project
from dryland.release.adopt import taken_over
from dryland.release.publish import Intent, publish
from dryland.state.records import Environment, Pointer, Release
from dryland.state.store import State


def create_environment(engine: Engine, state: State, project: Project, name: str, base: str) -> Environment:
    """Create `name` as a copy of `base`'s pointers: one view per node, no data.

    Raises:
        UsageError: the name is taken, or `base` does not exist.
    """
    if state.environment(name) is not None:
        raise UsageError(f"the environment `{name}` exists already.", hint=f"dryland env drop {name}")
    before = pointers_of(state, base)
    if before is None:
        raise UsageError(f"there is no environment `{base}` to start from.", hint="dryland env list; dryland apply")
    state.create_environment(name, base)
    fill(engine, state, project, name, before, kind="env")
    created = state.environment(name)
    assert created is not None
    return created


def fill(
    engine: Engine,
    state: State,
    project: Project,
    name: str,
    pointers: Mapping[str, Pointer],
    *,
    kind: str = "env",
    message: str = "",
) -> Release:
    """Point the existing environment `name` at these builds, under its own schemas."""
    settings = project.settings
    after = {}
    for node, pointer in pointers.items():
        relation = _relation(project, pointer, name)
        after[node] = replace(pointer, published=(relation.database, relation.schema, relation.name))
    intent = Intent(name, kind, after, pointers_of(state, name) or {}, message=message)  # type: ignore[arg-type]
    return publish(engine, state, intent, store_schema=settings.store_schema)


def drop_environment(engine: Engine, state: State, project: Project, name: str) -> None:
    """Drop an environment's views, then what is remembered of it; builds stay until `gc`."""
    if name == project.settings.default_environment:
        raise UsageError(f"`{name}` is the default environment and cannot be dropped.")
    if state.environment(name) is None:
        raise UsageError(f"there is no environment `{name}`.", hint="dryland env list")
    views = tuple(Relation(*pointer.published) for pointer in (pointers_of(state, name) or {}).values())
    engine.publish(Publication(name, 0, {}, views))
    state.drop_environment(name)
    engine.forget(name)


def roll_back(engine: Engine, state: State, project: Project, environment: str, release_id: int | None) -> Release:
    """Bring readers back to an older release: the same swap, as a new release with the old pointers.

    What that release took over is handed back: tables are tables again, for whoever made them.

    Raises:
        UsageError: there is no such release, it was never live, or nothing to go back to.
    """
    wanted = _release_to_return_to(state, environment, release_id)
    live = state.environment(environment)
    intent = Intent(
        environment,
        "rollback",
        state.pointers(wanted.id),
        pointers_of(state, environment) or {},
        parent=live.live_release if live else None,
        git_commit=wanted.git_commit,
        message=f"back to release {wanted.id}",
        summary={"rolled_back_to": wanted.id},
        returns=taken_over(state, wanted, project.settings.store_schema) if wanted.kind == "adopt" else {},
    )
    return publish(engine, state, intent, store_schema=project.settings.store_schema)


def pointers_of(state: State, environment: str) -> dict[str, Pointer] | None:
    """The live pointers of an environment; None when it does not exist."""
    found = state.environment(environment)
    if found is None:
        return None
    return state.pointers(found.live_release) if found.live_release is not None else {}


def _release_to_return_to(state: State, environment: str, release_id: int | None) -> Release:
    found = state.environment(environment)
    if found is None or found.live_release is None:
        raise UsageError(f"`{environment}` has no release yet.", hint="dryland apply")
    if release_id is None:
        return _before_live(state, environment, found.live_release)
    if release_id == found.live_release:
        raise UsageError(f"release {release_id} is what `{environment}` shows now.", hint="dryland release list")
    release = state.release(release_id)
    if release is None or release.environment != environment or release.status != "superseded":
        raise UsageError(
            f"`{environment}` has no earlier release {release_id}.", hint=f"dryland release list -e {environment}"
        )
    return release


def _before_live(state: State, environment: str, live_id: int) -> Release:
    """The release before the live one; what a rollback went back to counts, so twice goes back twice."""
    releases = {release.id: release for release in state.releases(environment, limit=1000)}
    current = releases[live_id]
    while current.kind == "rollback":
        origin = current.summary.get("rolled_back_to") or current.summary["handed_back"]
        if int(str(origin)) not in releases:  # too old to be kept
            break
        current = releases[int(str(origin))]
    earlier = [
        release for release in releases.values()
        if release.id < current.id and release.status == "superseded" and release.kind != "rollback"
    ]  # fmt: skip
    if not earlier:
        raise UsageError(f"`{environment}` has no release before {current.id}.", hint="dryland release list")
    return max(earlier, key=lambda release: release.id)


def _relation(project: Project, pointer: Pointer, environment: str) -> Relation:
    node = project.nodes.get(pointer.node)
    prod = node.relation if node else Relation(*pointer.published)
    return published_relation(prod, environment, project.settings.default_environment)
