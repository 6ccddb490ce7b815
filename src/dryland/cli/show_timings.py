"""Renders where the time went: what was done within what, largest first, then the nodes that took longest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field

import click

from dryland.cli.node_timings import Building, Worked, longest_building
from dryland.cli.progress import shown
from dryland.cli.visible import visible
from dryland.timings import Span
from dryland.values import dataclass

LEAST_SHARE = 0.01  # of all: what took less is part of `other`
NODES_SHOWN = 10
PATH_SHOWN = 6  # nodes of the critical path
CELLS = 24
EIGHTHS = " ▏▎▍▌▋▊▉"
NAME_MAX = 40
MARK = click.style("◆", fg="yellow")


@dataclass
class _Part:
    """Everything of one name within the same: how often, how long, and what it was made of."""

    name: str
    times: int = 0
    spent_s: float = 0.0
    parts: dict[str, _Part] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Row:
    label: str
    spent_s: float
    depth: int


def timing_lines(spans: Sequence[Span], *, worked_s: float) -> list[str]:
    """What a person reads; `worked_s` is the processor's time."""
    whole = spans[-1]
    head = click.style(f"{whole.name} took {whole.duration_s:.2f} s", bold=True)
    lines = ["", f"{head}, {worked_s:.2f} s of the processor", *_tree_lines(whole, spans)]
    building = longest_building(spans)
    return [*lines, "", *_node_lines(building)] if building else lines


def _tree_lines(whole: Span, spans: Sequence[Span]) -> list[str]:
    """On the thread of the command: work on other threads is somewhere waited for."""
    rows = list(_rows(_tree(span for span in spans if span.thread == whole.thread), whole.duration_s))
    width = max((len(row.label) for row in rows), default=0)
    return [_line(row, width, whole.duration_s) for row in rows]


def _tree(spans: Iterator[Span]) -> _Part:
    top = _Part("")
    for span in spans:
        part = top
        for name in span.path[1:]:
            part = part.parts.setdefault(name, _Part(name))
        part.times += 1
        part.spent_s += span.duration_s
    return top


def _rows(part: _Part, whole_s: float, depth: int = 0) -> Iterator[_Row]:
    """The parts, largest first; what none of them tells is `other`, so that they add up."""
    large = [each for each in part.parts.values() if each.spent_s >= LEAST_SHARE * whole_s]
    for each in sorted(large, key=lambda each: -each.spent_s):
        often = f" ×{each.times}" if each.times > 1 else ""
        yield _Row(f"{'  ' * depth}{each.name}{often}", each.spent_s, depth)
        yield from _rows(each, whole_s, depth + 1)
    rest_s = part.spent_s - sum(each.spent_s for each in large)
    if large and rest_s >= LEAST_SHARE * whole_s:
        yield _Row(f"{'  ' * depth}other", rest_s, depth)


def _line(row: _Row, width: int, whole_s: float) -> str:
    share = row.spent_s / whole_s
    numbers = f"{row.spent_s:8.3f} s {share:5.0%}"
    bar = _bar(share * CELLS)
    return f"  {row.label:<{width}} {numbers}  {bar if row.depth else click.style(bar, fg='cyan')}".rstrip()


def _bar(cells: float) -> str:
    """As long as this many cells, to an eighth of one."""
    full, eighths = divmod(round(cells * 8), 8)
    return "█" * full + (EIGHTHS[eighths] if eighths else "")


def _node_lines(building: Building) -> list[str]:
    nodes = sorted(building.tasks, key=lambda task: -task.span.duration_s)
    width = max(len(_name(task)) for task in nodes[:NODES_SHOWN])
    head = f"    {'node':<{width}} {'waited':>8}   {'build':>8}   {'check':>8}"
    lines = [_threads(building), click.style(head, bold=True)]
    lines += [_node_line(task, width, nodes[0].span.duration_s, building) for task in nodes[:NODES_SHOWN]]
    left = len(nodes) - NODES_SHOWN
    more = [f"    {left:,} more: --trace FILE has them all"] if left > 0 else []
    return [*lines, *more, *_deciding_lines(building)]


def _threads(building: Building) -> str:
    count, threads = len(building.tasks), building.threads
    took = click.style(f"nodes took {building.span.duration_s:.2f} s", bold=True)
    on = f"{count:,} on {threads} threads, at work {building.busy_share:.0%} of that time"
    return f"{took}: {on if threads > 1 else f'{count:,} on one thread'}"


def _node_line(task: Worked, width: int, longest_s: float, building: Building) -> str:
    build_s, check_s = task.spent_s("build"), task.spent_s("check")
    mark = MARK if task in building.deciding else " "
    scale = CELLS / longest_s if longest_s else 0.0
    built = round(build_s * scale)
    bar = click.style("█" * built, fg="cyan") + click.style(
        "▒" * (round((build_s + check_s) * scale) - built), fg="blue"
    )
    return (
        f"  {mark} {_name(task):<{width}} {task.span.waited_s:8.3f} s {build_s:8.3f} s {check_s:8.3f} s  {bar}".rstrip()
    )


def _deciding_lines(building: Building) -> list[str]:
    """The critical path in one line; the small ones of a long one are left out."""
    path = building.deciding
    if building.deciding_waited_s > building.deciding_s:
        return ["    threads decided when it ended, and no node: what could be worked on waited for one"]
    large = sorted(path, key=lambda task: -task.span.duration_s)[:PATH_SHOWN]
    told, words = True, []
    for task in path:
        if task in large:
            words.append(f"{_name(task)} {task.span.duration_s:.2f} s")
        elif told:
            words.append("…")
        told = task in large
    waits = building.deciding_waited_s > LEAST_SHARE * building.span.duration_s
    waited = f", and {building.deciding_waited_s:.2f} s waiting for a thread" if waits else ""
    return [f"  {MARK} decided when it ended: {' → '.join(words)}", f"    together {building.deciding_s:.2f} s{waited}"]


def _name(task: Worked) -> str:
    """What people call the node; of a check without the hash that tells it from others."""
    about = task.span.about
    name = visible(about.split(".")[2] if about.startswith("test.") else shown(about))
    return name if len(name) <= NAME_MAX else f"{name[: NAME_MAX - 1]}…"
