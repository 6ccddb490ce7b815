"""Reads selectors.yml: selections that have a name, and perhaps are the default."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from dryland.errors import ConfigError, DuplicateError, SelectorError
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Stage
from dryland.project.selector import (
    INDIRECT,
    Group,
    Indirect,
    NamedSelector,
    Selector,
    Term,
    parse_term,
    term_of,
    verified,
)
from dryland.project.yaml_file import Mapped, read_yaml
from dryland.values import dataclass

FILE = "selectors.yml"
KEYS = ("name", "definition", "description", "default")
METHOD_KEYS = (
    "method", "value", "children", "parents", "children_depth", "parents_depth", "childrens_parents", "exclude",
    "indirect_selection",
)  # fmt: skip
SET_OPERATORS = ("union", "intersection")


def read_selectors(root: Path, project: str, templates: Templates) -> dict[str, NamedSelector]:
    """The selectors of a project by name; none when it has no such file.

    Raises:
        ConfigError: a definition cannot be understood; says where.
        DuplicateError: two selectors have one name, or both are the default.
    """
    path = root / FILE
    if not path.is_file():
        return {}
    scope = Scope(FILE, project)
    content = templates.value(read_yaml(path, FILE), scope, stage=Stage.PROJECT)
    return _Reading({}).selectors(content)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read so far: a definition may take in the selectors above it."""

    known: dict[str, NamedSelector]

    def selectors(self, content: Mapped) -> dict[str, NamedSelector]:
        listed = content.get("selectors")
        if not isinstance(listed, list):
            _refuse("`selectors` is a list.", content.line_of("selectors"), "selectors:\n  - name: nightly")
        for body in listed:
            self._add(body, getattr(body, "line", content.line_of("selectors")))
        return self.known

    def _add(self, body: Any, line: int) -> None:
        if not isinstance(body, Mapped) or not body.get("name"):
            _refuse("a selector has no name.", line, "- name: ...")
        _verify_keys(body, KEYS, line)
        name = str(body["name"])
        if "definition" not in body:
            _refuse(f"the selector `{name}` has no definition.", line, "definition: tag:daily")
        if name in self.known:
            raise DuplicateError(f"the selector `{name}` is there twice.", path=FILE, line=body.line_of("name"))
        default = next((each.name for each in self.known.values() if each.is_default), "")
        is_default = _truth(body.get("default", False), body.line_of("default"))
        if is_default and default:
            raise DuplicateError(
                f"the selectors `{default}` and `{name}` are both the default.", path=FILE,
                line=body.line_of("default"), hint="only one can be.",
            )  # fmt: skip
        selector = self._root(body["definition"], body.line_of("definition"))
        self.known[name] = NamedSelector(name, selector, str(body.get("description") or ""), is_default)

    def _root(self, said: Any, line: int) -> Selector:
        if isinstance(said, Mapped) and len(said) > 1 and any(key in said for key in SET_OPERATORS):
            _refuse(
                f"`union` or `intersection` stands alone in a definition; found {', '.join(said)}.", said.line,
                "an `exclude` goes into the list, as its last entry.",
            )  # fmt: skip
        return self._selector(said, line)

    def _selector(self, said: Any, line: int) -> Selector:
        try:
            if isinstance(said, str):
                return parse_term(said)
            if not isinstance(said, Mapped):
                _refuse("a definition is a text, or a mapping.", line, "tag:daily, or method: tag and value: daily")
            for operator in SET_OPERATORS:
                if operator in said:
                    return self._set(operator, said)
            return self._method(said)
        except SelectorError as error:
            raise ConfigError(error.message, hint=error.hint, path=FILE, line=getattr(said, "line", line)) from error

    def _set(self, operator: str, said: Mapped) -> Selector:
        line = said.line_of(operator)
        parts: list[Selector] = []
        excluded: Selector | None = None
        for each, at in _listed(said[operator], operator, line):
            if isinstance(each, Mapped) and "exclude" in each and "method" not in each:
                if excluded:
                    _refuse(f"this {operator} has a second `exclude`.", at, "put all of it into one list.")
                excluded = self._excluded(each)
            else:
                parts.append(self._selector(each, at))
        group = Group("union" if operator == "union" else "intersection", tuple(parts))
        return Group("difference", (group, excluded)) if excluded else group

    def _excluded(self, said: Mapped) -> Selector | None:
        listed = _listed(said["exclude"], "exclude", said.line_of("exclude"))
        parts = tuple(self._selector(each, at) for each, at in listed)
        return Group("union", parts) if parts else None

    def _method(self, said: Mapped) -> Selector:
        if said.get("method") == "selector":
            return self._inherited(said)
        if len(said) == 1:
            ((method, value),) = said.items()
            return term_of(f"{method}:{value}", str(method), value)
        if "method" not in said or "value" not in said:
            _refuse(
                f"expected one key, or `method` and `value`; found {', '.join(said)}.", said.line,
                "method: tag, value: daily; or tag: daily",
            )  # fmt: skip
        _verify_keys(said, METHOD_KEYS, said.line)
        term = self._term(said)
        excluded = self._excluded(said) if "exclude" in said else None
        return Group("difference", (term, excluded)) if excluded else term

    def _term(self, said: Mapped) -> Term:
        term = term_of(f"{said['method']}:{said['value']}", str(said["method"]), said["value"])
        return verified(
            replace(
                term,
                with_needs_below=_truth(said.get("childrens_parents"), said.line_of("childrens_parents")),
                above=_depth(said, "parents"),
                below=_depth(said, "children"),
                indirect=_indirect(said),
            )
        )

    def _inherited(self, said: Mapped) -> Selector:
        name = str(said.get("value"))
        if name not in self.known:
            near = difflib.get_close_matches(name, self.known, n=1)
            _refuse(
                f"there is no selector `{name}` above this one.", said.line_of("value"),
                f"`{near[0]}` is." if near else "a selector can only take in those that stand before it.",
            )  # fmt: skip
        return self.known[name].selector


