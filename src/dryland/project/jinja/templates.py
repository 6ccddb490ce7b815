"""Renders a project's templates: models, hooks, tests, and values in YAML."""

from __future__ import annotations

import copy
import hashlib
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import jinja2
import jinja2.nodes

from dryland.engines.relation import Relation
from dryland.project.jinja.adapter import warehouse_functions
from dryland.project.jinja.clock import Clock
from dryland.project.jinja.context import Graph, functions
from dryland.project.jinja.environment import make_environment
from dryland.project.jinja.macros import BUILT_IN, MacroFile, Macros, Returned, names_used, read_macros
from dryland.project.jinja.problems import explained
from dryland.project.jinja.relation import RelationValue
from dryland.project.jinja.state import NeedsWarehouseError, Scope, State, active
from dryland.project.jinja.variables import Var
from dryland.project.jinja.world import Pass, Stage, World

CALL = re.compile(
    r"^\s*(?:env_var|ref|var|source|doc)\s*\(.+\)\s*$", re.DOTALL
)  # dbt evaluates such arguments of tests
PARSING = Pass()
MARKS = ("{{", "{%", "{#")
HOOKS = frozenset(
    {"pre-hook", "pre_hook", "post-hook", "post_hook", "+pre-hook", "+pre_hook", "+post-hook", "+post_hook"}
)


