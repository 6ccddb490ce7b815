"""Asks checks of small tables without a project on disk, and notes every statement that is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from dryland.check.hash import check_hash
from dryland.check.request import CheckOutcome, CheckRequest
from dryland.check.run_checks import run_checks
from dryland.engines.protocol import Engine, Session
from dryland.engines.registry import Address, open_engine
from dryland.engines.relation import Relation
from dryland.engines.statement import Rows
from dryland.project.nodes import Check, ColumnDoc, Node, Place, Rendered
from dryland.project.project import Project, Warehouse
from dryland.state.records import Profile, Verdict

STORE = "dryland_store"
ROOT = Path("/nowhere")


def node_id(name: str) -> str:
    return f"model.shop.{name}"


def made(kind: str, column: str = "", *, name: str = "", node: str = "payments", **more: Any) -> Check:
    """A check on a column of `payments`, in the words of a YAML file."""
    arguments = more.pop("arguments", {})
    refs = (node_id(node),)
    if "to" in arguments:
        arguments = {**arguments, "to": node_id(arguments["to"]), "to_name": arguments["to"]}
        refs += (arguments["to"],)
    title = name or f"{kind}_{column}"
    rendered = more.pop("rendered", None)
    if rendered is not None:
        relations = {f'"w"."main"."{each}"': node_id(each) for each in ("payments", "people")}
        rendered = Rendered(rendered, {text: uid for text, uid in relations.items() if text in rendered})
        refs = tuple(rendered.relations.values())
    return Check(
        f"test.shop.{title}", title, kind, "shop", Place("models/shop.yml", 7), ("shop", title),
        node=node_id(node) if kind != "singular" else "", column=column, arguments=arguments, refs=refs,
        rendered=rendered, **more,
    )  # fmt: skip


@dataclass
class Listening:
    """A session that notes what it is asked."""

    session: Session
    asked: list[str] = field(default_factory=list)

    def fetch(self, sql: str, *, rows_max: int | None = None) -> Rows:
        self.asked.append(sql)
        return self.session.fetch(sql, rows_max=rows_max)

    def execute(self, sql: str) -> int:
        self.asked.append(sql)
        return self.session.execute(sql)

    def create_table_as(self, target: Relation, query: str) -> None:
        self.asked.append(f"CREATE {target}")
        self.session.create_table_as(target, query)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)


class Asking:
    """Answers, and remembers what was asked."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.asked: list[str] = []

    def fetch(self, sql: str) -> Rows:
        self.asked.append(sql)
        rows = self.connection.execute(sql).fetchall()
        return Rows(tuple(each[0] for each in self.connection.description or ()), tuple(rows))

    def rows_made(self, target: Relation) -> int | None:
        """It made none."""
        return None


@dataclass
class Shop:
    """A warehouse in memory with tables of models."""

    engine: Engine
    persons: Mapping[str, Sequence[str]] = field(default_factory=dict)  # model -> columns with `pii: true`
    statements: list[str] = field(default_factory=list)
    history: tuple[Profile, ...] = ()  # of builds of payments that came before

    def table(self, query: str, name: str = "payments") -> Relation:
        relation = Relation(self.engine.database, STORE, f"{name}__0123456789abcdef")
        with self.engine.session() as session:
            session.create_schema([(relation.database, relation.schema)])
            session.create_table_as(relation, query)
        return relation

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        with self.engine.session() as session:
            return list(session.fetch(query).rows)

    def check(
        self,
        *checks: Check,
        profile: bool = False,
        cached: Mapping[str, Verdict] | None = None,
        build: str = "k",
        environment: str = "",
    ) -> CheckOutcome:
        """Run checks on what stands in the store; `statements` tells what that took."""
        with self.engine.session() as session:
            return self.check_in(session, *checks, profile=profile, cached=cached, build=build, environment=environment)

    def check_in(
        self,
        session: Session,
        *checks: Check,
        profile: bool = False,
        cached: Mapping[str, Verdict] | None = None,
        build: str = "k",
        environment: str = "",
    ) -> CheckOutcome:
        found = self.engine.list_relations([(self.engine.database, STORE)])
        relations = {node_id(each.relation.name.split("__")[0]): each.relation for each in found}
        columns = self.engine.columns(relations.values())
        project = self._project(relations, checks)
        request = CheckRequest(
            project, self.engine, checks, relations, {uid: f"{build}.{uid}" for uid in relations},
            {uid: columns[relation] for uid, relation in relations.items()},
            {check.unique_id: check_hash(check, project, self.engine.dialect) for check in checks},
            cached or {}, node_id("payments") if profile else "", environment,
            frozenset(node_id(each.relation.name.split("__")[0]) for each in found if each.kind == "table"),
            history={node_id("payments"): self.history},
        )  # fmt: skip
        listening = Listening(session)
        try:
            return run_checks(listening, request)
        finally:
            self.statements = listening.asked

    def verdict(self, check: Check, **more: Any) -> Verdict:
        return self.check(check, **more).verdicts[0]

    def _project(self, relations: Mapping[str, Relation], checks: Sequence[Check]) -> Project:
        nodes = {}
        for uid in relations:
            name = uid.rpartition(".")[2]
            persons = tuple(ColumnDoc(column, meta={"pii": True}) for column in self.persons.get(name, ()))
            nodes[uid] = Node(
                uid, "model", name, "shop", Place(f"models/{name}.sql"), "sql", "", "", "table",
                Relation(self.engine.database, "main", name), ("shop", name), columns=persons,
            )  # fmt: skip
        warehouse = Warehouse(self.engine.name, self.engine.database, "main")
        return Project("shop", ROOT, warehouse, nodes, {}, {check.unique_id: check for check in checks})


@contextmanager
def open_shop(settings: Mapping[str, Any] | None = None) -> Iterator[Shop]:
    """An empty shop; in DuckDB's memory, unless `settings` say where."""
    given = settings or {"type": "duckdb"}
    engine = open_engine(given["type"], Address(given, given.get("dbname", "memory"), ROOT, STORE))
    try:
        yield Shop(engine)
    finally:
        engine.close()


def changed(check: Check, **more: Any) -> Check:
    return replace(check, **more)
