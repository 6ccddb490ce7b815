"""Says how each kind of monitor looks, unless a team says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from dryland.project.monitors import SENSITIVITY, Rule
from dryland.watch.detect.tuning import Tuning

HOUR_S = 3_600.0
BY_THE_COLUMN = 6.0  # standard deviations: a dataset has many columns, and each has several of these monitors

TUNINGS: Mapping[str, Tuning] = {
    "volume": Tuning(least_share=0.10, width=2.6, run_width=0.55, is_count=True),
    "segment": Tuning(least_share=0.20, width=5.0, is_count=True),
    "freshness": Tuning(least_share=0.50, least=HOUR_S, width=BY_THE_COLUMN, direction="high"),
    "nulls": Tuning(is_factor=False, least=0.02, width=BY_THE_COLUMN, direction="high"),
    "distinct": Tuning(least_share=0.25, least=2, width=BY_THE_COLUMN),
    "unique": Tuning(is_factor=False, least=0.1, width=BY_THE_COLUMN, direction="low"),
    "mean": Tuning(is_factor=False, least_share=0.25, width=BY_THE_COLUMN),
    "quantiles": Tuning(is_factor=False, least=0.2, width=BY_THE_COLUMN, direction="high"),
    "categories": Tuning(is_factor=False, least=0.1, width=BY_THE_COLUMN, direction="high"),
    "duration": Tuning(least_share=1.0, least=60.0, width=BY_THE_COLUMN, direction="high"),
    "cost": Tuning(least_share=1.0, least=300.0, width=BY_THE_COLUMN, direction="high"),
    "metric": Tuning(is_factor=False, least_share=0.10, run_width=0.6),
}
"""Kind -> how it looks: wide enough that all monitors of a dataset together are wrong less than once in 90 days."""


@cache
def tuning_of(kind: str, rule: Rule) -> Tuning:
    """How a monitor looks, with what a team says of it."""
    base = TUNINGS[kind]
    said = {
        "direction": rule.direction, "warm_up": rule.warm_up, "least": rule.min_change,
        "least_share": rule.min_change_share,
    }  # fmt: skip
    found = replace(base, **{key: value for key, value in said.items() if value is not None})  # type: ignore[arg-type]
    if rule.sensitivity is not None:  # `medium` is for each kind what it is without a word
        found = replace(found, width=base.width * rule.sensitivity / SENSITIVITY["medium"])
    if rule.min_change is not None and rule.min_change_share is None:
        found = replace(found, least_share=0.0)
    if rule.min_change_share is not None and rule.min_change is None:
        found = replace(found, least=rule.min_change_share if kind == "nulls" else 0.0)
    return found
