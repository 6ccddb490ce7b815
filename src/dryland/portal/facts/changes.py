"""Tells what differs for readers between two releases of an environment: which datasets, and how."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Literal

from dryland.state.records import Pointer, Release
from dryland.state.store import State
from dryland.values import dataclass

Kind = Literal["added", "removed", "code", "data", "place", "stale", "fresh"]
DIFF_LINES_MAX = 400
DIFFS_MAX = 50  # of datasets whose code is shown; the others are named


@dataclass(frozen=True, slots=True)
class Change:
    """One dataset that is another one for readers."""

    node: str
    kinds: tuple[Kind, ...]
    rows_before: int | None = None
    rows_after: int | None = None
    code: tuple[tuple[str, str], ...] = ()  # lines of a diff with what they are: added, removed, place, same


def changes_between(state: State, before: Release | None, after: Release) -> tuple[Change, ...]:
    """By name of the dataset; two releases with the same pointers differ in nothing."""
    with state.together():
        marks = state.marks(before.id) if before else {}, state.marks(after.id)
        differing = [node for node in {*marks[0], *marks[1]} if marks[0].get(node) != marks[1].get(node)]
        known = state.pointers_by_id({side[node].id for side in marks for node in differing if node in side})
        old, new = ({node: known[side[node].id] for node in differing if node in side} for side in marks)
        moved = {node: _kinds(old.get(node), new.get(node)) for node in sorted({*old, *new})}
        moved = {node: kinds for node, kinds in moved.items() if kinds}
        keys = {pointers[node].build_key for node in moved for pointers in (old, new) if node in pointers}
        profiles = state.profiles(keys)
        recoded = [node for node, kinds in moved.items() if "code" in kinds][:DIFFS_MAX]
        texts = state.definitions({pointers[node].definition for node in recoded for pointers in (old, new)})
    rows = {key: profile.rows for key, profile in profiles.items()}

    def code(node: str) -> tuple[tuple[str, str], ...]:
        before, now = (texts.get(pointers[node].definition) for pointers in (old, new))
        return code_diff(before.sql, now.sql) if before and now else ()  # of what is forgotten nothing is told

    return tuple(
        Change(
            node,
            kinds,
            rows.get(old[node].build_key) if node in old else None,
            rows.get(new[node].build_key) if node in new else None,
            code(node) if node in recoded else (),
        )
        for node, kinds in moved.items()
    )


def _kinds(old: Pointer | None, new: Pointer | None) -> tuple[Kind, ...]:
    if old is None or new is None:
        return ("added",) if old is None else ("removed",)
    found: list[Kind] = []
    if old.definition != new.definition:
        found.append("code")
    if old.build_key != new.build_key:
        found.append("data")
    if old.published != new.published:
        found.append("place")
    if bool(old.stale_since) != bool(new.stale_since):
        found.append("stale" if new.stale_since else "fresh")
    return tuple(found)


def code_diff(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """The lines that differ, with some around them.

    >>> code_diff("select 1", "select 2")
    (('place', '@@ -1 +1 @@'), ('removed', '-select 1'), ('added', '+select 2'))
    """
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3)
    return tuple(told_apart(list(lines)[2 : DIFF_LINES_MAX + 2]))  # without the names of files that there are not


def told_apart(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Lines of a diff with what they are."""
    kinds = {"+": "added", "-": "removed", "@": "place"}
    return ((kinds.get(line[:1], "same"), line) for line in lines)
