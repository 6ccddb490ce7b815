"""Writes trees of checks, profiles and diffs as SQL: what a warehouse has no word for is said in other words there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

Rule = Callable[[exp.Expr], exp.Expr]

REGEX_FLAGS = {"c": "c", "i": "i", "l": "q", "m": "n", "n": "n", "p": "n", "s": "s"}
"""DuckDB's letters for how a regular expression is read, and PostgreSQL's."""


def render_sql(tree: exp.Expr, dialect: str) -> str:
    """A tree as SQL.

    >>> render_sql(exp.CountIf(this=exp.column("x") > 1), "postgres")
    'COUNT(*) FILTER(WHERE x > 1)'
    >>> render_sql(exp.CountIf(this=exp.column("x") > 1), "duckdb")
    'COUNT_IF(x > 1)'
    """
    rules = RULES.get(dialect)
    return (_reworded(tree, rules) if rules else tree).sql(dialect=dialect)


def _reworded(tree: exp.Expr, rules: Mapping[type[exp.Expr], Rule]) -> exp.Expr:
    """The same with each part in the warehouse's words, the innermost first."""
    holder = exp.Paren(this=tree.copy())
    for part in reversed(list(holder.walk())):
        rule = rules.get(type(part))
        if rule is not None and (new := rule(part)) is not part:
            part.replace(new)
    made: exp.Expr = holder.this
    return made


def _count_if(part: exp.Expr) -> exp.Expr:
    return exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=part.this))


def _filter(part: exp.Expr) -> exp.Expr:
    """Of a count that has a condition already, both."""
    inner = part.this
    if not isinstance(inner, exp.Filter):
        return part
    both = exp.and_(inner.expression.this, part.expression.this)
    return exp.Filter(this=inner.this, expression=exp.Where(this=both))


def _is_nan(part: exp.Expr) -> exp.Expr:
    return exp.EQ(this=part.this, expression=exp.convert("NaN"))


def _distinct(part: exp.Expr) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[part.this]))


def _round(part: exp.Expr) -> exp.Expr:
    """Only exact numbers can be rounded to places."""
    if not part.args.get("decimals"):
        return part
    return exp.Round(this=exp.cast(part.this, "NUMERIC"), decimals=part.args["decimals"])


def _regex(part: exp.Expr) -> exp.Expr:
    """What is said beside a pattern of how to read it stands at its beginning."""
    flags, pattern = part.args.get("flag"), part.expression
    if flags is None or not isinstance(flags, exp.Literal) or not isinstance(pattern, exp.Literal):
        return part
    letters = "".join(dict.fromkeys(REGEX_FLAGS.get(each, each) for each in flags.name))
    return exp.RegexpLike(this=part.this, expression=exp.convert(f"(?{letters}){pattern.name}"))


def _any_value(part: exp.Expr) -> exp.Expr:
    """The key of a group is the same in all of it."""
    select = part.find_ancestor(exp.Select)
    group = select.args.get("group") if select is not None else None
    return part.this if group is not None and part.this in group.expressions else part


def _join(part: exp.Expr) -> exp.Expr:
    """Rows without a partner are found by hashes only, and `is not distinct from` has none: JSON has a null to hash."""
    on = part.args.get("on")
    if on is None or "FULL" not in f"{part.text('side')} {part.text('kind')}".upper():
        return part
    for same in list(on.find_all(exp.NullSafeEQ)):
        sides = [_as_json(each) for each in (same.this, same.expression)]
        equal = exp.EQ(this=sides[0], expression=sides[1])
        if same is on:
            part.set("on", equal)
        else:
            same.replace(equal)
    return part


def _as_json(value: exp.Expr) -> exp.Expr:
    json = exp.Anonymous(this="TO_JSONB", expressions=[value])
    return exp.Coalesce(this=json, expressions=[exp.cast(exp.convert("null"), "JSONB")])


def _try(part: exp.Expr) -> exp.Expr:
    """Nothing may fail, for nothing is tried: integers are taken as numbers of any size, others when they are small.

    Conditions hold from left to right.
    """
    conditions = sorted(part.this.flatten() if isinstance(part.this, exp.And) else [part.this], key=_is_worked_out)
    for each in (aggregate for condition in conditions for aggregate in condition.find_all(exp.Min, exp.Max)):
        if each.meta.get("kind") == "number":
            each.replace(exp.cast(each.copy(), "NUMERIC"))
    return exp.paren(exp.and_(*conditions))


def _is_worked_out(condition: exp.Expr) -> bool:
    return condition.find(exp.Add, exp.Sub, exp.Mul) is not None


RULES: Mapping[str, Mapping[type[exp.Expr], Rule]] = {
    "postgres": {
        exp.AnyValue: _any_value, exp.ApproxDistinct: _distinct, exp.CountIf: _count_if, exp.Filter: _filter,
        exp.IsNan: _is_nan, exp.Join: _join, exp.RegexpLike: _regex, exp.Round: _round, exp.Try: _try,
    },
}  # fmt: skip
"""By dialect and by what stands in a tree; a dialect that has a word for everything is not listed."""
