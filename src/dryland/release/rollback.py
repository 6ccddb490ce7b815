"""Brings readers back to an older release: a swap of views, and nothing is built."""

from __future__ import annotations

from dryland.engines.protocol import Engine
from dryland.errors import UsageError
from dryland.project.nodes import Project
from dryland.release.hand_back import pointers_again, returned, to_hand_back
from dryland.release.provenance import provenance
from dryland.release.publish import Intent, publish
from dryland.state.records import Release
from dryland.state.store import State


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
        author=provenance(project.root).author,
        git_commit=wanted.git_commit,
        message=f"back to release {wanted.id}",
        summary={"rolled_back_to": wanted.id, **returned(theirs)},
        returns={name: each.place for name, each in theirs.items()},
    )
    return publish(engine, state, intent, store_schema=store_schema)


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
