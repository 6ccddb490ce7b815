"""Claims builds before they are made, where others could be making the same ones: each is made once, whoever wants it.

Claims are written down for several nodes at once: as many as were begun within a second, and at least one for each
thread. Where a warehouse lets in one process at a time, nobody else is there, and nothing is claimed.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dryland.build.job import Job
from dryland.build.task import NotYetError
from dryland.state.records import Build

WINDOW_S = 1.0  # what is claimed is begun within that time, so that nobody waits for what nobody is making
WINDOW_MAX = 100


@dataclass
class Claiming:
    """What one run makes, and what it leaves to others. Safe to use from several threads."""

    job: Job
    finished: Mapping[str, object]  # by node: what the run has come to already
    is_needed: bool = False
    _mine: set[str] = field(default_factory=set)
    _made: dict[str, Build] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)  # of mine: those that are made, and written down soon
    _waiting: dict[str, str] = field(default_factory=dict)  # node -> its key, for those that are not begun
    _ahead: dict[str, str] = field(default_factory=dict)  # node -> its key, claimed before it is begun
    _begun: deque[float] = field(default_factory=deque)  # moments within the last second
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @staticmethod
    def of(job: Job, finished: Mapping[str, object]) -> Claiming:
        """For the builds of a plan, which are left alone by `gc` from here on."""
        is_needed = job.engine.is_shared and bool(job.state.token)
        steps = [step for step in job.plan.steps if step.key] if is_needed else []
        waiting = {step.node: step.key for step in steps if step.action == "build"}
        return Claiming(job, finished, is_needed, _waiting=waiting)

    def begin(self) -> None:
        """Have all that the plan expects to find, or to make, left alone while the run goes on."""
        if self.is_needed:
            shown = {pointer.build_key for pointer in self.job.pointers.values()}
            self.job.state.need(self.job.expected_keys - shown)

    def claim(self, node: str, key: str) -> Build | None:
        """None when it is to be made here; else the build that somebody else has made.

        Raises:
            NotYetError: somebody else is making it now.
        """
        if not self.is_needed:
            return None
        with self._lock:
            self._waiting.pop(node, None)
            if key not in self._mine and key not in self._made:
                wanted = [key, *self._next()]
                claimed = self.job.state.claim(wanted)
                for process in self.job.state.pop_ended():
                    self.job.engine.evict(process)
                self._mine |= claimed.mine
                self._made |= claimed.made
                if key in claimed.held:
                    raise NotYetError(f"{claimed.held[key]} builds it for {_environment(claimed.held[key].scope)}")
            return self._made.get(key)

    def settle(self, node: str, key: str) -> None:
        """Let others make what was claimed for a node that came to another build."""
        ahead = self._ahead.pop(node, key)
        if ahead != key and ahead in self._mine:
            self.give_up(ahead)

    def give_up(self, key: str) -> None:
        """Let others try: it could not be made here."""
        if self.is_needed:
            with self._lock:
                self._mine.discard(key)
            self.job.state.unclaim([key])

    def written(self, builds: Iterable[Build]) -> list[str]:
        """Keys of those among these that were made here: once they are remembered, nobody need wait for them."""
        with self._lock:
            made = [build.key for build in builds if build.key in self._mine]
            self._told.update(made)
            return made

    def end(self) -> None:
        """Let others make what was claimed, and was not begun."""
        with self._lock:
            left, self._mine = self._mine - self._told, set()
        if left:
            self.job.state.unclaim(left)

    def _next(self) -> list[str]:
        """Keys that are going to be claimed within the second: of nodes that wait for no other."""
        now = time.monotonic()
        self._begun.append(now)
        while self._begun[0] < now - WINDOW_S:
            self._begun.popleft()
        room = min(max(len(self._begun), self.job.limits.threads), WINDOW_MAX) - 1
        ready = [node for node in self._waiting if self._is_ready(node)][:room]
        self._begun.extend([now] * len(ready))
        for node in ready:
            self._ahead[node] = self._waiting.pop(node)
        return [self._ahead[node] for node in ready]

    def _is_ready(self, node: str) -> bool:
        targets = self.job.plan.targets
        return all(each in self.finished or each not in targets for each in targets[node].meaning.inputs)


def _environment(scope: str) -> str:
    return scope.removeprefix("environment ")
