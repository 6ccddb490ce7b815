"""Runs what a model wants before and after it is built: pre- and post-hooks, on the build's own session."""

from __future__ import annotations

from collections.abc import Callable

from dryland.engines.protocol import Session
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook, with physical names in place.

    One that asks the warehouse is rendered when its turn comes: it sees what was done until then.
    """

    render: Callable[[Session], str]
    in_transaction: bool = True  # of the build; those that are not run before it begins and after it is committed

    def run(self, session: Session) -> None:
        """Render and execute it; one that renders to nothing did its work while rendering."""
        sql = self.render(session)
        if sql.strip():
            session.execute(sql)
