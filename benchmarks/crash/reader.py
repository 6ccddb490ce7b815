"""Reads what is published over and over, as a process of its own, and writes down whatever should never be seen."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PAUSE_S = 0.03
MARK = 100_000

READS = (
    ("mark", "arrivals", "max(mark)"), ("mark", "arrivals", "min(mark)"), ("mark", "now", "max(mark)"),
    ("mark", "totals", "max(mark)"), ("mark", "totals", "min(mark)"), ("mark", "totals_view", "max(mark)"),
    ("mark", "growing", "max(mark)"), ("mark", "growing", "max(case when row_id = 0 then mark end)"),
    ("mark", "appended", "max(mark)"), ("mark", "report", "max(mark)"), ("mark", "report_view", "max(mark)"),
    ("mark", "bulk", "max(mark)"), ("mark", "guarded", "max(mark)"), ("code", "report_view", "max(code)"),
    ("code", "marks", "min(code)"), ("batch", "now", "max(batch)"), ("batch", "kept", "max(batch)"),
    ("grown", "growing", "count(*)"), ("least", "guarded", "min(amount)"),
)  # fmt: skip
"""What a look consists of: what the value says, of which relation, how it is asked for."""
LOOK = " union all ".join(f"select '{kind}' as kind, '{name}' as name, {what} as value from main.{name}"
                          for kind, name, what in READS)  # fmt: skip


def wrong_with(rows: list[tuple[str, str, Any]]) -> str:
    """What is wrong with a look; empty when it shows one release, whole."""
    mark = rows[0][2]
    if mark is None:
        return f"nothing is shown: {rows}"
    wanted = {"mark": mark, "code": mark // MARK, "batch": mark % MARK, "grown": mark % MARK * 4 + 1}
    mixed = [row for row in rows if row[0] in wanted and row[2] != wanted[row[0]]]
    rejected = [row for row in rows if row[0] == "least" and row[2] < 0]
    return f"of mark {mark}: {mixed or rejected}" if mixed or rejected else ""


class Seen:
    """What was seen so far, kept in a file."""

    def __init__(self, file: Path) -> None:
        self._file, self._parent = file, os.getppid()
        self.looks, self.away, self.problems = 0, 0, list[tuple[str, list[tuple[str, str, Any]] | None]]()

    def look(self, rows: list[tuple[str, str, Any]]) -> None:
        """Note a look, and what is wrong with it."""
        self.looks += 1
        if problem := wrong_with(rows):
            self.note(problem, rows)
        self._write()

    def was_away(self) -> None:
        """Nobody answered: the server is being killed, or the file is in somebody's hands."""
        self.away += 1
        self._write()

    def note(self, problem: str, rows: list[tuple[str, str, Any]] | None = None) -> None:
        """Write down what is wrong, once, with all that was seen."""
        if (problem, rows) not in self.problems:
            self.problems.append((problem, rows))
        self._write()

    def _write(self) -> None:
        if os.getppid() != self._parent:
            raise SystemExit  # who wanted to know is gone
        said = json.dumps({"looks": self.looks, "away": self.away, "problems": self.problems[:20]})
        new = self._file.with_suffix(".new")
        new.write_text(said)
        new.replace(self._file)


def read_duckdb(path: str, seen: Seen) -> None:
    """Open the file whenever nobody writes to it, and look."""
    import duckdb

    while True:
        try:
            with duckdb.connect(path, read_only=True) as connection:
                seen.look(connection.execute(LOOK).fetchall())
        except duckdb.Error as error:
            with _told(error, seen, "lock" in str(error).lower() and isinstance(error, duckdb.IOException)):
                time.sleep(PAUSE_S)
        time.sleep(PAUSE_S * 3)  # who writes waits for us


def read_postgres(host: str, seen: Seen) -> None:
    """Look over one connection, and over a new one when the server has been away."""
    import psycopg

    while True:
        try:
            with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as connection:
                while True:
                    seen.look(connection.execute(LOOK).fetchall())
                    time.sleep(PAUSE_S)
        except psycopg.OperationalError as error:
            gone = connection.closed if "connection" in locals() else True
            with _told(error, seen, gone):
                time.sleep(PAUSE_S)
        except psycopg.Error as error:
            with _told(error, seen, False):
                time.sleep(PAUSE_S)


@contextmanager
def _told(error: Exception, seen: Seen, is_away: bool) -> Iterator[None]:
    if is_away:
        seen.was_away()
    else:
        seen.note(f"{type(error).__name__}: {error}")
    yield


if __name__ == "__main__":
    kind, where, file = sys.argv[1:]
    {"duckdb": read_duckdb, "postgres": read_postgres}[kind](where, Seen(Path(file)))
