"""Replaces what a template finds around it: macros, vars and environment variables, as a unit test wants them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from dryland.project.jinja.macro import BUILT_IN
from dryland.project.jinja.macros import Namespace
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Overrides:
    """What is replaced: macros by name or `package.name` with what they give, vars and environment variables."""

    macros: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    def apply_to(self, context: dict[str, Any]) -> None:
        """Put the replacements into a template's context; macros that it calls see them too.

        A bare name stands for whatever templates find under it, and for dbt's own macro of that name. With its
        package it stands for calls that name the package, and for those of dbt's macros that need not.
        """
        context["var"] = context["var"].over(self.variables)
        context["env_var"] = self._env_var(context["env_var"])
        qualified = {name: value for name, value in self.macros.items() if "." in name}
        for name, value in qualified.items():
            package, _, macro = name.rpartition(".")
            self._replace_in(package, macro, value, context)
        for name, value in self.macros.items():
            if name not in qualified:
                self._replace(name, value, context)

    def _replace(self, name: str, value: Any, context: dict[str, Any]) -> None:
        if name not in context:
            return
        replaced = _standing_in(context[name], value)
        context[name] = replaced
        packages = context["__packages__"]
        context["__packages__"] = {
            package: {**calls, name: replaced} if name in calls else calls for package, calls in packages.items()
        }
        if name in packages[BUILT_IN]:
            context[BUILT_IN] = Namespace(BUILT_IN, {**packages[BUILT_IN], name: replaced})

    def _replace_in(self, package: str, name: str, value: Any, context: dict[str, Any]) -> None:
        calls = context["__packages__"].get(package, {})
        if name not in calls:
            return
        replaced = {**calls, name: _standing_in(calls[name], value)}
        context[package] = Namespace(package, replaced)
        if package == BUILT_IN:
            context["__packages__"] = {**context["__packages__"], package: replaced}
            context[name] = replaced[name]

    def _env_var(self, original: Callable[..., str]) -> Callable[..., str]:
        def env_var(name: str, default: Any = None) -> str:
            return self.environment[name] if name in self.environment else original(name, default)

        return env_var


def _standing_in(original: Any, value: Any) -> Any:
    """What is called is replaced by something that can be called."""
    return (lambda *_, **__: value) if callable(original) else value
