"""Chooses nodes by dbt's selectors.

    orders            by name, file name, or dotted fqn with wildcards
    +orders  2+orders  orders+  orders+1  @orders     with ancestors, descendants, or descendants and all they need
    tag:daily  path:models/marts  config.materialized:table  source:raw.orders  exposure:board  ...
    a b               either;     a,b     both
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from dryland.errors import SelectorError
from dryland.plan.order import readers_of, topological
from dryland.project.nodes import Node, Project, Source

Selectable = Node | Source
TERM = re.compile(r"^(?P<at>@)?(?P<up>(?P<up_depth>\d*)\+)?(?P<core>.*?)(?P<down>\+(?P<down_depth>\d*))?$")


def select(
    project: Project,
    include: Sequence[str],
    exclude: Sequence[str] = (),
    *,
    states: Mapping[str, frozenset[str]] | None = None,
) -> tuple[str, ...]:
    """Unique ids of the chosen nodes, in topological order. Nothing included means everything.

    `states` gives the nodes behind `state:new` and `state:modified`.

    Raises:
        SelectorError: a selector cannot be read, or matches nothing.
    """
    selection = _Selection(project, states or {})
    chosen = selection.union(include) if include else set(project.nodes)
    chosen -= selection.union(exclude) if exclude else set()
    return tuple(node for node in topological(project) if node in chosen)


class _Selection:
    def __init__(self, project: Project, states: Mapping[str, frozenset[str]]) -> None:
        self._project = project
        self._states = states
        self._readers = readers_of(project)

    def union(self, words: Iterable[str]) -> set[str]:
        """Either of several selectors, each possibly several words."""
        terms = [term for word in words for term in word.split()]
        return set().union(*(self._intersection(term) for term in terms))

    def _intersection(self, term: str) -> set[str]:
        parts = [self._with_relatives(part) for part in term.split(",") if part]
        return set.intersection(*parts) if parts else set()

    def _with_relatives(self, term: str) -> set[str]:
        found = TERM.match(term)
        assert found, term
        core = self._matching(found["core"], term)
        chosen = set(core)
        if found["at"]:
            chosen |= self._reach(core, self._below, None)
            chosen |= self._reach(chosen, self._above, None)
        if found["up"]:
            chosen |= self._reach(core, self._above, _depth(found["up_depth"]))
        if found["down"]:
            chosen |= self._reach(core, self._below, _depth(found["down_depth"]))
        return {unique_id for unique_id in chosen if unique_id in self._project.nodes}

    def _matching(self, core: str, term: str) -> set[str]:
        method, separator, value = core.partition(":")
        if not separator:
            method, value = "fqn", core
        method, _, argument = method.partition(".")
        finder = METHODS.get(method)
        if finder is None:
            raise SelectorError(
                f"`{term}`: there is no selector method `{method}`.",
                hint=f"did you mean `{_nearest(method, METHODS)}`? there are {', '.join(sorted(METHODS))}.",
            )
        found = finder(self._project, self._states, value, argument)
        if not found:
            raise SelectorError(f"`{term}` matches nothing.", hint=self._hint(method, value))
        return found

    def _hint(self, method: str, value: str) -> str:
        if method not in ("fqn", "source", "exposure"):
            return "dryland ls lists what there is."
        names = [node.name for node in self._project.nodes.values()]
        near = difflib.get_close_matches(value, names, n=1, cutoff=0.5)
        return f"`{near[0]}` exists." if near else "dryland ls lists what there is."

    def _above(self, unique_id: str) -> Iterable[str]:
        node = self._project.nodes.get(unique_id)
        return node.depends_on if node else ()

    def _below(self, unique_id: str) -> Iterable[str]:
        return self._readers.get(unique_id, ())

    def _reach(self, start: set[str], step: Callable[[str], Iterable[str]], depth: int | None) -> set[str]:
        seen, frontier = set(start), set(start)
        while frontier and (depth is None or depth > 0):
            frontier = {other for each in frontier for other in step(each)} - seen
            seen |= frontier
            depth = None if depth is None else depth - 1
        return seen


Finder = Callable[[Project, Mapping[str, frozenset[str]], str, str], set[str]]


def _where(matches: Callable[[Node, str, str], bool]) -> Finder:
    def find(project: Project, _: Mapping[str, frozenset[str]], value: str, argument: str) -> set[str]:
        return {unique_id for unique_id, node in project.nodes.items() if matches(node, value, argument)}

    return find


def _by_fqn(node: Node, value: str, _: str) -> bool:
    file = PurePosixPath(node.place.path)
    if any(fnmatchcase(name, value) for name in (node.name, file.name, file.stem, f"{node.name}.v{node.version}")):
        return True
    wanted = value.split(".")
    return any(_fqn_matches(fqn, wanted) for fqn in (node.fqn, node.fqn[1:]))


def _fqn_matches(fqn: Sequence[str], wanted: Sequence[str]) -> bool:
    """A prefix of the fqn, each part with wildcards; `*` at the end takes the rest."""
    if len(wanted) > len(fqn):
        return False
    return all(fnmatchcase(part, pattern) for part, pattern in zip(fqn, wanted, strict=False))


def _by_path(node: Node, value: str, _: str) -> bool:
    path, wanted = PurePosixPath(node.place.path), PurePosixPath(value.rstrip("/"))
    return path == wanted or wanted in path.parents or fnmatchcase(str(path), value)


def _by_config(node: Node, value: str, argument: str) -> bool:
    found: Any = {**node.config, "materialized": node.materialized, "tags": node.tags, "meta": node.meta}
    for key in argument.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list | tuple) else [found]
    return any(str(each).lower() == value.lower() for each in values)


def _by_source(project: Project, _: Mapping[str, frozenset[str]], value: str, __: str) -> set[str]:
    wanted = value.split(".")
    found = set()
    for unique_id, source in project.sources.items():
        names = [source.package, source.source_name, source.name]
        candidates = (names[1:], names) if len(wanted) != 3 else (names,)
        if any(_fqn_matches(each, wanted) for each in candidates):
            found.add(unique_id)
    return found


def _by_exposure(project: Project, _: Mapping[str, frozenset[str]], value: str, __: str) -> set[str]:
    found = [each for each in project.exposures.values() if fnmatchcase(each.name, value)]
    return {unique_id for exposure in found for unique_id in exposure.depends_on}


def _by_check(kinds: Callable[[str, str], bool]) -> Finder:
    def find(project: Project, _: Mapping[str, frozenset[str]], value: str, __: str) -> set[str]:
        return {check.node for check in project.checks.values() if check.node in project.nodes and kinds(check.kind, value)}

    return find


def _by_state(_: Project, states: Mapping[str, frozenset[str]], value: str, __: str) -> set[str]:
    if value not in states:
        raise SelectorError(f"`state:{value}` is not known.", hint=f"there are {', '.join(sorted(states)) or 'none here'}.")
    return set(states[value]) or {""}  # nothing modified is a fine answer, not a typing mistake


METHODS: Mapping[str, Finder] = {
    "access": _where(lambda node, value, _: node.access == value),
    "config": _where(_by_config),
    "exposure": _by_exposure,
    "file": _where(lambda node, value, _: value in (PurePosixPath(node.place.path).name, PurePosixPath(node.place.path).stem)),
    "fqn": _where(_by_fqn),
    "group": _where(lambda node, value, _: node.group == value),
    "package": _where(lambda node, value, _: fnmatchcase(node.package, value)),
    "path": _where(_by_path),
    "resource_type": _where(lambda node, value, _: node.kind == value),
    "source": _by_source,
    "state": _by_state,
    "tag": _where(lambda node, value, _: any(fnmatchcase(tag, value) for tag in node.tags)),
    "test_name": _by_check(lambda kind, value: kind == value),
    "test_type": _by_check(lambda kind, value: ("singular" if kind == "singular" else "generic") == value),
    "version": _where(lambda node, value, _: node.version == value),
}


def _depth(text: str) -> int | None:
    return int(text) if text else None


def _nearest(word: str, words: Iterable[str]) -> str:
    listed = sorted(words)
    return next(iter(difflib.get_close_matches(word, listed, n=1, cutoff=0.0)), listed[0])
