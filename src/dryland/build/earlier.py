"""Finds what was measured of the builds that came before: checks of volume and drift compare with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dryland.check.kinds.catalogue import kind_of
from dryland.project.nodes import Check
from dryland.state.records import Profile
from dryland.state.store import State

Earlier = Mapping[str, Mapping[str, Profile]]  # unique id -> key -> profile, the last one shown first


def earlier_profiles(checks: Iterable[Check], state: State, environment: str, default: str) -> Earlier:
    """What an environment has shown of the nodes whose checks compare with that; else what the default one has."""
    nodes = {check.node for check in checks if (kind := kind_of(check)) and kind.uses_history}
    found = state.released_profiles(environment, nodes) if nodes else {}
    rest = nodes - found.keys()
    return {**(state.released_profiles(default, rest) if rest and environment != default else {}), **found}


def before(earlier: Earlier, keys: Mapping[str, str]) -> Mapping[str, tuple[Profile, ...]]:
    """The profiles of each node without that of the build that is looked at."""
    return {
        node: tuple(profile for key, profile in profiles.items() if key != keys.get(node))
        for node, profiles in earlier.items()
    }
