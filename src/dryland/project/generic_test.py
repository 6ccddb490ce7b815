"""Calls the macro of a generic test as dbt does: with the table, the column and the arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.project.jinja.state import Scope, State
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Pass
from dryland.project.tested import Tested
from dryland.values import dataclass

WHERE = "get_where_subquery"  # dbt's macro for what a test looks at


@dataclass(frozen=True, slots=True)
class GenericTest:
    """A generic test before Jinja: enough to render it again."""

    macro: str
    package: str  # of the macro
    tested: Tested
    column: str
    arguments: Mapping[str, Any]  # as written
    scope: Scope
    config: Mapping[str, Any]

    def ask(self, templates: Templates, how: Pass) -> tuple[str, State]:
        """The query for what must not be, and what it asked for on the way, its arguments included."""
        given: dict[str, Any] = {}
        states: list[State] = []
        for key, value in self.arguments.items():
            given[key], state = templates.argument(value, self.scope, self.config, how)
            states.append(state)
        model, looked = self._model(templates, how)
        states += [looked] if looked else []
        named = {"model": model, **given, **({"column_name": self.column} if self.column else {})}
        sql, asked = templates.call(self.macro, self.scope, self.config, how, package=self.package, **named)
        for state in states:
            asked.refs.update(state.refs)
            asked.sources.update(state.sources)
            asked.texts.update(state.texts)
        return str(sql).strip(), asked

    def _model(self, templates: Templates, how: Pass) -> tuple[Any, State | None]:
        """The table to look at under the test's `where`; a project may have a word of its own in that."""
        if templates.macros.is_replaced(WHERE):
            return templates.call(WHERE, self.scope, self.config, how, self.tested.seen(None))
        return self.tested.seen(self.config.get("where")), None
