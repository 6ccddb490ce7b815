"""Compares versions of packages, and knows which of them a requirement allows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import total_ordering
from typing import Any

from dryland.errors import ConfigError
from dryland.values import dataclass

DBT = (1, 11)  # the version of dbt that Dryland stands for, whichever its patch
PATCH_MAX = 10**6
FORM = re.compile(
    r"^\s*(?P<relation>>=|<=|>|<|=)?\s*(?P<major>0|[1-9]\d*)\.(?P<minor>0|[1-9]\d*)\.(?P<patch>0|[1-9]\d*)"
    r"(?:-?(?P<early>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?\s*$"
)


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A semantic version; what was built before a release (`1.0.0-rc1`) is less than it.

    >>> Version((1, 0, 0), ("rc", "2")) < Version((1, 0, 0), ("rc", "10")) < Version((1, 0, 0))
    True
    """

    release: tuple[int, int, int]
    early: tuple[str, ...] = ()  # of a prerelease

    def __lt__(self, other: Version) -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[Any, ...]:
        parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.early)
        return self.release, not self.early, parts

    def __str__(self) -> str:
        return ".".join(map(str, self.release)) + ("-" + ".".join(self.early) if self.early else "")


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of a requirement, such as `>=1.0.0`."""

    relation: str
    version: Version

    def allows(self, version: Version) -> bool:
        """Whether a version is on the right side; `<1.0.0` does not mean 1.0.0's own prereleases."""
        if self.relation == "<":
            is_its_own = not self.version.early and version.release == self.version.release
            return version < self.version and not is_its_own
        return {
            ">": version > self.version,
            ">=": version >= self.version,
            "<=": version <= self.version,
            "=": version == self.version,
        }[self.relation]

    def __str__(self) -> str:
        return f"{'' if self.relation == '=' else self.relation}{self.version}"


def parse_version(text: str) -> Version | None:
    """A version; None when the text is none.

    >>> str(parse_version("1.2.3-rc.1+build"))
    '1.2.3-rc.1'
    """
    found = FORM.match(text)
    return _version(found) if found and not found["relation"] else None


def parse_bounds(texts: Iterable[str]) -> tuple[Bound, ...]:
    """A requirement as dbt's users write it: texts of one bound, or of several with commas between.

    >>> [str(bound) for bound in parse_bounds([">=1.0.0,<2.0.0"])]
    ['>=1.0.0', '<2.0.0']

    Raises:
        ConfigError: one is no version.
    """
    found = []
    for text in (each for several in texts for each in several.split(",")):
        match = FORM.match(text)
        if match is None:
            raise ConfigError(
                f"`{text.strip()}` is not a version.", hint='three numbers, as in "1.2.0" or [">=1.2.0", "<2.0.0"].'
            )
        found.append(Bound(match["relation"] or "=", _version(match)))
    return tuple(found)


def newest(versions: Iterable[Version], bounds: Sequence[Bound], *, is_early_allowed: bool = False) -> Version | None:
    """The newest version that all bounds allow; prereleases only when told, or when a bound names one."""
    is_early_allowed = is_early_allowed or any(bound.version.early for bound in bounds)
    allowed = [
        version for version in versions
        if (is_early_allowed or not version.early) and all(bound.allows(version) for bound in bounds)
    ]  # fmt: skip
    return max(allowed, default=None)


def is_for_dbt(texts: Iterable[str]) -> bool:
    """Whether a `require-dbt-version` allows some patch of the dbt that Dryland stands for.

    >>> is_for_dbt([">=1.3.0", "<2.0.0"]), is_for_dbt([">=1.12.0"])
    (True, False)
    """
    bounds = parse_bounds(texts)
    named = [bound.version.release[2] for bound in bounds if bound.version.release[:2] == DBT]
    patches = [Version((*DBT, patch)) for each in (0, *named, PATCH_MAX) for patch in (each, each + 1)]
    return any(all(bound.allows(patch) for bound in bounds) for patch in patches)


def _version(found: re.Match[str]) -> Version:
    early = tuple(found["early"].split(".")) if found["early"] else ()
    return Version((int(found["major"]), int(found["minor"]), int(found["patch"])), early)
