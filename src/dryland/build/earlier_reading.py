"""Knows what the tables that readers see now were made of, and what was measured of all that: two queries in all."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dryland.build.job import Job
from dryland.state.records import Build, Profile


@dataclass(slots=True)
class EarlierReading:
    """Asks the metadata when the first wants to know, for every node that the plan builds."""

    job: Job
    known: Mapping[str, Build]  # by key: what readers see is among them
    _asked: threading.Lock = field(default_factory=threading.Lock)
    _builds: Mapping[str, Build] | None = None
    _profiles: Mapping[str, Profile] = field(default_factory=dict)

    def made_of(self, build: Build) -> Mapping[str, Build]:
        """The builds that a shown one was made from, by node; those that are forgotten are not among them."""
        builds = self._all()
        return {builds[key].node: builds[key] for key in build.inputs if key in builds}

    def profile(self, key: str) -> Profile | None:
        """What was measured of a build that one was made from, or that readers see, before this run."""
        self._all()
        return self._profiles.get(key)

    def _all(self) -> Mapping[str, Build]:
        with self._asked:
            if self._builds is None:
                keys = frozenset(self._read())
                found = {**self.known, **self.job.state.builds(keys - self.known.keys())}
                self._profiles = self.job.state.profiles(keys)
                self._builds = found
            return self._builds

    def _read(self) -> Iterable[str]:
        """Keys of what is shown, of what was read for it, and of its inputs now: those may have changed without it."""
        pointers, targets = self.job.pointers, self.job.plan.targets
        for node in self.job.plan.nodes_to("build"):
            shown = self.known.get(pointers[node].build_key) if node in pointers else None
            if shown is not None:
                yield shown.key
                yield from shown.inputs
                yield from (pointers[each].build_key for each in targets[node].meaning.inputs if each in pointers)
