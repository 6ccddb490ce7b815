"""Finds in a SELECT which conditions the rows of each of its sources must meet, or nothing comes of them.

A condition of WHERE, or of an inner join, must be true of all that comes out. It may be asked of the rows of a source
beforehand where no outer join puts NULLs in their place: else a row that is left out is replaced by NULLs, of which
the condition may be true. What is joined by LEFT JOIN must meet the condition of that join, or is joined with nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from dryland.sql.ambiguity import also_in_where
from dryland.sql.conditions import conjuncts
from dryland.sql.reading import called_as_known
from dryland.sql.references import source_names
from dryland.sql.row_count import aggregation, makes_rows
from dryland.values import dataclass

OF_SELECT = frozenset(
    "distinct expressions from_ group having joins limit offset order qualify where windows with_".split()
)
OF_JOIN = frozenset({"this", "on", "side", "kind"})
OF_ROWS_FIRST = ("sample", "pivots", "joins", "laterals")  # what is done with a source before any condition is asked
KEEPS_RIGHT = frozenset({"RIGHT", "FULL"})  # such a join gives rows whose left side is NULL
INNER = frozenset({"", "INNER", "CROSS"})
AFTER_ROWS = ("group", "having", "qualify", "limit", "offset", "windows")  # a filter behind them is another before


@dataclass(frozen=True, slots=True)
class Deciding:
    """By the name of a source: what its rows must meet, and whether a filter of the whole SELECT is one of them."""

    conditions: Mapping[str, Sequence[exp.Expr]]
    filtered: frozenset[str]


def deciding(select: exp.Select) -> Deciding:
    """What decides which rows of the sources count; nothing where that is not understood.

    >>> from sqlglot import parse_one
    >>> found = deciding(parse_one("select 1 from a join b on a.x = b.x left join c on c.y = b.y where a.z > 1"))
    >>> {name: [each.sql() for each in conditions] for name, conditions in found.conditions.items()}
    {'a': ['a.z > 1', 'a.x = b.x'], 'b': ['a.z > 1', 'a.x = b.x'], 'c': ['c.y = b.y']}
    """
    joins = select.args.get("joins") or []
    if not _is_understood(select, joins):
        return Deciding({}, frozenset())
    where = select.args.get("where")
    of_all = [*conjuncts(where.this if where is not None else None)]
    of_all += [part for join in joins if _is_inner(join) for part in conjuncts(join.args.get("on"))]
    has_nulls = any(_side(join) in KEEPS_RIGHT for join in joins)
    found: dict[str, Sequence[exp.Expr]] = {}
    filtered: set[str] = set()
    for name, join in zip(source_names(select), [None, *joins], strict=True):
        if not has_nulls and (join is None or _is_inner(join)):
            found[name] = of_all
            filtered.add(name)
        elif join is not None and (_is_inner(join) or _side(join) == "LEFT"):
            found[name] = [*conjuncts(join.args.get("on"))]
    return Deciding(found, frozenset(filtered))


def passes_rows_on(select: exp.Select) -> bool:
    """Whether each row that comes out is made of one row of what WHERE lets through."""
    if any(select.args.get(key) for key in AFTER_ROWS) or _is_distinct_on(select):
        return False
    if aggregation(select, frozenset(source_names(select))) != "plain":
        return False
    return not any(makes_rows(each) or _looks_around(each) for each in select.expressions)


def _looks_around(projection: exp.Expr) -> bool:
    """Whether it may be worked out of other rows too: a macro of the team's own may stand for a window."""
    return any(isinstance(each, exp.Window) or _is_unknown_call(each) for each in projection.walk())


def _is_unknown_call(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and not called_as_known(node)


def _is_understood(select: exp.Select, joins: Sequence[exp.Expr]) -> bool:
    if any(value and key not in OF_SELECT for key, value in select.args.items()):
        return False
    if select.args.get("from_") is None or also_in_where(select):
        return False
    sources = [select.args["from_"].this, *(join.this for join in joins)]
    return all(map(is_known_source, sources)) and all(map(_is_known_join, joins))


def is_known_source(source: exp.Expr) -> bool:
    """Whether it brings all its rows, and nothing but those."""
    return isinstance(source, exp.Table | exp.Subquery) and not any(source.args.get(key) for key in OF_ROWS_FIRST)


def _is_known_join(join: exp.Expr) -> bool:
    if any(value and key not in OF_JOIN for key, value in join.args.items()):
        return False
    if _side(join):
        return _side(join) in KEEPS_RIGHT | {"LEFT"} and join.text("kind").upper() in ("", "OUTER")
    return join.text("kind").upper() in INNER


def _is_inner(join: exp.Expr) -> bool:
    return not _side(join)


def _side(join: exp.Expr) -> str:
    return str(join.text("side")).upper()


def _is_distinct_on(select: exp.Select) -> bool:
    distinct = select.args.get("distinct")
    return distinct is not None and bool(distinct.args.get("on"))
