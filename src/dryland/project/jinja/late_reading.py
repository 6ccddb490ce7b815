"""Lists what a template may read besides its code when it is rendered late: variables, settings, the project."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from dryland.project.jinja.world import World

READS_CONFIG = frozenset({"get", "meta_get", "require"})
UNREAD = frozenset(
    "access alias database docs enabled full_refresh group meta persist_docs post-hook pre-hook schema tags".split()
)
"""Configuration that shapes no table unless a template asks for it by its name."""
WORD = re.compile(r"[A-Za-z_]\w*")


def may_be_read(
    names: frozenset[str], world: World, config: Mapping[str, Any], graph_hash: Callable[[], str]
) -> list[object]:
    """What may decide how the template comes out; `names` are those in its code and in the macros that it reaches.

    The environment counts by the names that stand there, configuration when it is asked for, the project's graph
    when it is looked at: then anything in the project may be meant.
    """
    target = {key: value for key, value in world.target.items() if key != "threads"}
    variables = [world.variables, world.package_variables, world.given_variables]
    found: list[object] = [*variables, target]
    if world.dispatch:
        found.append(world.dispatch)
    in_variables = repr(variables)
    if "env_var" in names or "env_var" in in_variables:
        words = {name for name in names if WORD.fullmatch(name)} | set(WORD.findall(in_variables))
        found.append(world.environment.told_of(words))
    if "model" in names or ("config" in names and names & READS_CONFIG):
        asks_meta = "meta_get" in names
        told = {key: value for key, value in config.items() if key not in UNREAD or key in names}
        found.append({**told, "meta": config.get("meta")} if asks_meta else told)
    if "graph" in names:
        found.append(graph_hash())
    return found


def hash_of_graph(graph: Mapping[str, Any]) -> str:
    """Hash of all that the project's graph tells, without the moments at which it was made."""
    return hashlib.blake2b(repr(_lasting(graph)).encode(), digest_size=8).hexdigest()


def _lasting(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _lasting(each) for key, each in value.items() if key != "created_at"}
    return [_lasting(each) for each in value] if isinstance(value, list | tuple) else value
