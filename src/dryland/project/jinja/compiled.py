"""Compiles templates and macro files, each once, and knows which names they use."""

from __future__ import annotations

import threading

import jinja2

from dryland.project.jinja.macro import Macro, MacroFile, read_macros
from dryland.project.jinja.names_used import names_used


class Compiled:
    """Templates by their text and path. Safe to use from several threads."""

    def __init__(self, environment: jinja2.Environment) -> None:
        self._environment = environment
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
                tree = self._environment.parse(text, path, path)
                self._names[text] = names_used(tree)
                code = self._environment.compile(tree, path, path)
                found = jinja2.Template.from_code(self._environment, code, self._environment.make_globals(None))
                self._templates[key] = found
        return found

    def macros(self, file: MacroFile) -> list[Macro]:
        """The macros that a file defines."""
        self.files.add(file.path)
        return read_macros(file, self._environment)

    def names(self, text: str) -> frozenset[str]:
        """What a template's code names: everything that may lead to a macro."""
        if text not in self._names:
            self._names[text] = names_used(self._environment.parse(text))
        return self._names[text]
