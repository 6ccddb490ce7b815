"""Proposes checks for a table: by what is known of it, and by one question about all that may be worth a check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlglot import exp

from dryland.build.progress import Event, Progress
from dryland.check.scanning.scan import table_of
from dryland.check.writing import render_sql
from dryland.diff.keys import key_of
from dryland.engines.protocol import Engine, Session
from dryland.engines.relation import Relation
from dryland.errors import UsageError
from dryland.plan.order import ancestors, descendants
from dryland.project.nodes import Node
from dryland.project.project import Project
from dryland.project.written_checks import WrittenCheck
from dryland.sql.meaning import Meaning
from dryland.state.records import Build, Pointer
from dryland.state.store import State
from dryland.suggest.already import Already
from dryland.suggest.look import columns_of, past_of, profile_of, sample_of
from dryland.suggest.persons import persons_of
from dryland.suggest.proposal import LEVELS, Candidate, Proposal, Sure
from dryland.suggest.rules.catalogue import RULES
from dryland.suggest.spelling import spelled
from dryland.suggest.subject import ColumnFacts, KeyElsewhere, Subject, by_column
from dryland.values import dataclass

STEPS = ("profile", "sample", "verify")


@dataclass(frozen=True, slots=True)
class Suggested:
    """What is proposed for one node."""

    node: str
    rows: int
    builds: int
    proposals: tuple[Proposal, ...]
    left_out: int = 0  # that are less sure than was asked for

    @property
    def written(self) -> tuple[WrittenCheck, ...]:
        """The same as YAML has it."""
        return tuple(map(written, self.proposals))


def written(proposal: Proposal) -> WrittenCheck:
    """A proposal as YAML has it."""
    return WrittenCheck(proposal.check, proposal.column, proposal.arguments, proposal.settings, proposal.is_native)


@dataclass(frozen=True, slots=True)
class Suggesting:
    """What is needed to look at what an environment shows."""

    project: Project
    engine: Engine
    state: State
    pointers: Mapping[str, Pointer]
    meanings: Callable[[], Mapping[str, Meaning]]  # of all nodes; asked where persons' columns have to be traced
    progress: Progress
    now: datetime

    def suggest(self, node: Node, *, least: Sure = "likely") -> Suggested:
        """Checks that the node passes now and does not have yet, the surest of each column first.

        Raises:
            UsageError: readers do not see the node.
        """
        build, relation = self._stood(node)
        with self.engine.session() as session:
            subject = self._subject(session, node, build, relation)
            already = Already(self.project, node, [each.name for each in subject.columns])
            subject = replace(subject, keys=already.keys)
            candidates = [each for rule in RULES for each in rule(subject)]
            self._tell(node, 2)
            found = [each for each in self._settled(session, subject, candidates) if each is not None]
        self._tell(node, 3, rows=subject.rows)
        new = [each for each in map(spelled, found) if each is not None and not already.has(each)]
        kept = [each for each in new if LEVELS.index(each.sure) <= LEVELS.index(least)]
        return Suggested(node.unique_id, subject.rows, subject.builds, _in_order(kept, subject), len(new) - len(kept))

    def _stood(self, node: Node) -> tuple[Build, Relation]:
        pointer = self.pointers.get(node.unique_id)
        build = self.state.builds([pointer.build_key]).get(pointer.build_key) if pointer else None
        if build is None or build.kind == "nothing":
            what = "is ephemeral" if node.materialized == "ephemeral" else "is not released"
            raise UsageError(f"`{node.name}` {what}: there is no table to look at.", hint="dryland apply, or -e ENV.")
        return build, self._relation(build)

    def _relation(self, build: Build) -> Relation:
        return Relation(self.engine.database, self.project.settings.store_schema, build.relation)

    def _subject(self, session: Session, node: Node, build: Build, relation: Relation) -> Subject:
        dialect, columns = self.engine.dialect, columns_of(build)
        self._tell(node, 0)
        profile = profile_of(session, self.state, build, relation, dialect)
        self._tell(node, 1)
        sample = sample_of(session, relation, columns, profile, dialect)
        past = past_of(self.state, build)
        persons = persons_of(node.unique_id, [each.name for each in columns], self.project, self.meanings)
        before = [each.profile for each in past]
        facts = tuple(
            ColumnFacts(
                column, profile.columns.get(column.name, {}), by_column(before, column.name),
                sample.get(column.name, ()), column.name.lower() in persons,
            )
            for column in columns
        )  # fmt: skip
        return Subject(
            node.name, profile.rows, facts, relation, dialect, past=past, built_at=build.created_at, now=self.now,
            others=tuple(self._others(node)),
        )  # fmt: skip

    def _others(self, node: Node) -> Iterator[KeyElsewhere]:
        """Keys of one column of what this node could refer to: anything but itself and what reads it."""
        below = descendants(self.project, [node.unique_id])
        above = ancestors(self.project, [node.unique_id])
        builds = self.state.builds({pointer.build_key for pointer in self.pointers.values()})
        for unique_id, pointer in self.pointers.items():
            other, build = self.project.nodes.get(unique_id), builds.get(pointer.build_key)
            if other is None or build is None or build.kind == "nothing" or unique_id in below or other is node:
                continue
            if other.access == "private" and other.group != node.group:
                continue
            columns = {column.name.lower(): column for column in columns_of(build)}
            key = key_of(self.project, unique_id, columns)
            if len(key) == 1:
                rank = 4 * (other.kind != "model") + 2 * (other.fqn[:-1] != node.fqn[:-1]) + (unique_id not in above)
                column = columns[key[0].lower()]
                yield KeyElsewhere(_call(other, node), other.name, column, self._relation(build), rank)

    def _settled(
        self, session: Session, subject: Subject, candidates: Sequence[Candidate]
    ) -> Iterator[Proposal | None]:
        """One question for all of them."""
        asks = [ask for candidate in candidates for ask in candidate.asks]
        found = iter(_answers(session, subject, asks))
        for candidate in candidates:
            yield candidate.settle([next(found) for _ in candidate.asks])

    def _tell(self, node: Node, done: int, rows: int | None = None) -> None:
        event = Event("start" if done == 0 else "step_started", node=node.unique_id, done=done, total=len(STEPS))
        if done == len(STEPS):
            event = replace(event, kind="end", rows=rows)
        else:
            event = replace(event, action=STEPS[done], running=(f"{STEPS[done]} {node.name}",))
        self.progress.on(event)


def _answers(session: Session, subject: Subject, asks: Sequence[exp.Expr]) -> tuple[Any, ...]:
    if not asks:
        return ()
    named = [ask.copy().as_(f"c{at}") for at, ask in enumerate((*asks, exp.Count(this=exp.Star())))]
    query = exp.select(*named).from_(table_of(subject.relation))
    return session.fetch(render_sql(query, subject.dialect)).rows[0]


def _in_order(proposals: Sequence[Proposal], subject: Subject) -> tuple[Proposal, ...]:
    """Those of the table first, then by column as they stand; rules keep their order."""
    places = {column.name: at for at, column in enumerate(subject.columns, 1)}
    return tuple(sorted(proposals, key=lambda each: places.get(each.column, 0)))


def _call(other: Node, node: Node) -> str:
    """How YAML refers to a model."""
    package = f"'{other.package}', " if other.package != node.package else ""
    version = f", v={other.version}" if other.version and not other.is_latest else ""
    return f"ref({package}'{other.name}'{version})"
