"""Checks that some columns of a row all hold different values; failures are rows."""

from __future__ import annotations

from itertools import combinations

from sqlglot import exp

from dryland.check.forms import rows_fail
from dryland.check.ignored_rows import IGNORE_ROW_IF, asked_rows
from dryland.check.kinds.arguments import columns, flag, share
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Count the rows in which two of them are equal; nulls are no values, and wrong with `nulls_fail`.

    With `nulls_are_values` two nulls are equal.
    """
    names = asked.arguments["columns"]
    keys = [exp.column(name, quoted=True) for name in names]
    equal = exp.NullSafeEQ if asked.arguments.get("nulls_are_values") else exp.EQ
    same: list[exp.Expr] = [equal(this=one.copy(), expression=other.copy()) for one, other in combinations(keys, 2)]
    if asked.arguments.get("nulls_fail"):
        same += [key.copy().is_(exp.null()) for key in keys]
    wrong = exp.and_(exp.paren(exp.or_(*same)), *asked_rows(asked, names))
    says = f"a value twice in {', '.join(names)}"
    return rows_fail(
        asked, wrong, (f"1 row has {says}", f"{{n}} rows have {says}"), is_of_value=False
    )  # fmt: skip


KIND = Kind(
    "unique_within_row", term, about="table", needs=("columns",),
    takes={
        "columns": columns, "mostly": share, "nulls_fail": flag, "nulls_are_values": flag,
        "ignore_row_if": IGNORE_ROW_IF, "quote_columns": flag,
    },
    also={"expect_select_column_values_to_be_unique_within_record": Alias(
        {"column_list": "columns"}, {"nulls_fail": True, "ignore_row_if": "all_values_are_missing"}
    )},
)  # fmt: skip
