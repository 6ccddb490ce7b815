"""Checks how many columns a table has; a failure is one."""

from __future__ import annotations

from dryland.check.forms import known
from dryland.check.kinds.arguments import count, text
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Nothing is asked of the warehouse: the columns are known, those of another table (`to`), too."""
    number, exactly = len(asked.columns), asked.arguments.get("equals")
    if (to := asked.arguments.get("to")) is not None:
        exactly = len(asked.other_columns.get(to, ())) or None
    low = exactly if exactly is not None else asked.arguments.get("min_value", 0)
    high = exactly if exactly is not None else asked.arguments.get("max_value", number)
    is_wrong = bool(number) and not low <= number <= high
    allowed = str(low) if low == high else f"{low} to {high}"
    return known(is_wrong, f"it has {number} columns instead of {allowed}", [{"columns": number}])


KIND = Kind(
    "column_count", term, about="table", takes={"equals": count, "min_value": count, "max_value": count, "to": text},
    needs=("equals|min_value|max_value|to",), reads_rows=False, is_grouped=False,
    also={
        "expect_table_column_count_to_equal": Alias({"value": "equals"}),
        "expect_table_column_count_to_be_between": Alias(),
        "expect_table_column_count_to_equal_other_table": Alias({"compare_model": "to"}),
    },
)  # fmt: skip
