"""Finds a warehouse that dryland.yml names beside the usual one, and in which dialect the project is written."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from dryland.engines.registry import verify_kind
from dryland.errors import ConfigError, MissingSettingError
from dryland.project.profiles import SETTINGS, from_settings
from dryland.project.project import Warehouse
from dryland.project.yaml_file import Mapped

if TYPE_CHECKING:
    from dryland.project.late_parts import OpeningTemplates
    from dryland.project.settings import SettingsFile

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")  # it is part of a file's name


def named_warehouse(name: str, settings: tuple[SettingsFile, Mapped] | None, templates: OpeningTemplates) -> Warehouse:
    """One of the `warehouses:` of dryland.yml; its name is what templates know as `target.name`.

    Raises:
        MissingSettingError: dryland.yml names no such warehouse.
        ConfigError: its name could not be that of a file.
    """
    named = settings[0].warehouses if settings else {}
    if settings is None or name not in named:
        near = difflib.get_close_matches(name, named, n=1)
        there = f"there are: {', '.join(named)}." if named else f"warehouses: {{{name}: {{type: postgres, ...}}}}"
        raise MissingSettingError(
            f"there is no warehouse `{name}` in dryland.yml.", path=SETTINGS,
            hint=f"did you mean `{near[0]}`?" if near else there,
        )  # fmt: skip
    section = settings[1]["warehouses"]
    if not NAME.fullmatch(name):
        raise ConfigError(
            f"`{name}` cannot be the name of a warehouse.", path=SETTINGS, line=section.line_of(name),
            hint="use letters, digits, `_` and `-`.",
        )  # fmt: skip
    return from_settings(section[name], section.line_of(name), templates, name)


def written_dialect(settings: tuple[SettingsFile, Mapped] | None) -> str:
    """In which dialect the project's SQL is written, by dryland.yml; empty when that does not say.

    Raises:
        UnsupportedError: no warehouse here speaks it.
    """
    if settings is None or not settings[0].dialect:
        return ""
    verify_kind(settings[0].dialect, SETTINGS, settings[1].line_of("dialect"))
    return settings[0].dialect
