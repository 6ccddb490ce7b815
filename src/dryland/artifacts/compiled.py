"""Compiles models and checks: their SQL with the names that an environment's readers use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from dryland.asking import Located, rendered_over
from dryland.check.own_query import failing_rows_query
from dryland.check.request import CheckRequest
from dryland.engines.protocol import Engine
from dryland.engines.relation import Relation
from dryland.errors import DrylandError
from dryland.plan.compose import inlined
from dryland.plan.environment import published_relation
from dryland.project.engine_asked import EngineAsked
from dryland.project.ephemeral import is_ephemeral
from dryland.project.jinja.state import Scope
from dryland.project.nodes import Check, Node, Rendered
from dryland.project.project import Project
from dryland.project.rendering import rendered_text
from dryland.sql.substitute import substitute

ALIKE = {"not_null": 1, "unique": 1, "accepted_values": 1, "relationships": 2}
"""Kinds of which thousands differ in table and column alone, with the number of tables that they look at."""
QUOTES = frozenset("\"`[]'")
MARK = "dryland_the_"
TABLE, COLUMN = f"{MARK}table", f"{MARK}column"
MARKED = Relation("dryland_database", "dryland_schema", TABLE)


@dataclass(frozen=True)
class Compiler:
    """A project as one environment shows it."""

    project: Project
    opened: Callable[[], Engine]  # the warehouse, asked for only when something of it is needed
    environment: str
    asks: bool = False  # templates that ask the warehouse what to write: a release has asked once, and does not again

    @property
    def engine(self) -> Engine:
        """The warehouse."""
        return self.opened()

    @cached_property
    def relations(self) -> dict[str, Relation]:
        """Where readers find every node, and where every source is."""
        default = self.project.settings.default_environment
        nodes = self.project.nodes.items()
        found = {uid: published_relation(node.relation, self.environment, default) for uid, node in nodes}
        return found | {uid: source.relation for uid, source in self.project.sources.items()}

    @cached_property
    def names(self) -> dict[str, str]:
        """The same as quoted names."""
        return {uid: self.engine.render(relation) for uid, relation in self.relations.items()}

    def node(self, node: Node) -> str | None:
        """A model's SQL, ephemeral models in it; a Python model's code; None when only a build could tell."""
        if node.language == "python":
            return node.raw.strip()
        return None if node.kind == "seed" else self.text(node.rendered, this=node.unique_id)

    def analysis(self, node: Mapping[str, Any]) -> str | None:
        """The SQL of an analysis of the manifest."""
        parts = self.project.parts
        scope = Scope(node["original_file_path"], node["package_name"], node["unique_id"], node["name"])
        try:
            return self.text(rendered_text(node["raw_code"], scope, node["config"], parts.names, parts.templates))
        except DrylandError:
            return None

    def check(self, check: Check) -> str | None:
        """The query for the rows that offend."""
        if check.rendered is not None:
            return self.text(check.rendered)
        is_alike = ALIKE.get(check.kind) == len({*check.refs}) and not check.where and not check.limit
        if not is_alike or QUOTES & {*check.column} or MARK in repr(check.arguments):
            return failing_rows_query(check, self._request)
        return self._pattern(check).replace(TABLE, self.names[check.node]).replace(COLUMN, check.column)

    def text(self, rendered: Rendered, *, this: str = "") -> str | None:
        """What a template came out as; one that asks the warehouse asks it now."""
        if rendered.needs_warehouse and not self.asks:
            return None
        node = self.project.nodes.get(this)

        def again(each: Rendered) -> Rendered:
            return rendered_over(self.project, each, self._warehouse(node), node=node) if each.needs_warehouse else each

        try:
            sql, texts = inlined(again(rendered), self.project, self.engine.dialect, again=again)
        except (DrylandError, LookupError):
            return None
        named = {text: uid for text, uid in texts.items() if this or uid != "this"}  # what has no table is not moved
        names = {text: self._name(uid, this) for text, uid in named.items()}
        moved = {text: name for text, name in names.items() if name != text}
        return substitute(sql, moved) if moved else sql

    def _name(self, unique_id: str, this: str) -> str:
        return self.names[this if unique_id == "this" else unique_id]

    def _warehouse(self, node: Node | None) -> Located:
        if node is None:
            return self._of_checks
        tables = {**self._tables, "this": self.relations[node.unique_id]}
        return Located.of(self.project, EngineAsked(self.engine), tables, node)

    @cached_property
    def _of_checks(self) -> Located:
        return Located.of(self.project, EngineAsked(self.engine), self._tables)

    @cached_property
    def _tables(self) -> Mapping[str, Relation]:
        return {uid: at for uid, at in self.relations.items() if not is_ephemeral(uid, self.project.nodes)}

    def _pattern(self, check: Check) -> str:
        """The query of a kind of check, with marks where the table and the column stand."""
        refs = tuple(TABLE if each == check.node else each for each in check.refs)
        key = (check.kind, repr(check.arguments), refs)
        if key not in self._patterns:
            of_marks = replace(self._request, relations={**self.relations, TABLE: MARKED})
            made = failing_rows_query(replace(check, node=TABLE, column=COLUMN, refs=refs), of_marks)
            self._patterns[key] = made.replace(self.engine.render(MARKED), TABLE)
        return self._patterns[key]

    @cached_property
    def _patterns(self) -> dict[tuple[Any, ...], str]:
        return {}

    @cached_property
    def _request(self) -> CheckRequest:
        checks: Mapping[str, Check] = self.project.checks
        return CheckRequest(self.project, self.engine, tuple(checks.values()), self.relations, {}, {}, {})
