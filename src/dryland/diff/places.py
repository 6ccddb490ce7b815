"""Compares what stands in two places, node by node: what is the same build is equal without a look."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from sqlglot import exp
from sqlglot.errors import SqlglotError

from dryland.check.offenders import persons_columns
from dryland.diff.compare import compare
from dryland.diff.difference import Comparison, TableDifference
from dryland.diff.keys import key_of
from dryland.diff.request import DiffRequest
from dryland.diff.side import Side
from dryland.diff.standing import Standing
from dryland.engines.protocol import Engine, Session
from dryland.engines.relation import Column, Relation
from dryland.errors import UnknownNameError, UsageError, WarehouseError
from dryland.plan.order import topological
from dryland.project.project import Project
from dryland.state.records import Build, Profile
from dryland.state.store import State
from dryland.values import dataclass

UNBUILT = "not built yet"


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may say of how tables are compared."""

    key: tuple[str, ...] = ()
    examples_max: int = 3
    buckets: int = 0  # 0 leaves it to us, here and below
    rows_at_once: int = 0
    shifts: bool = True

    def request(self, name: str, dialect: str) -> DiffRequest:
        """The request for one table."""
        made = DiffRequest(
            name, dialect, self.key, examples_max=self.examples_max, rows_at_once=self.rows_at_once, shifts=self.shifts
        )
        return replace(made, buckets=self.buckets) if self.buckets else made


@dataclass(frozen=True, slots=True)
class Places:
    """What is needed to look at builds."""

    project: Project
    engine: Engine
    state: State
    options: Options

    def compare(self, before: Standing, after: Standing, only: Collection[str] | None = None) -> Comparison:
        """Every node of either place, each after what it reads; what left the project comes last."""
        nodes = [*topological(self.project), *sorted({*before.builds, *after.builds} - self.project.nodes.keys())]
        there = [node for node in nodes if node in before.builds or node in after.builds]
        chosen = [node for node in there if only is None or node in only]
        keys = {standing.builds[node] for standing in (before, after) for node in chosen if node in standing.builds}
        known = _Known(self.state.builds(keys), self.state.profiles(keys), {})
        with self.engine.session() as session:
            known = replace(known, columns=self._columns(session, known.builds.values()))
            self._verify_key(known)
            tables = tuple(self._node(session, known, node, before, after) for node in chosen)
        return Comparison(before.label, after.label, tables)

    def compare_tables(self, before: str, after: str) -> Comparison:
        """Two tables of the warehouse by name.

        Raises:
            UnknownNameError: there is no such table.
        """
        relations = (self._relation(before), self._relation(after))
        with self.engine.session() as session:
            columns = session.columns(relations)
            for relation in relations:
                if relation not in columns:
                    raise UnknownNameError(f"there is no table {relation}.", hint="write schema.table.")
            sides = [Side(session, relation, columns[relation]) for relation in relations]
            nodes = [node for relation in relations for node in self._behind(relation)]
            asked = self.options.request(relations[1].name, self.engine.dialect)
            names = [column.name for column in sides[0].columns]
            keys = (key for node in nodes if (key := key_of(self.project, node, names)))
            persons = frozenset().union(*(persons_columns(node, self.project) for node in nodes))
            request = replace(asked, key=asked.key or next(keys, ()), persons=persons)
            return Comparison(before, after, (compare(sides[0], sides[1], request),))

    def _node(self, session: Session, known: _Known, node: str, before: Standing, after: Standing) -> TableDifference:
        name = self.project.name_of(node) if node in self.project.nodes else node.rpartition(".")[2]
        keys = before.builds.get(node), after.builds.get(node)
        if keys[0] is None or keys[1] is None:
            return _one_sided(name, known, keys)
        if settled := _settled(name, known, (keys[0], keys[1]), is_unbuilt=node in after.unbuilt):
            return settled
        relations = [self._stored(known.builds[key]) for key in keys if key]
        if any(relation not in known.columns for relation in relations):
            return TableDifference(name, "unknown", "its table is gone")
        sides = [Side(session, relation, known.columns[relation]) for relation in relations]
        request = self._request(node, name, sides)
        try:
            return compare(sides[0], sides[1], request)
        except WarehouseError as error:
            return TableDifference(name, "unknown", error.message)

    def _request(self, node: str, name: str, sides: list[Side]) -> DiffRequest:
        asked = self.options.request(name, self.engine.dialect)
        both = {column.name.lower() for column in sides[0].columns} & {each.name.lower() for each in sides[1].columns}
        told = asked.key if {name.lower() for name in asked.key} <= both else ()
        return replace(asked, key=told or key_of(self.project, node, both), persons=persons_columns(node, self.project))

    def _verify_key(self, known: _Known) -> None:
        """A key that is told may be that of some tables only; the others have their own."""
        wanted = {name.lower() for name in self.options.key}
        have = [{column.name.lower() for column in columns} for columns in known.columns.values()]
        if have and not any(wanted <= names for names in have):
            raise UnknownNameError(
                f"no table has the key {', '.join(self.options.key)}.",
                hint=f"there are the columns {', '.join(sorted(set().union(*have))[:20])}.",
            )

    def _stored(self, build: Build) -> Relation:
        return Relation(self.engine.database, self.project.settings.store_schema, build.relation)

    def _columns(self, session: Session, builds: Collection[Build]) -> dict[Relation, tuple[Column, ...]]:
        return session.columns(self._stored(build) for build in builds if build.kind != "nothing")

    def _relation(self, text: str) -> Relation:
        try:
            table = exp.to_table(text, dialect=self.engine.dialect)
        except SqlglotError:
            raise UsageError(
                f"`{text}` names no table.", hint="write schema.table, quoted where SQL wants it."
            ) from None
        return Relation(table.catalog or self.engine.database, table.db, table.name)

    def _behind(self, relation: Relation) -> Iterator[str]:
        """The nodes and sources that a name shows, in any environment: what is said of their columns holds for it."""
        named = {uid: each.relation for uid, each in self.project.nodes.items()}
        named |= {uid: each.relation for uid, each in self.project.sources.items()}
        yield from (unique_id for unique_id, each in named.items() if each.folded == relation.folded)
        for environment in self.state.environments().values():
            if environment.live_release is not None:
                for pointer in self.state.pointers(environment.live_release).values():
                    if Relation(*pointer.published).folded == relation.folded:
                        yield pointer.node
        if relation.schema.lower() == self.project.settings.store_schema.lower():
            yield from (build.node for build in self.state.all_builds().values() if build.relation == relation.name)


