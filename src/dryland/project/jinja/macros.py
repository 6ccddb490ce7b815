"""Reads macros, and lets templates call them: by name, by package, by dispatch."""

from __future__ import annotations

import difflib
import hashlib
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
import jinja2.meta
import jinja2.nodes

from dryland.errors import DuplicateError, UnknownNameError
from dryland.project.jinja.state import State, current

BUILT_IN = "dbt"  # the package of macros that come with Dryland
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
    template: jinja2.Template

    @property
    def unique_id(self) -> str:
        """dbt's id."""
        return f"macro.{self.package}.{self.name}"


class Returned(Exception):  # noqa: N818 - control flow, not an error: `{{ return(x) }}`
    """Ends a macro with a value."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class MacroCall:
    """A macro as a template sees it."""

    def __init__(self, macro: Macro) -> None:
        self.macro = macro

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the macro; what it `return`s, or its text."""
        state = current()
        state.macros.add(self.macro.unique_id)
        function = getattr(self._module(state), COMPILED + self.macro.name)
        try:
            return function(*args, **kwargs)
        except Returned as returned:
            return returned.value

    def _module(self, state: State) -> Any:
        """The macro's file, executed once for this rendering, with the names of its own package first."""
        key = (self.macro.package, self.macro.path)
        if key not in state.modules:
            context = {**state.context, **state.context["__packages__"][self.macro.package]}
            state.modules[key] = self.macro.template.make_module(context)
        return state.modules[key]


class Namespace:
    """A package as a template sees it: `dbt_utils.star(...)`."""

    def __init__(self, package: str, calls: Mapping[str, MacroCall]) -> None:
        self._package = package
        self._calls = calls

    def __getattr__(self, name: str) -> MacroCall:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self._calls:
            near = difflib.get_close_matches(name, self._calls, n=1)
            raise UnknownNameError(
                f"the package `{self._package}` has no macro `{name}`.",
                hint=f"`{near[0]}` exists." if near else "is it a newer version of the package that has it?",
            )
        return self._calls[name]

    def __contains__(self, name: str) -> bool:
        return name in self._calls


class Macros:
    """All macros of a project and its packages."""

    def __init__(
        self, macros: Sequence[Macro], project: str, dispatch: Mapping[str, Sequence[str]], adapter: str
    ) -> None:
        self.by_package: dict[str, dict[str, MacroCall]] = {BUILT_IN: {}, project: {}}
        for macro in macros:
            calls = self.by_package.setdefault(macro.package, {})
            if macro.name in calls:
                other = calls[macro.name].macro
                raise DuplicateError(
                    f"the macro `{macro.name}` is defined twice: {other.path}:{other.line} and here.",
                    path=macro.path, line=macro.line, hint="rename one of them.",
                )  # fmt: skip
            calls[macro.name] = MacroCall(macro)
        self._project = project
        self._dispatch = dispatch
        self._prefixes = (f"{adapter}__", "default__")

    def context(self) -> dict[str, Any]:
        """Names that every template can use: built-in macros, over them the project's, and each package by name."""
        namespaces = {package: Namespace(package, calls) for package, calls in self.by_package.items()}
        return {**namespaces, **self.by_package[BUILT_IN], **self.by_package[self._project]}

    def find(self, name: str, package: str = "") -> MacroCall | None:
        """A macro by name, in one package or as a template of the project would find it."""
        packages = [package] if package else [self._project, BUILT_IN]
        return next((self.by_package[each][name] for each in packages if name in self.by_package.get(each, {})), None)

    def dispatch(self, name: str, namespace: str | None) -> MacroCall:
        """The implementation of a macro for this adapter, by dbt's search order.

        Raises:
            UnknownNameError: no package has one.
        """
        searched = self._dispatch.get(namespace or "", [self._project, namespace or BUILT_IN, BUILT_IN])
        order = list(dict.fromkeys(searched))
        for package in order:
            for prefix in self._prefixes:
                found = self.by_package.get(package, {}).get(prefix + name)
                if found:
                    return found
        wanted = " or ".join(f"`{prefix}{name}`" for prefix in self._prefixes)
        raise UnknownNameError(
            f"no package has {wanted}, to which `{name}` would be dispatched.", hint=f"searched {', '.join(order)}."
        )

    def reached(self, names: frozenset[str]) -> list[Macro]:
        """Macros that these names can lead to, transitively; dispatch is followed to every implementation."""
        by_name: dict[str, list[Macro]] = {}
        for calls in self.by_package.values():
            for name, call in calls.items():
                by_name.setdefault(name.split("__", 1)[-1], []).append(call.macro)
        found: dict[str, Macro] = {}
        frontier = list(names)
        while frontier:
            for macro in by_name.get(frontier.pop().split("__", 1)[-1], ()):
                if macro.unique_id not in found:
                    found[macro.unique_id] = macro
                    frontier.extend(macro.uses)
        return [found[unique_id] for unique_id in sorted(found)]


def read_macros(file: MacroFile, environment: jinja2.Environment) -> list[Macro]:
    """The macros that a file defines."""
    compiled = _built_in.get(file) or _compiled(file, environment)
    if file.package == BUILT_IN:  # the same for every project: compiling them takes longer than a small project does
        _built_in[file] = compiled
    template = jinja2.Template.from_code(environment, compiled.code, environment.make_globals(None))
    hashed = hashlib.blake2b(file.text.encode(), digest_size=8).hexdigest()
    return [Macro(name, file.package, file.path, line, hashed, uses, template) for name, line, uses in compiled.macros]


@dataclass(frozen=True, slots=True)
class _Compiled:
    code: types.CodeType
    macros: tuple[tuple[str, int, frozenset[str]], ...]  # name, line, names used


_built_in: dict[MacroFile, _Compiled] = {}


def _compiled(file: MacroFile, environment: jinja2.Environment) -> _Compiled:
    """Compile macros under names that nobody calls.

    So macros of one file find each other as those of any other file do: through `MacroCall`, which gives what
    they `return`.
    """
    tree = environment.parse(file.text, file.path, file.path)
    nodes = [node for node in tree.body if isinstance(node, jinja2.nodes.Macro)]
    macros = tuple((node.name, node.lineno, names_used(node)) for node in nodes)
    for node in nodes:
        node.name = COMPILED + node.name
    return _Compiled(environment.compile(tree, file.path, file.path), macros)


def names_used(node: jinja2.nodes.Node) -> frozenset[str]:
    """Names, attributes and strings in a template's code: everything that may lead to a macro."""
    names = {each.name for each in node.find_all(jinja2.nodes.Name)}
    names |= {each.attr for each in node.find_all(jinja2.nodes.Getattr)}
    names |= {str(each.value) for each in node.find_all(jinja2.nodes.Const) if isinstance(each.value, str)}
    return frozenset(names)
