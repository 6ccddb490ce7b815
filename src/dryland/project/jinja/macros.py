"""Lets templates call macros: by name, by package, by dispatch."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NoReturn

from dryland.errors import DuplicateError, UnknownNameError
from dryland.project.jinja.macro import BUILT_IN, COMPILED, Macro
from dryland.project.jinja.names_used import ANY
from dryland.project.jinja.state import State, called, current

BUILT_IN_MATERIALIZATIONS = {
    "duckdb": ("table", "incremental", "external", "table_function"),
    "postgres": ("materialized_view",),
    "default": ("view", "table", "incremental", "seed", "snapshot", "materialized_view", "clone", "test", "unit"),
}
"""What dbt and its adapter bring along, by whom it is for: a `table` for all adapters does not replace DuckDB's.

dbt's `materialized_view` is for all adapters, and of these only PostgreSQL's has the statements for it.
"""


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
        called(self.macro.unique_id)
        function = getattr(self._module(state), COMPILED + self.macro.name)
        state.depth += 1
        try:
            return function(*args, **kwargs)
        except Returned as returned:
            return returned.value
        finally:
            state.depth -= 1

    def _module(self, state: State) -> Any:
        """The macro's file, executed once for this rendering, with the names of its own package first."""
        alone = self.macro.package == BUILT_IN  # each of those is compiled by itself
        key = (self.macro.package, f"{self.macro.path}#{self.macro.name}" if alone else self.macro.path)
        if key not in state.modules:
            own = state.context["__packages__"][self.macro.package]
            is_built_in = self.macro.package == BUILT_IN  # the others find what their caller finds first, as in dbt
            context = {**state.context, **own} if is_built_in else {**own, **state.context}
            state.modules[key] = self.macro.template.make_module(context)
        return state.modules[key]


