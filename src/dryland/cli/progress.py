"""Shows how far a run is: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import re
import sys
import time
from typing import Any

import click

from dryland.build.progress import Event

PATIENCE_S = 1.0  # nothing is drawn for what is over sooner
NAMES_SHOWN = 3
IDS = re.compile(r"\b(?:model|seed|source|test)\.\w+\.")  # people read names without their packages
MARKS = {"done": ("✓", "green"), "rejected": ("✗", "red"), "failed": ("✗", "red"), "blocked": ("-", "yellow")}


class Lines:
    """Progress on stderr."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._began = self._since = time.monotonic()  # what is being done, and the first of what came without a break
        self._ended = -PATIENCE_S
        self._live: Any = None

    def on(self, event: Event) -> None:
        """Draw an event."""
        if event.kind == "waiting":
            click.echo(f"{shown(event.node)} waits: {event.message}" if event.node else event.message, err=True)
        if self._quiet:
            return
        if event.kind == "start":
            self._began = time.monotonic()
            if self._began - self._ended > PATIENCE_S:
                self._since = self._began
        if self._terminal:
            self._draw(event)
        elif event.kind == "step_finished":
            click.echo(line(event), err=True)

    def _draw(self, event: Event) -> None:
        if event.kind == "end":
            self._ended = time.monotonic()
            if self._live:
                self._live.stop()
                self._live = None
            return
        if self._live is None and event.total and time.monotonic() - self._since > PATIENCE_S:
            from rich.console import Console
            from rich.live import Live

            self._live = Live("", console=Console(stderr=True), transient=True, refresh_per_second=10)
            self._live.start()
        if self._live and event.total:
            self._live.update(bar(event, time.monotonic() - self._began))


def shown(unique_id: str) -> str:
    """What people call a node: `orders`, `prices.v2`."""
    return unique_id.split(".", 2)[-1]


def line(event: Event) -> str:
    """One finished node: mark, count, name, what happened."""
    mark, colour = MARKS.get(event.status, ("?", "white"))
    width = len(str(event.total))
    rows = f"{event.rows:,} rows" if event.rows is not None else ""
    said = ", ".join(part for part in (event.action, rows, f"{event.duration_s:.2f} s") if part)
    said_first = IDS.sub("", event.message.splitlines()[0] if event.message else "")
    note = f": {said_first}" if event.status != "done" and event.message else ""
    name = shown(event.node)
    return f"{click.style(mark, fg=colour)} {event.done:>{width}}/{event.total} {name} ({said}){note}"


def bar(event: Event, spent_s: float) -> str:
    """The live line: a bar, the count, the rate, the time that is left, and who is at work."""
    cells = 20
    full = round(cells * event.done / event.total)
    rate = event.done / spent_s if spent_s else 0.0
    left = f"{(event.total - event.done) / rate:.0f} s left" if rate else "..."
    names = [shown(each) for each in event.running]
    more = f" +{len(names) - NAMES_SHOWN}" if len(names) > NAMES_SHOWN else ""
    running = ", ".join(names[:NAMES_SHOWN]) + more
    return f"{'█' * full}{'░' * (cells - full)} {event.done}/{event.total}  {rate:.1f}/s  {left}  {running}"
