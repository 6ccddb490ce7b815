"""Writes down what was seen of builds, many at a time: a transaction for each would take longer than small builds do.

A process that is killed loses the newest notes and no table: the next run finds those, and looks at them again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from dryland.state.records import Build, Profile, Verdict
from dryland.state.store import State

NOTES_MAX = 100  # builds in one transaction, which costs about as much as one for a single build
VERDICTS_MAX = 1_000
AGE_MAX_S = 1.0  # of work that a killed process leaves to be looked at again


def _nothing(_: list[Build]) -> list[str]:
    """Nobody waits."""
    return []


class Notes:
    """What is still to be written down. Safe to use from several threads: one writes, and keeps no other waiting."""

    def __init__(self, state: State, claimed: Callable[[list[Build]], list[str]] | None = None) -> None:
        self._state = state
        self._claimed = claimed or _nothing  # keys of those among builds that others may be waiting for
        self._builds: list[tuple[Build, Profile]] = []
        self._verdicts: list[Verdict] = []
        self._written_at = time.monotonic()
        self._changing = threading.Lock()
        self._writing = threading.Lock()

    def note(self, build: Build, profile: Profile, verdicts: Iterable[Verdict]) -> None:
        """Remember a build with what was seen of it, soon: both in one transaction."""
        with self._changing:
            self._builds.append((build, profile))
            self._verdicts += verdicts
        self._write_when_due(at_once=build.kind == "nothing")  # no table would tell that it is finished

    def note_verdicts(self, verdicts: Iterable[Verdict]) -> None:
        """Remember verdicts, soon."""
        with self._changing:
            self._verdicts += verdicts
        self._write_when_due()

    def write(self) -> None:
        """Remember all of it now.

        Raises:
            StateError: that failed; all of it is still to be written down.
        """
        with self._writing:
            with self._changing:
                builds, self._builds = self._builds, []
                verdicts, self._verdicts = self._verdicts, []
            self._written_at = time.monotonic()
            profiles = {build.key: profile for build, profile in builds}
            claimed = self._claimed([build for build, _ in builds])  # first: who claims waits for our transaction
            try:
                if builds or verdicts:
                    with self._state.writing():
                        self._state.put_builds((build for build, _ in builds), profiles, verdicts)
                        if claimed:
                            self._state.unclaim(claimed)
            except BaseException:
                with self._changing:
                    self._builds, self._verdicts = builds + self._builds, verdicts + self._verdicts
                raise

    def write_when_old(self) -> None:
        """Remember what has been waiting for a while."""
        if self._builds and time.monotonic() - self._written_at > AGE_MAX_S and not self._writing.locked():
            self.write()

    def _write_when_due(self, *, at_once: bool = False) -> None:
        is_old = time.monotonic() - self._written_at > AGE_MAX_S
        is_due = is_old or len(self._builds) >= NOTES_MAX or len(self._verdicts) >= VERDICTS_MAX
        if at_once or (is_due and not self._writing.locked()):
            self.write()
