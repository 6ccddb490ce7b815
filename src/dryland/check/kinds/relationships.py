"""Checks that every value of a column is one of another table's; failures are rows, and nulls refer to nothing.

`both_ways` asks for the opposite, too: that every value of the other table is used.
"""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import query_fails
from dryland.check.kinds.arguments import flag, sql, text, their_column
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Look for rows whose value the parent does not have."""
    theirs = exp.column(asked.arguments["field"], quoted=True)
    parent, named = asked.others[asked.arguments["to"]], asked.named("to")
    orphans = _without(asked.table, asked.value, parent, theirs, asked.conditions, _of_parent(asked))
    says = (f"1 row has a {asked.column} that {named} does not have",
            f"{{n}} rows have a {asked.column} that {named} does not have")  # fmt: skip
    if not asked.arguments.get("both_ways"):
        failing = orphans.copy().select(asked.value.as_("from_field"), append=False)
        return query_fails(orphans, says, failing=failing)
    unused = _without(parent, theirs, asked.table, asked.value, _of_parent(asked), asked.conditions)
    sides = ((orphans, asked.value, "not in the other table"), (unused, theirs, "not in this table"))
    both = [side.select(key.as_("value"), exp.convert(what).as_("what"), append=False) for side, key, what in sides]
    named_both = f"of {asked.column} only one of this table and {named} has"
    return query_fails(
        exp.union(both[0], both[1], distinct=False), (f"1 value {named_both}", f"{{n}} values {named_both}")
    )  # fmt: skip


def _of_parent(asked: Asked) -> list[exp.Expr]:
    condition = asked.arguments.get("to_condition")
    return [asked.condition(condition, "to_condition")] if condition else []


def _without(
    table: exp.Table, value: exp.Column, parent: exp.Table, theirs: exp.Column,
    conditions: list[exp.Expr], of_parent: list[exp.Expr],
) -> exp.Select:  # fmt: skip
    """Rows of a table whose value the parent does not have."""
    there = exp.select(theirs.copy()).from_(parent.copy()).where(theirs.copy().is_(exp.null()).not_(), *of_parent)
    orphan = value.copy().isin(query=there).not_()
    return exp.select("*").from_(table.copy()).where(value.copy().is_(exp.null()).not_(), orphan, *conditions)


KIND = Kind(
    "relationships", term, takes={"to": text, "field": their_column, "to_condition": sql, "both_ways": flag},
    needs=("to", "field"), is_grouped=False,
    also={
        "relationships_where": Alias({"from_condition": "row_condition"}),
        "expect_column_values_to_be_in_other_table": Alias({"other_table": "to", "other_column": "field"}),
    },
)  # fmt: skip
