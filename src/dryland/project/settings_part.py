"""Defines what the parts of dryland.yml have in common: how they are checked, and how their texts are rendered."""

from __future__ import annotations

from typing import Any

import pydantic

from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Stage
from dryland.project.yaml_file import Listed, Mapped
from dryland.values import dataclass

FILE = "dryland.yml"


class SettingsPart(pydantic.BaseModel):
    """One mapping of the file; what it does not know is an error."""

    model_config = pydantic.ConfigDict(extra="forbid", hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Texts:
    """Renders the file's texts, each where it stands."""

    raw: Mapped
    templates: Templates
    project: str

    def scope(self, *keys: int | str) -> Scope:
        """Where the value under these keys stands."""
        return Scope(FILE, self.project, line=line_of(self.raw, keys))

    def value(self, text: str, *keys: int | str) -> str:
        """A text with its Jinja rendered."""
        return str(self.templates.value(text, self.scope(*keys), stage=Stage.CONNECTION))


def line_of(raw: Any, keys: tuple[int | str, ...]) -> int:
    """The line of the value under these keys, or of the nearest around it."""
    line = 1
    for key in keys:
        if isinstance(raw, Mapped) and key in raw.lines:
            line = raw.lines[str(key)]
            raw = raw[str(key)]
        elif isinstance(raw, Listed) and isinstance(key, int) and key < len(raw):
            line, raw = raw.lines[key], raw[key]
    return line
