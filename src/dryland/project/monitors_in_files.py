"""Collects what a project's files say of monitors: `meta` of models and sources, and tests that are monitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dryland.project.files import Files, Named
from dryland.project.monitors import MONITORS, Monitors
from dryland.project.monitors_elementary import elementary_monitors, without_counterpart
from dryland.project.monitors_monte_carlo import monte_carlo_monitors, unread
from dryland.project.monitors_parsed import parse_monitors
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
    for unique_id, monitors in _of_monte_carlo(files, found_by_name(named, nodes)):
        found[unique_id] = found[unique_id].over(monitors) if unique_id in found else monitors
    return found


def found_by_name(named: Named, nodes: Mapping[str, Node]) -> dict[str, str]:
    """The ids of datasets by the names that they have in the warehouse; a model counts over a source."""
    sources = {source.relation.name: uid for uid, (source, _) in named.sources.items()}
    return sources | {node.relation.name: uid for uid, node in nodes.items()}


def _of_monte_carlo(files: Files, ids: Mapping[str, str]) -> Iterator[tuple[str, Monitors]]:
    for layout in files.layouts:
        for said, place in files.properties[layout.name].monte_carlo:
            for table, monitors in monte_carlo_monitors(said, place):
                if table in ids:
                    yield ids[table], monitors


def without_meaning(files: Files, named: Named, nodes: Mapping[str, Node]) -> Iterator[str]:
    """What tests that are monitors say, and monitors do not know."""
    for _, _, body, place in _described(files, named, nodes):
        if body is not None:
            yield from without_counterpart(body, place.path)
    ids = found_by_name(named, nodes)
    for layout in files.layouts:
        for said, at in files.properties[layout.name].monte_carlo:
            lost = {table for table, _ in monte_carlo_monitors(said, at) if table not in ids}
            yield from (f"{at.path}:{at.line}: `{kind}` of Monte Carlo has no counterpart." for kind in unread(said))
            yield from (f"{at.path}:{at.line}: no model or source is the table `{table}`." for table in sorted(lost))


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
