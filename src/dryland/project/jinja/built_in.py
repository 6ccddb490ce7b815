"""Reads the macros that come with Dryland: each is compiled when it is first called, for few are."""

from __future__ import annotations

import re
import threading
from functools import cache
from typing import TYPE_CHECKING, Any

import jinja2

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import CodeType

MACRO = re.compile(r"\{%-?\s*(?:macro|test)\s+(?P<name>\w+).*?\{%-?\s*end(?:macro|test)\s*-?%\}", re.DOTALL)
CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
WORD = re.compile(r"\w+")
_COMPILED: dict[tuple[str, str, str], CodeType] = {}  # by text, path and prefix: all environments compile alike


@cache
def found_in(text: str) -> tuple[tuple[str, int, frozenset[str], str], ...]:
    """Name, line, words of its code, and text of each macro of a file; each text keeps its lines."""
    return tuple(_found(text))


def _found(text: str) -> Iterator[tuple[str, int, frozenset[str], str]]:
    plain = re.sub(r"\{#.*?#\}", lambda comment: re.sub(r"[^\n]", " ", comment[0]), text, flags=re.DOTALL)
    for macro in MACRO.finditer(plain):
        above = plain.count("\n", 0, macro.start())
        words = frozenset(word for code in CODE.findall(macro[0]) for word in WORD.findall(code))
        name = f"test_{macro['name']}" if re.match(r"\{%-?\s*test\b", macro[0]) else macro["name"]
        yield name, above + 1, words, "\n" * above + macro[0]


class CompiledWhenCalled:
    """A template of one macro, which is compiled by its first call."""

    def __init__(self, text: str, path: str, prefix: str, environment: jinja2.Environment) -> None:
        self._text = text
        self._path = path
        self._prefix = prefix
        self._environment = environment
        self._lock = threading.Lock()
        self._template: jinja2.Template | None = None

    def make_module(self, context: Mapping[str, Any]) -> Any:
        """The macro as an attribute of a module, under its name with the prefix."""
        if self._template is None:
            with self._lock:
                self._template = self._template or self._compiled()
        return self._template.make_module(dict(context))

    def _compiled(self) -> jinja2.Template:
        key = (self._text, self._path, self._prefix)
        if key not in _COMPILED:
            tree = self._environment.parse(self._text, self._path, self._path)
            for node in tree.find_all(jinja2.nodes.Macro):
                node.name = self._prefix + node.name
            _COMPILED[key] = self._environment.compile(tree, self._path, self._path)
        return jinja2.Template.from_code(self._environment, _COMPILED[key], self._environment.make_globals(None))
