"""Says which views of others a plan hits, where those are bound to relations, and which would be torn off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from dryland.engines.relation import BoundView, Relation
from dryland.plan.plan import Change, Plan


def names_hit(plan: Plan, published: Mapping[str, Relation]) -> frozenset[Relation]:
    """The names whose readers see a change; `published` has what readers see now, by node."""
    return frozenset(published[change.node] for change in plan.changes if change.node in published)


def with_others(plan: Plan, published: Mapping[str, Relation], bound: Iterable[BoundView]) -> Plan:
    """The plan, with what it does to views of others that are bound to `published` names."""
    by_name: dict[Relation, list[BoundView]] = {}
    for view in bound:
        by_name.setdefault(view.reads, []).append(view)
    if not by_name:
        return plan
    dropped = {step.relation for step in plan.steps if step.action == "drop"}
    changes, torn = [], []
    for change in plan.changes:
        name = published.get(change.node)
        views = by_name.get(name, []) if name else []
        changes.append(_with_views(change, views) if views else change)
        torn += [problem for view in views for problem in _problems(change, view, is_dropped=name in dropped)]
    return replace(plan, changes=tuple(changes), torn=tuple(torn))


def _with_views(change: Change, views: Iterable[BoundView]) -> Change:
    hit = {*change.columns_removed, *change.columns_altered}
    is_hit = change.rows_altered or any(hit & set(view.columns) for view in views)
    category = "breaking" if is_hit and change.category == "non_breaking" else change.category
    return replace(change, others=tuple(str(view.name) for view in views), category=category)


def _problems(change: Change, view: BoundView, *, is_dropped: bool) -> Iterator[str]:
    read = [column for column in view.columns if column in change.columns_removed]
    if is_dropped:
        yield f"{view.name} reads {view.reads}, which goes"
    elif read:
        yield f"{view.name} reads {', '.join(read)} of {view.reads}, which {'go' if len(read) > 1 else 'goes'}"
    elif change.columns_removed and not view.can_be_bound_anew:
        yield f"{view.name} cannot be bound to {view.reads} anew, from which {', '.join(change.columns_removed)} goes"
