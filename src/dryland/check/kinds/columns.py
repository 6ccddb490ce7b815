"""Checks which columns a table has: all of a list, none other, and in which order; failures are columns."""

from __future__ import annotations

from dryland.check.forms import known
from dryland.check.kinds.arguments import count, flag, names, one_of
from dryland.check.kinds.kind import Alias, Kind
from dryland.check.term import Asked, Term


def term(asked: Asked) -> Term:
    """Compare names, whatever their case; `exact` allows no other column, `ordered` no other order.

    `forbidden` wants none of them; `position` counts from 1.
    """
    present = [each.name for each in asked.columns]
    wanted = asked.arguments.get("columns") or [asked.column]
    there, listed = {each.lower() for each in present}, {each.lower() for each in wanted}
    if asked.arguments.get("forbidden"):
        found = [{"column": each, "problem": "in the table"} for each in wanted if each.lower() in there]
        return known(bool(found), _told(found), found, failures=len(found))
    wrong = [{"column": each, "problem": "missing"} for each in wanted if present and each.lower() not in there]
    if (place := asked.arguments.get("position")) and present and not wrong:
        at = [each.lower() for each in present].index(wanted[0].lower()) + 1
        wrong = [{"column": wanted[0], "problem": f"at place {at} instead of {place}"}] if at != place else []
    if asked.arguments.get("exact") or asked.arguments.get("ordered"):
        wrong += [{"column": each, "problem": "not in the list"} for each in present if each.lower() not in listed]
    if asked.arguments.get("ordered") and not wrong:
        pairs = zip(present, wanted, strict=bool(present))
        wrong += [
            {"column": name, "problem": f"stands where {each} is expected"}
            for name, each in pairs if name.lower() != each.lower()
        ]  # fmt: skip
    return known(bool(wrong), _told(wrong), wrong, failures=len(wrong))


def _told(wrong: list[dict[str, str]]) -> str:
    return "; ".join(f"{each['column']} {_verb(each['problem'])}" for each in wrong)


def _verb(problem: str) -> str:
    return problem if problem.startswith("stands") else f"is {problem}"


LIST = {"column_list": "columns", "column_set": "columns"}
KIND = Kind(
    "columns", term, about="either", needs=("column|columns",),
    reads_rows=False, is_grouped=False,
    takes={
        "columns": names, "exact": flag, "ordered": flag, "forbidden": flag, "position": count,
        "transform": one_of("upper", "lower"),
    },
    also={
        "expect_table_columns_to_contain_set": Alias(LIST),
        "expect_table_columns_to_not_contain_set": Alias(LIST, {"forbidden": True}),
        "expect_table_columns_to_match_set": Alias(LIST | {"exact_match": "exact"}, {"exact": True}),
        "expect_table_columns_to_match_ordered_list": Alias(LIST, {"ordered": True}),
        "expect_column_to_exist": Alias({"column_index": "position"}),
    },
)  # fmt: skip
