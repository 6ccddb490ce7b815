"""Renders a diff for people: numbers aligned, and small pictures where one looks rather than reads."""

from __future__ import annotations

from collections.abc import Iterator

import click

from dryland.cli.visible import visible
from dryland.diff import wording
from dryland.diff.difference import ColumnDifference, Comparison, TableDifference

SYMBOLS = {"different": ("~", "yellow"), "added": ("+", "green"), "removed": ("-", "red"), "unknown": ("?", "magenta")}
SCHEMA = {"added": ("+", "green"), "removed": ("-", "red"), "retyped": ("~", "yellow")}
ROWS = {"equal": "bright_black", "added": "green", "removed": "red", "changed": "yellow"}
BAR_WIDTH = 24
COLUMNS_MAX = 12  # of a table, in each list


def diff_lines(comparison: Comparison) -> Iterator[str]:
    """The comparison, line by line."""
    title = click.style(visible(f"{comparison.before} → {comparison.after}: "), bold=True)
    yield title + wording.headline(comparison)
    yield from _of_warehouses(comparison)
    for table in comparison.different:
        yield from _table(table)
    equal = [table for table in comparison.tables if table.status == "equal"]
    if equal and comparison.different:
        yield ""
        yield f"{len(equal)} equal: {_listed([table.name for table in equal])}"


def _of_warehouses(comparison: Comparison) -> Iterator[str]:
    """Of two warehouses: how much was looked at, and which types are taken for the same."""
    if not comparison.types:
        return
    rows = sum(max(table.rows_before or 0, table.rows_after or 0) for table in comparison.tables)
    yield f"{rows:,} rows compared, with types {_listed([f'{one} = {other}' for one, other in comparison.types])}"


def _table(table: TableDifference) -> Iterator[str]:
    symbol, colour = SYMBOLS[table.status]
    head = click.style(f"{symbol} {visible(table.name)}", fg=colour, bold=True)
    yield ""
    if table.status != "different":
        yield f"{head}  {visible(wording.summary(table))}"
        return
    yield f"{head}  {wording.row_totals(table)} rows, compared {visible(wording.compared_by(table))}"
    yield from (f"    note: {visible(note)}" for note in table.notes)
    yield from _rows(table)
    yield from _schema(table)
    yield from _values(table)
    yield from _shifts(table)


def _rows(table: TableDifference) -> Iterator[str]:
    counts = wording.row_counts(table)
    most = max((count for _, count in counts), default=0) or 1
    width = max(len(f"{count:,}") for _, count in counts)
    for what, count in counts:
        picture = f"  {click.style(wording.bar(count / most, BAR_WIDTH), fg=ROWS[what])}" if count else ""
        yield f"    {what:<8} {count:>{width},}{picture}"
        examples = {"added": table.examples_added, "removed": table.examples_removed}.get(what, ())
        for example in examples:
            yield _cut(f"        {visible(wording.row_text(example))}")


def _schema(table: TableDifference) -> Iterator[str]:
    columns = table.schema
    if not columns:
        return
    yield "  columns"
    width = max(len(column.name) for column in columns[:COLUMNS_MAX])
    for column in columns[:COLUMNS_MAX]:
        symbol, colour = SCHEMA[column.schema_change]
        name = click.style(f"{symbol} {visible(column.name):<{width}}", fg=colour)
        yield f"    {name}  {wording.definition(column)}"
    yield from _more(columns)


def _values(table: TableDifference) -> Iterator[str]:
    columns = [column for column in table.altered if column.changed]
    if not columns:
        return
    yield "  values of changed rows"
    names = max(len(visible(column.name)) for column in columns[:COLUMNS_MAX])
    width = max(len(f"{column.changed:,}") for column in columns)
    for column in columns[:COLUMNS_MAX]:
        share = column.changed / table.changed
        picture = click.style(wording.bar(share, BAR_WIDTH), fg="yellow")
        yield f"    {visible(column.name):<{names}}  {column.changed:>{width},}  {share:>4.0%}  {picture}"
        for example in column.examples:
            yield _cut(f"        {visible(wording.change(example))}")
    yield from _more(columns)


def _shifts(table: TableDifference) -> Iterator[str]:
    columns = sorted((c for c in table.columns if c.shift and c.shift.level), key=lambda c: -_moved(c))
    if not columns:
        return
    yield "  distributions that moved" + (f" ({note})" if (note := wording.sampled(table)) else "")
    names = max(len(visible(column.name)) for column in columns[:COLUMNS_MAX])
    for column in columns[:COLUMNS_MAX]:
        assert column.shift is not None
        pictures = (
            wording.sparkline(tuple(getattr(share, side) for share in column.shift.shares))
            for side in ("before", "after")
        )
        told = f"    {visible(column.name):<{names}}  {visible(wording.shift_sentence(column.shift))}"
        yield f"{told}  {' → '.join(f'▕{picture}▏' for picture in pictures)}" if column.shift.shares else told
    yield from _more(columns)


def _moved(column: ColumnDifference) -> float:
    return column.shift.value if column.shift else 0.0


def _more(columns: tuple[ColumnDifference, ...] | list[ColumnDifference]) -> Iterator[str]:
    if len(columns) > COLUMNS_MAX:
        yield f"    ... and {len(columns) - COLUMNS_MAX} more"


def _listed(names: list[str]) -> str:
    shown = ", ".join(visible(name) for name in names[:COLUMNS_MAX])
    return shown if len(names) <= COLUMNS_MAX else f"{shown} and {len(names) - COLUMNS_MAX} more"


def _cut(line: str) -> str:
    return line if len(line) <= 118 else line[:117] + "…"
