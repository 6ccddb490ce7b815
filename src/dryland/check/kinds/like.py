"""Checks that the values of a column are like a pattern with `%` and `_`, or like one of several; failures are rows."""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import rows_fail
from dryland.check.kinds.arguments import flag, one_of, share, texts
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Count the rows that are like none of them; with `not: true` those that are like one.

    `match_on: all` wants a value to be like each; with `not` `match_on: any` lets it be like some, but not all.
    """
    is_forbidden = asked.arguments.get("not", False)
    text = asked.text
    alike = [exp.Like(this=text.copy(), expression=exp.convert(pattern)) for pattern in asked.arguments["pattern"]]
    is_every = asked.arguments.get("match_on", "all" if is_forbidden else "any") == "all"
    found = exp.paren(exp.and_(*alike) if is_every != is_forbidden else exp.or_(*alike))
    of = asked.column
    verb = ("is", "are") if is_forbidden else ("is not", "are not")
    says = (f"1 {of} {verb[0]} like the pattern", f"{{n}} values of {of} {verb[1]} like the pattern")
    return rows_fail(asked, found if is_forbidden else found.not_(), says)


NAMES = {"like_pattern": "pattern", "like_pattern_list": "pattern"}
KIND = Kind(
    "like", term, takes={"pattern": texts, "match_on": one_of("any", "all"), "not": flag, "mostly": share},
    needs=("pattern",), of="text",
    also={
        "expect_column_values_to_match_like_pattern": Alias(NAMES),
        "expect_column_values_to_match_like_pattern_list": Alias(NAMES),
        "expect_column_values_to_not_match_like_pattern": Alias(NAMES, {"not": True}),
        "expect_column_values_to_not_match_like_pattern_list": Alias(NAMES, {"not": True, "match_on": "any"}),
    },
)  # fmt: skip
