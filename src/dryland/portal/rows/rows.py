"""Gives out rows to whoever asks the portal: the desk of an environment, with a turn, an open warehouse and a way out.

Pages, downloads and the API ask here, and nowhere else in the portal is the warehouse read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from dryland.access.answer import Answer, Running
from dryland.access.desk import Desk, Request
from dryland.access.person import Person
from dryland.access.reading import Answerable
from dryland.errors import BusyError, QueryError, RightsError, WarehouseLockedError
from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.facts.library import Library
from dryland.portal.rows.turns import Turns
from dryland.portal.rows.warehouse import TRY_AGAIN_S, Warehouse
from dryland.release.at_work import at_work

Stopped = Callable[[], bool]


@dataclass
class _Asked:
    """A query from its asking to its end, wherever it stands in between."""

    person: Person
    stop: threading.Event = field(default_factory=threading.Event)


class Rows:
    """The rows of one project, for everybody who reaches its portal."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.warehouse = Warehouse(library.platform.open_reader, on_close=self._write_journal)
        self.turns = Turns()
        self.running = Running()
        self._asked: dict[str, _Asked] = {}
        self._lock = threading.Lock()

    @contextmanager
    def ask(self, catalogue: Catalogue, request: Request, sql: str) -> Iterator[Answer]:
        """The answer to a query of somebody's own; raises what the desk raises, and BusyError."""
        with self._attended(catalogue, request) as (desk, mine), desk.ask(mine, sql) as answer:
            self._stop_if_late(mine, answer)
            yield answer

    @contextmanager
    def dataset(
        self, catalogue: Catalogue, request: Request, dataset: str, *, columns: tuple[str, ...] = (),
        rows: int | None = None,
    ) -> Iterator[Answer]:  # fmt: skip
        """The rows of one dataset as somebody sees it."""
        with (
            self._attended(catalogue, request) as (desk, mine),
            desk.dataset(mine, dataset, columns=columns, rows=rows) as answer,
        ):
            self._stop_if_late(mine, answer)
            yield answer

    def explained(self, catalogue: Catalogue, request: Request, sql: str) -> Answerable:
        """What would be sent for a query; it is not run."""
        request.person.verify_may("query")
        with self._attended(catalogue, request) as (desk, _):
            return desk.explained(request.person, sql, rows_max=desk.allowance().rows)

    def stop(self, name: str, person: Person) -> None:
        """Stop a query of somebody's own, be it that it still waits for its turn.

        Raises:
            RightsError: there is none of this name that he may stop.
        """
        full = _name_of(name, person)
        with self._lock:
            asked = self._asked.get(full)
        if asked is None or asked.person.name != person.name:
            raise RightsError("there is no such query of yours.")
        asked.stop.set()
        with suppress(RightsError):  # it waits, or has just ended; it looks at `stop` before it begins
            self.running.stop(full, person)

    def desk(self, catalogue: Catalogue) -> Desk:
        """The desk of an environment as it is now."""
        with self._lock:
            return catalogue.once("desk", lambda: self._desk(catalogue))

    def close(self) -> None:
        """Let go of the warehouse."""
        self.warehouse.close()

    def _desk(self, catalogue: Catalogue) -> Desk:
        if catalogue.rights is None:
            raise WarehouseLockedError("the project's files cannot be read, and with them who may see what.")
        pointers = {uid: each.parts.pointer for uid, each in catalogue.datasets.items() if each.parts.pointer}
        return self._library.platform.desk_over(
            catalogue.rights.project, catalogue.environment, pointers, lambda: self.warehouse.engine, self.running
        )

    @contextmanager
    def _attended(self, catalogue: Catalogue, request: Request) -> Iterator[tuple[Desk, Request]]:
        """A turn at the desk of an open warehouse; whoever stops it gets through wherever it stands."""
        desk, person = self.desk(catalogue), request.person
        name = _name_of(request.name, person) if request.name else ""
        asked = self._noted(name, person)
        is_stopped = asked.stop.is_set
        try:
            with self.turns.one(person.name, is_stopped), self._read(person, is_stopped):
                yield desk, Request(person, request.action, request.address, name, request.is_export)
        except (QueryError, BusyError):
            if is_stopped():
                raise QueryError("the query was stopped.") from None
            if self.warehouse.is_shut:
                raise BusyError("a release is being brought back.", retry_after_s=TRY_AGAIN_S) from None
            raise
        finally:
            with self._lock:
                self._asked.pop(name, None)

    def _noted(self, name: str, person: Person) -> _Asked:
        asked = _Asked(person)
        with self._lock:
            if name and name in self._asked:
                raise RightsError("a query of this name runs already.")
            if name:
                self._asked[name] = asked
        return asked

    @contextmanager
    def _read(self, person: Person, is_stopped: Stopped) -> Iterator[None]:
        try:
            with self.warehouse.reading(is_stopped):
                yield
        except WarehouseLockedError as error:
            raise WarehouseLockedError(
                f"the warehouse is held by {self._holder() or 'another process'}.",
                hint=error.message if person.is_local else "ask again in a moment.", retry_after_s=TRY_AGAIN_S,
            ) from error  # fmt: skip

    def _holder(self) -> str:
        """Who changes something, as far as the metadata knows."""
        holding = at_work(self._library.state, limit=1).holding
        return "; ".join(f"{each.writer.verb} of {each.writer.who}, since {each.writer.since:%H:%M:%S} UTC"
                         for each in holding)  # fmt: skip

    def _stop_if_late(self, request: Request, answer: Answer) -> None:
        """It may have been stopped between its turn and its start."""
        asked = self._asked.get(request.name)
        if asked is not None and asked.stop.is_set():
            answer.stop()
            raise QueryError("the query was stopped.")

    def _write_journal(self) -> None:
        self._library.platform.journal.write()


def _name_of(name: str, person: Person) -> str:
    """Names are everybody's own."""
    return f"{person.name}/{name}"