class Namespace:
    """A package as a template sees it: `dbt_utils.star(...)`."""

    def __init__(self, package: str, calls: Mapping[str, Callable[..., Any]]) -> None:
        self._package = package
        self._calls = calls

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in self._calls:
            raise AttributeError(name)  # a template then finds it undefined, and says `lacks`
        return self._calls[name]

    def lacks(self, name: str) -> UnknownNameError:
        """What to say of a macro that is not there."""
        near = difflib.get_close_matches(name, self._calls, n=1)
        return UnknownNameError(
            f"the package `{self._package}` has no macro `{name}`.",
            hint=f"`{near[0]}` exists." if near else "is it a newer version of the package that has it?",
        )

    def get(self, name: str, default: Any = None) -> Any:
        """A macro by name, as of a mapping."""
        return self._calls.get(name, default)

    def __getitem__(self, name: str) -> Callable[..., Any]:
        return self._calls[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._calls)

    def __len__(self) -> int:
        return len(self._calls)

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
        self.adapter = adapter
        self.prefixes = (f"{adapter}__", "default__")
        self._configuring: dict[str, bool] = {}  # macro -> whether it may call `config`

    def context(self, functions: Mapping[str, Callable[..., Any]]) -> dict[str, Any]:
        """Names that every template can use: built-in macros, over them the project's, and each package by name.

        `functions` are macros of dbt's own package that are no macros here: `dbt.run_query` is one.
        """
        namespaces = {package: Namespace(package, calls) for package, calls in self.by_package.items()}
        namespaces[BUILT_IN] = Namespace(BUILT_IN, {**functions, **self.by_package[BUILT_IN]})
        return {**namespaces, **self.by_package[BUILT_IN], **self.by_package[self._project]}

    def find(self, name: str, package: str = "") -> MacroCall | None:
        """A macro by name, in one package or as a template of the project would find it."""
        packages = [package] if package else [self._project, BUILT_IN]
        return next((self.by_package[each][name] for each in packages if name in self.by_package.get(each, {})), None)

    def dispatch(self, name: str, namespace: str | None, asking: str = "") -> MacroCall:
        """The implementation of a macro for this adapter, by dbt's search order.

        `asking` is the package of the template that asks: without a namespace it finds what its own package has.

        Raises:
            UnknownNameError: no package has one.
        """
        order = self._searched(namespace, asking or self._project)
        for packages in order:
            for prefix, package in itertools.product(self.prefixes, packages):
                found = self.by_package.get(package, {}).get(prefix + name)
                if found:
                    return found
        return self._not_dispatched(name, list(dict.fromkeys(itertools.chain.from_iterable(order))))

    def _searched(self, namespace: str | None, asking: str) -> list[tuple[str, ...]]:
        """Where implementations are looked for: in one place after the other, which may be several packages at once."""
        if namespace is not None and namespace in self._dispatch:
            return [(package,) for package in self._dispatch[namespace]]
        if namespace in self.by_package:
            return [(self._project,), (namespace,), (BUILT_IN,)]
        return [(asking, self._project, BUILT_IN)]

    def _not_dispatched(self, name: str, order: Sequence[str]) -> NoReturn:
        wanted = " or ".join(f"`{prefix}{name}`" for prefix in self.prefixes)
        raise UnknownNameError(
            f"no package has {wanted}, to which `{name}` would be dispatched.", hint=f"searched {', '.join(order)}."
        )

    def forms(self, name: str) -> tuple[str, ...]:
        """The names under which a macro, or one that it is dispatched to, may be written."""
        return (name, *(f"{prefix}{name}" for prefix in self.prefixes))

    def is_replaced(self, name: str) -> bool:
        """Whether somebody wrote a macro of ours anew: under its name, or in a form that dispatch finds first."""
        if any(form in self.by_package[self._project] for form in self.forms(name)):
            return True
        return name in self.by_package[BUILT_IN] and self.dispatch(name, BUILT_IN).macro.package != BUILT_IN

    @cached_property
    def _by_last_name(self) -> dict[str, list[Macro]]:
        """Macros by their name behind a prefix such as `default__`."""
        found: dict[str, list[Macro]] = {}
        for calls in self.by_package.values():
            for name, call in calls.items():
                found.setdefault(name.split("__", 1)[-1], []).append(call.macro)
        return found

    def materialization(self, name: str) -> Macro | None:
        """The macro of the project or of a package that makes such tables; None when that is Dryland's own work.

        As in dbt one for the adapter goes before one for all, the project's before those of packages, and what is
        built in cannot be replaced by a package.
        """
        is_built_in = any(name in names for names in BUILT_IN_MATERIALIZATIONS.values())
        packages = [each for each in self.by_package if each not in (BUILT_IN, self._project)]
        for adapter in (self.adapter, "default"):
            for package in [self._project, *(() if is_built_in else packages)]:
                found = self.by_package[package].get(f"materialization_{name}_{adapter}")
                if found:
                    return found.macro
            if name in BUILT_IN_MATERIALIZATIONS.get(adapter, ()):
                return None
        return None

    def has_of_adapter(self, name: str) -> bool:
        """Whether dbt's adapter for this warehouse brings along a materialization of this name."""
        return name in BUILT_IN_MATERIALIZATIONS.get(self.adapter, ())

    def materializations(self) -> list[str]:
        """Names of all that macros define."""
        found = re.compile(rf"materialization_(\w+)_(?:default|{re.escape(self.adapter)})")
        names = (found.fullmatch(name) for calls in self.by_package.values() for name in calls)
        return sorted({name[1] for name in names if name})

    def may_configure(self, name: str, package: str) -> bool:
        """Whether a macro is there and may call `config`, itself or by another that it leads to."""
        call = self.by_package.get(package, {}).get(name)
        if call is None:
            return False
        if call.macro.unique_id not in self._configuring:
            uses = call.macro.uses.union(*(macro.uses for macro in self.reached(call.macro.uses)))
            self._configuring[call.macro.unique_id] = not uses.isdisjoint((ANY, "config"))
        return self._configuring[call.macro.unique_id]

    def uses_of(self, unique_id: str) -> list[str]:
        """The macros that a macro can lead to, by unique id; nothing for one that is not here."""
        _, package, name = unique_id.split(".", 2)
        call = self.by_package.get(package, {}).get(name)
        return [macro.unique_id for macro in self.reached(call.macro.uses)] if call else []

    def reached(self, names: frozenset[str]) -> list[Macro]:
        """Macros that these names can lead to, transitively; dispatch is followed to every implementation."""
        every = [call.macro for calls in self.by_package.values() for call in calls.values()]
        found: dict[str, Macro] = {}
        frontier = list(names)
        while frontier:
            name = frontier.pop()
            for macro in every if name == ANY else self._by_last_name.get(name.split("__", 1)[-1], ()):
                if macro.unique_id not in found:
                    found[macro.unique_id] = macro
                    frontier.extend(macro.uses)
        return [found[unique_id] for unique_id in sorted(found)]
