"""Knows the methods of dbt's selectors: one small function each, in one list."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from dryland.errors import SelectorError
from dryland.plan.selectable import Selectable, Selection
from dryland.project.nodes import Node

WILDCARDS = frozenset("*?[]")
OUTSIDE = frozenset({"state"})  # methods whose answer comes from outside the project, and may be nothing
RESOURCE_TYPES = frozenset({"model", "seed", "snapshot", "source", "test", "exposure"})


Finder = Callable[[Selection, str, str], frozenset[str]]
"""(what there is, the value, the argument after a dot of the method) -> unique ids."""


def _where(matches: Callable[[Selectable, str], bool]) -> Finder:
    """A method that looks at each thing alone."""

    def find(selection: Selection, value: str, _: str) -> frozenset[str]:
        return frozenset(unique_id for unique_id, thing in selection.things.items() if matches(thing, value))

    return find


def _by_fqn(thing: Selectable, value: str) -> bool:
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


def _by_path(thing: Selectable, value: str) -> bool:
    """The file it stands in, a folder above that, or the file of its properties; `*` stays within a folder."""
    pattern = _path_pattern(value)
    own = PurePosixPath(thing.paths[0])
    here = [str(own), *(str(parent) for parent in own.parents), *thing.paths[1:]]
    return any(pattern.fullmatch(path) for path in here)


def _path_pattern(value: str) -> re.Pattern[str]:
    pieces = []
    for part in PurePosixPath(value).parts:
        one = re.escape(part).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
        pieces.append("(?:[^/]+/)*" if part == "**" else one + "/")
    text = "".join(pieces)
    return re.compile(text.removesuffix("/") if not text.endswith(")*") else text + "[^/]+")


def _by_file(thing: Selectable, value: str) -> bool:
    path = PurePosixPath(thing.paths[0])
    return fnmatchcase(path.name, value) or fnmatchcase(path.stem, value)


def _by_config(selection: Selection, value: str, argument: str) -> frozenset[str]:
    """`config.meta.owner:ana`: the value, or one of a list of values."""
    if not argument:
        raise SelectorError(f"`config:{value}` does not say which setting.", hint="config.materialized:table")
    found = set()
    for unique_id, thing in selection.things.items():
        setting: Any = thing.config
        for key in argument.split("."):
            setting = setting.get(key) if isinstance(setting, Mapping) else None
        settings = setting if isinstance(setting, list | tuple) else [setting]
        if any(_is_setting(each, value, is_loose=argument == "severity") for each in settings):
            found.add(unique_id)
    return frozenset(found)


def _is_setting(setting: Any, value: str, *, is_loose: bool) -> bool:
    if setting is None:
        return False
    is_loose = is_loose or isinstance(setting, bool)
    return str(setting).lower() == value.lower() if is_loose else str(setting) == value


def _by_source(selection: Selection, value: str, _: str) -> frozenset[str]:
    """`source`, `source.table` or `package.source.table`."""
    wanted = _parts(value, "source", 3)
    package, source, table = ("*", wanted[0], "*") if len(wanted) == 1 else ["*", *wanted][-3:]
    return frozenset(
        unique_id
        for unique_id, each in selection.project.sources.items()
        if fnmatchcase(each.package, package)
        and fnmatchcase(each.source_name, source)
        and fnmatchcase(each.name, table)
    )


def _by_exposure(selection: Selection, value: str, _: str) -> frozenset[str]:
    package, name = ["*", *_parts(value, "exposure", 2)][-2:]
    exposures = selection.project.exposures.items()
    return frozenset(uid for uid, e in exposures if fnmatchcase(e.package, package) and fnmatchcase(e.name, name))


def _parts(value: str, method: str, most: int) -> list[str]:
    parts = value.split(".")
    if len(parts) > most:
        raise SelectorError(f"`{method}:{value}` has too many parts.", hint=f"at most {most}, joined by dots.")
    return parts


def _by_package(selection: Selection, value: str, _: str) -> frozenset[str]:
    wanted = selection.project.name if value == "this" else value
    return frozenset(uid for uid, thing in selection.things.items() if fnmatchcase(thing.package, wanted))


def _by_resource_type(selection: Selection, value: str, _: str) -> frozenset[str]:
    if value not in RESOURCE_TYPES:
        raise SelectorError(
            f"there is no resource type `{value}`.", hint=f"there are {', '.join(sorted(RESOURCE_TYPES))}."
        )
    return frozenset(unique_id for unique_id, thing in selection.things.items() if thing.kind == value)


def _by_test_name(selection: Selection, value: str, _: str) -> frozenset[str]:
    checks = selection.project.checks.items()
    generic = [(uid, check.kind.rpartition(".")[2]) for uid, check in checks if check.kind != "singular"]
    return frozenset(unique_id for unique_id, kind in generic if fnmatchcase(kind, value))


def _by_test_type(selection: Selection, value: str, _: str) -> frozenset[str]:
    types = {
        "generic": ("generic",),
        "schema": ("generic",),
        "singular": ("singular",),
        "data": ("generic", "singular"),
    }
    if value not in types:
        raise SelectorError(f"there is no test type `{value}`.", hint=f"there are {', '.join(types)}.")
    checks = selection.project.checks.items()
    return frozenset(
        uid for uid, check in checks if ("singular" if check.kind == "singular" else "generic") in types[value]
    )


def _by_version(selection: Selection, value: str, _: str) -> frozenset[str]:
    """latest, old, prerelease or none; the highest version is the latest unless the model says `latest_version`."""
    if value not in ("latest", "old", "prerelease", "none"):
        raise SelectorError(f"there is no version `{value}`.", hint="there are latest, old, prerelease, none.")
    models = [node for node in selection.project.nodes.values() if node.kind == "model"]
    if value == "none":
        return frozenset(node.unique_id for node in models if not node.version)
    latest: dict[tuple[str, str], tuple[Any, ...]] = {}
    for node in models:
        if node.version:
            own = node.config.get("latest_version")
            known = latest.get((node.package, node.name), ())
            latest[node.package, node.name] = _rank(str(own)) if own else max(known, _rank(node.version))
    compare: dict[str, Callable[[Any, Any], bool]] = {
        "latest": lambda mine, last: mine == last,
        "old": lambda mine, last: mine < last,
        "prerelease": lambda mine, last: mine > last,
    }
    versioned = [node for node in models if node.version]
    return frozenset(n.unique_id for n in versioned if compare[value](_rank(n.version), latest[n.package, n.name]))


def _rank(version: str) -> tuple[Any, ...]:
    """Numbers before names, numbers by size."""
    try:
        return (0, float(version), "")
    except ValueError:
        return (1, 0.0, version)


def _by_state(selection: Selection, value: str, argument: str) -> frozenset[str]:
    """new, modified, and what is left: old is not new, unmodified is not modified."""
    wanted = f"{value}.{argument}" if argument else value
    states, nodes = selection.states, frozenset(selection.project.nodes)
    others = {"old": "new", "unmodified": "modified"}
    if wanted in states:
        return states[wanted]
    if others.get(wanted) in states:
        return nodes - states[others[wanted]]
    raise SelectorError(
        f"`state:{wanted}` is not known here.", hint=f"there are {', '.join(sorted({*states, *others}))}."
    )


def _of_nodes(matches: Callable[[Node, str], bool]) -> Finder:
    return _where(lambda thing, value: thing.node is not None and matches(thing.node, value))


METHODS: Mapping[str, Finder] = {
    "access": _of_nodes(lambda node, value: node.kind == "model" and node.access == value),
    "config": _by_config,
    "exposure": _by_exposure,
    "file": _where(_by_file),
    "fqn": _where(_by_fqn),
    "group": _of_nodes(lambda node, value: bool(node.group) and fnmatchcase(node.group, value)),
    "package": _by_package,
    "path": _where(_by_path),
    "resource_type": _by_resource_type,
    "source": _by_source,
    "state": _by_state,
    "tag": _where(lambda thing, value: any(fnmatchcase(tag, value) for tag in thing.tags)),
    "test_name": _by_test_name,
    "test_type": _by_test_type,
    "version": _by_version,
}
