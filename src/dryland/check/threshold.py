"""Reads dbt's `warn_if` and `error_if`: an operator and a number."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

from dryland.errors import ConfigError
from dryland.project.nodes import Check

FORM = re.compile(r"^\s*(!=|<>|>=|<=|==|=|>|<)\s*(-?\d+(?:\.\d+)?)\s*$")
OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "!=": operator.ne, "<>": operator.ne, ">=": operator.ge, "<=": operator.le,
    "=": operator.eq, "==": operator.eq, ">": operator.gt, "<": operator.lt,
}  # fmt: skip


def exceeds(failures: float, threshold: str, check: Check) -> bool:
    """Whether a number of failures meets a condition such as `> 10`.

    Raises:
        ConfigError: it is not an operator and a number; carries the check's place.
    """
    found = FORM.match(threshold)
    if found is None:
        raise ConfigError(
            f"{check.name}: `{threshold}` is not a condition on the number of failures.",
            hint='write an operator and a number, for example warn_if: ">10".',
            path=check.place.path, line=check.place.line,
        )  # fmt: skip
    return OPERATORS[found[1]](failures, float(found[2]))
