"""Keeps catalogues ready for requests, and makes them anew when a release, a run, a verdict or a file came.

Looking whether anything came takes milliseconds and is done once in a while, by one request for all others. While a
catalogue is made anew the one before is shown; only the very first is waited for.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from dryland.errors import DrylandError
from dryland.platform import Platform
from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.facts.gather import gather
from dryland.portal.facts.written import stamp_of
from dryland.project.project import Project
from dryland.state.store import State

LOOK_S = 2.0  # how old what is shown may be without anybody looking
CATALOGUES_MAX = 8  # environments that are looked at in turn


@dataclass
class _Shelf:
    """The catalogue of one environment, and as of what it was made."""

    catalogue: Catalogue
    pulse: object
    looked_at: float


@dataclass
class Library:
    """The catalogues of one project."""

    platform: Platform  # for files and metadata; its warehouse is never opened
    clock: Callable[[], float]
    now: Callable[[], datetime]
    _shelves: dict[str, _Shelf] = field(default_factory=dict)
    _busy: threading.Lock = field(default_factory=threading.Lock)
    _project: Project | None = None
    _trouble: str = ""
    _stamp: object = None

    @property
    def state(self) -> State:
        """The metadata."""
        return self.platform.state

    @property
    def default_environment(self) -> str:
        """Where readers are unless somebody says otherwise."""
        return self.platform.written.settings.default_environment

    @property
    def project(self) -> Project:
        """The project as it was read last; while its files cannot be read, as it was before."""
        return self._project or self.platform.written

    @property
    def root(self) -> Path:
        """Where the project is."""
        return self.platform.written.root

    def at_hand(self, environment: str) -> Catalogue | None:
        """The catalogue when it was looked at just now: nothing is read for it."""
        shelf = self._shelves.get(environment)
        return shelf.catalogue if shelf and self.clock() - shelf.looked_at < LOOK_S else None

    def current(self, environment: str, *, is_new: bool = False) -> Catalogue:
        """The catalogue of an environment; `is_new`: of this very moment, whoever else is making one."""
        if not is_new and (found := self.at_hand(environment)):
            return found
        shelf = self._shelves.get(environment)
        if not self._busy.acquire(blocking=shelf is None or is_new):
            assert shelf is not None
            return shelf.catalogue
        try:
            return self._looked(environment)
        finally:
            self._busy.release()

    def _looked(self, environment: str) -> Catalogue:
        self._read_again()
        pulse = (self._stamp, self.state.pulse())
        shelf = self._shelves.get(environment)
        if shelf is None or shelf.pulse != pulse:
            catalogue = gather(
                self.state, self._project, environment, now=self.now(), trouble=self._trouble,
                default=self.default_environment,
            )  # fmt: skip
            assert catalogue.index  # made now, and not by the first who searches
            gc.collect()
            gc.freeze()  # hundreds of thousands of objects that stay, and are freed by their count when they go
            shelf = _Shelf(catalogue, pulse, 0.0)
            self._shelves.pop(environment, None)
            while len(self._shelves) >= CATALOGUES_MAX:
                del self._shelves[next(iter(self._shelves))]
            self._shelves[environment] = shelf
        shelf.looked_at = self.clock()
        return shelf.catalogue

    def _read_again(self) -> None:
        """The project, when any of its files is another one; while it cannot be read, the one before stays."""
        stamp = stamp_of(self.root)
        if stamp == self._stamp:
            return
        try:
            self._project, self._trouble = self.platform.reread(), ""
        except DrylandError as error:
            self._trouble = f"{error.location}: {error.message}" if error.location else error.message
        self._stamp = stamp
