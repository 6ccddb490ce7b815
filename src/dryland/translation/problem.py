"""Defines what stands in the way of translating one text."""

from __future__ import annotations

from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """What of one text cannot be translated, and what to do about it."""

    what: str
    hint: str = ""
    near: str = ""  # the words of the text at which it stands
