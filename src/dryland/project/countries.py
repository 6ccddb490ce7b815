"""Knows the public holidays of countries. Needs the extra `holidays`, where a team names a country."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.util import find_spec

from dryland.errors import ConfigError
from dryland.project.nodes import Place

COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,4})?")  # ISO 3166: a country, and perhaps a part of it


def verify_country(name: str, place: Place) -> None:
    """Make sure that its holidays are known.

    Raises:
        ConfigError: they are not, or the library is not installed.
    """
    if find_spec("holidays") is None:
        raise ConfigError(
            f"holidays of `{name}` need a library that is not installed.", path=place.path, line=place.line,
            hint='pip install "dryland[holidays]"',
        )  # fmt: skip
    import holidays

    country, _, part = name.partition("-")
    known = holidays.list_supported_countries()
    if country not in known:
        raise ConfigError(
            f"the holidays of `{country}` are not known.", path=place.path, line=place.line,
            hint=f"there are: {', '.join(sorted(known))}.",
        )  # fmt: skip
    if part and part not in known[country]:
        raise ConfigError(
            f"`{country}` has no part `{part}` whose holidays are known.", path=place.path, line=place.line,
            hint=f"there are: {', '.join(known[country])}." if known[country] else f"holidays: {country}",
        )  # fmt: skip


@cache
def holidays_of(countries: frozenset[str], years: Iterable[int]) -> frozenset[date]:
    """The public holidays of all of them in these years."""
    import holidays

    found: set[date] = set()
    for each in countries:
        country, _, part = each.partition("-")
        found |= holidays.country_holidays(country, subdiv=part or None, years=years).keys()
    return frozenset(found)
