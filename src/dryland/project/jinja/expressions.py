"""Evaluates the Jinja in values: what stands in YAML, and the arguments of tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

import jinja2
import jinja2.nodes

from dryland.project.jinja.filters import came_out
from dryland.project.jinja.marks import has_jinja
from dryland.project.jinja.state import State
from dryland.values import dataclass

CALL = re.compile(
    r"^\s*(?:env_var|ref|var|source|doc)\s*\(.+\)\s*$", re.DOTALL
)  # dbt evaluates such arguments of tests


@dataclass(frozen=True, slots=True)
class _Compiled:
    """One expression; neither constant nor expression means that a text is a template as a whole."""

    constant: str | None = None
    expression: Callable[..., Any] | None = None


@dataclass(frozen=True, slots=True)
class Expressions:
    """Knows how to compile, and gives values where templates give text."""

    environment: jinja2.Environment
    template: Callable[[str, str], jinja2.Template]  # (text, path)
    compiled: dict[str, _Compiled] = field(default_factory=dict)  # the same text stands in many places

    def value(self, text: str, state: State) -> Any:
        """A single `{{ expression }}` gives its value, anything else its text."""
        found = self.compiled.get(text)
        if found is None:
            found = self.compiled[text] = self._compiled(text.strip(), state.scope.path)
        if found.expression is not None:
            return came_out(found.expression(**state.context))
        return found.constant if found.constant is not None else self._text(text, state)

    def _text(self, text: str, state: State) -> str:
        return self.template(text, state.scope.path).render(state.context)

    def _compiled(self, text: str, path: str) -> _Compiled:
        tree = self.environment.parse(text, filename=path)
        body = tree.body[0].nodes if len(tree.body) == 1 and isinstance(tree.body[0], jinja2.nodes.Output) else []
        if len(body) != 1 or isinstance(body[0], jinja2.nodes.TemplateData):
            return _Compiled()
        constant = _constant(body[0])
        if constant is not None:
            return _Compiled(constant)
        inner = text[2:-2].strip("-+ \n")
        return _Compiled(expression=self.environment.compile_expression(inner, undefined_to_none=False))

    def argument(self, value: Any, state: State) -> Any:
        """An argument of a generic test: strings such as `ref('orders')` are evaluated, as dbt does."""
        if isinstance(value, Mapping):
            return {key: self.argument(each, state) for key, each in value.items()}
        if isinstance(value, list):
            return [self.argument(each, state) for each in value]
        if not isinstance(value, str):
            return value
        if CALL.match(value):
            return self.value("{{ " + value + " }}", state)
        return self.value(value, state) if has_jinja(value) else value


def _constant(node: jinja2.nodes.Expr) -> str | None:
    """The text of an expression that is written out, such as `{{ 12 }}`; dbt takes that for text."""
    try:
        return str(node.as_const())
    except jinja2.nodes.Impossible:
        return None
