"""Parses what a team says of monitors: in `meta` of one dataset, in dryland.yml of all of them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from dryland.errors import ConfigError
from dryland.project.countries import COUNTRY, verify_country
from dryland.project.monitors import KINDS, SENSITIVITY, Metric, Monitors, Rule
from dryland.project.nodes import Place

BESIDE = ("metrics", "holidays", "sensitivity", "enabled")
SECONDS = {"s": 1, "min": 60, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
LASTING = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|min|m|h|d|w)\s*", re.IGNORECASE)
SHARE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%\s*")


def parse_monitors(said: Any, place: Callable[[str], Place]) -> Monitors:
    """Monitors as YAML has them; `place` says where a key stands, and where all of it does for an empty one.

    Raises:
        ConfigError: a word is not known, or a value cannot be read; says which would do.
    """
    if isinstance(said, bool):
        return Monitors(said)
    if not isinstance(said, Mapping):
        raise _wrong("`monitors` are keys and values, or `false`.", place(""), "monitors: {volume: 10%}")
    _verify_known(said, (*KINDS, *BESIDE), "a kind of monitor", place)
    return Monitors(
        None if "enabled" not in said else _is_true(said["enabled"], place("enabled"), "enabled"),
        {kind: parse_rule(kind, said[kind], place(kind)) for kind in KINDS if kind in said},
        tuple(_metric(each, place("metrics")) for each in _listed(said.get("metrics"), place("metrics"), "metrics")),
        *_holidays(said.get("holidays"), place("holidays")),
        _sensitivity(said.get("sensitivity"), place("sensitivity")),
    )


def parse_rule(kind: str, said: Any, place: Place) -> Rule:
    """What is said of a kind: `false`, a bound alone (`24h`, `10%`), or keys and values."""
    if isinstance(said, bool) or said is None:
        return Rule(is_on=bool(said) or said is None)
    if not isinstance(said, Mapping):
        return _bound_alone(kind, said, place)
    own = {"freshness": ("max_age", "column"), "volume": ("segments",)}.get(kind, ())
    known = (
        "enabled", "sensitivity", "direction", "severity", "min_change", "min", "max", "max_change", "warm_up",
        "columns", *own,
    )  # fmt: skip

    def where(key: str) -> Place:
        return Place(place.path, getattr(said, "lines", {}).get(key, place.line))

    _verify_known(said, known, f"a setting of `{kind}`", where)
    least = said.get("min_change")
    is_share = isinstance(least, str) and bool(SHARE.fullmatch(least))
    high = said.get("max_age", said.get("max"))
    return Rule(
        is_on=_is_true(said["enabled"], where("enabled"), "enabled") if "enabled" in said else True,
        sensitivity=_sensitivity(said.get("sensitivity"), where("sensitivity")),
        direction=_one_of(said.get("direction"), ("both", "low", "high"), where("direction"), "direction"),  # type: ignore[arg-type]
        severity=_one_of(said.get("severity"), ("warn", "error"), where("severity"), "severity"),  # type: ignore[arg-type]
        min_change_share=_number(least, where("min_change"), "min_change") if is_share else None,
        min_change=_number(least, where("min_change"), "min_change") if not is_share else None,
        low=_number(said.get("min"), where("min"), "min"),
        high=_number(high, where("max_age" if "max_age" in said else "max"), "max_age" if "max_age" in said else "max"),
        max_change=_number(said.get("max_change"), where("max_change"), "max_change"),
        warm_up=_count(said.get("warm_up"), where("warm_up"), "warm_up"),
        columns=_names(said["columns"]) if "columns" in said else None,
        column=str(said.get("column") or ""),
        segments=_names(said.get("segments")),
    )


def _bound_alone(kind: str, said: Any, place: Place) -> Rule:
    if kind == "schema":
        raise _wrong(f"`schema: {said}` is neither true nor false.", place, "schema: false")
    number = _number(said, place, kind)
    if kind == "volume":
        return Rule(is_on=True, max_change=number)
    return Rule(is_on=True, high=number)


def _metric(said: Any, place: Place) -> Metric:
    at = Place(place.path, getattr(said, "line", place.line))
    if not isinstance(said, Mapping) or not said.get("name") or not said.get("sql"):
        raise _wrong("a metric has a `name` and `sql`.", at, "- {name: revenue, sql: sum(amount)}")
    rest = {key: value for key, value in said.items() if key not in ("name", "sql")}
    return Metric(str(said["name"]), str(said["sql"]), at, parse_rule("metric", rest, at))


def _number(value: Any, place: Place, key: str) -> float | None:
    """A number, a share (`10%`) or seconds (`24h`)."""
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        if found := SHARE.fullmatch(value):
            return float(found[1]) / 100
        if found := LASTING.fullmatch(value):
            return float(found[1]) * SECONDS[found[2].lower()]
    raise _wrong(f"`{key}: {value}` is no number, share or time.", place, f"{key}: 10%, {key}: 24h or {key}: 500")


def _count(value: Any, place: Place, key: str) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise _wrong(f"`{key}: {value}` is no number of observations.", place, f"{key}: 14")


def _sensitivity(value: Any, place: Place) -> float | None:
    if isinstance(value, str) and value.lower() in SENSITIVITY:
        return SENSITIVITY[value.lower()]
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool) and value > 0):
        return None if value is None else float(value)
    raise _wrong(
        f"`sensitivity: {value}` is neither {', '.join(SENSITIVITY)} nor a number above zero.", place,
        "sensitivity: medium",
    )  # fmt: skip


def _one_of(value: Any, words: tuple[str, ...], place: Place, key: str) -> str | None:
    if value is None or value in words:
        return value  # type: ignore[no-any-return]
    raise _wrong(f"`{key}: {value}` is not one of {', '.join(words)}.", place, f"{key}: {words[0]}")


def _is_true(value: Any, place: Place, key: str) -> bool:
    if isinstance(value, bool):
        return value
    raise _wrong(f"`{key}: {value}` is neither true nor false.", place, f"{key}: false")


def _holidays(said: Any, place: Place) -> tuple[frozenset[date], frozenset[str]]:
    """Days, and countries that have days."""
    if isinstance(said, bool):
        raise _wrong("YAML reads this as true or false: put the country in quotes.", place, 'holidays: "NO"')
    listed = [said] if isinstance(said, str | date) else [*_listed(said, place, "holidays")]
    countries = {each for each in listed if isinstance(each, str) and COUNTRY.fullmatch(each)}
    for each in countries:
        verify_country(each, place)
    return frozenset(_day(each, place) for each in listed if each not in countries), frozenset(countries)


def _day(value: Any, place: Place) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise _wrong(f"`{value}` is no day and no country.", place, "holidays: [US, 2026-12-25]") from None


def _listed(value: Any, place: Place, key: str) -> Iterable[Any]:
    if value is None or isinstance(value, list | tuple):
        return value or ()
    raise _wrong(f"`{key}` is a list.", place, f"{key}: [...]")


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(each) for each in value) if isinstance(value, list | tuple) else (str(value),)


def _verify_known(
    said: Mapping[str, Any], known: tuple[str, ...], what: str, place: Callable[[str], Place]
) -> None:  # fmt: skip
    for key in said:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(known)}."
            raise _wrong(f"`{key}` is not {what}.", place(key), hint)


def _wrong(message: str, place: Place, hint: str) -> ConfigError:
    return ConfigError(message, path=place.path, line=place.line, hint=hint)
