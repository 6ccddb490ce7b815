"""Collects what a project's files say of monitors: `meta` of models and sources, and tests that are monitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dryland.project.files import Files, Named
from dryland.project.monitors import MONITORS, Monitors, parse_monitors
from dryland.project.monitors_elementary import elementary_monitors, without_counterpart
from dryland.project.nodes import Node, Place


def monitors_in(files: Files, named: Named, nodes: Mapping[str, Node]) -> dict[str, Monitors]:
    """By unique id what is said of a dataset; `meta` counts over tests.

    Raises:
        ConfigError: something in `meta` cannot be read; with its line.
    """
    found: dict[str, Monitors] = {}
    for unique_id, meta, body, place in _described(files, named, nodes):
        said = [elementary_monitors(body, place.path)] if body is not None else []
        if MONITORS in meta:
            said.insert(0, parse_monitors(meta[MONITORS], _places(body, place)))
        for monitors in filter(None, said):
            found[unique_id] = found[unique_id].over(monitors) if unique_id in found else monitors
    return found


def without_meaning(files: Files, named: Named, nodes: Mapping[str, Node]) -> Iterator[str]:
    """What tests that are monitors say, and monitors do not know."""
    for _, _, body, place in _described(files, named, nodes):
        if body is not None:
            yield from without_counterpart(body, place.path)


def _described(
    files: Files, named: Named, nodes: Mapping[str, Node]
) -> Iterator[tuple[str, Mapping[str, Any], Any, Place]]:
    for node in nodes.values():
        patch = files.drafts[node.unique_id].patch
        yield node.unique_id, node.meta, patch.body if patch else None, patch.place if patch else node.place
    for source, table in named.sources.values():
        yield source.unique_id, source.meta, table, source.place


def _places(body: Any, place: Place) -> Callable[[str], Place]:
    """Where the keys of `monitors` stand; where the entry does for what dbt_project.yml says of a whole folder."""
    written = _written(body) if body is not None else None

    def where(key: str) -> Place:
        holder, said = written or (None, None)
        own = holder.line_of(MONITORS) if holder is not None else place.line
        lines: Mapping[str, int] = getattr(said, "lines", {}) or {}
        return Place(place.path, lines.get(key, own))

    return where


def _written(body: Any) -> tuple[Any, Any] | None:
    """The `meta` that has `monitors`, and these, as they stand in the file."""
    for inner in ((body.get("config") or {}).get("meta"), body.get("meta")):
        if isinstance(inner, Mapping) and MONITORS in inner:
            return inner, inner[MONITORS]
    return None
