"""Tells how a build differs from the last good one, by what both measured when they were made: nothing is scanned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dryland.state.records import Build, Profile
from dryland.values import dataclass

ALIKE = 0.01  # of a share or a number: what differs by less is no news


@dataclass(frozen=True, slots=True)
class Measured:
    """A build and its profile."""

    build: Build
    profile: Profile


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """One column that is another one."""

    name: str
    what: str  # added, removed, type, measures
    type_before: str = ""
    type_after: str = ""
    nulls_before: float | None = None
    nulls_after: float | None = None
    distinct_before: int | None = None
    distinct_after: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What is another one since the last good build."""

    rows_before: int
    rows_after: int
    columns: tuple[ColumnChange, ...]
    alike: int  # columns of which nothing differs much

    @property
    def rows_share(self) -> float | None:
        """By which share there are more rows, or fewer."""
        return (self.rows_after - self.rows_before) / self.rows_before if self.rows_before else None


def difference(good: Measured, bad: Measured) -> Difference:
    """Rows, columns, null shares and numbers of different values that changed."""
    before, after = dict(good.build.columns), dict(bad.build.columns)
    names = list(dict.fromkeys((*after, *before)))
    found = tuple(change for name in names for change in _changes(name, before, after, good.profile, bad.profile))
    return Difference(good.profile.rows, bad.profile.rows, found, len(names) - len(found))


def _changes(
    name: str, before: Mapping[str, str], after: Mapping[str, str], good: Profile, bad: Profile
) -> Iterator[ColumnChange]:
    old_nulls, new_nulls = _null_share(good, name), _null_share(bad, name)
    old_distinct, new_distinct = _distinct(good, name), _distinct(bad, name)
    if name not in before or name not in after:
        what = "added" if name in after else "removed"
    elif before[name] != after[name]:
        what = "type"
    elif _moved(old_nulls, new_nulls, 1.0) or _moved(old_distinct, new_distinct, float(old_distinct or 0)):
        what = "measures"
    else:
        return
    yield ColumnChange(
        name, what, before.get(name, ""), after.get(name, ""), old_nulls, new_nulls, old_distinct, new_distinct
    )


def _moved(before: float | None, after: float | None, whole: float) -> bool:
    if before is None or after is None:
        return False
    return abs(after - before) > ALIKE * whole


def _null_share(profile: Profile, name: str) -> float | None:
    nulls = profile.columns.get(name, {}).get("nulls")
    return min(nulls / profile.rows, 1.0) if isinstance(nulls, int | float) and profile.rows else None


def _distinct(profile: Profile, name: str) -> int | None:
    found = profile.columns.get(name, {}).get("distinct")
    return int(found) if isinstance(found, int | float) else None
