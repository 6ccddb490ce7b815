"""Says in a few words what a diff found: the same sentences on a terminal, in Markdown and on a page."""

from __future__ import annotations

from dryland.diff.difference import ColumnDifference, Comparison, Example, Shift, TableDifference

MEASURES = {"psi": "PSI", "jensen_shannon": "JS distance"}
BLOCKS = "▁▂▃▄▅▆▇█"
EIGHTHS = " ▏▎▍▌▋▊▉"


def headline(comparison: Comparison) -> str:
    """How many tables differ, of those that were compared."""
    different, count = len(comparison.different), len(comparison.tables)
    if not count:
        return "there is nothing to compare"
    if not different:
        return "no difference" if count == 1 else f"no difference in {count} tables"
    return "different" if count == 1 else f"{different} of {count} tables differ"


def summary(table: TableDifference) -> str:
    """One table in a few words."""
    if table.status in ("added", "removed"):
        rows = table.rows_after if table.status == "added" else table.rows_before
        return table.status if rows is None else f"{table.status}, {rows:,} row{'s' * (rows != 1)}"
    if table.status != "different":
        return table.reason or "no difference"
    columns = table.schema
    parts = [f"{count:,} {what}" for what, count in row_counts(table) if count and what != "equal"]
    parts += [f"{len(columns)} column{'s' * (len(columns) > 1)} redefined"] if columns else []
    return ", ".join(parts)


def row_counts(table: TableDifference) -> tuple[tuple[str, int], ...]:
    """How many rows are what, in the order in which they are shown."""
    counts = (("equal", table.equal or 0), ("added", table.added), ("removed", table.removed))
    return (*counts, ("changed", table.changed)) if table.key else counts


def row_totals(table: TableDifference) -> str:
    """Rows before and after; a dash where that is not known."""
    before, after = ("-" if rows is None else f"{rows:,}" for rows in (table.rows_before, table.rows_after))
    return before if before == after else f"{before} → {after}"


def compared_by(table: TableDifference) -> str:
    """By what rows were told apart."""
    return f"by {', '.join(table.key)}" if table.key else "as whole rows"


def definition(column: ColumnDifference) -> str:
    """A column's types, as far as they changed."""
    both = (column.type_before, column.type_after)
    return f"{both[0]} → {both[1]}" if column.schema_change == "retyped" else both[0] or both[1]


def shift_sentence(shift: Shift) -> str:
    """How far a distribution moved, and the median of numbers."""
    told = f"{MEASURES[shift.measure]} {shift.value:.2f}" + (f" ({shift.level})" if shift.level else "")
    median = next(((before, after) for at, before, after in shift.quantiles if at == 0.5), None)
    return f"{told}, median {value(median[0])} → {value(median[1])}" if median else told


def sampled(table: TableDifference) -> str:
    """From how many rows distributions were taken; empty where it was all of them."""
    return f"distributions are those of a sample of {table.sampled_rows:,} rows" if table.sampled_rows else ""


def key_text(example: Example) -> str:
    """A row's key as text, or the whole row."""
    return ", ".join(value(each) for each in example.key.values())


def change(example: Example) -> str:
    """A row's key, and a value of it before and after."""
    return f"{key_text(example)}: {value(example.before)} → {value(example.after)}"


def row_text(example: Example) -> str:
    """A row with the names of its columns."""
    return "  ".join(f"{name}={value(each)}" for name, each in example.key.items())


def value(each: object) -> str:
    """A value for people: null is a word, and spaces at an end are seen."""
    if each is None:
        return "null"
    text = str(each).lower() if isinstance(each, bool) else str(each)
    return text if text.strip() == text and text else f"'{text}'"


def bar(share: float, width: int) -> str:
    """A bar of so many characters, in steps of an eighth; what is there at all is seen.

    >>> bar(0.5, 4), bar(0.0001, 4), bar(0, 4)
    ('██', '▏', '')
    """
    eighths = max(round(share * width * 8), 1 if share > 0 else 0)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def sparkline(shares: tuple[float, ...]) -> str:
    """A small picture of shares, one character each, the highest as high as it gets.

    >>> sparkline((0.1, 0.4, 0.2))
    '▂█▄'
    """
    most = max(shares, default=0.0) or 1.0
    return "".join(
        BLOCKS[min(round(share / most * len(BLOCKS)), len(BLOCKS)) - 1] if share else " " for share in shares
    )
