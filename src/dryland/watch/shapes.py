"""Finds sources that lost columns, or whose columns are of another type, since the last release."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from dryland.project.project import Project
from dryland.sql.meaning import WHOLE, Meaning
from dryland.watch.finding import Finding
from dryland.watch.report import Quiet, Report

SUBJECT = "columns"
Shape = Sequence[Sequence[str]]


def shapes_of(source_columns: Mapping[str, Sequence[Any]]) -> dict[str, list[list[str]]]:
    """Source -> its columns, each with its type, as they are remembered."""
    return {
        source: [[str(each.name), str(each.type)] for each in columns] for source, columns in source_columns.items()
    }


def drift(
    report: Report, project: Project, before: Mapping[str, Shape], now: Mapping[str, Shape],
    meanings: Callable[[], Mapping[str, Meaning]], *, is_published: bool,
) -> Report:  # fmt: skip
    """What went or changed type, each source once; a column that arrived is no loss."""
    changed = {source: lost for source in before if source in project.sources
               if (lost := tuple(_lost(before[source], now.get(source, ()))))}  # fmt: skip
    reads = _reads(meanings()) if changed else {}
    findings = [_finding(report, source, lost, reads, is_published) for source, lost in changed.items()]
    quiet = tuple(Quiet(source, "schema", SUBJECT) for source in before if source not in changed)
    return Report(report.environment, report.at, tuple(findings), quiet)


def _lost(before: Shape, now: Shape) -> Iterator[tuple[str, str, str]]:
    types = {str(name).lower(): kind for name, kind in now}
    for name, kind in before:
        found = types.get(str(name).lower())
        if found != kind:
            yield str(name), str(kind), found or ""


def _finding(
    report: Report, source: str, lost: Sequence[tuple[str, str, str]], reads: Mapping[str, set[str]], is_published: bool
) -> Finding:  # fmt: skip
    told = ", ".join(f"`{name}` {f'is {kind} and was {old}' if kind else 'is gone'}" for name, old, kind in lost)
    needed = [name for name, _, _ in lost if reads.get(source, set()) & {name.lower(), WHOLE}]
    return Finding(
        report.environment, source, "schema", SUBJECT, "error" if needed and not is_published else "warn", report.at,
        f"its columns changed: {told}", are_readers_hit=False,
        evidence={"verb": "run", "needed": needed,
                  "columns": [{"column": name, "before": old, "now": kind or "gone"} for name, old, kind in lost]},
    )  # fmt: skip


def _reads(meanings: Mapping[str, Meaning]) -> dict[str, set[str]]:
    """Source -> columns that anything reads of it."""
    found: dict[str, set[str]] = {}
    for meaning in meanings.values():
        for part in (meaning.rows, *(meaning.columns or {}).values()):
            for unique_id, column in part.reads:
                found.setdefault(unique_id, set()).add(column.lower())
    return found
