"""Finds the folders and names of dbt_project.yml that configure nothing, for nothing is called so."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from dryland.project.graph import graph_and_disabled
from dryland.project.graph.parts import Parts
from dryland.project.layout import FILE
from dryland.project.oversights import MAPPINGS

Path = tuple[str, ...]
SECTIONS = {
    "models": "model", "seeds": "seed", "snapshots": "snapshot", "sources": "source", "data_tests": "test",
    "tests": "test", "unit_tests": "unit_test", "exposures": "exposure", "metrics": "metric",
    "semantic-models": "semantic_model", "saved-queries": "saved_query",
}  # fmt: skip


def idle_configuration(parts: Parts, enabled: Iterable[tuple[str, Path]]) -> Iterator[str]:
    """One sentence for each folder or name that no resource of its section has; dbt warns of the same.

    `enabled` are kinds with dotted paths. What is disabled, of whatever kind, is configured too: it is looked for only
    when something is left.
    """
    known: dict[str, set[Path]] = {}
    for kind, fqn in enabled:
        known.setdefault(kind, set()).update(_prefixes(fqn))
    own = parts.own
    left = [
        (section, path, line)
        for section, kind in SECTIONS.items()
        for path, line in _configured(own.section(section), (), own.raw.line_of(section))
        if path not in known.get(kind, ())
    ]
    off = {prefix for fqn in _disabled(parts) for prefix in _prefixes(fqn)} if left else set()
    for section, path, line in left:
        if path not in off:
            yield _told(section, path, f"{FILE}:{line}", known.get(SECTIONS[section], set()))


def _prefixes(fqn: Path) -> Iterator[Path]:
    return (fqn[:depth] for depth in range(len(fqn) + 1))


def _disabled(parts: Parts) -> Iterator[Path]:
    """What is switched off, and every source: which of them are off is not remembered."""
    for listed in graph_and_disabled(parts)[1].values():
        yield from (tuple(each["fqn"]) for each in listed)
    for layout, patch in parts.entries("sources"):
        inner = parts.inner_path(patch.place.path, layout.name, "model")
        for table in patch.body.get("tables") or ():
            yield (layout.name, *PurePosixPath(inner).parent.parts, patch.name, str(table["name"]))


def _configured(section: Mapping[str, Any], path: Path, line: int) -> Iterator[tuple[Path, int]]:
    """The paths that configure something of their own, with their lines; what forgot its plus is told elsewhere."""
    items = section.items()
    folders = {str(key): value for key, value in items if isinstance(value, Mapping) and not str(key).startswith("+")}
    if len(folders) < len(section):
        yield path, line
    for key, value in folders.items():
        if key not in MAPPINGS:
            below = section.line_of(key) if hasattr(section, "line_of") else line
            yield from _configured(value, (*path, key), below)


def _told(section: str, path: Path, place: str, there: Iterable[Path]) -> str:
    if not path:
        return f"{place} `{section}:` configures what the project has none of"
    siblings = sorted({each[-1] for each in there if len(each) == len(path) and each[:-1] == path[:-1]})
    near = difflib.get_close_matches(path[-1], siblings, n=1)
    hint = f"; `{near[0]}` exists" if near else ""
    return f"{place} `{section}: {'.'.join(path)}` configures nothing: there is no such folder or name{hint}"
