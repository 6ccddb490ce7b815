"""Lists the places of the portal, in the order in which people look for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation."""

    path: str
    text: str  # its name in `texts`


PLACES = (
    Place("/", "home"),
    Place("/datasets", "catalogue"),
    Place("/lineage", "lineage"),
    Place("/releases", "releases"),
    Place("/runs", "runs"),
    Place("/environments", "environments"),
    Place("/owners", "owners"),
    Place("/measures", "metrics"),
)


def place_of(path: str) -> str:
    """The entry under which a page is found.

    >>> place_of("/releases/7"), place_of("/")
    ('/releases', '/')
    """
    found = [each.path for each in PLACES if path == each.path or path.startswith(f"{each.path.rstrip('/')}/")]
    return max(found, key=len) if path != "/" and len(found) > 1 else found[0] if found else ""
