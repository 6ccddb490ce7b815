"""Takes DuckDB's own threads away while all that is read is small: each that waits for work goes round in circles.

A table of one row group is read by one thread, however many there are; the others take the processor from those who
build.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from dryland.engines.duckdb_names import folded
from dryland.engines.relation import Relation
from dryland.engines.statement import Asked
from dryland.errors import QueryError

ROWS_OF_A_THREAD = 122_880  # a row group


class Threads:
    """How many threads a connection has besides those that ask."""

    def __init__(self) -> None:
        self._usual = 0  # how many there were; 0 while none were taken away
        self._changing = threading.Lock()

    def spare(self, session: Asked, read: Iterable[Relation]) -> bool:
        """Take them away, if all of these are tables of one row group."""
        wanted = [*read]
        if any(each.expression for each in wanted) or not {*map(folded, wanted)} <= _small_tables(session):
            return False
        with self._changing:
            usual, least = session.fetch(
                "SELECT current_setting('threads'), current_setting('external_threads')"
            ).rows[0]  # fmt: skip
            self._usual = self._usual or int(usual)
            try:
                session.fetch(f"SET GLOBAL threads = {int(least)}")
            except QueryError:  # the profile locks all settings
                self._usual = 0
                return False
        return True

    def use(self, session: Asked) -> None:
        """Give back what was taken away; of a query that runs, what it comes to next is done by all of them."""
        with self._changing:
            if self._usual:
                session.fetch(f"SET GLOBAL threads = {self._usual}")
                self._usual = 0


def _small_tables(session: Asked) -> set[Relation]:
    query = f"""
        SELECT database_name, schema_name, table_name FROM duckdb_tables()
        WHERE NOT internal AND estimated_size <= {ROWS_OF_A_THREAD}
    """
    return {folded(Relation(*row)) for row in session.fetch(query).rows}
