"""Tells the columns of a dataset: names and types as built, words as written, numbers as measured."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from dryland.access.rights import personal_columns
from dryland.portal.facts.dataset import CheckStanding, Column, Dataset, Parts
from dryland.project.nodes import ColumnDoc
from dryland.project.personal import EVERY, PERSONAL

NOT_PERSONAL = ("", "no", "none", "false")
WIDTH_MAX = 60  # of a least or greatest value


def columns_of(dataset: Dataset, seen: Collection[str] = ()) -> tuple[Column, ...]:
    """In the order of the table; before the first build in that of the YAML. Values are told of those that are `seen`.

    See `sight`.
    """
    parts = dataset.parts
    told = _told(parts)
    written = {each.name.lower(): each for each in _documented(parts)}
    measured = parts.profile.columns if parts.profile else {}
    checks: dict[str, list[CheckStanding]] = {}
    for check in dataset.checks:
        checks.setdefault(check.column.lower(), []).append(check)
    personal = personal_columns(parts.node) if parts.node else {}
    listed = parts.build.columns if parts.build else [(each.name, each.data_type) for each in written.values()]
    rows = parts.profile.rows if parts.profile else None
    return tuple(
        _column(
            name, kind, told.get(name.lower(), {}), written.get(name.lower()), measured.get(name, {}), rows,
            tuple(checks.get(name.lower(), ())), personal, name in seen,
        )
        for name, kind in listed
    )  # fmt: skip


def column_names(parts: Parts) -> tuple[str, ...]:
    """The names alone."""
    if parts.build:
        return tuple(name for name, _ in parts.build.columns)
    return tuple(each.name for each in _documented(parts))


def is_personal(tags: Iterable[str], meta: Mapping[str, Any]) -> bool:
    """Whether tags or `meta` say that there is something of persons in it.

    >>> is_personal(["pii"], {}), is_personal([], {"pii": "email"}), is_personal([], {"pii": False})
    (True, True, False)
    """
    said = {str(key).lower(): value for key, value in meta.items()}
    return any(tag.lower() in PERSONAL for tag in tags) or any(
        str(said.get(word, "")).lower() not in NOT_PERSONAL for word in PERSONAL
    )


def _told(parts: Parts) -> dict[str, Mapping[str, Any]]:
    """What readers were told when it was released."""
    return {str(each["name"]).lower(): each for each in parts.metadata.get("columns", ())}


def _documented(parts: Parts) -> tuple[ColumnDoc, ...]:
    described = parts.node or parts.source
    return described.columns if described else ()


def _column(
    name: str, kind: str, told: Mapping[str, Any], written: ColumnDoc | None, measured: Mapping[str, Any],
    rows: int | None, checks: tuple[CheckStanding, ...], personal: Collection[str], is_seen: bool,
) -> Column:  # fmt: skip
    tags = tuple(told.get("tags") or (written.tags if written else ()))
    meta = told.get("meta") or (written.meta if written else {})
    constraints = tuple(str(each.get("type", "")) for each in written.constraints) if written else ()
    return Column(
        name,
        str(kind),
        str(told.get("description") or (written.description if written else "")),
        tags,
        is_personal(tags, meta) or name.lower() in personal or EVERY in personal,
        constraints,
        _number(measured.get("nulls")),
        _number(measured.get("distinct")),
        _shown(measured.get("min")) if is_seen else "",
        _shown(measured.get("max")) if is_seen else "",
        rows,
        checks,
        is_seen,
    )


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def _shown(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= WIDTH_MAX else f"{text[: WIDTH_MAX - 1]}…"
