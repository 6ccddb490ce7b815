"""Says which settings of a profile decide values, and not only how fast or from where they come."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dryland.project.project import Warehouse

SECTIONS = ("config_options", "settings")  # of a profile: what sessions are set to
FLEETING = re.compile(
    r"access|allow|auto|azure|cache|checkpoint|debug|directory|enable|gcs|http|key|limit|log|max_|memory|password|pin|"
    r"profil|progress|proxy|s3_|secret|session|size|temp|thread|timeout|token|user|wal|worker",
    re.IGNORECASE,
)
"""Names of settings that no value depends on, and of those that are secret. What is not known here counts."""


def deciding_settings(warehouse: Warehouse) -> list[tuple[str, str]]:
    """Settings with which the same query may give other rows: time zone, collation, division, order of nulls.

    Names with their values as text, sorted.
    """
    given: dict[str, Any] = {}
    for section in SECTIONS:
        found: Mapping[str, Any] = warehouse.settings.get(section) or {}
        given |= {str(name).lower(): value for name, value in found.items()}
    return [(name, str(given[name])) for name in sorted(given) if not FLEETING.search(name)]
