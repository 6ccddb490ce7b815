"""Fills in descriptions: docs blocks by name, and the Jinja around them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dryland.errors import ConfigError, UnknownNameError
from dryland.project.config import as_list
from dryland.project.jinja.state import Scope
from dryland.project.nodes import ColumnDoc, Place
from dryland.project.yaml_file import Mapped
from dryland.values import dataclass

if TYPE_CHECKING:
    from dryland.project.jinja.templates import Templates

BLOCK = re.compile(r"{%-?\s*docs\s+(\w+)\s*-?%}(.*?){%-?\s*enddocs\s*-?%}", re.DOTALL)


def blocks_of(text: str) -> dict[str, str]:
    """The docs blocks of a Markdown file, by name."""
    return {found[1]: found[2].strip() for found in BLOCK.finditer(text)}


@dataclass(frozen=True, slots=True)
class Docs:
    """All docs blocks, by package."""

    blocks: Mapping[str, Mapping[str, str]]
    project: str
    templates: Templates

    def described(self, text: Any, place: Place, package: str) -> str:
        """A description as people read it.

        Raises:
            UnknownNameError: it asks for a docs block that no file has; says the nearest.
        """

        def doc(*names: str) -> str:
            """`doc('name')`, or `doc('package', 'name')`."""
            return self.templates.docs_block(self._block(names, package), scope)

        scope = Scope(place.path, package, line=place.line)
        return self.templates.description(str(text or ""), scope, doc).strip()

    def columns(self, listed: Any, of: str, place: Place, package: str) -> tuple[ColumnDoc, ...]:
        """What an entry of YAML says of its columns.

        Raises:
            ConfigError: one has no name.
        """
        return tuple(self._column(body, of, place, package) for body in listed or ())

    def _column(self, body: Any, of: str, place: Place, package: str) -> ColumnDoc:
        if not isinstance(body, Mapped) or "name" not in body:
            line = getattr(body, "line", place.line)
            raise ConfigError(f"a column of `{of}` has no name.", path=place.path, line=line, hint="- name: ...")
        config = body.get("config") or {}
        return ColumnDoc(
            name=str(body["name"]),
            description=self.described(body.get("description"), Place(place.path, body.line_of("name")), package),
            data_type=str(body.get("data_type") or ""),
            meta={**(body.get("meta") or {}), **(config.get("meta") or {})},
            tags=tuple(str(tag) for tag in (*as_list(body.get("tags")), *as_list(config.get("tags")))),
            constraints=tuple(dict(each) for each in body.get("constraints") or ()),
        )

    def _block(self, names: tuple[str, ...], package: str) -> str:
        packages = names[:-1] or (self.project, package, *self.blocks)
        for each in packages:
            if names[-1] in self.blocks.get(each, {}):
                return self.blocks[each][names[-1]]
        near = difflib.get_close_matches(names[-1], [name for each in packages for name in self.blocks.get(each, {})])
        raise UnknownNameError(
            f"there is no docs block `{'.'.join(names)}`.",
            hint=f"`{near[0]}` exists." if near else "write {% docs name %} ... {% enddocs %} in a Markdown file.",
        )
