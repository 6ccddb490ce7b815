"""Brings readers back to an older release: a swap of views, and nothing is built."""

from __future__ import annotations

from dryland.engines.protocol import Engine
from dryland.errors import UsageError
from dryland.project.project import Project
from dryland.release.at_rest import resting_in
from dryland.release.deliver_files import deliver_files
from dryland.release.hand_back import pointers_again, returned, to_hand_back
from dryland.release.provenance import provenance
from dryland.release.publish import Intent, publish
from dryland.state.records import Release
from dryland.state.store import State


def roll_back(
    engine: Engine, state: State, project: Project, environment: str, release_id: int | None, *, author: str = ""
) -> Release:  # fmt: skip
    """Bring readers back to an older release: the same swap, as a new release with the old pointers.

    Its `author` is whoever works with the project's files, unless told.

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
        resting=resting_in(state, wanted.id),
        author=author or provenance(project.root).author,
        git_commit=wanted.git_commit,
        message=f"back to release {wanted.id}",
        summary={"rolled_back_to": wanted.id, **returned(theirs)},
        returns={name: each.place for name, each in theirs.items()},
    )
    release = publish(engine, state, intent, store_schema=store_schema)
    deliver_files(engine, state, project, environment)
    return release


def _live_and_wanted(state: State, environment: str, release_id: int | None) -> tuple[Release, Release]:
    found = state.environment(environment)
    live = state.release(found.live_release) if found and found.live_release is not None else None
    if live is None:
        raise UsageError(f"`{environment}` has no release yet.", hint="dryland apply")
    if release_id is None:
        return live, before_live(state, live)
    if release_id == live.id:
        raise UsageError(f"release {release_id} is what `{environment}` shows now.", hint="dryland release list")
    wanted = state.release(release_id)
    if wanted is None or wanted.environment != environment or wanted.status != "superseded":
        raise UsageError(
            f"`{environment}` has no earlier release {release_id}.", hint=f"dryland release list -e {environment}"
        )
    return live, wanted


def before_live(state: State, live: Release) -> Release:
    """What readers saw before they saw what they see now; going back twice goes back twice.

    Each release knows the one that was live when it came. One that was itself a way back stands for the release
    that it went back to: after a bad release, a rollback and a good one, the way back is not to the bad one.
    """
    shown = _stands_for(state, live)
    before = state.release(shown.parent) if shown.parent is not None else None
    if before is None:
        raise UsageError(
            f"`{live.environment}` has no release before {shown.id}, or none that is kept.", hint="dryland release list"
        )
    return _stands_for(state, before)


def _stands_for(state: State, release: Release) -> Release:
    """The release whose rows these are: a rollback has none of its own, nor has handing back what was taken over."""
    while release.kind == "rollback":
        origin = state.release(int(str(release.summary.get("rolled_back_to") or release.summary["handed_back"])))
        if origin is not None and "handed_back" in release.summary:
            origin = state.release(origin.parent) if origin.parent is not None else None
        if origin is None:  # too old to be kept
            return release
        release = origin
    return release
