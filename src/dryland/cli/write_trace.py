"""Writes where the time went as a file for Perfetto and chrome://tracing, in Chrome's trace event format."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from dryland import __version__
from dryland.cli.node_timings import longest_building
from dryland.cli.progress import shown
from dryland.timings import Span
from dryland.values import dataclass

Event = dict[str, Any]
WAITING = "waiting for a thread"
DECIDING = "decides when the build ends"


def write_trace(path: Path, spans: Sequence[Span]) -> None:
    """Write the file, in a folder that is made if need be.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    known = {"command": spans[-1].name, "dryland": __version__}
    trace = {"traceEvents": trace_events(spans), "displayTimeUnit": "ms", "otherData": known}
    path.write_text(json.dumps(trace), encoding="utf-8")


def trace_events(spans: Sequence[Span]) -> list[Event]:
    """A complete event for each span, on a track for each thread; how many nodes wait; the critical path as arrows."""
    scribe = _Scribe.of(spans)
    return [*scribe.tracks(spans[-1].name), *map(scribe.complete, spans), *scribe.waiting(spans), *scribe.path(spans)]


@dataclass(frozen=True, slots=True)
class _Scribe:
    """Writes moments and threads as the format wants them: microseconds since the beginning, and small numbers."""

    began_s: float
    tracks_by_thread: Mapping[int, int]

    @classmethod
    def of(cls, spans: Sequence[Span]) -> _Scribe:
        """The thread of the command is the first, then those that it handed work to, as they began."""
        threads = dict.fromkeys(span.thread for span in sorted(spans, key=lambda span: span.began_s))
        return cls(spans[-1].began_s, {thread: at for at, thread in enumerate(threads, 1)})

    def tracks(self, command: str) -> Iterator[Event]:
        """What tracks are called."""
        yield self._event("M", "process_name", 1, args={"name": f"dryland {command}"})
        for track in self.tracks_by_thread.values():
            yield self._event("M", "thread_name", track, args={"name": f"thread {track}" if track > 1 else "main"})

    def complete(self, span: Span) -> Event:
        """One span; the task of a node is called like the node."""
        known = {"about": span.about, "waited_s": round(span.waited_s, 6), "error": span.error}
        name = shown(span.about) if span.about else span.name
        event = self._event("X", name, self.tracks_by_thread[span.thread], span.began_s, cat=span.name)
        return event | {"dur": _us(span.duration_s), "args": {key: each for key, each in known.items() if each}}

    def waiting(self, spans: Sequence[Span]) -> Iterator[Event]:
        """How many nodes could be worked on and have no thread, whenever that changes."""
        ready = [(span.ready_s, 1) for span in spans if span.ready_s is not None]
        begun = [(span.began_s, -1) for span in spans if span.ready_s is not None]
        waiting = 0
        for at_s, change in sorted([*ready, *begun]):
            waiting += change
            yield self._event("C", WAITING, 1, at_s, args={"nodes": waiting})

    def path(self, spans: Sequence[Span]) -> Iterator[Event]:
        """An arrow from the end of each node of the critical path to the beginning of the next."""
        building = longest_building(spans)
        for at, (before, after) in enumerate(pairwise(building.deciding if building else ()), 1):
            last_s = before.span.ended_s - min(1e-6, before.span.duration_s / 2)  # an arrow begins within something
            for phase, span, at_s in (("s", before.span, last_s), ("f", after.span, after.span.began_s)):
                track = self.tracks_by_thread[span.thread]
                yield self._event(phase, DECIDING, track, at_s, cat="critical path", id=at, bp="e")

    def _event(self, phase: str, name: str, track: int, at_s: float | None = None, **more: Any) -> Event:
        moment = {} if at_s is None else {"ts": _us(at_s - self.began_s)}
        return {"ph": phase, "name": name, "pid": os.getpid(), "tid": track, **moment, **more}


def _us(seconds: float) -> float:
    return round(seconds * 1e6, 3)
