"""Looks at small tables after others were made of them, many at a time.

That takes half as long as one by one, and there is a time for it: while DuckDB writes down, nobody may write.
Only what is new and has no checks of its own can wait: its readers need no answer, and that it can be read at all is
found out before anything is published. Only what holds the same rows for good: what is seen then is what they read.
A process that is killed leaves what waits to be looked at again, as it does its newest notes.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import count

from dryland.build.examine import Examiner
from dryland.build.job import Candidate
from dryland.build.obtain import Stock
from dryland.build.sessions import Sessions
from dryland.build.sparing import ROWS_FEW, Sparing
from dryland.build.task import Ended, Task
from dryland.check.scanning.many import COLUMNS_MAX
from dryland.engines.protocol import Session
from dryland.errors import DrylandError
from dryland.project.nodes import Check

TABLES_MAX = 10  # in one scan: with more it gets no faster, and holds up for longer who wants to be alone
WAITING_MAX = 300  # until they are looked at, though nobody has to wait


class Later:
    """Candidates that were not looked at yet. Safe to use from several threads."""

    def __init__(self, examiner: Examiner, stock: Stock, sessions: Sessions, sparing: Sparing) -> None:
        self._examiner = examiner
        self._stock = stock
        self._sessions = sessions
        self._sparing = sparing
        self._waiting: list[tuple[Candidate, int]] = []  # each with its rows, as far as they are known
        self._alone: list[Candidate] = []  # one of each of these could not be read together with others
        self._numbers = count(1)
        self._changing = threading.Lock()

    def takes(self, candidate: Candidate, checks: Sequence[Check], rows: int | None, session: Session) -> bool:
        """Whether it may wait; `rows` are those that it was made with, unknown of a view.

        A view reads nothing large while threads are spared. A column that has a collation of its own would lend it to
        those of other tables.
        """
        if not self._sparing.is_on or checks:
            return False
        build = candidate.build
        is_new = candidate.made and build.node not in self._stock.job.pointers and not self._examiner.knows(build.key)
        is_small = build.kind == "view" or (rows is not None and rows <= ROWS_FEW)
        is_narrow = 0 < len(build.columns) <= COLUMNS_MAX
        return is_new and build.is_fixed and is_small and is_narrow and not self._stock.comparing.may_collate(session)

    def put(self, candidate: Candidate, rows: int) -> None:
        """Have it looked at, some time."""
        with self._changing:
            self._waiting.append((candidate, rows))

    def tasks(self, is_end: bool) -> list[Task]:
        """What is to be looked at now; `is_end`: all else is done."""
        with self._changing:
            if not is_end and not self._sessions.are_held_up and len(self._waiting) < WAITING_MAX:
                return []
            several = _together(self._waiting)
            rest = several.pop() if several and not is_end else []  # more may come to it
            self._waiting = self._waiting[len(self._waiting) - len(rest) :]
            alone, self._alone = (self._alone, []) if is_end else ([], self._alone)
        last = [self._write_down()] if is_end and several else []
        return [*last, *map(self._task, several), *map(self._task_alone, alone)]

    def _write_down(self) -> Task:
        """What was made last: who closes the warehouse would do that by itself."""

        def work() -> Ended:
            self._sparing.write_down()
            return Ended("done")

        return Task("write down", work, counts=False)

    def _task(self, candidates: list[Candidate]) -> Task:
        name = f"profiles {next(self._numbers)}"

        def work() -> Ended:
            try:
                self._look(name, candidates)
            except DrylandError:  # of any of them, which is not said
                with self._changing:
                    self._alone += candidates
            return Ended("done")

        return Task(name, work, counts=False, cancel=self._sessions.cancel_of(name))

    def _look(self, name: str, candidates: list[Candidate]) -> None:
        with self._sessions.of(name) as session:
            profiles = self._examiner.profiles(candidates, session)
        for candidate, profile in zip(candidates, profiles, strict=True):
            self._stock.add(candidate.build.node, candidate, profile)
        self._sparing.learn(max(profile.rows for profile in profiles))

    def _task_alone(self, candidate: Candidate) -> Task:
        """As it would have been looked at in the first place: what cannot be read was not made."""
        name = candidate.build.node
        node = self._stock.job.project.nodes[name]

        def work() -> Ended:
            self._stock.candidates.pop(name, None)
            with self._sessions.of(name) as session:
                seen, profile = self._examiner.examine(node, candidate, (), self._stock.candidates, session)
            self._stock.add(name, seen, profile)
            return Ended("done", action="build", rows=profile.rows, value=seen)

        return Task(name, work, counts=False, cancel=self._sessions.cancel_of(name))


def _together(waiting: Sequence[tuple[Candidate, int]]) -> list[list[Candidate]]:
    """Those that are looked at together: no more rows than of one that counts as small."""
    found: list[list[Candidate]] = []
    rows_of_last = 0
    for candidate, rows in waiting:
        if not found or len(found[-1]) == TABLES_MAX or rows_of_last + rows > ROWS_FEW:
            found.append([])
            rows_of_last = 0
        found[-1].append(candidate)
        rows_of_last += rows
    return found
