"""Adds entries to lists of a YAML file, and leaves every byte that is there as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from dryland.project.yaml_block import STEP, flow, rendered
from dryland.project.yaml_file import Loader, parse_yaml
from dryland.values import dataclass

LINE = re.compile(r"[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029]|$)")


@dataclass(frozen=True, slots=True)
class Named:
    """The entry of a list that has this name."""

    name: str
    beside: tuple[tuple[str, Any], ...] = ()  # what else is said of it when it has to be made


Step = str | Named


class NoPlaceError(Exception):
    """The YAML is written in a form that nothing can be added to without touching what is there."""


@dataclass(frozen=True, slots=True)
class Addition:
    """One more entry at the end of the list to which a path leads; what of the path is missing is made."""

    path: tuple[Step, ...]
    entry: Any


def with_additions(text: str, additions: Sequence[Addition], shown: str) -> str:
    """The text with these entries, which says what it said before and exactly them besides.

    Raises:
        NoPlaceError: it cannot be done by inserting alone, for example where a list is shared by an alias.
        ConfigError: the text is no YAML.

    >>> print(with_additions("models:\\n- name: a  # ours\\n", [Addition(("models", Named("a"), "tests"), "x")], ""))
    models:
    - name: a  # ours
      tests:
      - x
    <BLANKLINE>
    """
    said = _plain(parse_yaml(text, shown)) if text.strip() else {}
    for addition in additions:
        text = _with_one(text, addition)
        said = _added(said, addition.path, addition.entry)
    try:
        is_said = _plain(parse_yaml(text, shown)) == said
    except Exception as error:
        raise NoPlaceError(str(error)) from error
    if not is_said:
        raise NoPlaceError("more than that would change, as where an anchor or `<<` shares what is there")
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _added(value: Any, path: tuple[Step, ...], entry: Any) -> Any:
    """The value with the entry, by values alone: what the text has to say in the end."""
    if not path:
        return [*(value or []), entry]
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        return {**(value or {}), step: _added((value or {}).get(step), rest, entry)}
    found = [at for at, each in enumerate(value or []) if isinstance(each, dict) and str(each.get("name")) == step.name]
    if not found:
        return [*(value or []), {"name": step.name, **dict(step.beside), **_added({}, rest, entry)}]
    return [_added(each, rest, entry) if at == found[0] else each for at, each in enumerate(value)]


def _with_one(text: str, addition: Addition) -> str:
    loader = Loader(text)
    try:
        root = loader.get_single_node()
    except yaml.YAMLError as error:
        raise NoPlaceError(str(error)) from error
    finally:
        loader.dispose()
    return _Text(text).inserted(root, addition)


class _Text:
    """A text by its lines, and how it is written."""

    def __init__(self, text: str) -> None:
        self.lines = [line for line in LINE.findall(text) if line]
        self.end = next((line[len(line.rstrip("\r\n")) :] for line in self.lines if line.endswith("\n")), "\n")
        self.offset = 0  # how much further in than their key lists stand

    def inserted(self, root: yaml.Node | None, addition: Addition) -> str:
        """The text with the addition."""
        if root is None:
            self._put_lines(len(self.lines), rendered(_nested(addition.path, addition.entry), 0, STEP))
            return "".join(self.lines)
        self.offset = _offset_of_lists(root)
        self._walk(root, addition.path, addition.entry)
        return "".join(self.lines)

    def _walk(self, node: yaml.Node, path: tuple[Step, ...], entry: Any) -> None:
        if not path:
            self._put(node, [entry])
        elif isinstance(path[0], str) and isinstance(node, yaml.MappingNode):
            self._walk_mapping(node, path, entry)
        elif isinstance(path[0], Named) and isinstance(node, yaml.SequenceNode):
            found = [each for each in node.value if _name_of(each) == path[0].name]
            if found:
                self._walk(found[0], path[1:], entry)
            else:
                self._put(node, _nested(path, entry))
        else:
            raise NoPlaceError("something else than a list or keys stands there")

    def _walk_mapping(self, node: yaml.MappingNode, path: tuple[Step, ...], entry: Any) -> None:
        for key, value in node.value:
            if key.value == path[0]:
                if _is_nothing(value):
                    inner, column = _nested(path[1:], entry), int(node.value[0][0].start_mark.column)
                    column += self.offset if isinstance(inner, list) else STEP
                    self._put_lines(value.end_mark.line + 1, rendered(inner, column, self.offset))
                else:
                    self._walk(value, path[1:], entry)
                return
        self._put(node, _nested(path, entry))

    def _put(self, node: yaml.Node, value: Any) -> None:
        """At the end of a list or of keys, written as it is: one by line, or within brackets."""
        if not isinstance(node, yaml.CollectionNode) or type(value) is not node_type(node):
            raise NoPlaceError("something else than a list or keys stands there")
        if node.flow_style:
            self._put_inside(node, value)
            return
        first = node.value[0][0] if isinstance(node, yaml.MappingNode) else node
        column = first.start_mark.column
        self._put_lines(_last_line(node, self.lines) + 1, rendered(value, column, self.offset))

    def _put_inside(self, node: yaml.CollectionNode, value: Any) -> None:
        inner = flow(value)[1:-1]
        mark = _end_of_last(node) if node.value else None
        line, column = (mark.line, mark.column) if mark else (node.start_mark.line, node.start_mark.column + 1)
        text = self.lines[line]
        self.lines[line] = f"{text[:column]}{', ' if mark else ''}{inner}{text[column:]}"

    def _put_lines(self, at: int, lines: Iterator[str]) -> None:
        if at and at <= len(self.lines) and not self.lines[at - 1].endswith(("\n", "\r")):
            self.lines[at - 1] += self.end
        self.lines[at:at] = [line + self.end for line in lines]


def node_type(node: yaml.Node) -> type:
    """The Python type of what a node says."""
    return list if isinstance(node, yaml.SequenceNode) else dict


def _name_of(node: yaml.Node) -> str | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((str(value.value) for key, value in pairs if key.value == "name"), None)


def _is_nothing(node: yaml.Node) -> bool:
    """Whether nothing at all stands behind a key."""
    return isinstance(node, yaml.ScalarNode) and node.start_mark.index == node.end_mark.index and not node.value


def _nested(path: tuple[Step, ...], entry: Any) -> Any:
    """What has to be made for a path that leads nowhere yet."""
    if not path:
        return [entry]
    inner = _nested(path[1:], entry)
    step = path[0]
    return {step: inner} if isinstance(step, str) else [{"name": step.name, **dict(step.beside), **inner}]


def _offset_of_lists(root: yaml.Node) -> int:
    """How much further in than its key the first list of the file stands: 0 or 2, as people have it."""
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if isinstance(value, yaml.SequenceNode) and not value.flow_style and value.start_mark.line > key.end_mark.line:
            return max(int(value.start_mark.column) - int(key.start_mark.column), 0)
    return STEP


def _last_line(node: yaml.Node, lines: Sequence[str]) -> int:
    """The last line on which something of a node stands."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        if isinstance(node, yaml.SequenceNode):
            return max(_last_line(last, lines), int(last.start_mark.line))
        key, value = last
        is_alias = value.start_mark.index < key.start_mark.index
        return int(key.end_mark.line) if is_alias else _last_line(value, lines)
    at = int(node.end_mark.line)
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        at = min(at, len(lines)) - (node.end_mark.column == 0 or at >= len(lines))
        while not lines[at].strip():
            at -= 1
    return at


def _end_of_last(node: Any) -> Any:
    last = node.value[-1]
    if isinstance(last, tuple):
        key, value = last
        if value.start_mark.index < key.start_mark.index:
            raise NoPlaceError("an alias ends the list")
        return value.end_mark
    return last.end_mark
