"""Reads YAML and remembers on which line everything stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from dryland.errors import ConfigError
from dryland.project.text_file import read_text

DEPTH_MAX = 100  # levels; people write ten
STACK_MAX = 1_000  # levels that PyYAML can take for certain
SIZE_MAX = 1_000_000  # values of a file, those that aliases stand for counted each time
TEXT_OF_ONE = 100  # characters of a text that count as one value
INDENTED = re.compile(r"^[ ?-]*", re.MULTILINE)
OF_YAML = "tag:yaml.org,2002:"
COLLECTIONS = frozenset({"map", "omap", "pairs", "seq", "set"})

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Mapped(dict[str, Any]):
    """A mapping that knows its line and those of its keys."""

    line: int = 1
    lines: dict[str, int]

    def __init__(self, *given: Mapping[str, Any]) -> None:
        super().__init__(*given)
        self.lines = {}

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
        _verify_depth(text, shown)
        root = loader.get_single_node()
        if root is None:
            return Mapped()
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


class _Reading:
    """Each node is turned into a value once, so that aliases share; what they would come to in full is counted."""

    def __init__(self, loader: Any, shown: str) -> None:
        self._loader = loader
        self._shown = shown
        self._done: dict[int, Any] = {}
        self._sizes: dict[int, int] = {}  # of what is done, with all that aliases in it stand for
        self._depth = 0

    def value(self, node: yaml.Node) -> Any:
        key = id(node)
        if key in self._done:
            if key not in self._sizes:
                raise self._refused(node, "an alias stands for something that it is a part of itself")
            return self._done[key]
        if isinstance(node, yaml.ScalarNode):
            self._done[key] = self._scalar(node)
            self._sizes[key] = 1 + len(node.value) // TEXT_OF_ONE
        else:
            self._done[key] = None  # until it is done
            self._done[key] = self._collection(node)
            self._sizes[key] = self._size(node)
        return self._done[key]

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        try:
            return self._loader.construct_object(node, deep=True)
        except (ValueError, KeyError, AttributeError, OverflowError) as error:  # PyYAML's own, for `2026-99-99`
            kind = node.tag.rpartition(":")[2]
            raise self._refused(node, f"this is no {kind}", hint="quotes make it a text.") from error

    def _collection(self, node: yaml.Node) -> Any:
        if node.tag.removeprefix(OF_YAML) not in COLLECTIONS:
            raise self._refused(node, f"the tag `{node.tag.removeprefix(OF_YAML)}` means nothing here")
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise self._refused(node, f"this is nested more than {DEPTH_MAX} deep")
        if isinstance(node, yaml.MappingNode):
            found: Any = self._mapping(node)
        else:
            found = Listed(self.value(each) for each in node.value)
            found.lines = [each.start_mark.line + 1 for each in node.value]
        self._depth -= 1
        return found

    def _size(self, node: yaml.Node) -> int:
        parts = [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else node.value
        size = 1 + sum(self._sizes.get(id(part), 1) for part in parts)
        if size > SIZE_MAX:
            raise self._refused(
                node, f"with all that its aliases stand for, this has more than {SIZE_MAX:,} values",
                hint="write out what is needed, or use fewer aliases of aliases.",
            )  # fmt: skip
        return size

    def _mapping(self, node: yaml.MappingNode) -> Mapped:
        found = Mapped()
        found.line = node.start_mark.line + 1
        for name_node, value_node in node.value:
            line = name_node.start_mark.line + 1
            if name_node.tag == "tag:yaml.org,2002:merge":
                for key, value in self._merged(value_node):
                    found.setdefault(key, value)
                continue
            if not isinstance(name_node, yaml.ScalarNode):
                raise self._refused(name_node, "a key is a text, and no list or mapping")
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
        if not all(isinstance(source, Mapped) for source in sources):
            raise self._refused(node, "`<<` takes keys and values, or a list of such")
        return [pair for source in sources for pair in source.items()]

    def _refused(self, node: yaml.Node, what: str, hint: str = "") -> ConfigError:
        mark = node.start_mark
        return ConfigError(f"{what}.", path=self._shown, line=mark.line + 1, column=mark.column + 1, hint=hint)


def _verify_depth(text: str, shown: str) -> None:
    """Refuse what is nested so deeply that PyYAML would take all of the stack, before it does.

    A level takes a bracket, or a place to the right; few files can be that deep, and only these are looked at closely.
    """
    right = max(map(len, INDENTED.findall(text)), default=0)
    if 2 * right + text.count("[") + text.count("{") <= STACK_MAX:
        return
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_MAX:
            raise ConfigError(
                f"this is nested more than {DEPTH_MAX} deep.", path=shown,
                line=event.start_mark.line + 1 if event.start_mark else None,
            )  # fmt: skip
