"""Finds among datasets that fail the one from which the others have it: the most upstream along lineage."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field


@dataclass
class Family:
    """Who reads whom. Nothing else is known here, and nothing is asked."""

    reads: Mapping[str, Iterable[str]]  # unique id -> what it reads directly
    _above: dict[str, frozenset[str]] = field(default_factory=dict)

    def above(self, dataset: str) -> frozenset[str]:
        """Everything that a dataset is made from."""
        if dataset not in self._above:
            found: set[str] = set()
            ahead = list(self.reads.get(dataset, ()))
            while ahead:
                each = ahead.pop()
                if each not in found and each != dataset:
                    found.add(each)
                    ahead += self.reads.get(each, ())
            self._above[dataset] = frozenset(found)
        return self._above[dataset]

    def is_above(self, one: str, other: str) -> bool:
        """Whether the other is made from the one.

        >>> Family({"b": ["a"], "c": ["b"]}).is_above("a", "c")
        True
        """
        return one in self.above(other)

    def roots(self, datasets: Collection[str]) -> tuple[str, ...]:
        """Those of some datasets that are made from none of the others, by name.

        >>> Family({"b": ["a"], "c": ["b"], "d": []}).roots(["c", "a", "d"])
        ('a', 'd')
        """
        among = set(datasets)
        return tuple(sorted(each for each in among if not self.above(each) & among))

    def downwards(self, datasets: Iterable[str]) -> tuple[str, ...]:
        """The same datasets, each after those that it is made from.

        >>> Family({"b": ["a"], "c": ["b"]}).downwards(["c", "b", "a"])
        ('a', 'b', 'c')
        """
        among = frozenset(datasets)
        return tuple(sorted(among, key=lambda each: (len(self.above(each) & among), each)))
