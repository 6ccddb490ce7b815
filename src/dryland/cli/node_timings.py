"""Works out how long each node waited, was built and was checked, and which of them decided when the build ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from dryland.timings import Span
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Worked:
    """The task of one node, or of one check that looks at several, and what was done within it."""

    span: Span
    parts: tuple[Span, ...]

    def spent_s(self, name: str) -> float:
        """How long one thing took of it: `build` or `check`."""
        return sum(part.duration_s for part in self.parts if part.name == name)


@dataclass(frozen=True)
class Building:
    """One graph of tasks, from its first to its last."""

    span: Span
    tasks: tuple[Worked, ...]

    @property
    def threads(self) -> int:
        """How many threads had work."""
        return len({task.span.thread for task in self.tasks})

    @property
    def busy_share(self) -> float:
        """Which share of their time these threads were at work."""
        worked_s = sum(task.span.duration_s for task in self.tasks)
        return worked_s / (self.span.duration_s * self.threads)

    @cached_property
    def deciding(self) -> tuple[Worked, ...]:
        """The critical path: what ended last, before it what that waited for last, and so on to the beginning."""
        by_name = {task.span.about: task for task in self.tasks}
        path = [max(self.tasks, key=_ended_s)]
        while before := [by_name[name] for name in path[-1].span.needs if name in by_name]:
            path.append(max(before, key=_ended_s))
        return tuple(reversed(path))

    @property
    def deciding_s(self) -> float:
        """How long the critical path took, without waiting for threads."""
        return sum(task.span.duration_s for task in self.deciding)

    @property
    def deciding_waited_s(self) -> float:
        """How long it waited for threads."""
        return sum(task.span.waited_s for task in self.deciding)


def longest_building(spans: Sequence[Span]) -> Building | None:
    """The building that took most time; a command may build more than once. None when nothing was built."""
    tasks = tuple(_tasks(spans))
    around = {task.span.path[:-1] for task in tasks}
    for span in sorted((each for each in spans if each.path in around), key=lambda each: -each.duration_s):
        inside = [task for task in tasks if task.span.path[:-1] == span.path and _is_in(task.span, span)]
        if inside:
            return Building(span, tuple(inside))
    return None


def _tasks(spans: Sequence[Span]) -> Iterator[Worked]:
    """A thread's spans end from within to without: the parts of a task come before it."""
    parts: dict[int, list[Span]] = defaultdict(list)
    for span in spans:
        if span.ready_s is not None and span.about:
            yield Worked(span, tuple(part for part in parts.pop(span.thread, ()) if part.path[:-1] == span.path))
        else:
            parts[span.thread].append(span)


def _is_in(inner: Span, outer: Span) -> bool:
    return outer.began_s <= inner.began_s and inner.ended_s <= outer.ended_s


def _ended_s(task: Worked) -> float:
    return task.span.ended_s
