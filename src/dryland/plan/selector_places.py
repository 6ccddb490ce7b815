"""Finds things for selectors by where they stand: by fully qualified name, file or path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from dryland.plan.selectable import Selectable, Selection

WILDCARDS = frozenset("*?[]")


def by_fqn(thing: Selectable, value: str) -> bool:
    """Its fully qualified name, with or without its package's; a source has another method."""
    if thing.kind == "source":
        return False
    is_versioned = thing.node is not None and bool(thing.node.version)
    return any(_is_named(fqn, value, is_versioned) for fqn in (thing.fqn, thing.fqn[1:]) if fqn)


def _is_named(fqn: Sequence[str], value: str, is_versioned: bool) -> bool:
    """By its name; by name and version; by the first parts of its fqn; wildcards take the rest."""
    wanted = value.split(".")
    leaf = fqn[-2] if is_versioned and len(fqn) > 1 else fqn[-1]
    if leaf == value or (is_versioned and "_".join(fqn[-2:]) == "_".join(wanted[-2:])):
        return True
    flat = [part for each in fqn for part in each.split(".")]
    if len(flat) < len(wanted):
        return False
    wild = next((index for index, part in enumerate(wanted) if WILDCARDS & set(part)), len(wanted))
    if flat[:wild] != wanted[:wild]:
        return False
    if wild == len(wanted):
        return True
    return fnmatchcase(".".join(flat[wild:]), ".".join(wanted[wild:])) or (
        len(wanted) == 1 and fnmatchcase(leaf, value)
    )


def by_path(selection: Selection, value: Any, _: str) -> frozenset[str]:
    """The file it stands in, a folder above that, or the file of its properties; `*` stays within a folder.

    As for dbt a path must be there in the project itself; what stands under it in a package is meant too.
    """
    pattern, things = _path_pattern(str(value)), selection.things.items()
    there = {path for _, thing in things if thing.is_own for path in _places(thing)}
    meant = {path for path in there if pattern.fullmatch(path)}
    return frozenset(unique_id for unique_id, thing in things if meant.intersection(_places(thing)))


def _places(thing: Selectable) -> Iterator[str]:
    """Its files, and the folders around that in which it stands."""
    yield from thing.paths
    yield from (str(parent) for parent in PurePosixPath(thing.paths[0]).parents)


def _path_pattern(value: str) -> re.Pattern[str]:
    pieces = []
    for part in PurePosixPath(value).parts:
        one = re.escape(part).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
        pieces.append("(?:[^/]+/)*" if part == "**" else one + "/")
    text = "".join(pieces)
    return re.compile(text.removesuffix("/") if not text.endswith(")*") else text + "[^/]+")


def by_file(thing: Selectable, value: str) -> bool:
    """The name of its file, with or without ending."""
    path = PurePosixPath(thing.paths[0])
    return fnmatchcase(path.name, value) or fnmatchcase(path.stem, value)
