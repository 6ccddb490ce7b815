"""Makes the Jinja environment: dbt's block tags, and undefined names that fail where they are used."""

from __future__ import annotations

import difflib
import inspect
import types
from collections.abc import Iterator
from typing import Any, NoReturn

import jinja2
import jinja2.exceptions
import jinja2.ext
import jinja2.nodes
import jinja2.parser
import jinja2.runtime
import jinja2.sandbox

from dryland.errors import TemplateError, UnknownNameError
from dryland.project.jinja.filters import FILTERS
from dryland.project.jinja.macros import MacroCall, Namespace
from dryland.project.jinja.state import NeedsWarehouseError, Said, current, overlooks

SELECTED = "selected_resources"
WATCHED = frozenset({"execute", "model", "run_started_at", "invocation_id", SELECTED})


def make_environment() -> jinja2.sandbox.SandboxedEnvironment:
    """One environment for all templates of a project."""
    environment = Sandbox(
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols", TestBlock, MaterializationBlock],
        undefined=Unknown,
        keep_trailing_newline=False,
        cache_size=0,
    )
    environment.filters.update(FILTERS)
    return environment


class Watched(jinja2.runtime.Context):
    """Notes which templates look at what is not the same in every pass."""

    def resolve_or_missing(self, key: str) -> Any:
        """The value behind a name.

        Raises:
            NeedsWarehouseError: it asks what a run is about, and there is none yet.
        """
        if key in WATCHED:
            current().asked.add(key)
        value = super().resolve_or_missing(key)
        if key == SELECTED and value is None:
            raise NeedsWarehouseError
        return value


class Sandbox(jinja2.sandbox.SandboxedEnvironment):
    """Keeps templates among their own things: no private attributes, no modules, nothing inside a macro."""

    context_class = Watched

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may see this attribute."""
        if isinstance(obj, Namespace) and attr in obj:
            return True  # packages name macros of their own `_like_this`
        closed = isinstance(value, types.ModuleType) or isinstance(obj, MacroCall)
        return not closed and super().is_safe_attribute(obj, attr, value)


class Unknown(jinja2.Undefined):
    """A name that nothing defines: as in dbt false and empty, and printed as nothing; using it further is an error."""

    def __str__(self) -> str:
        self._verify_allowed()
        if self._undefined_name and self._undefined_hint is None and self._undefined_obj is jinja2.utils.missing:
            current().say(Said("warning", f"`{self._undefined_name}` is not defined and prints as nothing", _here()))
        return ""

    def __iter__(self) -> Iterator[Any]:
        self._verify_allowed()
        return iter(())

    def __len__(self) -> int:
        self._verify_allowed()
        return 0

    def _verify_allowed(self) -> None:
        if issubclass(self._undefined_exception, jinja2.exceptions.SecurityError):
            self._fail_with_undefined_error()

    def _fail_with_undefined_error(self, *_: Any, **__: Any) -> NoReturn:
        name = self._undefined_name or "it"
        if issubclass(self._undefined_exception, jinja2.exceptions.SecurityError):
            raise TemplateError(
                f"templates may not reach `{name}` of `{type(self._undefined_obj).__name__}`.",
                hint="they see values, not how Python makes them.",
            )
        if isinstance(self._undefined_obj, Namespace):
            raise self._undefined_obj.lacks(name)
        if self._undefined_obj is not jinja2.utils.missing:
            raise UnknownNameError(f"`{type(self._undefined_obj).__name__}` has nothing called `{name}`.")
        known = sorted(map(str, current().context))
        near = difflib.get_close_matches(str(name), known, n=1)
        raise UnknownNameError(
            f"`{name}` is not a macro or variable that anything defines.",
            hint=f"`{near[0]}` exists." if near else "is a package missing, or the file that defines it?",
        )

    def __getitem__(self, key: Any) -> Unknown:  # type: ignore[override]
        self._verify_allowed()
        return self

    def __call__(self, *_: Any, **__: Any) -> Unknown:  # type: ignore[override]
        """Nothing, as long as the template is only parsed."""
        self._verify_allowed()
        return self if overlooks() else self._fail_with_undefined_error()

    __add__ = __radd__ = __sub__ = __mul__ = __lt__ = __gt__ = __le__ = __ge__ = _fail_with_undefined_error

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._verify_allowed()
        return self if overlooks() else self._fail_with_undefined_error()


def _here() -> str:
    """The line of the template that is being rendered."""
    frame = inspect.currentframe()
    while frame is not None:
        template = frame.f_globals.get("__jinja_template__")
        if template is not None:
            return f"{template.filename}:{template.get_corresponding_lineno(frame.f_lineno)}"
        frame = frame.f_back
    return current().scope.path


class TestBlock(jinja2.ext.Extension):
    """`{% test name(model, column_name) %}` defines the macro `test_name`."""

    __test__ = False  # no test class of pytest's
    tags = {"test", "data_test"}  # noqa: RUF012 - Jinja's own form

    def parse(self, parser: jinja2.parser.Parser) -> jinja2.nodes.Node:
        """Read the block as a macro with another name."""
        tag = next(parser.stream)
        node = jinja2.nodes.Macro(lineno=tag.lineno)
        node.name = f"test_{parser.parse_assign_target(name_only=True).name}"
        parser.parse_signature(node)
        node.body = parser.parse_statements((f"name:end{tag.value}",), drop_needle=True)
        return node


class MaterializationBlock(jinja2.ext.Extension):
    """`{% materialization name, adapter='x' %}` defines the macro `materialization_name_x`; else `..._default`."""

    tags = {"materialization"}  # noqa: RUF012

    def parse(self, parser: jinja2.parser.Parser) -> jinja2.nodes.Node:
        """Read the block as a macro without arguments: what it works with is in its context."""
        tag = next(parser.stream)
        node = jinja2.nodes.Macro(lineno=tag.lineno)
        name, adapter = parser.parse_assign_target(name_only=True).name, "default"
        while parser.stream.skip_if("comma"):
            word = parser.parse_assign_target(name_only=True).name
            if word == "default":
                continue
            parser.stream.expect("assign")
            value = parser.parse_expression()
            adapter = str(getattr(value, "value", adapter)) if word == "adapter" else adapter
        node.name, node.args, node.defaults = f"materialization_{name}_{adapter}", [], []
        node.body = parser.parse_statements(("name:endmaterialization",), drop_needle=True)
        return node
