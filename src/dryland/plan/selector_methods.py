"""Knows the methods of dbt's selectors: one small function each, in one list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from operator import eq, gt, lt
from typing import Any

from dryland.errors import SelectorError
from dryland.plan.selectable import Selectable, Selection
from dryland.plan.selector_places import by_file, by_fqn, by_path
from dryland.project.nodes import Node
from dryland.project.selector import METHOD_NAMES, RESOURCE_TYPES

OUTSIDE = frozenset({"state", "result", "source_status"})  # their answer comes from outside, and may be nothing
CONFIGURED = frozenset({"model", "seed", "snapshot", "test", "analysis", "source"})  # whose configuration dbt looks at
STATUSES = (
    "error", "fail", "no-op", "partial success", "pass", "reused", "runtime error", "skipped", "success", "warn",
)  # fmt: skip
VERSIONS = ("latest", "old", "prerelease", "none")
TEST_TYPES = {
    "generic": ("generic",), "schema": ("generic",), "singular": ("singular",), "data": ("generic", "singular"),
    "unit": ("unit",),
}  # fmt: skip

Finder = Callable[[Selection, Any, str], frozenset[str]]
"""(what there is, the value, the argument after a dot of the method) -> unique ids."""


def _where(matches: Callable[[Selectable, str], bool]) -> Finder:
    """A method that looks at each thing alone."""

    def find(selection: Selection, value: Any, _: str) -> frozenset[str]:
        return frozenset(unique_id for unique_id, thing in selection.things.items() if matches(thing, str(value)))

    return find


def _by_config(selection: Selection, value: Any, argument: str) -> frozenset[str]:
    """`config.meta.owner:ana`: the value, or one of a list of values; dbt's defaults count."""
    if not argument:
        raise SelectorError(f"`config:{value}` does not say which setting.", hint="config.materialized:table")
    from dryland.project.graph.config import full_config  # what reads all kinds of files; a plan can do without

    found = set()
    for unique_id, thing in selection.things.items():
        setting: Any = full_config(thing.kind, thing.config) if thing.kind in CONFIGURED else {}
        for key in argument.split("."):
            setting = setting.get(key) if isinstance(setting, Mapping) else None
        settings = setting if isinstance(setting, list | tuple) else [setting]
        if any(_is_setting(each, value, is_loose=argument == "severity") for each in settings):
            found.add(unique_id)
    return frozenset(found)


def _is_setting(setting: Any, value: Any, *, is_loose: bool) -> bool:
    """Whether the values are equal; a number is no text, but `true` typed as a word is meant."""
    if setting is None:
        return False
    if isinstance(setting, bool) or is_loose:
        return str(setting).lower() == str(value).lower()
    return bool(setting == value)


def _by_source(selection: Selection, value: Any, _: str) -> frozenset[str]:
    """`source`, `source.table` or `package.source.table`."""
    wanted = _parts(str(value), "source", 3)
    package, source, table = ("*", wanted[0], "*") if len(wanted) == 1 else ["*", *wanted][-3:]
    return frozenset(
        unique_id
        for unique_id, each in selection.project.sources.items()
        if fnmatchcase(each.package, package)
        and fnmatchcase(each.source_name, source)
        and fnmatchcase(each.name, table)
    )


def _named(kind: str) -> Finder:
    """A method that is called as what it finds: `name` or `package.name`."""

    def find(selection: Selection, value: Any, _: str) -> frozenset[str]:
        package, name = ["*", *_parts(str(value), kind, 2)][-2:]
        things = ((uid, thing) for uid, thing in selection.things.items() if thing.kind == kind)
        return frozenset(uid for uid, t in things if fnmatchcase(t.package, package) and fnmatchcase(t.name, name))

    return find


def _parts(value: str, method: str, most: int) -> list[str]:
    parts = value.split(".")
    if len(parts) > most:
        raise SelectorError(f"`{method}:{value}` has too many parts.", hint=f"at most {most}, joined by dots.")
    return parts


def _by_package(selection: Selection, value: Any, _: str) -> frozenset[str]:
    wanted = selection.project.name if value == "this" else str(value)
    return frozenset(uid for uid, thing in selection.things.items() if fnmatchcase(thing.package, wanted))


def _by_resource_type(selection: Selection, value: Any, _: str) -> frozenset[str]:
    wanted = _one_of(value, RESOURCE_TYPES, "resource type")
    return frozenset(unique_id for unique_id, thing in selection.things.items() if thing.kind == wanted)


