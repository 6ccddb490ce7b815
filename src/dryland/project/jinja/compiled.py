"""Compiles templates and macro files, each once, and knows which names they use."""

from __future__ import annotations

import marshal
import threading
from collections.abc import Iterable
from functools import cache
from types import CodeType

import jinja2

from dryland.digest import digest
from dryland.project.jinja.environment import make_environment
from dryland.project.jinja.macro import Macro, MacroFile, read_macros
from dryland.project.jinja.names_used import names_used
from dryland.project.keeping import Shelf
from dryland.project.watching import Tell


class Compiled:
    """Templates by their text and path. Safe to use from several threads."""

    def __init__(self, environment: jinja2.Environment, shelf: Shelf) -> None:
        self._environment = environment
        self._shelf = shelf
        self._templates: dict[tuple[str, str], jinja2.Template] = {}
        self._names: dict[str, frozenset[str]] = {}  # parsing is half of the work of reading
        self._lock = threading.Lock()
        self.files: set[str] = set()  # paths of everything that was compiled

    def prepare(self, templates: Iterable[tuple[str, str]], tell: Tell) -> None:
        """Compile many at once that will be asked for, each given by its text and path, on all cores."""
        asked = {_key(text, path): (text, path) for text, path in templates}
        from dryland.workers import Workers  # here, for a project that is kept needs none

        with Workers() as workers:
            self._shelf.prepare(_written_code, asked, workers, tell)

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
        return self._shelf.remembered(_key(text, path), lambda: _compiled(self._environment, text, path), marshal)


def _key(text: str, path: str) -> str:
    return digest(["template", path, text])


def _compiled(environment: jinja2.Environment, text: str, path: str) -> tuple[CodeType, frozenset[str]]:
    tree = environment.parse(text, path, path)
    names = names_used(tree)
    return environment.compile(tree, path, path), names


def _written_code(template: tuple[str, str]) -> bytes:
    return marshal.dumps(_compiled(_environment(), *template))


@cache
def _environment() -> jinja2.Environment:
    """What a process that only compiles compiles with; all environments are alike."""
    return make_environment()
