"""Answers what there is: nodes, environments, releases, lineage, and what readers see. Nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dryland.plan.choice import Choice, Chosen, choice_of
from dryland.release.environment_names import verify_exists
from dryland.state.records import Environment, Pointer, Release
from dryland.workshop import Workshop

if TYPE_CHECKING:
    from dryland.engines.statement import Rows
    from dryland.plan.promise import Promise
    from dryland.release.at_work import AtWork


class Looking(Workshop):
    """Every question about a project that needs no work to be answered."""

    def select(self, select: Chosen = (), exclude: Sequence[str] = (), *, environment: str = "") -> tuple[str, ...]:
        """The unique ids of the nodes that dbt's selectors choose, in project order."""
        from dryland.choosing import known_for  # here and below: not all of this is needed by every verb
        from dryland.plan.select import select as select_nodes

        choice = choice_of(select, exclude)
        return select_nodes(self.project, choice, known=known_for(self, environment, choice))

    def list(self, choice: Choice, *, environment: str = "") -> tuple[str, ...]:
        """The unique ids of everything that is chosen: nodes first, then sources, tests and whatever else there is."""
        from dryland.choosing import known_for
        from dryland.plan.select import select_any

        return select_any(self.project, choice, known=known_for(self, environment, choice))

    def pointers(self, environment: str = "") -> dict[str, Pointer]:
        """Where an environment stands: node to pointer; empty before its first release."""
        from dryland.release.environments import pointers_of

        return pointers_of(self.state, self._shown(environment)) or {}

    def environments(self) -> tuple[Environment, ...]:
        """All environments, by name."""
        return tuple(self.state.environments().values())

    def at_work(self, *, limit: int = 10) -> AtWork:
        """Who is at work on what, who waits, and how the newest runs ended; the warehouse is not opened for that."""
        from dryland.release.at_work import at_work

        return at_work(self.state, limit=limit)

    def releases(self, environment: str = "", *, limit: int = 20) -> tuple[Release, ...]:
        """The newest releases of an environment."""
        return tuple(self.state.releases(self._shown(environment), limit=limit))

    def node_details(self, name: str, environment: str = "") -> dict[str, Any]:
        """Everything about one node, as plain data."""
        from dryland.plan.select import select_one
        from dryland.release import details

        chosen = select_one(self.project, name)
        pointers = self.pointers(environment)
        return details.node_details(self.project, self.state, pointers, self.meanings, self.check_hashes, chosen)

    def release_details(self, release: int | None = None, environment: str = "") -> dict[str, Any]:
        """Everything about one release (the live one unless told), as plain data."""
        from dryland.release import details

        found = details.the_release(self.state, self._shown(environment), release)
        return details.release_details(self.state, found)

    def lineage(self, target: str, *, direction: str = "both") -> tuple[tuple[str, str], ...]:
        """Edges around a node or column (`orders.amount`): pairs of names, from what is read to what reads."""
        from dryland.plan.lineage import lineage_of

        return lineage_of(self.project, self.meanings, target, direction, self._built_columns)

    def content(self, environment: str = "") -> dict[str, tuple[int, str]]:
        """What readers see, by dataset: rows and an order-independent hash, measured now from the published views."""
        from dryland.release import seen

        return seen.content(self.engine, self.pointers(environment))

    def promises(self, environment: str = "") -> dict[str, Promise]:
        """What an environment's readers were promised when each node was released."""
        from dryland.release.promises import promises_of

        return promises_of(self.state, self.pointers(environment))

    def exported_contract(self, name: str, environment: str = "") -> str:
        """A model's data contract as YAML: the one that it has, or what its YAML, columns and checks promise."""
        from dryland.plan.select import select_one
        from dryland.release.promises import exported_contract

        node = self.project.nodes[select_one(self.project, name)]
        return exported_contract(self.project, self.state, self.pointers(environment), node)

    def query(self, sql: str, *, environment: str = "", rows_max: int | None = 100) -> Rows:
        """Answer a reader's query against one environment; only a single query is let through.

        Model names may be written as in prod: in another environment they stand for its views.
        """
        from dryland.release import seen

        return seen.answer(sql, self.project, self.engine, self.pointers(environment), rows_max=rows_max)

    def _built_columns(self, node: str) -> tuple[str, ...]:
        """The columns of a node as the default environment shows it; none when it does not."""
        from dryland.release import details

        return details.built_columns(self.state, self.pointers().get(node))

    def _shown(self, environment: str) -> str:
        """An environment's name; the default one's unless told.

        Raises:
            UsageError: there is no such environment.
        """
        default = self.written.settings.default_environment
        if environment and environment != default:  # that one is always there
            verify_exists(environment, self._environment_names())
        return environment or default

    def _environment_names(self) -> set[str]:
        """The default one is always there, even before its first release."""
        return {self.written.settings.default_environment, *self.state.environments()}
