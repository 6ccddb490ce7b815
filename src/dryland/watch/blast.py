"""Says who is hit by what is wrong with a dataset: what is made from it, down to columns, its uses and consumers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dryland.plan.order import reach, readers_of
from dryland.project.project import Project
from dryland.sql.column_lineage import readers_hit
from dryland.sql.meaning import ROWS, WHOLE, Meaning
from dryland.state.incident_records import Symptom
from dryland.watch.owners import owner_of, text_of

VALUES_ONLY = frozenset(
    {"not_null", "accepted_values", "not_accepted_values", "accepted_range", "not_empty_string", "value_length"}
)
"""Kinds of check that speak of the values of a column, and not of which rows there are."""


def blast_radius(
    project: Project, meanings: Mapping[str, Meaning], cause: str, symptoms: Iterable[Symptom]
) -> dict[str, Any]:  # fmt: skip
    """Everything downstream of a cause, as plain data; whole datasets where columns are not known."""
    columns = _columns(cause, symptoms)
    readers = readers_of(project)
    below = reach([cause], lambda each: readers.get(each, ()))
    hit = _hit_columns(meanings, cause, columns, below)
    reached = [each for each in below if each not in meanings or each in hit]
    datasets = [uid for uid in project.nodes if uid in reached and project.nodes[uid].materialized != "ephemeral"]
    return {
        "columns": sorted(columns - {ROWS, WHOLE}),
        "datasets": [_dataset(project, uid, hit.get(uid, ())) for uid in datasets],
        "exposures": _exposures(project, {cause, *reached}),
        "consumers": _consumers(project, {cause, *reached}),
    }


def _columns(cause: str, symptoms: Iterable[Symptom]) -> frozenset[str]:
    found: set[str] = set()
    for each in symptoms:
        if each.dataset == cause and each.gone_at is None:
            column, kind = str(each.evidence.get("column") or ""), each.evidence.get("check_kind")
            found |= {column.lower()} if column else {WHOLE}
            if kind not in VALUES_ONLY:
                found |= {ROWS}
    return frozenset(found or {WHOLE})


def _hit_columns(
    meanings: Mapping[str, Meaning], cause: str, columns: frozenset[str], below: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    known = {uid: meaning for uid, meaning in meanings.items() if uid in below}
    changed = {ROWS, WHOLE} if WHOLE in columns else columns
    return readers_hit({cause: changed}, known)


def _dataset(project: Project, uid: str, columns: Iterable[str]) -> dict[str, Any]:
    shown = [each for each in columns if each not in (ROWS, WHOLE)]
    return {"id": uid, "name": project.name_of(uid), "columns": shown, "owner": owner_of(project, uid)}


def _exposures(project: Project, hit: set[str]) -> list[dict[str, Any]]:
    return [
        {"name": each.name, "type": each.type, "owner": text_of(each.owner), "url": each.url}
        for each in project.exposures.values()
        if hit & set(project.models_behind(each.depends_on))
    ]


def _consumers(project: Project, hit: set[str]) -> list[str]:
    """Readers that contracts name, and those of `meta: {consumers: [...]}`."""
    told = [
        name
        for uid in hit & project.contracted.keys()
        for names in project.contracted[uid][0].told.values()
        for name in names
    ]
    meant = [each for uid in hit & project.nodes.keys() for each in _listed(project.nodes[uid].meta.get("consumers"))]
    return sorted({*told, *meant})


def _listed(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(each) for each in value] if isinstance(value, Iterable) else []