def _by_test_name(selection: Selection, value: Any, _: str) -> frozenset[str]:
    """The name of a generic test, such as `not_null`, or of a unit test."""
    project = selection.project
    generic = {uid: check.kind.rpartition(".")[2] for uid, check in project.checks.items() if check.kind != "singular"}
    names = {**generic, **{uid: test.name for uid, test in project.unit_tests.items()}}
    return frozenset(unique_id for unique_id, name in names.items() if fnmatchcase(name, str(value)))


def _by_test_type(selection: Selection, value: Any, _: str) -> frozenset[str]:
    project = selection.project
    wanted = TEST_TYPES[_one_of(value, TEST_TYPES, "test type")]
    types = {uid: "singular" if check.kind == "singular" else "generic" for uid, check in project.checks.items()}
    types |= dict.fromkeys(project.unit_tests, "unit")
    return frozenset(unique_id for unique_id, each in types.items() if each in wanted)


def _by_version(selection: Selection, value: Any, _: str) -> frozenset[str]:
    """latest, old, prerelease or none; the highest version is the latest unless the model says `latest_version`."""
    wanted = _one_of(value, VERSIONS, "version")
    models = [node for node in selection.project.nodes.values() if node.kind == "model"]
    if wanted == "none":
        return frozenset(node.unique_id for node in models if not node.version)
    versioned = [node for node in models if node.version]
    latest = {(node.package, node.name): _rank(node.version) for node in versioned if node.is_latest}
    compare: Mapping[str, Callable[[Any, Any], bool]] = {"latest": eq, "old": lt, "prerelease": gt}
    return frozenset(
        node.unique_id for node in versioned
        if (last := latest.get((node.package, node.name))) and compare[wanted](_rank(node.version), last)
    )  # fmt: skip


def _one_of(value: Any, words: Iterable[str], what: str) -> str:
    if value not in words:
        raise SelectorError(f"there is no {what} `{value}`.", hint=f"there are {', '.join(words)}.")
    return str(value)


def _rank(version: str) -> tuple[Any, ...]:
    """Numbers before names, numbers by size."""
    try:
        return (0, float(version), "")
    except ValueError:
        return (1, 0.0, version)


def _by_state(selection: Selection, value: Any, argument: str) -> frozenset[str]:
    """new, modified or a part of that, and what is left: old is not new, unmodified is not modified."""
    wanted = f"{value}.{argument}" if argument else str(value)
    states = selection.known.states
    others = {"old": "new", "unmodified": "modified"}
    if wanted in states:
        return states[wanted] & selection.things.keys()
    if others.get(wanted) in states:
        return frozenset(selection.project.nodes) - states[others[wanted]]
    raise SelectorError(
        f"`state:{wanted}` is not known here.", hint=f"there are {', '.join(sorted({*states, *others}))}."
    )


def _by_result(selection: Selection, value: Any, _: str) -> frozenset[str]:
    """How it ended in an earlier run."""
    return selection.known.results.get(_one_of(value, STATUSES, "result"), frozenset()) & selection.things.keys()


def _by_source_status(selection: Selection, value: Any, _: str) -> frozenset[str]:
    _one_of(value, ("fresher",), "source status")
    return selection.known.fresher & selection.things.keys()


def _of_nodes(matches: Callable[[Node, str], bool]) -> Finder:
    return _where(lambda thing, value: thing.node is not None and matches(thing.node, value))


METHODS: Mapping[str, Finder] = {
    "access": _of_nodes(lambda node, value: node.kind == "model" and node.access == value),
    "config": _by_config,
    "exposure": _named("exposure"),
    "file": _where(by_file),
    "fqn": _where(by_fqn),
    "group": _where(lambda thing, value: bool(thing.group) and fnmatchcase(thing.group, value)),
    "metric": _named("metric"),
    "package": _by_package,
    "path": by_path,
    "resource_type": _by_resource_type,
    "result": _by_result,
    "saved_query": _named("saved_query"),
    "semantic_model": _named("semantic_model"),
    "source": _by_source,
    "source_status": _by_source_status,
    "state": _by_state,
    "tag": _where(lambda thing, value: any(fnmatchcase(tag, value) for tag in thing.tags)),
    "test_name": _by_test_name,
    "test_type": _by_test_type,
    "unit_test": _named("unit_test"),
    "version": _by_version,
}
assert METHODS.keys() == METHOD_NAMES
