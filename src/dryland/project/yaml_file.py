"""Reads YAML and remembers on which line everything stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from dryland.errors import ConfigError
from dryland.project.text_file import read_text

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Mapped(dict[str, Any]):
    """A mapping that knows its line and those of its keys."""

    line: int = 1
    lines: dict[str, int]

    def line_of(self, key: str) -> int:
        """The line of a key; the mapping's own when the key is not there."""
        return self.lines.get(key, self.line)


class Listed(list[Any]):
    """A list that knows the lines of its items."""

    lines: list[int]


def read_yaml(path: Path, shown: str) -> Mapped:
    """A YAML file whose top is a mapping; an empty file is an empty one.

    Raises:
        ConfigError: it does not parse, repeats a key, or its top is something else; `shown` names the file.
    """
    return parse_yaml(
        read_text(path, shown).rstrip(), shown
    )  # as dbt does: a last `description: >` ends without a line


def parse_yaml(text: str, shown: str) -> Mapped:
    """As `read_yaml`, for a text."""
    loader = Loader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return _empty()
        value = _Reading(loader, shown).value(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ConfigError(
            f"the YAML does not parse: {error.problem or error.context}.",
            path=shown, line=mark.line + 1 if mark else None, column=mark.column + 1 if mark else None,
            hint="look at the indentation, colons and quotes at that line and the one before.",
        ) from error  # fmt: skip
    except yaml.YAMLError as error:
        raise ConfigError(f"the YAML does not parse: {error}.", path=shown) from error
    finally:
        loader.dispose()
    if not isinstance(value, Mapped):
        raise ConfigError(f"expected keys and values, found {type(value).__name__}.", path=shown, line=1)
    return value


def _empty() -> Mapped:
    empty = Mapped()
    empty.lines = {}
    return empty


class _Reading:
    """Each node is turned into a value once, so that aliases share and cannot explode."""

    def __init__(self, loader: Any, shown: str) -> None:
        self._loader = loader
        self._shown = shown
        self._done: dict[int, Any] = {}

    def value(self, node: yaml.Node) -> Any:
        key = id(node)
        if key not in self._done:
            if isinstance(node, yaml.MappingNode):
                self._done[key] = self._mapping(node)
            elif isinstance(node, yaml.SequenceNode):
                found = Listed(self.value(each) for each in node.value)
                found.lines = [each.start_mark.line + 1 for each in node.value]
                self._done[key] = found
            else:
                self._done[key] = self._loader.construct_object(node, deep=True)
        return self._done[key]

    def _mapping(self, node: yaml.MappingNode) -> Mapped:
        found = _empty()
        found.line = node.start_mark.line + 1
        for name_node, value_node in node.value:
            line = name_node.start_mark.line + 1
            if name_node.tag == "tag:yaml.org,2002:merge":
                for key, value in self._merged(value_node):
                    found.setdefault(key, value)
                continue
            name = str(name_node.value)  # as written: YAML 1.1 would read the key `on` as true
            if name in found.lines:
                raise ConfigError(
                    f"`{name}` is there twice.", path=self._shown, line=line,
                    hint=f"it stands on line {found.lines[name]} already.",
                )  # fmt: skip
            found[name] = self.value(value_node)
            found.lines[name] = line
        return found

    def _merged(self, node: yaml.Node) -> list[tuple[str, Any]]:
        value = self.value(node)
        sources = value if isinstance(value, list) else [value]
        return [pair for source in sources for pair in source.items()]
