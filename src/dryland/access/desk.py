"""Serves rows to people: every query and every dataset goes out through here, whoever asks and from wherever.

A page, the command line and the API call the same functions, and none of them reaches the warehouse past this desk:
who may not see something does not see it because of what is asked of the warehouse, not of what a page leaves out.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from dryland.access.answer import Allowance, Answer, Running
from dryland.access.guard import Language, functions_in
from dryland.access.journal import Journal, query_mark
from dryland.access.person import Person
from dryland.access.reading import Answerable, Names, Shown, answerable, asked, no_such_dataset
from dryland.access.rights import Rights
from dryland.engines.protocol import Engine
from dryland.engines.read_only import BLOCK_ROWS, Bounds
from dryland.engines.relation import Relation
from dryland.errors import QueryError, RefusedQueryError, RightsError, StepTimeoutError
from dryland.project.project import Project
from dryland.sql.retarget import name_key
from dryland.state.people import AuditEntry
from dryland.state.records import Pointer
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for, and from where."""

    person: Person
    action: str = "query"
    address: str = ""
    name: str = ""  # by which he can stop it
    is_export: bool = False


class Desk:
    """One environment, served to people under the rules of its project."""

    def __init__(
        self, project: Project, environment: str, pointers: Mapping[str, Pointer], engine: Callable[[], Engine],
        journal: Journal, *, key: str, running: Running | None = None,
    ) -> None:  # fmt: skip
        self._project, self._environment, self._key = project, environment, key
        self._published = {
            node: Relation(*pointer.published) for node, pointer in pointers.items() if not pointer.is_resting
        }
        self._engine, self._journal = engine, journal
        self._access = project.settings.access
        self.rights = Rights(project, self._access)
        self.running = running or Running()
        self._readable: dict[Person, tuple[str, ...]] = {}  # rules are about thousands of datasets, and stay

    def readable(self, person: Person) -> tuple[str, ...]:
        """Unique ids of the published datasets that somebody may read."""
        if person not in self._readable:
            self._readable[person] = self.rights.readable(person, self._published)
        return self._readable[person]

    def columns(self, person: Person, dataset: str) -> Shown:
        """A dataset as somebody sees it.

        Raises:
            RightsError: it is not there, or not for him.
        """
        unique_id = self._of_name(person, dataset)
        return self._shown(person, (unique_id,))[unique_id]

    @contextmanager
    def ask(self, request: Request, sql: str) -> Iterator[Answer]:
        """The answer to a query of somebody's own.

        Raises:
            RightsError: he may not ask, or not for this.
            RefusedQueryError: it is not a query of what is allowed.
            QueryError: the warehouse could not answer it.
            StepTimeoutError: it took longer than it may.
        """
        with self._noted(request, query_mark(sql)) as note:
            request.person.verify_may("query")
            with self._answered(request, sql, note) as answer:
                yield answer

    @contextmanager
    def dataset(
        self, request: Request, dataset: str, *, columns: tuple[str, ...] = (), rows: int | None = None
    ) -> Iterator[Answer]:
        """The rows of one dataset, all its columns that he sees or some of them; it takes no right to ask queries.

        Raises:
            RightsError: it is not there, or not for him, or has no such column that he sees.
        """
        with self._noted(request, dataset) as note:
            request.person.verify_may("read")
            shown = self.columns(request.person, dataset)
            strange = {name for name in columns if name not in {each.name for each in shown.columns}}
            if strange:
                raise RightsError(f"there is no column `{min(strange)[:100]}` of it that you may read.")
            picked = ", ".join(_quoted(name) for name in columns) or "*"
            limit = f" LIMIT {int(rows)}" if rows is not None else ""
            relation = shown.relation
            sql = f"SELECT {picked} FROM {_quoted(relation.schema)}.{_quoted(relation.name)}{limit}"
            with self._answered(request, sql, note) as answer:
                yield answer

    def explained(self, person: Person, sql: str, *, rows_max: int | None = None) -> Answerable:
        """What would be sent for a query of somebody's, without the key of pseudonyms; nothing is run.

        Raises:
            RightsError, RefusedQueryError: as `ask`.
        """
        return self._answerable(person, sql, rows_max, key="***")

    def _answerable(self, person: Person, sql: str, rows_max: int | None, *, key: str) -> Answerable:
        language = Language(self._engine().dialect, functions_in(self._access.functions))
        question = asked(
            sql, self._names(person, language.dialect), language, database=self._project.warehouse.database
        )
        return answerable(question, self._shown(person, question.datasets), key=key, rows_max=rows_max)

    @contextmanager
    def _answered(self, request: Request, sql: str, note: _Note) -> Iterator[Answer]:
        allowance = self.allowance(is_export=request.is_export)
        ready = self._answerable(request.person, sql, allowance.rows, key=self._key)
        note.touched = ready.touched
        bounds = Bounds(allowance.timeout_s, min(BLOCK_ROWS, allowance.rows + 1), self._access.reader_role)
        name = request.name or secrets.token_hex(8)
        with _discreet(self._key), self._engine().read_only(ready.sql, bounds) as stream:
            answer = Answer(stream, allowance, ready.masked)
            note.answer = answer
            self.running.begin(name, request.person, answer)
            try:
                yield answer
            finally:
                self.running.end(name)

    def allowance(self, *, is_export: bool = False) -> Allowance:
        """How much a query may have."""
        limits = self._access.limits
        return Allowance(limits.export_rows if is_export else limits.rows, limits.bytes, limits.timeout_s)

    def _names(self, person: Person, dialect: str) -> Names:
        """What he may read, by the names that it has here and in prod."""
        by_name: dict[tuple[str, str], str] = {}
        for unique_id in self.readable(person):
            by_name[name_key(self._published[unique_id], dialect)] = unique_id
        for unique_id in self.readable(person):
            node = self._project.nodes.get(unique_id)
            if node is not None:
                by_name.setdefault(name_key(node.relation, dialect), unique_id)
        return Names(by_name, self._project.warehouse.schema)

    def _of_name(self, person: Person, name: str) -> str:
        """A dataset by its unique id or its short name, of those that he may read."""
        readable = self.readable(person)
        found = [each for each in readable if name == each] or [
            each for each in readable if name == each.split(".", 2)[-1] or name == str(self._published[each])
        ]
        if len(found) != 1:
            raise no_such_dataset(name)
        return found[0]

    def _shown(self, person: Person, datasets: tuple[str, ...]) -> dict[str, Shown]:
        relations = {dataset: self._published[dataset] for dataset in datasets}
        there = self._engine().columns(relations.values()) if relations else {}
        found = {}
        for dataset, relation in relations.items():
            if relation not in there:
                raise no_such_dataset(dataset.split(".", 2)[-1])
            names = [column.name for column in there[relation]]
            found[dataset] = Shown(dataset, relation, self.rights.shown(person, dataset, names))
        return found

    @contextmanager
    def _noted(self, request: Request, subject: str) -> Iterator[_Note]:
        """Note how it ended, however it does."""
        began, note = time.monotonic(), _Note()
        entry = AuditEntry(
            self._journal.clock(), request.person.name, request.person.via, request.address, request.action, "done",
            self._environment, subject=subject,
        )  # fmt: skip
        try:
            yield note
        except GeneratorExit:
            note.outcome = "stopped"
            raise
        except BaseException as error:
            note.outcome = _outcome(error, note)
            raise
        finally:
            self._journal.note(
                replace(
                    entry, outcome=note.outcome, datasets=dict(note.touched), duration_s=time.monotonic() - began,
                    rows=note.answer.rows if note.answer else None,
                )
            )  # fmt: skip


@dataclass(slots=True)
class _Note:
    """What is known of a request so far."""

    touched: Mapping[str, tuple[str, ...]]
    answer: Answer | None
    outcome: str

    def __init__(self) -> None:
        self.touched, self.answer, self.outcome = {}, None, "done"


def _outcome(error: BaseException, note: _Note) -> str:
    if isinstance(error, RightsError | RefusedQueryError):
        return "refused"
    if isinstance(error, StepTimeoutError):
        return "timed out"
    return "stopped" if note.answer is not None and note.answer.is_stopped else "failed"


@contextmanager
def _discreet(key: str) -> Iterator[None]:
    """Say what the warehouse said, and not what it was sent: that has the key of pseudonyms in it."""
    try:
        yield
    except StepTimeoutError:
        raise
    except QueryError as error:
        said, hint = (text.replace(key, "***") if key else text for text in (error.message, error.hint))
        raise QueryError(said, transient=error.transient, hint=hint) from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
