"""Gives projections without a name the name that PostgreSQL gives them, so that others can refer to it."""

from __future__ import annotations

from typing import NamedTuple

from sqlglot import exp

from dryland.sql.fingerprint import NotUnderstoodError
from dryland.sql.postgres_words import TYPES
from dryland.sql.reading import READ_BY_NAME, called

NONE = "?column?"
FROM_WITHIN = (exp.Collate, exp.Filter, exp.IgnoreNulls, exp.Paren, exp.Window, exp.WithinGroup, exp.Bracket)
AS_KIND: dict[type[exp.Expr], str] = {
    exp.Array: "array", exp.AtTimeZone: "timezone", exp.Boolean: "bool", exp.Coalesce: "coalesce", exp.Count: "count",
    exp.CurrentDate: "current_date", exp.CurrentTime: "current_time", exp.CurrentTimestamp: "current_timestamp",
    exp.CurrentUser: "current_user", exp.Exists: "exists", exp.ExplodingGenerateSeries: "generate_series",
    exp.Extract: "extract", exp.GroupConcat: "string_agg", exp.Interval: "interval", exp.JSONObject: "json_object",
    exp.Localtime: "localtime", exp.Localtimestamp: "localtimestamp", exp.Overlaps: "overlaps",
    exp.Overlay: "overlay",
    exp.SessionUser: "session_user", exp.StrPosition: "position", exp.Substring: "substring", exp.Tuple: "row",
    exp.Unnest: "unnest",
}  # fmt: skip
NAMELESS = (
    exp.Between, exp.Binary, exp.BitString, exp.ByteString, exp.Cbrt, exp.Concat, exp.HexString, exp.In, exp.Literal,
    exp.National, exp.Null, exp.RawString, exp.Sqrt, exp.StartsWith, exp.Unary, exp.UnicodeString,
)  # fmt: skip
TRIMS = {"": "btrim", "BOTH": "btrim", "LEADING": "ltrim", "TRAILING": "rtrim"}


class Name(NamedTuple):
    """What a projection is called; a weak name gives way to that of a type that it is cast to."""

    text: str
    is_weak: bool = False


def name_outputs(tree: exp.Expr, dialect: str) -> None:
    """Write, in place, the names of nameless projections; one that is not known is called as sqlglot does.

    >>> from sqlglot import parse_one
    >>> tree = parse_one("select a + 1, count(*), b::date, case when a then 'x' end, 'x'::text from t", read="postgres")
    >>> name_outputs(tree, "postgres")
    >>> [each.alias_or_name for each in tree.expressions]
    ['?column?', 'count', 'b', 'case', 'text']

    Raises:
        NotUnderstoodError: what stands in FROM or WITH has a column whose name only the warehouse knows.
    """
    for select in tree.find_all(exp.Select) if dialect in READ_BY_NAME else ():
        used = {each.alias_or_name for each in select.expressions if isinstance(each, exp.Alias | exp.Column)}
        for at, projection in enumerate(select.expressions):
            if isinstance(projection, exp.Alias | exp.Aliases | exp.Column) or projection.is_star:
                continue
            found = _name(projection)
            text = found.text if found and found.text not in used else ""
            if not text and _is_read_by_name(select):
                raise NotUnderstoodError("a column of a subquery without a name of its own")
            used.add(text)
            alias = exp.to_identifier(text or f"_col_{at}", quoted=True)
            projection.replace(exp.Alias(this=projection.copy(), alias=alias))


def _is_read_by_name(select: exp.Expr) -> bool:
    """Whether it stands in a FROM or a WITH."""
    node = select
    while isinstance(node.parent, exp.SetOperation | exp.Subquery):
        node = node.parent
    return isinstance(node.parent, exp.CTE | exp.From | exp.Join | exp.Lateral)


def _name(node: exp.Expr) -> Name | None:
    if isinstance(node, exp.Column):
        return Name(node.name)
    if isinstance(node, FROM_WITHIN):
        return _name(node.this)
    if isinstance(node, exp.Cast):
        return _of_cast(node)
    if isinstance(node, exp.Case):
        default = node.args.get("default")
        inner = _name(default) if default is not None else None
        return inner if inner and not inner.is_weak and inner.text != NONE else Name("case", is_weak=True)
    if isinstance(node, exp.Subquery | exp.Select):
        return _of_subquery(node)
    if isinstance(node, exp.Dot):
        return Name(node.expression.name) if isinstance(node.expression, exp.Identifier) else _name(node.expression)
    if isinstance(node, exp.Trim):
        return Name(TRIMS[str(node.args.get("position") or "").upper()])
    if type(node) in AS_KIND:
        return Name(AS_KIND[type(node)])
    if isinstance(node, NAMELESS):
        return Name(NONE, is_weak=True)
    return Name(called(node)) if called(node) else None


def _of_cast(node: exp.Cast) -> Name | None:
    inner = _name(node.this)
    if inner is None or not inner.is_weak:
        return inner
    kind = node.to
    while kind.expressions and kind.is_type(exp.DType.ARRAY):
        kind = kind.expressions[0]
    text = TYPES.get(kind.this.name if isinstance(kind.this, exp.DType) else "", "")
    return Name(text, is_weak=True) if text else None


def _of_subquery(node: exp.Expr) -> Name | None:
    inner = node.unnest()
    while isinstance(inner, exp.SetOperation):
        inner = inner.this.unnest()
    if not isinstance(inner, exp.Select) or not inner.expressions:
        return None
    first = inner.expressions[0]
    found = Name(first.alias) if isinstance(first, exp.Alias) else _name(first)
    return None if found is None else Name(found.text)
