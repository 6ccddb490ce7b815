"""Creates, drops and rolls back environments: only pointers and views move, never data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dryland.check.offenders import kept_failures
from dryland.engines.protocol import Engine, Publication
from dryland.engines.relation import Relation
from dryland.errors import InTheWayError, UsageError
from dryland.plan.environment import published_relation
from dryland.project.nodes import Project
from dryland.release.environment_names import verify_name
from dryland.release.hand_back import held, pointers_again, returned, to_hand_back
from dryland.release.publish import Intent, publish
from dryland.state.records import Environment, Pointer, Release
from dryland.state.store import State


def create_environment(engine: Engine, state: State, project: Project, name: str, base: str) -> Environment:
    """Create `name` as a copy of `base`'s pointers: one view per node, no data.

    Raises:
        UsageError: the name is taken, or `base` does not exist.
        InTheWayError: somebody else's objects stand in its schemas.
    """
    verify_name(name)
    known = state.environment(name)
    if known is not None and known.live_release is not None:  # without a release it is one that a crash left half made
        hint = "choose another name." if name == project.settings.default_environment else f"dryland env drop {name}"
        raise UsageError(f"the environment `{name}` exists already.", hint=hint)
    before = pointers_of(state, base)
    if before is None:
        raise UsageError(f"there is no environment `{base}` to start from.", hint="dryland env list; dryland apply")
    state.create_environment(name, base)
    try:
        fill(engine, state, project, name, before)
    except InTheWayError:
        state.drop_environment(name)
        raise
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
    message: str = "",
) -> Release:
    """Point the existing environment `name` at these builds, under its own schemas."""
    settings = project.settings
    after = {}
    for node, pointer in pointers.items():
        relation = _relation(project, pointer, name)
        after[node] = replace(pointer, published=(relation.database, relation.schema, relation.name))
    intent = Intent(name, "env", after, pointers_of(state, name) or {}, message=message)
    return publish(engine, state, intent, store_schema=settings.store_schema)


def drop_environment(engine: Engine, state: State, project: Project, name: str) -> None:
    """Drop an environment's views, then what is remembered of it; builds stay until `gc`.

    What it took over becomes again what it was, for whoever made it.
    """
    if name == project.settings.default_environment:
        raise UsageError(f"`{name}` is the default environment and cannot be dropped.")
    if state.environment(name) is None:
        raise UsageError(f"there is no environment `{name}`.", hint="dryland env list")
    views = tuple(Relation(*pointer.published) for pointer in (pointers_of(state, name) or {}).values())
    returns = _held_in_store(engine, state, name, project.settings.store_schema)
    drops = tuple(view for view in views if view not in returns)
    engine.publish(Publication(name, "", {}, drops, returns=returns))
    _drop_kept_failures(engine, project, name)
    engine.forget(name)  # before the last word: a note of an environment that nobody knows would stop `gc`
    state.drop_environment(name)


def _held_in_store(engine: Engine, state: State, name: str, store_schema: str) -> dict[Relation, Relation]:
    """What an environment took over, but for what `gc` cleaned up together with releases too old to be kept."""
    places = {relation: each.place for relation, each in held(state, name, store_schema).items()}
    found = engine.list_relations({(place.database, place.schema) for place in places.values()})
    standing = {each.relation for each in found}
    return {relation: place for relation, place in places.items() if place in standing}


def _drop_kept_failures(engine: Engine, project: Project, name: str) -> None:
    """Rows that failed in an environment go with it: they may be somebody's data."""
    kept = {
        kept_failures(check, project, engine.database, name)
        for check in project.checks.values()
        if check.store_failures
    }
    found = engine.list_relations({(table.database, table.schema) for table in kept})
    with engine.session() as session:
        session.drop([(each.relation, each.kind) for each in found if each.relation in kept])


def roll_back(engine: Engine, state: State, project: Project, environment: str, release_id: int | None) -> Release:
    """Bring readers back to an older release: the same swap, as a new release with the old pointers.

    What others had while it was shown is handed back: tables are tables again, for whoever made them.

    Raises:
        UsageError: there is no such release, it was never live, or nothing to go back to.
        InTheWayError: somebody else's objects stand by now where it would be published.
    """
    store_schema = project.settings.store_schema
    live, wanted = _live_and_wanted(state, environment, release_id)
    theirs = to_hand_back(state, wanted, store_schema)
    intent = Intent(
        environment,
        "rollback",
        pointers_again(state, wanted, live, theirs.values(), store_schema),
        state.pointers(live.id),
        parent=live.id,
        git_commit=wanted.git_commit,
        message=f"back to release {wanted.id}",
        summary={"rolled_back_to": wanted.id, **returned(theirs)},
        returns={name: each.place for name, each in theirs.items()},
    )
    return publish(engine, state, intent, store_schema=store_schema)


def pointers_of(state: State, environment: str) -> dict[str, Pointer] | None:
    """The live pointers of an environment; None when it does not exist."""
    found = state.environment(environment)
    if found is None:
        return None
    return state.pointers(found.live_release) if found.live_release is not None else {}


def _live_and_wanted(state: State, environment: str, release_id: int | None) -> tuple[Release, Release]:
    found = state.environment(environment)
    live = state.release(found.live_release) if found and found.live_release is not None else None
    if live is None:
        raise UsageError(f"`{environment}` has no release yet.", hint="dryland apply")
    if release_id is None:
        return live, _before_live(state, environment, live.id)
    if release_id == live.id:
        raise UsageError(f"release {release_id} is what `{environment}` shows now.", hint="dryland release list")
    wanted = state.release(release_id)
    if wanted is None or wanted.environment != environment or wanted.status != "superseded":
        raise UsageError(
            f"`{environment}` has no earlier release {release_id}.", hint=f"dryland release list -e {environment}"
        )
    return live, wanted


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
