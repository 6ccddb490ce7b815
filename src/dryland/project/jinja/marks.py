"""Tells texts that have Jinja in them from all others, and finds them among values from YAML."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dryland.project.jinja.state import Scope

MARKS = ("{{", "{%", "{#")
HOOKS = frozenset(
    {"pre-hook", "pre_hook", "post-hook", "post_hook", "+pre-hook", "+pre_hook", "+post-hook", "+post_hook"}
)  # their Jinja is rendered when they run


def has_jinja(text: str) -> bool:
    """Whether a text has anything to render."""
    return any(mark in text for mark in MARKS)


def in_values(value: Any, scope: Scope, rendered: Callable[[str, Scope], Any]) -> Any:
    """A value from YAML with each string that has Jinja in it rendered, in lists and mappings too; lines are kept."""
    if isinstance(value, dict):
        made, lines = copy.copy(value), getattr(value, "lines", {})
        for key in value.keys() - HOOKS:
            made[key] = in_values(value[key], replace(scope, line=lines.get(key, scope.line)), rendered)
        return made
    if isinstance(value, list):
        found = copy.copy(value)
        lines = getattr(value, "lines", ()) or (scope.line,) * len(value)
        found[:] = [
            in_values(each, replace(scope, line=line), rendered) for each, line in zip(value, lines, strict=True)
        ]
        return found
    return rendered(value, scope) if isinstance(value, str) and has_jinja(value) else value
