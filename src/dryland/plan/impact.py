"""Says whom a change hits: the columns of readers, and the exposures on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError as GraphCycle

from dryland.plan.order import in_order, reach, turned
from dryland.plan.request import Question
from dryland.project.ephemeral import seen_through
from dryland.sql.column_lineage import readers_hit
from dryland.sql.meaning import ROWS, WHOLE, Meaning


@dataclass
class Impact:
    """The graph as it is planned, and as it was released: a removed column is read in the latter only."""

    question: Question

    def readers(self, node: str, columns: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Readers that the environment has, with the columns that are hit when these columns of `node` change.

        Direct readers and readers of readers, in topological order.
        """
        changed = {node: frozenset(columns)}
        now = readers_hit(changed, self._now.below(node))
        before = readers_hit(changed, self._before.below(node))
        merged = {reader: now.get(reader) or before[reader] for reader in {**now, **before}}
        there = [reader for reader in merged if reader in self.question.deployed.pointers and reader in self._now.place]
        return {reader: merged[reader] for reader in sorted(there, key=self._now.place.__getitem__)}

    def readers_of_all(self, node: str) -> dict[str, tuple[str, ...]]:
        """Readers of a node that goes away."""
        return self.readers(node, (ROWS, WHOLE))

    def exposures(self, nodes: Iterable[str]) -> tuple[str, ...]:
        """Uses of these nodes outside the warehouse, in the project's order."""
        hit = {exposure for node in nodes for exposure in self._exposures.get(node, ())}
        return tuple(exposure for exposure in self.question.project.exposures if exposure in hit)

    @cached_property
    def _now(self) -> _Graph:
        return _Graph(self.question.meanings)

    @cached_property
    def _before(self) -> _Graph:
        known = {node: self.question.meaning_before(node) for node in self.question.deployed.pointers}
        meanings = {node: meaning for node, meaning in known.items() if meaning is not None}
        try:
            order = in_order({node: sorted(meaning.inputs) for node, meaning in meanings.items()})
        except GraphCycle:  # nodes released at different times may have read each other; any order tells most
            order = tuple(meanings)
        return _Graph({node: meanings[node] for node in order})

    @cached_property
    def _exposures(self) -> dict[str, tuple[str, ...]]:
        project = self.question.project
        return turned(
            {
                uid: seen_through(project.models_behind(each.depends_on), project.nodes)
                for uid, each in project.exposures.items()
            }
        )


class _Graph:
    """Meanings in topological order, with a quick way down."""

    def __init__(self, meanings: Mapping[str, Meaning]) -> None:
        self._meanings = meanings
        self.place = {node: place for place, node in enumerate(meanings)}
        self._readers = turned({node: meaning.inputs for node, meaning in meanings.items()})

    def below(self, node: str) -> dict[str, Meaning]:
        """What reads the node, directly or not, in topological order."""
        found = reach([node], lambda each: self._readers.get(each, ()))
        return {reader: self._meanings[reader] for reader in sorted(found, key=self.place.__getitem__)}