class Templates:
    """All templates of a project. Safe to use from several threads."""

    def __init__(self, world: World, macro_files: Sequence[MacroFile] = ()) -> None:
        self._world = world
        self._clock = Clock.running()
        self._environment = make_environment()
        self._files: set[str] = set()
        self._compiled: dict[tuple[str, str], jinja2.Template] = {}
        self._lock = threading.Lock()
        macros = [macro for file in macro_files for macro in self._read(file)]
        self.macros = Macros(macros, world.project, world.dispatch, world.adapter)
        self._base = {
            **functions(),
            **warehouse_functions(self.macros, world.adapter),
            **self.macros.context(),
            "schema": world.target.get("schema"),
            "database": world.target.get("database"),
            "project_name": world.project,
            "env_var": world.environment.read_plain,
            "__packages__": self.macros.by_package,
        }
        self._hashes: dict[frozenset[str], str] = {}

    def render(self, text: str, scope: Scope, config: Mapping[str, Any], how: Pass = PARSING) -> tuple[str, State]:
        """Render once; the state tells what the template asked for on the way.

        Raises:
            TemplateError, UnknownNameError, ConfigError, MissingSettingError: with the place in the template.
            NeedsWarehouseError: it asks the warehouse and there is none.
        """
        state = self._state(scope, config, how)
        if not any(mark in text for mark in MARKS):
            return text, state
        with active(state):
            try:
                return self._template(text, scope.path).render(state.context).rstrip("\n"), state
            except NeedsWarehouseError:
                raise
            except Returned as returned:
                return str(returned.value), state
            except Exception as error:
                self._fail(error, scope)

    def call(
        self,
        name: str,
        scope: Scope,
        config: Mapping[str, Any],
        how: Pass,
        *args: Any,
        package: str = "",
        **kwargs: Any,
    ) -> tuple[Any, State]:
        """Call a macro from Python."""
        found = self.macros.find(name, package) or self.macros.find(name, scope.package)
        assert found is not None, f"no macro {name}"
        state = self._state(scope, config, how)
        with active(state):
            try:
                value = found(*args, **kwargs)
                return (str(value) if isinstance(value, RelationValue) else value), state
            except NeedsWarehouseError:
                raise
            except Exception as error:
                self._fail(error, scope)

    def value(self, value: Any, scope: Scope, *, stage: Stage = Stage.PROPERTIES) -> Any:
        """A value from YAML with the Jinja in its strings rendered, in lists and mappings too; lines are kept."""
        if isinstance(value, dict):
            made, lines = copy.copy(value), getattr(value, "lines", {})
            for key in value.keys() - HOOKS:
                where = replace(scope, line=lines.get(key, scope.line))
                made[key] = self.value(value[key], where, stage=stage)
            return made
        if isinstance(value, list):
            found = copy.copy(value)
            lines = getattr(value, "lines", ()) or (scope.line,) * len(value)
            found[:] = [
                self.value(each, replace(scope, line=line), stage=stage)
                for each, line in zip(value, lines, strict=True)
            ]
            return found
        if not isinstance(value, str) or not any(mark in value for mark in MARKS):
            return value
        return self._native(value, scope, stage)

    def description(self, text: str, scope: Scope, doc: Callable[..., str]) -> str:
        """A description, with what `doc` gives for its docs blocks."""
        if not any(mark in text for mark in MARKS):
            return text
        state = self._state(scope, {}, Pass())
        state.context["doc"] = doc
        with active(state):
            try:
                return self._template(text, scope.path).render(state.context)
            except Exception as error:
                self._fail(error, scope)

    def argument(self, value: Any, scope: Scope, config: Mapping[str, Any], how: Pass) -> tuple[Any, State]:
        """An argument of a generic test; strings such as `ref('orders')` are evaluated, as dbt does."""
        state = self._state(scope, config, how)
        with active(state):
            try:
                return self._argument(value, state), state
            except Exception as error:
                self._fail(error, scope)

    def template_hash(self, text: str) -> str:
        """Hash of a text and of every macro it can reach."""
        names = frozenset() if not any(mark in text for mark in MARKS) else self._names(text)
        if names not in self._hashes:
            reached = [macro.hash for macro in self.macros.reached(names) if macro.package != BUILT_IN]
            self._hashes[names] = " ".join(reached)
        return hashlib.blake2b(f"{text}\0{self._hashes[names]}".encode(), digest_size=8).hexdigest()

    # --- inside --------------------------------------------------------------------------------------------------

    def _state(self, scope: Scope, config: Mapping[str, Any], how: Pass) -> State:
        state = State(
            scope, dict(config), how.clock or self._clock, how.execute, how.is_incremental, how.resolver,
            how.warehouse, how.this, how.relations,
        )  # fmt: skip
        this = how.this or Relation("dryland_unresolved", "this", "this")
        package = self.macros.by_package.get(scope.package, {}) if scope.package != self._world.project else {}
        state.context = {
            **self._base,
            **package,
            "target": dict(self._world.target),  # one's own: a template may change what it gets
            "execute": state.execute,
            "run_started_at": state.clock.moment,
            "invocation_id": state.clock.invocation,
            "var": self._var(scope.package),
        }
        if scope.unique_id:
            state.context["this"] = RelationValue(this, "this")
            state.context["model"] = {
                "unique_id": scope.unique_id,
                "name": scope.name,
                "config": state.config,
                **scope.model,
            }
            state.context["graph"] = Graph()
        state.context["context"] = state.context
        return state

    def _template(self, text: str, path: str) -> jinja2.Template:
        key = (path, text)
        found = self._compiled.get(key)
        if found is None:
            with self._lock:
                self._files.add(path)
                code = self._environment.compile(text, path, path)
                found = jinja2.Template.from_code(self._environment, code, self._environment.make_globals(None))
                self._compiled[key] = found
        return found

    def _read(self, file: MacroFile) -> list[Any]:
        scope = Scope(file.path, file.package)
        try:
            self._files.add(file.path)
            return read_macros(file, self._environment)
        except jinja2.TemplateSyntaxError as error:
            self._fail(error, scope)

    def _names(self, text: str) -> frozenset[str]:
        return names_used(self._environment.parse(text))

    def _native(self, text: str, scope: Scope, stage: Stage) -> Any:
        state = self._state(scope, {}, Pass())
        if stage is not Stage.PROPERTIES:
            state.context["var"] = Var("", (), self._world.given_variables)
        if stage is Stage.CONNECTION:
            state.context["env_var"] = self._world.environment.read
        with active(state):
            try:
                return self._evaluated(text, state)
            except Exception as error:
                self._fail(error, scope)

    def _fail(self, error: Exception, scope: Scope) -> NoReturn:
        told, cause = self._world.environment.discreet(explained(error, scope, self._files), error)
        raise told from cause

    def _var(self, package: str) -> Var:
        own = self._world.package_variables.get(package)
        return Var(package, (*([own] if own else ()), self._world.variables), self._world.given_variables)

    def _evaluated(self, text: str, state: State) -> Any:
        """A single `{{ expression }}` gives its value, anything else its text."""
        stripped = text.strip()
        tree = self._environment.parse(stripped, filename=state.scope.path)
        body = tree.body[0].nodes if len(tree.body) == 1 and isinstance(tree.body[0], jinja2.nodes.Output) else []
        if len(body) == 1 and not isinstance(body[0], jinja2.nodes.TemplateData):
            return self._environment.compile_expression(stripped[2:-2].strip("-+ \n"), undefined_to_none=False)(
                **state.context
            )
        return self._template(text, state.scope.path).render(state.context)

    def _argument(self, value: Any, state: State) -> Any:
        if isinstance(value, Mapping):
            return {key: self._argument(each, state) for key, each in value.items()}
        if isinstance(value, list):
            return [self._argument(each, state) for each in value]
        if not isinstance(value, str):
            return value
        if CALL.match(value):
            return self._evaluated("{{ " + value + " }}", state)
        return self._evaluated(value, state) if any(mark in value for mark in MARKS) else value