def _listed(said: Any, key: str, line: int) -> list[tuple[Any, int]]:
    if not isinstance(said, list):
        _refuse(f"`{key}` is a list.", line, f"{key}:\n  - tag:daily")
    lines = getattr(said, "lines", ())
    return [(each, lines[index] if index < len(lines) else line) for index, each in enumerate(said)]


def _depth(said: Mapped, key: str) -> int | None:
    """How far relatives come along; a depth without its switch says nothing."""
    if not _truth(said.get(key), said.line_of(key)):
        return 0
    depth = said.get(f"{key}_depth")
    if depth is not None and not str(depth).isdigit():
        _refuse(f"`{key}_depth` is a number, not `{depth}`.", said.line_of(f"{key}_depth"), f"{key}_depth: 1")
    return int(depth) if depth else None


def _indirect(said: Mapped) -> Indirect | None:
    word = said.get("indirect_selection")
    if word is None:
        return None
    if word not in INDIRECT:
        line = said.line_of("indirect_selection")
        _refuse(f"there is no indirect_selection `{word}`.", line, f"there are {', '.join(INDIRECT)}.")
    found: Indirect = word
    return found


def _truth(value: Any, line: int) -> bool:
    if value not in (None, True, False):
        _refuse(f"expected true or false, found `{value}`.", line, "")
    return bool(value)


def _verify_keys(body: Mapping[str, Any], known: tuple[str, ...], line: int) -> None:
    for key in body:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            lines = getattr(body, "lines", {})
            hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(known)}."
            _refuse(f"`{key}` is no key of a selector.", lines.get(key, line), hint)


def _refuse(message: str, line: int, hint: str) -> NoReturn:
    raise ConfigError(message, path=FILE, line=line, hint=hint)
