"""Reads the texts of the portal, which stand in one file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

TEXTS: Mapping[str, str] = MappingProxyType(
    tomllib.loads(files("dryland.portal").joinpath("texts.toml").read_text(encoding="utf-8"))
)
