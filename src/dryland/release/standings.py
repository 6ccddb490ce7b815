"""Tells how each dataset stands in an environment: released, stale, and what checks said of what is live."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from dryland.health.dataset import Standing
from dryland.project.nodes import Check
from dryland.project.project import Project
from dryland.state.records import Pointer, Verdict, verdict_id
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
    only: Container[str] | None = None, said: Iterable[Verdict] = (),
) -> Iterator[tuple[Check, Verdict]]:  # fmt: skip
    """What every check, or each of `only` these nodes, said last of what these pointers show.

    One query; none for what is known to be `said`.
    """
    known = {verdict.id: verdict for verdict in said}
    asked = {
        verdict_id(hashes[uid], [pointers[ref].build_key for ref in check.refs]): check
        for uid, check in project.checks.items()
        if check.refs
        and all(ref in pointers for ref in check.refs)
        and (only is None or any(ref in only for ref in check.refs))
    }
    found = state.verdicts(asked.keys() - known.keys())
    for each, check in asked.items():
        if verdict := known.get(each) or found.get(each):
            yield check, verdict
