"""Compares two promises: what breaks for readers, what does not, and what is only said in other words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from dryland.plan.promise import Guarantee, Promise, ServiceLevel, is_at_least
from dryland.project.odcs.durations import duration_s
from dryland.timings import timed
from dryland.values import dataclass

if TYPE_CHECKING:
    from dryland.sql.type_change import TypeChange

ChangeClass = Literal["breaking", "non-breaking", "documentation"]
CLASSES: tuple[ChangeClass, ...] = ("breaking", "non-breaking", "documentation")
LESS_IS_MORE = frozenset({"latency", "frequency", "timeToDetect", "timeToNotify", "timeToRepair", "errorRate"})
MORE_IS_MORE = frozenset({"retention", "availability", "throughput", "endOfSupport", "endOfLife"})
WORDS: Mapping[str, str] = {
    "nullValues": "null values", "missingValues": "missing values", "invalidValues": "invalid values",
    "duplicateValues": "duplicate values", "rowCount": "the number of rows", "sql": "the answer to its query",
    "custom": "the rule", "values": "its values", "length": "its length", "pattern": "the pattern",
    "multipleOf": "multiples of", "relationship": "the relationship",
}  # fmt: skip
TYPES: Mapping[str, tuple[ChangeClass, str]] = {
    "wider": ("non-breaking", "the new type holds every value of the old one"),
    "narrower": ("breaking", "the new type does not hold every value of the old one"),
    "other": ("breaking", "readers wrote their code for the old type"),
}


@dataclass(frozen=True, slots=True)
class PromiseChange:
    """One thing that is promised in another way."""

    kind: ChangeClass
    about: str  # the column; empty is the table
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.about}: {self.what}" if self.about else self.what


def promise_changes(old: Promise, new: Promise, dialect: str = "") -> tuple[PromiseChange, ...]:
    """Everything that differs, what breaks first; the same two promises give nothing.

    Wider types and stricter guarantees hurt nobody. A column that is gone, a type that holds less, and a guarantee
    or service level that is looser or gone do. What cannot be compared counts as broken.
    """
    found = [
        *_columns(old, new, dialect),
        *_guarantees(old, new),
        *_services(old, new),
        *_told(old.told, new.told),
    ]
    return tuple(sorted(found, key=lambda each: CLASSES.index(each.kind)))


def _columns(old: Promise, new: Promise, dialect: str) -> Iterator[PromiseChange]:
    for name, kind in old.columns.items():
        if name not in new.columns:
            yield PromiseChange("breaking", name, "the column is removed", "whoever reads it fails")
        elif kind != new.columns[name] and (change := _type_change(kind, new.columns[name], dialect)) != "same":
            category, why = TYPES[change]
            yield PromiseChange(category, name, f"its type is {new.columns[name]} instead of {kind}", why)
    for name, kind in new.columns.items():
        if name not in old.columns:
            yield PromiseChange("non-breaking", name, f"the column is new, {kind}", "nobody reads it yet")


def _type_change(old: str, new: str, dialect: str) -> TypeChange:
    with timed("imports"):  # brings sqlglot; most often nothing changed
        from dryland.sql.type_change import type_change

    return type_change(old, new, dialect)


def _guarantees(old: Promise, new: Promise) -> Iterator[PromiseChange]:
    before, after = ({each.id: each for each in promise.guarantees} for promise in (old, new))
    for key, was in before.items():
        now = after.get(key)
        if now == was or (was.about and was.about not in new.columns):
            continue  # a column that is gone is told as one change
        if now is None:
            yield PromiseChange("breaking", was.about, f"{_said(was)} is promised no more", "readers rely on it")
        elif is_at_least(now, was):
            yield PromiseChange("non-breaking", was.about, _differs(was, now), "it promises more")
        else:
            yield PromiseChange("breaking", was.about, _differs(was, now), "it promises less")
    for key, now in after.items():
        if key not in before and (not now.about or now.about in old.columns):
            yield PromiseChange("non-breaking", now.about, f"{_said(now)} is promised now", "it promises more")


def _services(old: Promise, new: Promise) -> Iterator[PromiseChange]:
    before, after = ({each.id: each for each in promise.services} for promise in (old, new))
    for key, was in before.items():
        now = after.get(key)
        if now is None:
            what = f"the service level {was.word} {_value(was)} is promised no more"
            yield PromiseChange("breaking", "", what, "readers rely on it")
        elif now != was and (category := _judged(was, now)) is not None:
            what = f"the service level {was.word} is {_value(now)} instead of {_value(was)}"
            yield PromiseChange(category, "", what, _why(category, now))
    for key, now in after.items():
        if key not in before:
            what = f"the service level {now.word} {_value(now)} is promised now"
            yield PromiseChange("non-breaking", "", what, "it promises more")


def _judged(was: ServiceLevel, now: ServiceLevel) -> ChangeClass | None:
    """Whether readers get less; None when it is the same in another unit."""
    first, second = _measured(was), _measured(now)
    if now.word == "generalAvailability":
        return "documentation"
    if type(first) is not type(second) or now.word not in LESS_IS_MORE | MORE_IS_MORE:
        return "breaking"
    if first == second:
        return None
    is_less = second < first
    return "non-breaking" if is_less == (now.word in LESS_IS_MORE) else "breaking"


def _measured(level: ServiceLevel) -> Any:
    """A length of time in seconds, another number, or a text such as a date."""
    seconds = duration_s(level.value, level.unit)
    if seconds is not None:
        return seconds
    try:
        return float(str(level.value).rstrip("% "))
    except ValueError:
        return str(level.value)


def _why(category: ChangeClass, now: ServiceLevel) -> str:
    if category == "non-breaking":
        return "it promises more"
    known = now.word in LESS_IS_MORE | MORE_IS_MORE
    return "it promises less" if known and category == "breaking" else "nobody can say which of them is more"


def _told(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[PromiseChange]:
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            word, _, column = key.partition(" of ")
            yield PromiseChange("documentation", column, f"the {word} is another", "words only")


def _differs(was: Guarantee, now: Guarantee) -> str:
    if now.is_warning != was.is_warning:
        return f"{_named(was)} only warns" if now.is_warning else f"{_named(was)} stops a release"
    if was.values is not None and now.values is not None and now.values != was.values:
        more, less = set(now.values) - set(was.values), set(was.values) - set(now.values)
        parts = [_listed("now", more), _listed("no more", less)]
        return f"other values are valid: {', '.join(part for part in parts if part)}"
    first, second = (str(each.allowed) if each.allowed else "anything" for each in (was, now))
    return f"{_named(was)} may be {second} instead of {first}"


def _listed(word: str, values: Iterable[str]) -> str:
    named = ", ".join(sorted(values))
    return f"{word} {named}" if named else ""


def _said(guarantee: Guarantee) -> str:
    return f"{_named(guarantee)}: {guarantee.allowed}" if guarantee.allowed else _named(guarantee)


def _named(guarantee: Guarantee) -> str:
    word = WORDS.get(guarantee.kind, f"the constraint {guarantee.kind}")
    return f"{word} ({guarantee.of})" if guarantee.of else word


def _value(level: ServiceLevel) -> str:
    return f"{level.value} {level.unit}".strip()
