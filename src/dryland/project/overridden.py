"""Renders a model as a unit test wants it: with macros, vars and environment variables replaced."""

from __future__ import annotations

from dataclasses import dataclass, field

from dryland.engines.relation import Relation
from dryland.errors import UnknownNameError
from dryland.project.jinja.clock import NAMES
from dryland.project.jinja.cte import cte_name
from dryland.project.jinja.overrides import Overrides
from dryland.project.jinja.state import Scope, Warehouse
from dryland.project.jinja.world import Pass
from dryland.project.nodes import Node, Rendered
from dryland.project.project import Project
from dryland.project.unit_test import Fixture, UnitTest


@dataclass
class OverriddenModels:
    """Models as unit tests see them. Safe to use from several threads."""

    project: Project
    _names: dict[str, list[Node]] = field(init=False)
    _sources: dict[tuple[str, str], tuple[str, Relation]] = field(init=False)

    def __post_init__(self) -> None:
        self._names = {}
        for node in self.project.nodes.values():
            self._names.setdefault(node.name, []).append(node)
        sources = self.project.sources.values()
        self._sources = {(each.source_name, each.name): (each.stands_for, each.relation) for each in sources}

    def rendered(self, test: UnitTest, warehouse: Warehouse | None = None) -> Rendered:
        """The model of a unit test; its questions are answered by `warehouse`.

        Raises:
            NeedsWarehouseError: it asks the warehouse, and there is none.
            ProjectError: it cannot be rendered like that.
        """
        node = self.project.nodes[test.model]
        return self._render(node.raw, node, _overrides(test), test.is_incremental, warehouse)

    def fixture(self, fixture: Fixture, test: UnitTest) -> Rendered:
        """The query of a fixture in SQL, which may be a template."""
        return self._render(fixture.sql, self.project.nodes[test.model], None, False, None)

    def ref(self, name: str, package: str, version: str, asking: Scope) -> tuple[str, Relation | str]:
        """The node that a ref names: of the asking package first, then the project's, then any."""
        order = {asking.package: 0, self.project.name: 1}
        named = [each for each in self._names.get(name, ()) if package in ("", each.package)]
        wanted = [each for each in named if (each.version == version if version else each.is_latest)]
        if not wanted:
            raise UnknownNameError(f"refers to `{name}`, which no model defines.")
        node = min(wanted, key=lambda each: order.get(each.package, 2))
        is_ephemeral = node.materialized == "ephemeral"
        return node.unique_id, cte_name(node.relation) if is_ephemeral else node.relation

    def source(self, source: str, table: str, asking: Scope) -> tuple[str, Relation]:
        """The source that a call names."""
        if (source, table) not in self._sources:
            raise UnknownNameError(f"refers to the source `{source}.{table}`, which no YAML declares.")
        return self._sources[source, table]

    def _render(
        self, text: str, node: Node, overrides: Overrides | None, is_incremental: bool, warehouse: Warehouse | None
    ) -> Rendered:
        how = Pass(
            execute=True, is_incremental=is_incremental, resolver=self, warehouse=warehouse, this=node.relation,
            overrides=overrides,
        )  # fmt: skip
        scope = Scope(node.place.path, node.package, node.unique_id, node.name)
        sql, state = self.project.templates.render(text, scope, node.config, how)
        return Rendered(sql, dict(state.texts), volatile=tuple(sorted(state.asked & NAMES)))


def rendering_key(test: UnitTest) -> tuple[str, bool, str]:
    """Equal for unit tests whose model renders to the same text, as far as it asks no warehouse."""
    return test.model, test.is_incremental, repr(_overrides(test))


def _overrides(test: UnitTest) -> Overrides:
    return Overrides(test.macros, test.variables, test.environment)
