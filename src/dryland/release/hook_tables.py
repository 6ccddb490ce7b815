"""Lets hooks around a run write to models' tables, as packages do that keep their books there.

Readers have views; what a hook writes goes into the table behind one. It may change the rows of a table that no other
environment reads, and nothing more: tables are made and dropped by releases.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from dryland.asking import Located
from dryland.engines.protocol import Engine
from dryland.engines.relation import Relation
from dryland.errors import UnsupportedError
from dryland.plan.environment import published_relation
from dryland.project.engine_asked import EngineAsked
from dryland.project.project import Project
from dryland.state.store import State
from dryland.values import dataclass

NAME = r"(?P<name>\"(?:[^\"]|\"\")+\"(?:\.\"(?:[^\"]|\"\")+\"){2})"
CHANGES = re.compile(
    r"\b(?:(?P<rows>insert\s+into|update|delete\s+from|merge\s+into|truncate(?:\s+table)?|copy)"
    r"|(?:drop|alter|create\s+or\s+replace)\s+(?:table|view)(?:\s+if\s+exists)?)\s+" + NAME,
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class HookTables:
    """Where the nodes of an environment are for its hooks, and which of their tables others read too."""

    places: Mapping[str, Relation]  # unique id -> the table behind the view, or what readers see
    shared: Mapping[Relation, str]  # such a table -> another environment that shows it

    @classmethod
    def of(cls, project: Project, engine: Engine, state: State, environment: str) -> HookTables:
        """As the environment stands now."""
        default, store = project.settings.default_environment, project.settings.store_schema
        shown = {uid: published_relation(node.relation, environment, default) for uid, node in project.nodes.items()}
        keys = _build_keys(state, environment)
        builds = state.builds(keys.values())
        tables = {
            uid: Relation(engine.database, store, builds[key].relation)
            for uid, key in keys.items()
            if uid in shown and key in builds and builds[key].kind == "table"
        }
        others = {
            key: other for other in state.environments() if other != environment
            for key in _build_keys(state, other).values()
        }  # fmt: skip
        return cls({**shown, **tables}, {tables[uid]: others[keys[uid]] for uid in tables if keys[uid] in others})


def _build_keys(state: State, environment: str) -> dict[str, str]:
    known = state.environment(environment)
    if known is None or known.live_release is None:
        return {}
    return {uid: pointer.build_key for uid, pointer in state.pointers(known.live_release).items()}


@dataclass
class AroundRun(Located):
    """The warehouse for hooks around a run."""

    shared: Mapping[Relation, str] = field(default_factory=dict)

    @classmethod
    def hooks(cls, project: Project, asked: EngineAsked, tables: HookTables) -> AroundRun:
        """Over these tables."""
        found = Located.of(project, asked, tables.places)
        return cls(found.asked, found.names, found.tables, shared=tables.shared)

    def run_query(self, sql: str) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
        """Column names and rows."""
        return super().run_query(self.verified(sql))

    def execute(self, sql: str) -> None:
        """Run SQL whose rows nobody wants."""
        super().execute(self.verified(sql))

    def verified(self, sql: str) -> str:
        """The same SQL, if it changes no more than it may.

        Raises:
            UnsupportedError: it would make or drop a model's table, or write to one that is not this environment's own.
        """
        known = {self.text(name): self.tables[uid] for uid, name in self.names.items()}
        known |= {self.text(place): place for place in known.values()}
        for found in CHANGES.finditer(sql):
            place = known.get(found["name"])
            if place is not None and not found["rows"]:
                raise UnsupportedError(
                    f"a hook around a run would make, change or drop {found['name']}, which a release makes.",
                    hint="let the hook change rows, or let it keep a table that is no model's.",
                )
            if place is not None and place in self.shared:
                raise UnsupportedError(
                    f"a hook around a run writes to {found['name']}, which {self.shared[place]} shows as well.",
                    hint="build it for this environment: apply --full-refresh -s with its name.",
                )
        return sql
