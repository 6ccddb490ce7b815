"""Finds what stands in an environment, in a release, or where a plan would lead: which build of each node."""

from __future__ import annotations

from collections.abc import Mapping

from dryland.errors import UsageError
from dryland.plan.plan import Plan
from dryland.state.store import State
from dryland.values import dataclass

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Standing:
    """A place, and the key of the build that each node has there."""

    label: str
    builds: Mapping[str, str]
    unbuilt: frozenset[str] = frozenset()  # nodes whose build a plan has yet to make

    def moved_from(self, before: Standing) -> frozenset[str]:
        """The nodes that stand there differently, or on one side only."""
        nodes = {*self.builds, *before.builds}
        return frozenset(node for node in nodes if self.builds.get(node) != before.builds.get(node))


def standing_in(state: State, place: str) -> Standing:
    """What stands in an environment, or in a release by its number; `nothing` has nothing.

    Raises:
        UsageError: there is no such environment or release.
    """
    if place == NOTHING:
        return Standing(NOTHING, {})
    if place.isdecimal():
        release = state.release(int(place))
        if release is None:
            raise UsageError(f"there is no release {place}.", hint="dryland release list")
        return Standing(f"release {release.id} of {release.environment}", _builds(state, release.id))
    found = state.environment(place)
    if found is None:
        names = ", ".join(sorted(state.environments())) or "none"
        raise UsageError(f"there is no environment `{place}`.", hint=f"there are: {names}.")
    return Standing(place, _builds(state, found.live_release) if found.live_release is not None else {})


def before_it(state: State, place: str) -> str:
    """The release before this one, or before an environment's live one; `nothing` before the first."""
    found = None if place.isdecimal() else state.environment(place)
    number = int(place) if place.isdecimal() else found.live_release if found else None
    release = state.release(number) if number is not None else None
    return str(release.parent) if release and release.parent is not None else NOTHING


def standing_before(state: State, plan: Plan) -> Standing:
    """What readers see where a plan would publish; nothing in an environment that it would make."""
    is_there = state.environment(plan.environment) is not None
    return standing_in(state, plan.environment) if is_there else Standing(plan.environment, {})


def standing_after(plan: Plan, before: Standing) -> Standing:
    """Where a plan would lead, as far as its builds are there already."""
    dropped = set(plan.nodes_to("drop"))
    builds = {node: key for node, key in before.builds.items() if node not in dropped}
    builds |= {step.node: step.key for step in plan.steps if step.action == "publish"}
    return Standing(f"the plan for {plan.environment}", builds, frozenset(plan.nodes_to("build")))


def _builds(state: State, release: int) -> dict[str, str]:
    return {node: pointer.build_key for node, pointer in state.pointers(release).items()}
