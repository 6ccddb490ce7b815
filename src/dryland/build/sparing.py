"""Has the warehouse spare threads and memory while models are small.

As many are built at once as there is room for, each by one thread; and what was built is not kept in memory.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import count

from dryland.build.job import Job
from dryland.build.sessions import Sessions
from dryland.engines.protocol import Engine
from dryland.engines.relation import Relation

ROWS_FEW = 100_000  # of a table that one thread reads as fast as many
LONG_S = 5.0  # for a model that reads nothing large: it makes much of little
MADE = 10  # tables and views, until it is looked again how much memory they take


class Sparing:
    """Whether both are spared: until a model shows that not all is small. Safe to use from several threads."""

    def __init__(self, engine: Engine, sessions: Sessions) -> None:
        self._engine = engine
        self._sessions = sessions
        self._made = count(1)
        self.is_on = False

    def begin(self, job: Job, wanted: Collection[str], places: Mapping[str, Relation]) -> None:
        """Spare them, where more is built than at once, and all that it reads is known and small."""
        if len(wanted) <= job.limits.threads or not all(_is_plain(job, node) for node in wanted):
            return
        made = frozenset(wanted)
        read = {each for node in wanted for each in job.plan.targets[node].meaning.inputs if each not in made}
        if read <= places.keys():
            self.is_on = self._engine.spare_threads(places[each] for each in read)

    def made(self, rows: int) -> None:
        """Learn of a table or view that was made, from who holds no session any more."""
        self.learn(rows)
        if next(self._made) % MADE == 0:
            self.write_down()

    def write_down(self) -> None:
        """Keep nothing in memory of what was made, if that is much."""
        if self.is_on:
            self._engine.spare_memory(self._sessions)

    def learn(self, rows: int) -> None:
        """Learn how many rows something has that was made."""
        if rows > ROWS_FEW:
            self.end()

    def look(self, longest_s: float) -> None:
        """Learn for how long a model has been built."""
        if longest_s > LONG_S:
            self.end()

    def end(self) -> None:
        """Spare none any more."""
        if self.is_on:
            self.is_on = False
            self._engine.use_threads()


def _is_plain(job: Job, node: str) -> bool:
    """Whether all that it reads stands in its query."""
    found = job.project.nodes[node]
    return found.language == "sql" and not found.materialization_macro
