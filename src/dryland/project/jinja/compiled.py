"""Compiles templates and macro files, each once, and knows which names they use."""

from __future__ import annotations

import marshal
import threading
from types import CodeType

import jinja2

from dryland.project.jinja.macro import Macro, MacroFile, read_macros
from dryland.project.jinja.names_used import names_used
from dryland.project.keeping import Shelf
from dryland.state.records import digest


class Compiled:
    """Templates by their text and path. Safe to use from several threads."""

    def __init__(self, environment: jinja2.Environment, shelf: Shelf) -> None:
        self._environment = environment
        self._shelf = shelf
        self._templates: dict[tuple[str, str], jinja2.Template] = {}
        self._names: dict[str, frozenset[str]] = {}  # parsing is half of the work of reading
        self._lock = threading.Lock()
        self.files: set[str] = set()  # paths of everything that was compiled

    def template(self, text: str, path: str) -> jinja2.Template:
        """The template of a text."""
        key = (path, text)
        found = self._templates.get(key)
        if found is None:
            with self._lock:
                self.files.add(path)
                code, self._names[text] = self._code(text, path)
                found = jinja2.Template.from_code(self._environment, code, self._environment.make_globals(None))
                self._templates[key] = found
        return found

    def macros(self, file: MacroFile) -> list[Macro]:
        """The macros that a file defines."""
        self.files.add(file.path)
        return read_macros(file, self._environment, self._shelf)

    def names(self, text: str) -> frozenset[str]:
        """What a template's code names: everything that may lead to a macro."""
        if text not in self._names:
            self._names[text] = names_used(self._environment.parse(text))
        return self._names[text]

    def _code(self, text: str, path: str) -> tuple[CodeType, frozenset[str]]:
        """Its code, and the names in it; both from the shelf if they are there."""

        def compiled() -> tuple[CodeType, frozenset[str]]:
            tree = self._environment.parse(text, path, path)
            names = names_used(tree)
            return self._environment.compile(tree, path, path), names

        return self._shelf.remembered(digest(["template", path, text]), compiled, marshal)
