"""Checks that a column has none of the values of a list; failures are the values that it has all the same.

With `mostly` failures are rows, for a share is one of rows.
"""

from __future__ import annotations

from sqlglot import exp

from dryland.check.forms import rows_fail
from dryland.check.kinds.arguments import share, values
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Count the different ones that are there. With `quote: false` the list holds expressions."""
    is_text = asked.arguments.get("quote", True)
    listed = [exp.convert(str(each)) if is_text else asked.own_sql(str(each), "a value")
              for each in asked.arguments["values"]]  # fmt: skip
    wrong, of = asked.value.isin(*listed), asked.column
    if asked.arguments.get("mostly") is not None or asked.arguments.get("group_by"):
        says = f"{of} that must not be"
        return rows_fail(asked, wrong, (f"1 row has a {says}", f"{{n}} rows have a {says}"))
    there = exp.and_(wrong, *asked.conditions)
    shown = exp.select(asked.value.as_(of, quoted=True), exp.Count(this=exp.Star()).as_("times"))
    return Term(
        failures=exp.Filter(this=exp.Count(this=exp.Distinct(expressions=[asked.value])),
                            expression=exp.Where(this=there)),
        sample=shown.from_(asked.table.copy()).where(there.copy()).group_by(asked.value),
        says=(f"1 value of {of} must not be", f"{{n}} values of {of} must not be"),
    )  # fmt: skip


KIND = Kind(
    "not_accepted_values", term, takes={"values": values, "quote": bool, "mostly": share}, needs=("values",),
    also={
        "expect_column_values_to_not_be_in_set": Alias({"value_set": "values", "quote_values": "quote"}, {"mostly": 1}),
    },
)  # fmt: skip
