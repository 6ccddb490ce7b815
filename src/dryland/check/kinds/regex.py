"""Checks that the values of a column match a regular expression, one of several, or all of them; failures are rows."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import rows_fail
from dryland.check.kinds.arguments import anything, flag, one_of, share, texts
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Count the rows that do not match; with `not: true` those that do. A match anywhere in the value is one.

    Of several one must match (`match_on: all`: each); with `not` none may (`match_on: any`: not all).
    """
    is_forbidden = asked.arguments.get("not", False)
    wrong = _matched(asked, is_forbidden) if is_forbidden else _matched(asked, is_forbidden).not_()
    verb = ("matches", "match") if is_forbidden else ("does not match", "do not match")
    what = f"the expression{'s' if len(asked.arguments['regex']) > 1 else ''}"
    of = asked.column
    return rows_fail(asked, wrong, (f"1 {of} {verb[0]} {what}", f"{{n}} values of {of} {verb[1]} {what}"))


def _matched(asked: Asked, is_forbidden: bool) -> exp.Expr:
    matches = [_match(asked, pattern) for pattern in asked.arguments["regex"]]
    is_every = asked.arguments.get("match_on", "all" if is_forbidden else "any") == "all"
    return exp.paren(exp.and_(*matches) if is_every != is_forbidden else exp.or_(*matches))


def _match(asked: Asked, pattern: str) -> exp.Expr:
    flags = asked.arguments.get("flags")
    found = exp.RegexpLike(this=asked.text, expression=exp.convert(pattern))
    if flags:
        found.set("flag", exp.convert(flags))
    return found


LISTED = Alias({"regex_list": "regex"})
NOT_LISTED = Alias({"regex_list": "regex"}, {"not": True, "match_on": "any"})
KIND = Kind(
    "regex", term, takes={
        "regex": texts, "match_on": one_of("any", "all"), "not": flag, "flags": anything, "is_raw": flag,
        "mostly": share,
    },
    needs=("regex",), of="text",
    also={
        "expect_column_values_to_match_regex": LISTED, "expect_column_values_to_match_regex_list": LISTED,
        "expect_column_values_to_not_match_regex": NOT_LISTED,
        "expect_column_values_to_not_match_regex_list": NOT_LISTED,
    },
)  # fmt: skip
