"""Hashes templates with the code that they can reach: equal hashes, equal SQL as far as code decides."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from dryland.project.jinja.compiled import Compiled
from dryland.project.jinja.late_reading import hash_of_graph, may_be_read
from dryland.project.jinja.macro import BUILT_IN
from dryland.project.jinja.macros import Macros
from dryland.project.jinja.marks import has_jinja
from dryland.project.jinja.world import World

Graph = Callable[[], Mapping[str, Any]]


class TemplateHashes:
    """Knows the macros, and remembers what was hashed."""

    def __init__(self, compiled: Compiled, macros: Macros, world: World) -> None:
        self._compiled = compiled
        self._macros = macros
        self._world = world
        self._reached: dict[frozenset[str], tuple[str, frozenset[str]]] = {}
        self._hashed_graph: tuple[Graph, str] | None = None

    def of(self, text: str) -> str:
        """Hash of a text and of every macro it can reach."""
        return _digest(f"{text}\0{self._behind(text)[0]}")

    def late(self, text: str, config: Mapping[str, Any], graph: Graph | None) -> str:
        """The same with all that a text may read of the project when it is used."""
        told = may_be_read(self._behind(text)[1], self._world, config, lambda: self._of_graph(graph))
        return _digest(f"{self.of(text)}\0{told!r}")

    def _behind(self, text: str) -> tuple[str, frozenset[str]]:
        """Hashes of the macros that a text can reach, and the names in its code and in theirs."""
        names = frozenset() if not has_jinja(text) else self._compiled.names(text)
        if names not in self._reached:
            reached = [macro for macro in self._macros.reached(names) if macro.package != BUILT_IN]
            used = names.union(*(macro.uses for macro in reached))
            self._reached[names] = " ".join(macro.hash for macro in reached), used
        return self._reached[names]

    def _of_graph(self, graph: Graph | None) -> str:
        """Hash of the whole graph, which is made once; empty as long as there is none."""
        if graph is None:
            return ""
        if self._hashed_graph is None or self._hashed_graph[0] is not graph:
            self._hashed_graph = graph, hash_of_graph(graph())
        return self._hashed_graph[1]


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
