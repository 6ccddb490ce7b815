"""Renders a project's templates: models, hooks, tests, and values in YAML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NoReturn

import jinja2

from dryland.project.jinja.adapter import warehouse_functions
from dryland.project.jinja.adapters import adapter_for
from dryland.project.jinja.clock import NAMES
from dryland.project.jinja.compiled import Compiled
from dryland.project.jinja.context import functions
from dryland.project.jinja.environment import make_environment
from dryland.project.jinja.expressions import Expressions
from dryland.project.jinja.macro import Macro, MacroFile
from dryland.project.jinja.macros import Macros, Returned
from dryland.project.jinja.marks import has_jinja, in_values
from dryland.project.jinja.problems import explained
from dryland.project.jinja.relation import RelationValue
from dryland.project.jinja.runtime_config import runtime_config
from dryland.project.jinja.state import NeedsWarehouseError, Said, Scope, State, active
from dryland.project.jinja.surroundings import Surroundings
from dryland.project.jinja.template_hashes import TemplateHashes
from dryland.project.jinja.variables import Var
from dryland.project.jinja.world import Pass, Stage, World
from dryland.project.keeping import Shelf
from dryland.project.watching import Tell, nobody_told

PARSING = Pass()
MACROS_OF_DBT = ("is_incremental", "run_query", "should_full_refresh", "statement")


class Templates:
    """All templates of a project. Safe to use from several threads."""

    def __init__(self, world: World, macro_files: Sequence[MacroFile] = (), shelf: Shelf | None = None) -> None:
        self._world = world
        self._made_of = (macro_files, shelf)
        self._speaking: dict[str, Templates] = {world.adapter: self}
        environment = make_environment()
        self._compiled = Compiled(environment, shelf or Shelf())
        self._expressions = Expressions(environment, self._compiled.template)
        self._macros_in = {file.path: self._read(file) for file in macro_files}
        macros = [macro for found in self._macros_in.values() for macro in found]
        self.macros = Macros(macros, world.project, world.dispatch, world.adapter)
        given = {**functions(), **warehouse_functions(adapter_for(world.adapter, self.macros))}
        base = {
            **given,
            **self.macros.context({name: given[name] for name in MACROS_OF_DBT}),
            "schema": world.target.get("schema"),
            "database": world.target.get("database"),
            "project_name": world.project,
            "env_var": world.environment.read_plain,
            "__packages__": self.macros.by_package,
            "__config__": runtime_config(world),
        }
        self._hashes = TemplateHashes(self._compiled, self.macros, world)
        self._around = Surroundings(world, self.macros, self._compiled, base, self._hear)
        self.said: dict[Said, None] = {}  # to people, each once
        self._listener: Callable[[Said], None] = lambda said: None

    @property
    def graph(self) -> Callable[[], Mapping[str, Any]] | None:
        """dbt's graph of the whole project, once that is read."""
        return self._around.graph

    @graph.setter
    def graph(self, graph: Callable[[], Mapping[str, Any]]) -> None:
        def looked_at() -> Mapping[str, Any]:
            self._around.is_looked_at = True
            return graph()

        self._around.graph = looked_at

    def speaking(self, dialect: str) -> Templates:
        """The same templates, writing another dialect: `target.type`, `adapter` and dispatch are those of its kind.

        >>> made = Templates(World("shop", {"type": "duckdb"}, "duckdb"))
        >>> made.speaking("postgres").target, made.speaking("") is made, made.speaking("duckdb") is made
        ({'type': 'postgres'}, True, True)
        """
        if dialect and dialect not in self._speaking:
            world = replace(self._world, adapter=dialect, target={**self._world.target, "type": dialect})
            made = self._speaking[dialect] = Templates(world, *self._made_of)
            made._listener = self._hear
            if self._around.graph is not None:
                made.graph = self._around.graph
        return self._speaking[dialect] if dialect else self

    def prepare(self, templates: Iterable[tuple[str, str]], tell: Tell = nobody_told) -> None:
        """Have many templates compiled at once that will be rendered, each given by its text and path."""
        self._compiled.prepare(((text, path) for text, path in templates if has_jinja(text)), tell)

    def render(self, text: str, scope: Scope, config: Mapping[str, Any], how: Pass = PARSING) -> tuple[str, State]:
        """Render once; the state tells what the template asked for on the way.

        Raises:
            TemplateError, UnknownNameError, ConfigError, MissingSettingError: with the place in the template.
            NeedsWarehouseError: it asks the warehouse and there is none.
        """
        state = self._around.state(scope, config, how)
        state.is_forgiving = not how.execute
        if not has_jinja(text):
            return text, state
        with self._telling(state, passes=(NeedsWarehouseError,)):
            try:
                said = self._compiled.template(text, scope.path).render(state.context).rstrip("\n")
            except Returned as returned:
                said = str(returned.value)
        state.context, state.modules = {}, {}  # all that it could have used, which is much for what stays in memory
        return said, state

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
        state = self._around.state(scope, config, how)
        state.is_forgiving = not how.execute
        with self._telling(state, passes=(NeedsWarehouseError,)):
            value = found(*args, **kwargs)
            value = str(value) if isinstance(value, RelationValue) else value
        return value, state

    def value(self, value: Any, scope: Scope, *, stage: Stage = Stage.PROPERTIES) -> Any:
        """A value from YAML with the Jinja in its strings rendered, in lists and mappings too; lines are kept."""
        return in_values(value, scope, lambda text, where: self._native(text, where, stage))

    def description(self, text: str, scope: Scope, doc: Callable[..., str]) -> str:
        """A description, with what `doc` gives for its docs blocks."""
        if not has_jinja(text):
            return text
        state = self._around.state(scope, {}, Pass())
        state.context["doc"] = doc
        with self._telling(state):
            said: str = self._compiled.template(text, scope.path).render(state.context)
        return said

    def docs_block(self, text: str, scope: Scope) -> str:
        """The text of a docs block: in it nothing is known, as in dbt, and what is not known prints as nothing."""
        if not has_jinja(text):
            return text
        with self._telling(self._around.state(scope, {}, Pass())):
            said: str = self._compiled.template(text, scope.path).render()
        return said

    def argument(self, value: Any, scope: Scope, config: Mapping[str, Any], how: Pass) -> tuple[Any, State]:
        """An argument of a generic test; strings such as `ref('orders')` are evaluated, as dbt does."""
        state = self._around.state(scope, config, how)
        with self._telling(state):
            found = self._expressions.argument(value, state)
        return found, state

    def template_hash(self, text: str) -> str:
        """Hash of a text and of every macro it can reach."""
        return self._hashes.of(text)

    def late_hash(self, text: str, config: Mapping[str, Any] | None = None) -> str:
        """The same for a text that is rendered when it is used: with all that it may read of the project besides."""
        return self._hashes.late(text, config or {}, self.graph)

    def start_run(self) -> None:
        """From now on a run's templates are rendered: what others added to the graph is no matter of theirs."""
        self._around.added_to_graph.clear()

    def listen(self, listener: Callable[[Said], None]) -> None:
        """From now on, hand over what templates say to people as soon as they say it."""
        self._listener = listener

    @property
    def environment_asked(self) -> Mapping[str, str | None]:
        """The environment variables that were asked for, with their values; may hold secrets."""
        return self._world.environment.asked

    @property
    def target(self) -> Mapping[str, Any]:
        """What templates know of the warehouse."""
        return self._world.target

    @property
    def warehouse_kind(self) -> str:
        """The kind of the warehouse, whatever templates write for it."""
        return self._world.warehouse or self._world.adapter

    @property
    def looked_around(self) -> bool:
        """Whether a template asked what else there is in the project, or told the others something."""
        others = (each for each in self._speaking.values() if each is not self)
        looked = self._around.is_looked_at or bool(self._around.added_to_graph)
        return looked or any(each.looked_around for each in others)

    @property
    def looked_at_the_clock(self) -> bool:
        """Whether anything that was rendered until now depends on when that was."""
        return any(NAMES & each._around.asked for each in self._speaking.values())

    # --- inside --------------------------------------------------------------------------------------------------

    def _macro_at(self, path: str, line: int) -> str:
        """The name of the macro in which a line of a file stands; empty outside of macros."""
        above = [(macro.line, macro.name) for macro in self._macros_in.get(path, ()) if macro.line <= line]
        return max(above)[1] if above else ""

    def _hear(self, said: Said) -> None:
        if said not in self.said:
            self.said[said] = None
            self._listener(said)

    def _read(self, file: MacroFile) -> list[Macro]:
        scope = Scope(file.path, file.package)
        try:
            return self._compiled.macros(file)
        except jinja2.TemplateSyntaxError as error:
            self._fail(error, scope)

    def _native(self, text: str, scope: Scope, stage: Stage) -> Any:
        state = self._around.state(scope, {}, Pass())
        levels = self._around.levels(scope.package) if stage is Stage.PROPERTIES else ()
        state.context["var"] = Var(scope.package, levels, self._world.given_variables)
        if stage is Stage.CONNECTION:
            state.context["env_var"] = self._world.environment.read
        with self._telling(state):
            return self._expressions.value(text, state)

    @contextmanager
    def _telling(self, state: State, *, passes: tuple[type[Exception], ...] = ()) -> Iterator[None]:
        """Render within: what goes wrong is told with its place in the template, but for what passes."""
        with active(state):
            try:
                yield
            except passes:
                raise
            except Exception as error:
                self._fail(error, state.scope)

    def _fail(self, error: Exception, scope: Scope) -> NoReturn:
        told, cause = self._world.environment.discreet(
            explained(error, scope, self._compiled.files, self._macro_at), error
        )
        raise told from cause
