"""Puts a condition on rows into SQL: as Great Expectations, pandas and Spark write it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

OPERATORS = {"==": "=", "=": "=", "!=": "<>", "<>": "<>", ">=": ">=", "<=": "<=", ">": ">", "<": "<"}
WORDS = {"and": "and", "or": "or", "not": "not", "&": "and", "|": "or", "~": "not", "in": "in", "is": "is",
         "null": "null", "none": "null", "true": "true", "false": "false", "between": "between",
         "like": "like"}  # fmt: skip
TOKENS = re.compile(
    r"""
    \s*(?:
      col\(\s*(?P<quote>["'])(?P<col>.*?)(?P=quote)\s*\)
      | date\(\s*(?P<date>"[^"]*"|'[^']*')\s*\)
      | \.(?P<method>isnull|notnull|isna|notna|isNull|isNotNull|notNull)\(\)
      | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | `(?P<ticked>[^`]+)`
      | (?P<number>[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)
      | (?P<operator>==|!=|<>|>=|<=|=|>|<)
      | (?P<bracket>[\[\](),])
      | (?P<word>[A-Za-z_]\w*|[&|~])
    )""",
    re.VERBOSE,
)
METHODS = {"isnull": "is null", "isna": "is null"}
PANDAS = "pandas"


class UnknownConditionError(Exception):
    """A condition that cannot be put into SQL."""


def condition_sql(condition: Any, parser: str) -> str:
    """A `row_condition` as SQL.

    >>> condition_sql('col("country") == "DE"', "great_expectations")
    '"country" = \\'DE\\''
    >>> condition_sql("amount > 5 and kind in ['a', 'b']", "pandas")
    '"amount" > 5 and "kind" in (\\'a\\', \\'b\\')'

    Raises:
        UnknownConditionError: it says something else than comparisons.
    """
    if isinstance(condition, Mapping):
        return _tree(condition)
    text = str(condition)
    if parser == PANDAS and "!=" in text:
        raise UnknownConditionError("in pandas `!=` is true of null, in SQL it is not")
    return " ".join(_words(text)).replace("( ", "(").replace(" )", ")").replace(" ,", ",")


def _words(text: str) -> Iterator[str]:
    at, last = 0, len(text.rstrip())
    while at < last:
        found = TOKENS.match(text, at)
        if found is None:
            raise UnknownConditionError(f"`{text[at:].strip()}` is not understood")
        at = found.end()
        yield _word(found, is_called=text[at:].lstrip().startswith("("))


def _word(found: re.Match[str], *, is_called: bool) -> str:
    kind, said = next(
        (name, value) for name, value in found.groupdict().items() if value is not None and name != "quote"
    )
    if kind in ("col", "ticked"):
        return name_sql(said)
    if kind in ("text", "date"):
        return value_sql(re.sub(r"\\(.)", r"\1", said[1:-1]))
    if kind == "operator":
        return OPERATORS[said]
    if kind == "method":
        return METHODS.get(said.lower(), "is not null")
    if kind == "bracket":
        return {"[": "(", "]": ")"}.get(said, said)
    if kind == "word":
        if said.lower() in WORDS:
            return WORDS[said.lower()]
        if is_called:
            raise UnknownConditionError(f"`{said}(...)` is not understood")
        return name_sql(said)
    return said


def _tree(condition: Mapping[str, Any]) -> str:
    """A condition of Great Expectations 1.x, which is written as a tree."""
    kind = condition.get("type")
    if kind in ("and", "or"):
        return "(" + f" {kind} ".join(_tree(each) for each in condition.get("conditions") or ()) + ")"
    if kind == "pass_through":
        return condition_sql(condition.get("pass_through_filter"), "")
    column = condition.get("column")
    name = name_sql(str(column.get("name") if isinstance(column, Mapping) else column))
    if kind == "nullity":
        return f"{name} is {'' if condition.get('is_null') else 'not '}null"
    operator, value = str(condition.get("operator")), condition.get("parameter")
    if kind == "comparison" and operator in OPERATORS:
        return f"{name} {OPERATORS[operator]} {value_sql(value)}"
    if kind == "comparison" and operator in ("IN", "NOT_IN") and isinstance(value, list):
        listed = ", ".join(value_sql(each) for each in value)
        return f"{name} {'not ' if operator == 'NOT_IN' else ''}in ({listed})"
    raise UnknownConditionError(f"`{dict(condition)}` is not understood")


def name_sql(name: str) -> str:
    """A column's name in SQL."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def value_sql(value: Any) -> str:
    """A value in SQL."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    doubled = str(value).replace("'", "''")
    return f"'{doubled}'"
