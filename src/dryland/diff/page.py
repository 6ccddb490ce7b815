"""Writes a diff as one page with charts that needs nothing else: no script, no font, no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files

from dryland.diff import wording
from dryland.diff.difference import ColumnDifference, Comparison, Example, TableDifference
from dryland.diff.drawing import paired_bars, share_bar, stacked_bar

COLUMNS_MAX = 100  # of a table, with a chart each
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page_of(comparison: Comparison) -> str:
    """The whole page."""
    title = escape(f"{comparison.before} → {comparison.after}")
    style = files("dryland.diff").joinpath("page.css").read_text(encoding="utf-8")
    return "\n".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>",
            '<a class="skip" href="#tables">Skip to the tables</a>',
            f"<header><h1>{title}</h1><p>{escape(wording.headline(comparison))}</p></header>",
            *_contents(comparison),
            '<main id="tables">',
            *(part for number, table in enumerate(comparison.different) for part in _table(number, table)),
            *_equal(comparison),
            "</main>\n</body>\n</html>\n",
        )
    )


def _contents(comparison: Comparison) -> Iterator[str]:
    if not comparison.different:
        return
    yield '<nav aria-label="Tables that differ" class="wide"><table><caption>Tables that differ</caption>'
    yield _head(("table", ""), ("rows", "number"), ("difference", ""))
    for number, table in enumerate(comparison.different):
        link = f'<a href="#t{number}">{escape(table.name)}</a>'
        yield _row((link, ""), (wording.row_totals(table), "number"), (escape(wording.summary(table)), ""))
    yield "</table></nav>"


def _table(number: int, table: TableDifference) -> Iterator[str]:
    yield f'<section id="t{number}" aria-labelledby="h{number}"><h2 id="h{number}">{escape(table.name)}</h2>'
    if table.status != "different":
        yield f"<p>{escape(table.reason or table.status)}</p></section>"
        return
    yield f'<p class="quiet">{wording.row_totals(table)} rows, compared {escape(wording.compared_by(table))}</p>'
    yield from (f"<p>Note: {escape(note)}.</p>" for note in table.notes)
    yield from _rows(table)
    yield from _schema(table)
    yield from _values(table)
    yield from _shifts(table)
    yield "</section>"


def _rows(table: TableDifference) -> Iterator[str]:
    counts = wording.row_counts(table)
    told = ", ".join(f"{count:,} {what}" for what, count in counts)
    yield f"<h3>Rows</h3>{stacked_bar(counts, f'Rows: {told}')}"
    keys = (f'<span class="key {what}" aria-hidden="true"></span>{count:,} {what}' for what, count in counts)
    yield f"<p>{''.join(keys)}</p>"
    yield from _examples("Rows added, for example", table.examples_added)
    yield from _examples("Rows removed, for example", table.examples_removed)


def _examples(title: str, examples: Sequence[Example]) -> Iterator[str]:
    if not examples:
        return
    yield f'<details><summary>{title}</summary><div class="wide"><table>'
    yield _head(*((name, "") for name in examples[0].key))
    for example in examples:
        yield _row(*((escape(wording.value(each)), "value") for each in example.key.values()))
    yield "</table></div></details>"


def _schema(table: TableDifference) -> Iterator[str]:
    if not table.schema:
        return
    yield "<h3>Columns</h3><div class='wide'><table>" + _head(("column", ""), ("change", ""), ("type", ""))
    for column in table.schema:
        yield _row((escape(column.name), ""), (column.schema_change, ""), (escape(wording.definition(column)), "value"))
    yield "</table></div>"


def _values(table: TableDifference) -> Iterator[str]:
    columns = [column for column in table.altered if column.changed]
    if not columns:
        return
    yield "<h3>Values of changed rows</h3><div class='wide'><table>"
    yield _head(("column", ""), ("rows", "number"), ("share of changed rows", ""), ("examples", ""))
    for column in columns[:COLUMNS_MAX]:
        share = column.changed / table.changed
        bar = share_bar(share, f"{share:.0%} of changed rows")
        shown = "<br>".join(escape(wording.change(example)) for example in column.examples)
        yield _row((escape(column.name), ""), (f"{column.changed:,}", "number"), (bar, ""), (shown, "value"))
    yield "</table></div>" + _more(columns)


def _shifts(table: TableDifference) -> Iterator[str]:
    columns = [column for column in table.columns if column.shift and (column.shift.level or column.changed)]
    if not columns:
        return
    yield "<h3>Distributions</h3>"
    if note := wording.sampled(table):
        yield f'<p class="quiet">{note}</p>'
    yield (
        '<p class="quiet"><span class="key before" aria-hidden="true"></span>before'
        '<span class="key after" aria-hidden="true"></span>after</p>'
    )
    for column in columns[:COLUMNS_MAX]:
        yield from _shift(column)
    yield _more(columns)


def _shift(column: ColumnDifference) -> Iterator[str]:
    assert column.shift is not None
    told = f"{column.name}: {wording.shift_sentence(column.shift)}"
    yield f"<figure><figcaption>{escape(told)}</figcaption>"
    if column.shift.shares:
        yield paired_bars(column.shift.shares, f"Shares before and after of {told}; the numbers follow")
        yield '<details><summary>as numbers</summary><div class="wide"><table>'
        yield _head(("value", ""), ("before", "number"), ("after", "number"))
        for share in column.shift.shares:
            yield _row(
                (escape(share.label), "value"), (f"{share.before:.1%}", "number"), (f"{share.after:.1%}", "number")
            )
        yield "</table>"
        yield from _quantiles(column)
        yield "</div></details>"
    yield "</figure>"


def _quantiles(column: ColumnDifference) -> Iterator[str]:
    assert column.shift is not None
    if not column.shift.quantiles:
        return
    yield "<table>" + _head(("quantile", ""), ("before", "number"), ("after", "number"))
    for at, before, after in column.shift.quantiles:
        name = {0.0: "smallest", 0.5: "median", 1.0: "largest"}.get(at, f"{at:.0%}")
        yield _row((name, ""), (escape(wording.value(before)), "number"), (escape(wording.value(after)), "number"))
    yield "</table>"


def _equal(comparison: Comparison) -> Iterator[str]:
    equal = [table for table in comparison.tables if table.status == "equal"]
    if equal:
        names = ", ".join(f"{escape(table.name)}" for table in equal)
        yield f"<details><summary>{len(equal)} equal</summary><p>{names}</p></details>"


def _head(*cells: tuple[str, str]) -> str:
    return "<tr>" + "".join(f'<th scope="col" class="{kind}">{escape(text)}</th>' for text, kind in cells) + "</tr>"


def _row(*cells: tuple[str, str]) -> str:
    """A row of cells that are escaped already."""
    return "<tr>" + "".join(f'<td class="{kind}">{text}</td>' for text, kind in cells) + "</tr>"


def _more(columns: Iterable[object]) -> str:
    rest = len(list(columns)) - COLUMNS_MAX
    return f"<p>and {rest} more columns</p>" if rest > 0 else ""
