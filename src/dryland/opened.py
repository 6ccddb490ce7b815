"""Opens project, warehouse and memory, each when it is first needed, and closes them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from dryland.build.progress import Event, Progress, watched
from dryland.clock import utc_now
from dryland.project.kept import read_project
from dryland.project.opening import Asked
from dryland.project.project import Project
from dryland.state.records import Place
from dryland.timings import timed
from dryland.values import dataclass
from dryland.whereabouts import made_own_folder, metadata_file, place_of, verify_same

if TYPE_CHECKING:
    from dryland.access.journal import Journal
    from dryland.build.task import Limits
    from dryland.engines.protocol import Engine
    from dryland.state.store import State


PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Opening:
    """How the platform was opened."""

    root: Path
    target: str | None = None
    profiles_dir: Path | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    threads: int | None = None
    wait_s: float = PATIENCE_S  # for others to let go of what a verb changes
    warehouse: str = ""  # one of those that dryland.yml names


class Opened:
    """A project, its warehouse and its memory."""

    def __init__(self, opening: Opening, progress: Progress) -> None:
        self._opening = opening
        self.progress = progress
        self._opened: list[Engine | State | Journal] = []
        self.clock: Callable[[], datetime] = utc_now  # by which monitors see, in naive UTC

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ready(self) -> Self:
        """Open project, warehouse and memory now, so that what is timed next is the work alone."""
        assert self.engine and self.state
        return self

    @timed("close")
    def close(self) -> None:
        """Let go of the warehouse and the metadata."""
        while self._opened:
            self._opened.pop().close()

    # --- the parts, made when first needed ---------------------------------------------------------------------

    @cached_property
    def project(self) -> Project:
        """Everything the team wrote, in the words of the warehouse."""
        if not self.is_translated:
            return self.written
        with timed("imports"):
            from dryland.translation.project import translated_project

        with timed("translate"):
            return translated_project(self.written, self.engine)

    @cached_property
    def written(self) -> Project:
        """The same in the dialect in which the team wrote it."""
        return self.reread()

    @cached_property
    def is_translated(self) -> bool:
        """Whether anything is written in another dialect than the warehouse's."""
        speaks = self.written.warehouse.type
        if self.written.settings.dialect not in ("", speaks):
            return True
        return any(node.config.get("dialect", speaks) != speaks for node in self.written.nodes.values())

    @timed("load")
    def reread(self) -> Project:
        """The project as its files are now."""
        opening = self._opening
        return read_project(
            Asked(
                opening.root, os.environ, opening.target, opening.profiles_dir, opening.variables, opening.warehouse,
                watching=partial(watched, self.progress),
            )
        )  # fmt: skip

    @cached_property
    def engine(self) -> Engine:
        """The warehouse, with any release that a crash left unfinished brought in order."""
        with timed("imports"):  # here and below: not all that verbs work with is needed by every verb
            from dryland.engines.registry import Address, open_engine, opened_ahead

        warehouse = self.written.warehouse
        address = Address(
            warehouse.settings,
            warehouse.database,
            self.written.root,
            self.written.settings.store_schema,
            wait_s=max(PATIENCE_S, self._opening.wait_s),
            on_wait=self._tell_waiting,
        )
        with opened_ahead(warehouse.type, address):
            with timed("imports"):
                from dryland.release.publish import recover

            verify_same(self.state.place(), self.place)
            with timed("open warehouse"):
                engine = open_engine(warehouse.type, address)
        self._opened.append(engine)
        recover(engine, self.state, store_schema=self.written.settings.store_schema)
        return engine

    @cached_property
    def state(self) -> State:
        """The metadata store."""
        with timed("imports"):
            from dryland.state.connection import resolved_url
            from dryland.state.store import open_state

        settings, root, file = self.written.settings, self.written.root, self.metadata_file
        with timed("open metadata"):
            if file:
                made_own_folder(root)
            place = file or resolved_url(settings.state_url, root)
            state = open_state(place, settings.state_schema, lease_s=settings.lease_s)
        self._opened.append(state)
        return state

    @contextmanager
    def holding(self, scope: str, verb: str) -> Iterator[None]:
        """Be the only one who changes a scope; what a crash left behind in it is brought in order first.

        Raises:
            HeldError: somebody else is at work on it, for longer than may be waited.
        """
        engine, state = self.engine, self.state  # the warehouse first, as for whoever only reads it
        if state.holds(scope):
            yield
            return
        with timed("imports"):
            from dryland.release.holding import holding
            from dryland.release.publish import recover

        with holding(state, scope, verb, wait_s=self._opening.wait_s, tell=self._tell_waiting):
            for process in state.pop_ended():
                engine.evict(process)
            recover(engine, state, store_schema=self.project.settings.store_schema)
            yield

    def _tell_waiting(self, message: str) -> None:
        self.progress.on(Event("waiting", message=message))

    @property
    def metadata_file(self) -> Path | None:
        """The file of the metadata; None when they are somewhere else."""
        return metadata_file(self.written, self._opening.warehouse)

    @property
    def place(self) -> Place:
        """Which target of the profile this is, and what it stands for."""
        return place_of(self.written)

    @cached_property
    def limits(self) -> Limits:
        """How many threads, retries and seconds a run may take; the command line outweighs the files."""
        from dryland.build.task import Limits

        settings = self.project.settings
        threads = self._opening.threads or settings.threads or self.project.warehouse.threads
        return Limits(threads, settings.retries, settings.timeout_s)
