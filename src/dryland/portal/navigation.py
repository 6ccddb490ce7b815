"""Lists the places of the portal, in the order in which people look for them."""

from __future__ import annotations

from dryland.access.person import Permission
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation."""

    path: str
    text: str  # its name in `texts`
    needs: Permission = "look"  # who has no such right is not led there


PLACES = (
    Place("/", "home"),
    Place("/incidents", "incidents"),
    Place("/datasets", "catalogue"),
    Place("/lineage", "lineage"),
    Place("/monitors", "monitors"),
    Place("/query", "console", "query"),
    Place("/releases", "releases"),
    Place("/runs", "runs"),
    Place("/environments", "environments"),
    Place("/owners", "owners"),
    Place("/measures", "metrics"),
)
UNDER = {"/plan": "/releases"}  # pages that have no place of their own


def place_of(path: str) -> str:
    """The entry under which a page is found.

    >>> place_of("/releases/7"), place_of("/"), place_of("/actions/1")
    ('/releases', '/', '')
    """
    path = UNDER.get(path, path)
    found = [each.path for each in PLACES if path == each.path or path.startswith(f"{each.path}/")]
    return max(found, key=len, default="")
