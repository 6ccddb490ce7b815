"""Renders a project's templates: models, hooks, tests, and values in YAML."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NoReturn

import jinja2

from dryland.engines.relation import Relation
from dryland.project.config_defaults import with_defaults
from dryland.project.data_test_settings import FAILURES_SCHEMA
from dryland.project.jinja.adapter import warehouse_functions
from dryland.project.jinja.clock import NAMES, Clock
from dryland.project.jinja.compiled import Compiled
from dryland.project.jinja.context import functions
from dryland.project.jinja.environment import SELECTED, make_environment
from dryland.project.jinja.expressions import Expressions, has_jinja, in_values
from dryland.project.jinja.flags import Flags
from dryland.project.jinja.graph_value import Graph, ModelValue
from dryland.project.jinja.macro import Macro, MacroFile
from dryland.project.jinja.macros import Macros, Returned
from dryland.project.jinja.problems import explained
from dryland.project.jinja.relation import RelationValue
from dryland.project.jinja.runtime_config import runtime_config
from dryland.project.jinja.state import Asking, NeedsWarehouseError, Said, Scope, State, active, current
from dryland.project.jinja.template_hashes import TemplateHashes
from dryland.project.jinja.variables import Var
from dryland.project.jinja.world import Pass, Stage, World

PARSING = Pass()
GRAPH = Graph()
VARS = "dbt_project.yml"  # where the Jinja of vars stands, but for that of the command line
NAMED_LATER = ("schema", "database")  # of a node: until names are known, the target's own
MACROS_OF_DBT = ("is_incremental", "run_query", "should_full_refresh", "statement")


class Templates:
    """All templates of a project. Safe to use from several threads."""

    def __init__(self, world: World, macro_files: Sequence[MacroFile] = ()) -> None:
        self._world = world
        self._clock = Clock.running()
        environment = make_environment()
        self._compiled = Compiled(environment)
        self._expressions = Expressions(environment, self._compiled.template)
        self._macros_in = {file.path: self._read(file) for file in macro_files}
        macros = [macro for found in self._macros_in.values() for macro in found]
        self.macros = Macros(macros, world.project, world.dispatch, world.adapter)
        given = {**functions(), **warehouse_functions(self.macros, world.adapter)}
        self._base = {
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
        self._asked: set[str] = set()  # of the names that are watched, by whatever was rendered
        self.said: dict[Said, None] = {}  # to people, each once
        self._listener: Callable[[Said], None] = lambda said: None
        self.graph: Callable[[], Mapping[str, Any]] | None = None  # of the whole project, once that is read
        self._added_to_graph: dict[str, Any] = {}  # by templates, for those that are rendered later

    def render(self, text: str, scope: Scope, config: Mapping[str, Any], how: Pass = PARSING) -> tuple[str, State]:
        """Render once; the state tells what the template asked for on the way.

        Raises:
            TemplateError, UnknownNameError, ConfigError, MissingSettingError: with the place in the template.
            NeedsWarehouseError: it asks the warehouse and there is none.
        """
        state = self._state(scope, config, how)
        state.is_forgiving = not how.execute
        if not has_jinja(text):
            return text, state
        with active(state):
            try:
                return self._compiled.template(text, scope.path).render(state.context).rstrip("\n"), state
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
        state.is_forgiving = not how.execute
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
        return in_values(value, scope, lambda text, where: self._native(text, where, stage))

    def description(self, text: str, scope: Scope, doc: Callable[..., str]) -> str:
        """A description, with what `doc` gives for its docs blocks."""
        if not has_jinja(text):
            return text
        state = self._state(scope, {}, Pass())
        state.context["doc"] = doc
        with active(state):
            try:
                return self._compiled.template(text, scope.path).render(state.context)
            except Exception as error:
                self._fail(error, scope)

    def docs_block(self, text: str, scope: Scope) -> str:
        """The text of a docs block: in it nothing is known, as in dbt, and what is not known prints as nothing."""
        if not has_jinja(text):
            return text
        with active(self._state(scope, {}, Pass())):
            try:
                return self._compiled.template(text, scope.path).render()
            except Exception as error:
                self._fail(error, scope)

    def argument(self, value: Any, scope: Scope, config: Mapping[str, Any], how: Pass) -> tuple[Any, State]:
        """An argument of a generic test; strings such as `ref('orders')` are evaluated, as dbt does."""
        state = self._state(scope, config, how)
        with active(state):
            try:
                return self._expressions.argument(value, state), state
            except Exception as error:
                self._fail(error, scope)

    def template_hash(self, text: str) -> str:
        """Hash of a text and of every macro it can reach."""
        return self._hashes.of(text)

    def late_hash(self, text: str, config: Mapping[str, Any] | None = None) -> str:
        """The same for a text that is rendered when it is used: with all that it may read of the project besides."""
        return self._hashes.late(text, config or {}, self.graph)

    def start_run(self) -> None:
        """From now on a run's templates are rendered: what others added to the graph is no matter of theirs."""
        self._added_to_graph.clear()

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
    def looked_at_the_clock(self) -> bool:
        """Whether anything that was rendered until now depends on when that was."""
        return bool(NAMES & self._asked)

    # --- inside --------------------------------------------------------------------------------------------------

    def _state(self, scope: Scope, config: Mapping[str, Any], how: Pass) -> State:
        state = State(
            scope, _configured(scope, config, how), how.clock or self._clock, how.execute, how.is_incremental,
            how.resolver, how.warehouse, how.graph or self.graph, self._added_to_graph if how.execute else {},
            how.this, how.relations, say=self._hear,
        )  # fmt: skip
        state.asked, state.time_goes_on = Asking(self._asked), how.time_goes_on
        state.context = self._context(state, scope, how)
        if scope.unique_id:
            state.context["this"] = self._this(scope, config, how)
            state.context["model"] = self._model(state, scope, how)
        state.context.update(how.extra)
        if how.overrides:
            how.overrides.apply_to(state.context)
        state.context["context"] = state.context
        return state

    def _context(self, state: State, scope: Scope, how: Pass) -> dict[str, Any]:
        """What templates of a package can use in a pass, whatever they stand for."""
        package = self.macros.by_package.get(scope.package, {}) if scope.package != self._world.project else {}
        return {
            **self._base,
            **package,
            "target": dict(self._world.target),  # one's own: a template may change what it gets
            "execute": state.execute,
            "run_started_at": state.clock.moment,
            "invocation_id": state.clock.invocation,
            SELECTED: None if how.execute and how.selected is None else list(how.selected or ()),
            "pre_hooks": [],
            "post_hooks": [],
            "flags": Flags(how.full_refresh),
            "var": self._var(scope.package),
            "graph": GRAPH,
            "render": partial(self._rendered_inside, scope.path),
            "env": dict(self._world.target),  # an older name of it
        }

    def _model(self, state: State, scope: Scope, how: Pass) -> ModelValue:
        """What a template knows of the node that it stands for; the graph tells the rest, and tells some better."""
        facts = {"unique_id": scope.unique_id, "name": scope.name, "config": state.config, **scope.model}
        later = {"alias", "tags", *NAMED_LATER} if how.execute and state.graph is not None else set()
        placed = {} if how.execute else {part: self._world.target.get(part) for part in NAMED_LATER}
        return ModelValue({k: v for k, v in facts.items() if k not in later and v is not None} | placed)

    def _this(self, scope: Scope, config: Mapping[str, Any], how: Pass) -> RelationValue:
        """The table that a template makes; of a test the one that would keep its failing rows."""
        if how.this is not None or not scope.unique_id.startswith("test."):
            return RelationValue(how.this or Relation("dryland_unresolved", "this", "this"), "this")
        target = self._world.target
        schema = f"{target.get('schema')}_{config.get('schema') or FAILURES_SCHEMA}"
        return RelationValue(Relation(target.get("database", ""), schema, str(config.get("alias") or scope.name)), None)

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
        state = self._state(scope, {}, Pass())
        levels = self._levels(scope.package) if stage is Stage.PROPERTIES else ()
        state.context["var"] = Var(scope.package, levels, self._world.given_variables)
        if stage is Stage.CONNECTION:
            state.context["env_var"] = self._world.environment.read
        with active(state):
            try:
                return self._expressions.value(text, state)
            except Exception as error:
                self._fail(error, scope)

    def _fail(self, error: Exception, scope: Scope) -> NoReturn:
        told, cause = self._world.environment.discreet(
            explained(error, scope, self._compiled.files, self._macro_at), error
        )
        raise told from cause

    def _var(self, package: str) -> Var:
        return Var(package, self._levels(package), self._world.given_variables, self._var_text)

    def _levels(self, package: str) -> tuple[Mapping[str, Any], ...]:
        own = self._world.package_variables.get(package)
        return (*([own] if own else ()), self._world.variables)

    def _rendered_inside(self, path: str, text: Any) -> str:
        """A text that a template renders itself, with all that it has."""
        return self._compiled.template(str(text), path).render(current().context)

    def _var_text(self, text: str) -> str:
        """What the text of a var says in the template that asks for it."""
        return self._compiled.template(text, VARS).render(current().context) if has_jinja(text) else text


def _configured(scope: Scope, config: Mapping[str, Any], how: Pass) -> dict[str, Any]:
    """What `config` knows: in the last pass every key of dbt's."""
    kind = scope.unique_id.partition(".")[0]
    return with_defaults(kind, config) if kind and how.execute else dict(config)
