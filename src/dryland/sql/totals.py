"""Recognises a SELECT that makes one row of a table, of which nothing counts but a few aggregates."""

from __future__ import annotations

from sqlglot import exp

from dryland.sql.deciding import is_known_source
from dryland.sql.names import unmarked
from dryland.sql.portion import Aggregate
from dryland.sql.reading import called_as_known

NAMES: dict[type[exp.Expr], str] = {exp.Count: "count", exp.Max: "max", exp.Min: "min", exp.Sum: "sum"}
OF_SELECT = frozenset({"expressions", "from_", "where"})
AROUND = (
    exp.Add, exp.Alias, exp.Boolean, exp.Cast, exp.Coalesce, exp.DataType, exp.DataTypeParam, exp.Div, exp.Identifier,
    exp.Literal, exp.Mul, exp.Neg, exp.Null, exp.Paren, exp.Sub,
)  # fmt: skip
"""What may stand around aggregates: it gives the same for the same."""


def totals(select: exp.Select, source: str) -> frozenset[Aggregate] | None:
    """The aggregates of the only source's columns; None where more counts than those.

    >>> from sqlglot import parse_one
    >>> sorted(totals(parse_one("select cast(sum(t.a) as int) as a, 'x' as b, count(*) as c from t"), "t"))
    [Aggregate(name='count', column=''), Aggregate(name='sum', column='a')]
    >>> [totals(parse_one(f"select {each} from t"), "t") for each in ("sum(t.a) over ()", "count(distinct t.a)", "1")]
    [None, None, None]
    """
    if any(value and key not in OF_SELECT for key, value in select.args.items()):
        return None
    if not is_known_source(select.args["from_"].this):
        return None  # of a sample
    found: set[Aggregate] = set()
    stack: list[exp.Expr] = list(select.expressions)
    while stack:
        node = stack.pop()
        aggregate = _aggregate(node, source)
        if aggregate is not None:
            found.add(aggregate)
        elif isinstance(node, AROUND):
            stack += node.iter_expressions()
        else:
            return None
    return frozenset(found) or None


def _aggregate(node: exp.Expr, source: str) -> Aggregate | None:
    name = NAMES.get(type(node)) or called_as_known(node)
    if name not in NAMES.values():
        return None
    arguments = [*node.iter_expressions()]
    if len(arguments) != 1:
        return None
    if name == "count" and isinstance(arguments[0], exp.Star) and not arguments[0].args.get("except_"):
        return Aggregate("count")
    column = arguments[0]
    if not isinstance(column, exp.Column) or column.table != source or isinstance(column.this, exp.Star):
        return None
    return Aggregate(name, unmarked(column.name).lower())
