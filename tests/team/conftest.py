"""Lends every test of this room its team."""

from __future__ import annotations

from team import team

__all__ = ["team"]
