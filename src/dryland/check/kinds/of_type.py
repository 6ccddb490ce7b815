"""Checks that a column has one of the types that are given; a failure is one."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.errors import SqlglotError

from dryland.check.forms import known
from dryland.check.kinds.arguments import texts
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Nothing is asked of the warehouse but the columns, which are known."""
    found = next((each.type for each in asked.columns if each.name.lower() == asked.column.lower()), "")
    wanted = asked.arguments["types"]
    is_wrong = bool(found) and not any(_is_same(found, each, asked.dialect) for each in wanted)
    shown = {"type": found, "expected": " or ".join(wanted)}
    return known(is_wrong, f"{asked.column} is {found}, not {shown['expected']}", [shown])


def _is_same(one: str, other: str, dialect: str) -> bool:
    """Types are compared as the warehouse understands them: `text` is VARCHAR; DECIMAL alone is any DECIMAL."""
    try:
        kinds = [exp.DataType.build(each, dialect=dialect) for each in (one, other)]
    except SqlglotError:
        return one.lower() == other.lower()
    is_bare = "(" not in other and not kinds[0].args.get("nested")
    return kinds[0] == kinds[1] or (is_bare and kinds[0].this == kinds[1].this)


KIND = Kind(
    "of_type", term, takes={"types": texts}, needs=("types",),
    reads_rows=False, is_grouped=False,
    also={
        "expect_column_values_to_be_of_type": Alias({"column_type": "types", "type_": "types"}),
        "expect_column_values_to_be_in_type_list": Alias({"column_type_list": "types", "type_list": "types"}),
    },
)  # fmt: skip
