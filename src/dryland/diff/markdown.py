"""Writes a diff as Markdown, for a comment on a change."""

from __future__ import annotations

from collections.abc import Iterator

from dryland.diff import wording
from dryland.diff.difference import Comparison, TableDifference

COLUMNS_MAX = 30


def markdown_of(comparison: Comparison) -> Iterator[str]:
    """The comparison, line by line: a table of tables, then what differs in each."""
    yield f"### {_text(comparison.before)} → {_text(comparison.after)}: {wording.headline(comparison)}"
    if not comparison.different:
        return
    yield ""
    yield "| table | rows | difference |"
    yield "| --- | ---: | --- |"
    for table in comparison.different:
        yield f"| {_text(table.name)} | {wording.row_totals(table)} | {_text(wording.summary(table))} |"
    for table in comparison.different:
        if table.status == "different":
            yield from _table(table)


def _table(table: TableDifference) -> Iterator[str]:
    yield ""
    yield f"<details><summary>{_text(table.name)}, compared {_text(wording.compared_by(table))}</summary>"
    yield ""
    yield from (f"> {_text(note)}\n" for note in table.notes)
    columns = [column for column in table.columns if column.schema_change or column.changed or _is_moved(column.shift)]
    if columns:
        yield "| column | definition | changed | example | distribution |"
        yield "| --- | --- | ---: | --- | --- |"
    for column in columns[:COLUMNS_MAX]:
        shown = wording.change(column.examples[0]) if column.examples else ""
        definition = f"{column.schema_change} {wording.definition(column)}" if column.schema_change else ""
        moved = wording.shift_sentence(column.shift) if column.shift else ""
        changed = f"{column.changed:,}" if column.changed else ""
        yield f"| {_text(column.name)} | {_text(definition)} | {changed} | {_text(shown)} | {_text(moved)} |"
    if len(columns) > COLUMNS_MAX:
        yield f"\nand {len(columns) - COLUMNS_MAX} more columns"
    for what, examples in (("added", table.examples_added), ("removed", table.examples_removed)):
        if examples:
            yield ""
            yield f"{what}, for example:"
            yield from (f"- {_text(wording.row_text(example))}" for example in examples)
    yield ""
    yield "</details>"


def _is_moved(shift: object) -> bool:
    return bool(getattr(shift, "level", ""))


def _text(text: str) -> str:
    r"""Text from elsewhere that stays text: no markup, no link, no cell border, one line.

    >>> _text("<b> a|b [x](y)")
    '&lt;b&gt; a\\|b \\[x\\](y)'
    """
    found = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "\\`*_[]|~#":
        found = found.replace(mark, f"\\{mark}")
    return found.replace("@", "@\u2060")  # mentions nobody
