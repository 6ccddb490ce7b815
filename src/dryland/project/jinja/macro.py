"""Reads the macros that a file defines."""

from __future__ import annotations

import hashlib
import marshal
import types
from functools import partial

import jinja2
import jinja2.nodes

from dryland.digest import digest
from dryland.project.jinja.built_in import CompiledWhenCalled, found_in
from dryland.project.jinja.macro_blocks import only_blocks
from dryland.project.jinja.names_used import names_used
from dryland.project.keeping import Shelf
from dryland.values import dataclass

BUILT_IN = "dbt"  # the package of macros that come with Dryland
Listed = tuple[str, int, frozenset[str]]  # name of a macro, its line, the names that it uses
COMPILED = "compiled_macro__"  # before a macro's name inside its compiled file


@dataclass(frozen=True, slots=True)
class MacroFile:
    """A file of macros."""

    path: str  # relative to the project
    text: str
    package: str


@dataclass(frozen=True, slots=True)
class Macro:
    """One macro: where it is, and the names its body uses."""

    name: str
    package: str
    path: str
    line: int
    hash: str
    uses: frozenset[str]
    template: jinja2.Template | CompiledWhenCalled

    @property
    def unique_id(self) -> str:
        """dbt's id."""
        return f"macro.{self.package}.{self.name}"


def read_macros(file: MacroFile, environment: jinja2.Environment, shelf: Shelf) -> list[Macro]:
    """The macros that a file defines; what was compiled before is on the shelf."""
    hashed = hashlib.blake2b(file.text.encode(), digest_size=8).hexdigest()
    if file.package == BUILT_IN:
        later = partial(CompiledWhenCalled, path=file.path, prefix=COMPILED, environment=environment)
        return [
            Macro(name, BUILT_IN, file.path, line, hashed, uses, later(text))
            for name, line, uses, text in found_in(file.text)
        ]
    key = digest(["macros", file.path, file.text])
    code, macros = shelf.remembered(key, lambda: _compiled(file, environment), marshal)
    template = jinja2.Template.from_code(environment, code, environment.make_globals(None))
    return [Macro(name, file.package, file.path, line, hashed, uses, template) for name, line, uses in macros]


def _compiled(file: MacroFile, environment: jinja2.Environment) -> tuple[types.CodeType, tuple[Listed, ...]]:
    """Compile macros under names that nobody calls.

    So macros of one file find each other as those of any other file do: through `MacroCall`, which gives what
    they `return`.
    """
    tree = _parsed(file, environment)
    nodes = [node for node in tree.body if isinstance(node, jinja2.nodes.Macro)]
    macros = tuple((node.name, node.lineno, names_used(node)) for node in nodes)
    for node in nodes:
        node.name = COMPILED + node.name
    return environment.compile(tree, file.path, file.path), macros


def _parsed(file: MacroFile, environment: jinja2.Environment) -> jinja2.nodes.Template:
    """The file, or its macros alone when something else in it is no Jinja."""
    try:
        return environment.parse(file.text, file.path, file.path)
    except jinja2.TemplateSyntaxError:
        return environment.parse(only_blocks(file.text), file.path, file.path)