@dataclass(frozen=True, slots=True)
class _Known:
    builds: Mapping[str, Build]
    profiles: Mapping[str, Profile]
    columns: Mapping[Relation, tuple[Column, ...]]


def _one_sided(name: str, known: _Known, keys: tuple[str | None, str | None]) -> TableDifference:
    profiles = [known.profiles.get(key) if key else None for key in keys]
    rows = [profile.rows if profile else None for profile in profiles]
    status = "added" if keys[0] is None else "removed"
    return TableDifference(name, status, rows_before=rows[0], rows_after=rows[1])  # type: ignore[arg-type]


def _settled(name: str, known: _Known, keys: tuple[str, str], *, is_unbuilt: bool) -> TableDifference | None:
    """What is known without a look, if it is."""
    profiles = [known.profiles.get(key) for key in keys]
    rows = [profile.rows if profile else None for profile in profiles]
    if keys[0] == keys[1]:
        return TableDifference(name, "equal", "the same build", rows_before=rows[0], rows_after=rows[1])
    builds = [known.builds.get(key) for key in keys]
    if builds[1] is None and is_unbuilt:
        return TableDifference(name, "unknown", UNBUILT, rows_before=rows[0])
    if builds[0] is None or builds[1] is None:
        return TableDifference(name, "unknown", "its build is gone", rows_before=rows[0], rows_after=rows[1])
    if "nothing" in (builds[0].kind, builds[1].kind):
        return TableDifference(name, "unknown", "it has no table")
    are_tables = builds[0].kind == builds[1].kind == "table"  # a view shows what is below it now
    if are_tables and profiles[0] and profiles[1] and profiles[0].content_hash == profiles[1].content_hash:
        return TableDifference(name, "equal", "the same content", rows_before=rows[0], rows_after=rows[1])
    return None
