"""Puts together what a template finds around it: variables, functions, and what it stands for itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from dryland.engines.relation import Relation
from dryland.project.config_defaults import with_defaults
from dryland.project.data_test_settings import FAILURES_SCHEMA
from dryland.project.jinja.clock import Clock
from dryland.project.jinja.compiled import Compiled
from dryland.project.jinja.environment import SELECTED
from dryland.project.jinja.flags import Flags
from dryland.project.jinja.graph_value import Graph, ModelValue
from dryland.project.jinja.macros import Macros
from dryland.project.jinja.marks import has_jinja
from dryland.project.jinja.relation import RelationValue
from dryland.project.jinja.state import Asking, Said, Scope, State, current
from dryland.project.jinja.variables import Var
from dryland.project.jinja.world import Pass, World

GRAPH = Graph()
VARS = "dbt_project.yml"  # where the Jinja of vars stands, but for that of the command line
NAMED_LATER = ("schema", "database")  # of a node: until names are known, the target's own


@dataclass
class Surroundings:
    """What all templates of a project share, and from it what each has."""

    world: World
    macros: Macros
    compiled: Compiled
    base: Mapping[str, Any]  # what every template can use
    hear: Callable[[Said], None]
    clock: Clock = field(default_factory=Clock.running)
    graph: Callable[[], Mapping[str, Any]] | None = None  # of the whole project, once that is read
    is_looked_at: bool = False  # whether somebody asked for that
    asked: set[str] = field(default_factory=set)  # of the names that are watched, by whatever was rendered
    added_to_graph: dict[str, Any] = field(default_factory=dict)  # by templates, for those that are rendered later

    def state(self, scope: Scope, config: Mapping[str, Any], how: Pass) -> State:
        """What one template has while it is rendered, and where it notes what it asked for."""
        state = State(
            scope, _configured(scope, config, how), how.clock or self.clock, how.execute, how.is_incremental,
            how.resolver, how.warehouse, how.graph or self.graph, self.added_to_graph if how.execute else {},
            how.this, how.relations, say=self.hear,
        )  # fmt: skip
        state.asked, state.time_goes_on = Asking(self.asked), how.time_goes_on
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
        package = self.macros.by_package.get(scope.package, {}) if scope.package != self.world.project else {}
        return {
            **self.base,
            **package,
            "target": dict(self.world.target),  # one's own: a template may change what it gets
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
            "env": dict(self.world.target),  # an older name of it
        }

    def _model(self, state: State, scope: Scope, how: Pass) -> ModelValue:
        """What a template knows of the node that it stands for; the graph tells the rest, and tells some better."""
        facts = {"unique_id": scope.unique_id, "name": scope.name, "config": state.config, **scope.model}
        later = {"alias", "tags", *NAMED_LATER} if how.execute and state.graph is not None else set()
        placed = {} if how.execute else {part: self.world.target.get(part) for part in NAMED_LATER}
        return ModelValue({k: v for k, v in facts.items() if k not in later and v is not None} | placed)

    def _this(self, scope: Scope, config: Mapping[str, Any], how: Pass) -> RelationValue:
        """The table that a template makes; of a test the one that would keep its failing rows."""
        if how.this is not None or not scope.unique_id.startswith("test."):
            return RelationValue(how.this or Relation("dryland_unresolved", "this", "this"), "this")
        target = self.world.target
        schema = f"{target.get('schema')}_{config.get('schema') or FAILURES_SCHEMA}"
        return RelationValue(Relation(target.get("database", ""), schema, str(config.get("alias") or scope.name)), None)

    def _var(self, package: str) -> Var:
        return Var(package, self.levels(package), self.world.given_variables, self._var_text)

    def levels(self, package: str) -> tuple[Mapping[str, Any], ...]:
        """The sets of vars that a package sees."""
        own = self.world.package_variables.get(package)
        return (*([own] if own else ()), self.world.variables)

    def _rendered_inside(self, path: str, text: Any) -> str:
        """A text that a template renders itself, with all that it has."""
        return self.compiled.template(str(text), path).render(current().context)

    def _var_text(self, text: str) -> str:
        """What the text of a var says in the template that asks for it."""
        return self.compiled.template(text, VARS).render(current().context) if has_jinja(text) else text


def _configured(scope: Scope, config: Mapping[str, Any], how: Pass) -> dict[str, Any]:
    """What `config` knows: in the last pass every key of dbt's."""
    kind = scope.unique_id.partition(".")[0]
    return with_defaults(kind, config) if kind and how.execute else dict(config)
