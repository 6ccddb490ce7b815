"""Judges a number of failures by `warn_if` and `error_if`: conditions such as `> 10`, `between 5 and 10` or `> 5%`.

The words are dbt's, but for the percentage: it is of the rows that the check looks at.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

import sqlglot
from sqlglot import exp

from dryland.errors import ConfigError
from dryland.project.nodes import Check
from dryland.state.records import VerdictStatus

FAILURES, ROWS = "failures", "row_count"
PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%(?!\s*[\d(])")
OPERATORS: Mapping[type[exp.Expr], Callable[[float, float], float]] = {
    exp.Mul: operator.mul, exp.Div: operator.truediv,
    exp.EQ: operator.eq, exp.NEQ: operator.ne,
    exp.GT: operator.gt, exp.GTE: operator.ge, exp.LT: operator.lt, exp.LTE: operator.le,
    exp.And: lambda left, right: bool(left) and bool(right), exp.Or: lambda left, right: bool(left) or bool(right),
}  # fmt: skip


def judge(check: Check, failures: int, rows: int = 0) -> VerdictStatus:
    """dbt's rule: an error when `error_if` holds and the severity is error, else a warning when `warn_if` holds.

    `rows` that the check looked at are needed of one that `asks_for_share`.
    """
    if check.severity == "error" and exceeds(failures, check.error_if, check, rows):
        return "fail"
    return "warn" if exceeds(failures, check.warn_if, check, rows) else "pass"


def asks_for_share(check: Check) -> bool:
    """Whether a condition is on a percentage."""
    return any(PERCENT.search(condition) for condition in (check.warn_if, check.error_if))


def verify_conditions(check: Check) -> None:
    """Complain about a condition that cannot be understood before anything is built.

    Raises:
        ConfigError: `warn_if` or `error_if` is not a condition on a number; carries the check's place.
    """
    if asks_for_share(check) and not check.node:
        raise ConfigError(
            f"{check.name}: a percentage is one of a table's rows, and the test is about no table.",
            hint='write a number of failures, for example warn_if: ">10".',
            path=check.place.path, line=check.place.line,
        )  # fmt: skip
    for condition in (check.warn_if, check.error_if):
        exceeds(0, condition, check)


def exceeds(failures: float, threshold: str, check: Check, rows: int = 0) -> bool:
    """Whether a number of failures meets a condition on it.

    Raises:
        ConfigError: it is not a condition on a number; carries the check's place.
    """
    try:
        return bool(_value(_parsed(threshold), {FAILURES: failures, ROWS: rows}))
    except (sqlglot.errors.SqlglotError, ValueError) as error:
        raise ConfigError(
            f"{check.name}: `{threshold}` is not a condition on the number of failures.",
            hint='write an operator and a number, for example warn_if: ">10".',
            path=check.place.path, line=check.place.line,
        ) from error  # fmt: skip


@lru_cache(maxsize=256)
def _parsed(threshold: str) -> exp.Expr:
    number = PERCENT.sub(rf"(\1 * {ROWS} / 100.0)", threshold)
    tree = sqlglot.parse_one(f"{FAILURES} {number}")
    if not isinstance(tree, exp.Condition) or isinstance(tree, exp.Column):
        raise ValueError(threshold)
    return tree


def _value(tree: exp.Expr, known: Mapping[str, float]) -> float:
    """The value of a condition; whoever writes one speaks of numbers and of `failures` only."""
    if isinstance(tree, exp.Column) and tree.name in known:
        return known[tree.name]
    if isinstance(tree, exp.Literal) and not tree.is_string:
        return float(tree.this)
    if isinstance(tree, exp.Between):
        low, high = _value(tree.args["low"], known), _value(tree.args["high"], known)
        return low <= _value(tree.this, known) <= high
    if isinstance(tree, exp.In) and tree.expressions:
        return _value(tree.this, known) in [_value(each, known) for each in tree.expressions]
    if isinstance(tree, exp.Not):
        return not _value(tree.this, known)
    if isinstance(tree, exp.Neg):
        return -_value(tree.this, known)
    if isinstance(tree, exp.Paren):
        return _value(tree.this, known)
    if type(tree) in OPERATORS:
        return OPERATORS[type(tree)](_value(tree.this, known), _value(tree.expression, known))
    raise ValueError(tree.sql())
