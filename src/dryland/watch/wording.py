"""Says in a sentence what a monitor found: for alerts, incidents and people at a terminal."""

from __future__ import annotations

from dryland.watch.judge import Judged

UNITS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))


def sentence(judged: Judged, name: str) -> str:
    """What is unusual about a dataset, which people call `name`."""
    kind, _, what = judged.monitor.partition(":")
    if kind == "schema":
        return f"{name}: {judged.says}."
    value, usual = shown(judged, judged.value), _usual(judged)
    said = {
        "volume": f"{name} grew by {value} rows" if judged.is_growth else f"{name} has {value} rows",
        "freshness": f"the newest data of {name} is {value} old",
        "nulls": f"{value} of {what} in {name} is null",
        "distinct": f"{what} in {name} has {value} different values",
        "unique": f"{value} of the rows of {name} have a {what} of their own",
        "mean": f"the mean of {what} in {name} is {value}",
        "quantiles": f"the distribution of {what} in {name} moved by {value} (population stability index)",
        "categories": f"the categories of {what} in {name} moved by {value} (Jensen-Shannon)",
        "duration": f"{name} took {value} to build",
        "cost": f"builds of {name} took {value} within a day",
        "metric": f"{what} of {name} is {value}",
    }[kind]
    where = f" where {what.replace('=', ' is ', 1)}" if kind == "volume" and what else ""
    return f"{said}{where}; {usual}."


def _usual(judged: Judged) -> str:
    low, high = judged.bounds.low, judged.bounds.high
    word = "allowed" if judged.rule.is_fixed else "usual"
    if low is None:
        return f"{word} is at most {shown(judged, high)}"
    if high is None:
        return f"{word} is at least {shown(judged, low)}"
    return f"{word} is {shown(judged, low)} to {shown(judged, high)}"


def shown(judged: Judged, value: float | None) -> str:
    """A number in the words of its monitor.

    >>> lasting(7_500.0)
    '2.1 h'
    """
    if value is None:
        return ""
    if judged.kind in ("freshness", "duration", "cost"):
        return lasting(value)
    if judged.kind in ("nulls", "unique"):
        return f"{value:.1%}".replace("%", " %")
    if judged.kind in ("volume", "distinct"):
        return f"{value:,.0f}"
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def lasting(seconds: float) -> str:
    """Seconds in the largest unit of which there is one."""
    for size, unit in UNITS:
        if abs(seconds) >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"
