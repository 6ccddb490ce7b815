"""Judges a number of failures by dbt's `warn_if` and `error_if`: conditions such as `> 10` or `between 5 and 10`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import lru_cache

import sqlglot
from sqlglot import exp

from dryland.errors import ConfigError
from dryland.project.nodes import Check
from dryland.state.records import VerdictStatus

FAILURES = "failures"
COMPARISONS: Mapping[type[exp.Expr], Callable[[float, float], bool]] = {
    exp.EQ: operator.eq, exp.NEQ: operator.ne,
    exp.GT: operator.gt, exp.GTE: operator.ge, exp.LT: operator.lt, exp.LTE: operator.le,
    exp.And: lambda left, right: bool(left) and bool(right), exp.Or: lambda left, right: bool(left) or bool(right),
}  # fmt: skip


def judge(check: Check, failures: int) -> VerdictStatus:
    """dbt's rule: an error when `error_if` holds and the severity is error, else a warning when `warn_if` holds."""
    if check.severity == "error" and exceeds(failures, check.error_if, check):
        return "fail"
    return "warn" if exceeds(failures, check.warn_if, check) else "pass"


def verify_conditions(check: Check) -> None:
    """Complain about a condition that cannot be understood before anything is built.

    Raises:
        ConfigError: `warn_if` or `error_if` is not a condition on a number; carries the check's place.
    """
    for condition in (check.warn_if, check.error_if):
        exceeds(0, condition, check)


def exceeds(failures: float, threshold: str, check: Check) -> bool:
    """Whether a number of failures meets a condition on it.

    Raises:
        ConfigError: it is not a condition on a number; carries the check's place.
    """
    try:
        return bool(_value(_parsed(threshold), failures))
    except (sqlglot.errors.SqlglotError, ValueError) as error:
        raise ConfigError(
            f"{check.name}: `{threshold}` is not a condition on the number of failures.",
            hint='write an operator and a number, for example warn_if: ">10".',
            path=check.place.path, line=check.place.line,
        ) from error  # fmt: skip


@lru_cache(maxsize=256)
def _parsed(threshold: str) -> exp.Expr:
    tree = sqlglot.parse_one(f"{FAILURES} {threshold}")
    if not isinstance(tree, exp.Condition) or isinstance(tree, exp.Column):
        raise ValueError(threshold)
    return tree


def _value(tree: exp.Expr, failures: float) -> float:
    """The value of a condition; whoever writes one speaks of numbers and of `failures` only."""
    if isinstance(tree, exp.Column) and tree.name == FAILURES:
        return failures
    if isinstance(tree, exp.Literal) and not tree.is_string:
        return float(tree.this)
    if isinstance(tree, exp.Between):
        low, high = _value(tree.args["low"], failures), _value(tree.args["high"], failures)
        return low <= _value(tree.this, failures) <= high
    if isinstance(tree, exp.In) and tree.expressions:
        return _value(tree.this, failures) in [_value(each, failures) for each in tree.expressions]
    if isinstance(tree, exp.Not):
        return not _value(tree.this, failures)
    if isinstance(tree, exp.Neg):
        return -_value(tree.this, failures)
    if isinstance(tree, exp.Paren):
        return _value(tree.this, failures)
    if type(tree) in COMPARISONS:
        return COMPARISONS[type(tree)](_value(tree.this, failures), _value(tree.expression, failures))
    raise ValueError(tree.sql())
