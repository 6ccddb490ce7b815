"""Computes where an environment will point, and which views that swaps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from dryland.engines.publication import Comments, Grants, Publication
from dryland.engines.relation import Relation
from dryland.plan.plan import Plan
from dryland.state.records import Build, Pointer

if TYPE_CHECKING:
    from dryland.build.execute import Candidates
    from dryland.release.gate import Decision

NOTHING_SAID: Mapping[str, Comments] = {}
NOTHING_GRANTED: Mapping[str, Grants] = {}


def next_pointers(
    plan: Plan, decision: Decision, candidates: Candidates, before: Mapping[str, Pointer], *, now: str
) -> dict[str, Pointer]:
    """The environment after this plan: published nodes move, dropped ones go, blocked ones are marked stale."""
    dropped = frozenset(plan.nodes_to("drop"))
    after = {node: pointer for node, pointer in before.items() if node not in dropped}
    published = {step.node: step.relation for step in plan.steps if step.action == "publish"}
    for node in published.keys() & decision.publish:
        target, relation = plan.targets[node], published[node]
        assert relation is not None, f"publish step of {node} has no relation"
        candidate = candidates.builds.get(node)
        key = candidate.build.key if candidate else before[node].build_key
        kept = before.get(node)
        unbuilt = kept if candidate is None else None  # published again for its name or documentation only
        after[node] = Pointer(
            node=node,
            build_key=key,
            published=(relation.database, relation.schema, relation.name),
            code=target.code,
            data=unbuilt.data if unbuilt else target.data,
            definition=target.definition,
            stale_since=unbuilt.stale_since if unbuilt else "",
            stale_reason=unbuilt.stale_reason if unbuilt else "",
        )
    for node, reason in decision.blocked.items():
        if node in after:
            since = after[node].stale_since or now
            after[node] = replace(after[node], stale_since=since, stale_reason=reason)
    return _with_inherited(plan, after, published.keys() & decision.publish)


def _with_inherited(plan: Plan, after: dict[str, Pointer], published: Collection[str]) -> dict[str, Pointer]:
    """What was built on last good data is as old as that; targets come in topological order."""
    for node, target in plan.targets.items():
        if node not in published:
            continue
        old = [after[each] for each in sorted(target.meaning.inputs) if each in after and after[each].stale_since]
        if old and not after[node].stale_since:
            first = min(old, key=lambda pointer: pointer.stale_since)
            after[node] = replace(after[node], stale_since=first.stale_since, stale_reason=first.stale_reason)
    return after


def publication(
    environment: str,
    note: str,
    after: Mapping[str, Pointer],
    before: Mapping[str, Pointer],
    builds: Mapping[str, Build],
    *,
    store: tuple[str, str],
    said: Mapping[str, Comments] = NOTHING_SAID,
    granted: Mapping[str, Grants] = NOTHING_GRANTED,
    again: frozenset[str] = frozenset(),
) -> Publication:
    """The swap from `before` to `after`: only what differs, and `again` (views that somebody removed).

    `builds` has those of all pointers that differ, and of `again`. `store` is its database and schema; `said`, by
    definition, is what readers are told of a node in the warehouse, and `granted` what they may do.
    """
    views: dict[Relation, Relation] = {}
    comments: dict[Relation, Comments] = {}
    grants: dict[Relation, Grants] = {}
    taken: set[Relation] = set()
    for node, pointer in after.items():
        name = Relation(*pointer.published)
        if pointer.build_key not in builds or builds[pointer.build_key].kind != "nothing":
            taken.add(name)
        if node not in again and _is_shown_so(before.get(node), pointer, said, granted):
            continue
        if builds[pointer.build_key].kind != "nothing":
            views[name] = Relation(*store, builds[pointer.build_key].relation)
            if pointer.definition in said:
                comments[name] = said[pointer.definition]
            if pointer.definition in granted:
                grants[name] = granted[pointer.definition]
    drops = tuple(sorted({Relation(*pointer.published) for pointer in before.values()} - taken))
    had = {Relation(*old.published): granted[old.definition] for old in before.values() if old.definition in granted}
    revokes = {name: roles for name, roles in had.items() if name in views and name not in grants}
    return Publication(environment, note, views, drops, comments=comments, grants=grants, revokes=revokes)


def _is_shown_so(
    old: Pointer | None, new: Pointer, said: Mapping[str, Comments], granted: Mapping[str, Grants]
) -> bool:  # fmt: skip
    if old is None or (old.build_key, old.published) != (new.build_key, new.published):
        return False
    return all(each.get(old.definition) == each.get(new.definition) for each in (said, granted))
