"""Tells how each dataset stands in an environment: released, stale, and what checks said of what is live."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from dryland.digest import digest
from dryland.health.dataset import Standing
from dryland.project.nodes import Check
from dryland.project.project import Project
from dryland.state.records import Pointer, Verdict
from dryland.state.store import State


def standings(
    project: Project, state: State, pointers: Mapping[str, Pointer], hashes: Mapping[str, str]
) -> dict[str, Standing]:
    """By unique id, every node; before the first release nothing is called unreleased."""
    failing: dict[str, list[str]] = {}
    warned: dict[str, list[str]] = {}
    for check, verdict in live_verdicts(project, state, pointers, hashes):
        for node in {check.node} if check.node else check.refs:
            if verdict.status in ("fail", "error"):
                failing.setdefault(node, []).append(check.name)
            elif verdict.status == "warn":
                warned.setdefault(node, []).append(check.name)
    return {
        node: Standing(
            node in pointers or not pointers,
            tuple(failing.get(node, ())),
            tuple(warned.get(node, ())),
            pointers[node].stale_since if node in pointers else "",
        )
        for node in project.nodes
    }


def live_verdicts(
    project: Project, state: State, pointers: Mapping[str, Pointer], hashes: Mapping[str, str],
    only: Container[str] | None = None,
) -> Iterator[tuple[Check, Verdict]]:  # fmt: skip
    """What every check, or each of `only` these nodes, said last of what these pointers show; one query."""
    asked = {
        digest([hashes[uid], [pointers[ref].build_key for ref in check.refs]]): check
        for uid, check in project.checks.items()
        if check.refs
        and all(ref in pointers for ref in check.refs)
        and (only is None or any(ref in only for ref in check.refs))
    }
    for verdict_id, verdict in state.verdicts(asked).items():
        yield asked[verdict_id], verdict
