"""Gives plan tests a small world: models in one line each, planned and released without a warehouse."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from dryland.digest import digest
from dryland.engines.relation import Column, Found, Relation
from dryland.plan.growing_columns import as_it_grows
from dryland.plan.key import build_versions
from dryland.plan.make import make_plan
from dryland.plan.meanings import meanings
from dryland.plan.plan import Plan
from dryland.plan.request import Deployed, PlanRequest, Question
from dryland.project.nodes import Check, Node, Place, Rendered, Source
from dryland.project.project import Project, Settings, Warehouse
from dryland.project.uses import Exposure
from dryland.state.records import Build, Pointer

NAME = re.compile(r"\{([\w.]+)\}")


class World:
    """A project that can change, and an environment that follows it. Ids are short: `m.orders`, `s.raw.orders`."""

    def __init__(self, environment: str = "prod", **settings: object) -> None:
        self.nodes: dict[str, Node] = {}
        self.sources: dict[str, Source] = {}
        self.columns: dict[str, tuple[Column, ...]] = {}
        self.checks: dict[str, Check] = {}
        self.exposures: dict[str, Exposure] = {}
        self.hashes: dict[str, str] = {}
        self.settings = Settings(**settings)  # type: ignore[arg-type]
        self.deployed = Deployed(environment)
        self.runs = 0

    # --- what the team writes --------------------------------------------------------------------------------------

    def source(self, name: str, columns: str) -> World:
        """`world.source("raw.orders", "id int, amount double")`"""
        schema, table = name.split(".")
        uid = f"source.{name}"
        place = Place("models/sources.yml", 3)
        self.sources[uid] = Source(uid, schema, table, "p", Relation("db", schema, table), place, ("p", schema, table))
        self.columns[uid] = tuple(Column(*column.split()) for column in columns.split(", "))
        return self

    def model(self, name: str, sql: str, *, incremental: str = "", **more: object) -> World:
        """SQL with `{stg_orders}`, `{raw.orders}` and `{this}`; `more` are fields of the node."""
        uid = f"model.p.{name}"
        node = Node(
            unique_id=uid, kind="model", name=name, package="p", place=Place(f"models/{name}.sql"), language="sql",
            raw=sql, file_hash="", materialized="table", relation=Relation("db", "main", name), fqn=("p", name),
            rendered=self._rendered(sql, uid), template_hash=digest(sql),
            rendered_incremental=self._rendered(incremental, uid) if incremental else None,
        )  # fmt: skip
        self.nodes[uid] = replace(node, **more)  # type: ignore[arg-type]
        return self

    def seed(self, name: str, columns: Mapping[str, str], rows: int = 3) -> World:
        uid = f"seed.p.{name}"
        self.nodes[uid] = Node(
            unique_id=uid, kind="seed", name=name, package="p", place=Place(f"seeds/{name}.csv"), language="csv",
            raw="", file_hash="", materialized="seed", relation=Relation("db", "main", name), fqn=("p", name),
            seed_hashes=columns, seed_rows=rows,
        )  # fmt: skip
        return self

    def remove(self, name: str) -> World:
        del self.nodes[f"model.p.{name}"]
        return self

    def change(self, name: str, **fields: object) -> World:
        self.nodes[f"model.p.{name}"] = replace(self.nodes[f"model.p.{name}"], **fields)  # type: ignore[arg-type]
        return self

    def check(self, name: str, *refs: str, version: str = "1") -> World:
        uid = f"test.p.{name}"
        ids = tuple(self.id_of(ref) for ref in refs)
        place = Place("models/schema.yml", 7)
        self.checks[uid] = Check(uid, name, "unique", "p", place, ("p", name), node=ids[0] if ids else "", refs=ids)
        self.hashes[uid] = digest([name, version])
        return self

    def exposure(self, name: str, *reads: str) -> World:
        uid = f"exposure.p.{name}"
        ids = tuple(self.id_of(read) for read in reads)
        self.exposures[uid] = Exposure(uid, name, "p", Place("models/e.yml"), ("p", name), depends_on=ids)
        return self

    # --- what Dryland does -----------------------------------------------------------------------------------------

    @property
    def project(self) -> Project:
        return Project(
            "p", Path(), Warehouse("duckdb", "db", "main"), dict(self.nodes), dict(self.sources), dict(self.checks),
            dict(self.exposures), settings=self.settings,
        )  # fmt: skip

    def plan(self, verb: str = "apply", *, accepts: bool = False, **request: object) -> Plan:
        if isinstance(only := request.get("only"), str):
            request["only"] = frozenset(self.id_of(name) for name in only.split())
        project = self.project
        tokens = dict.fromkeys(self.sources, "day 1")
        tokens |= {f"source.{name}": token for name, token in request.pop("tokens", {}).items()}  # type: ignore[union-attr]
        known = meanings(project, self.columns, dialect="duckdb", accepts=lambda _: accepts)
        asked = PlanRequest(verb, tokens, source_columns=self.columns, check_hashes=self.hashes, **request)  # type: ignore[arg-type]
        settled = partial(as_it_grows, Question(project, known, self.deployed, asked))
        known = meanings(project, self.columns, dialect="duckdb", accepts=lambda _: accepts, settled=settled)
        return make_plan(project, known, self.deployed, asked)

    def apply(self, verb: str = "apply", **request: object) -> Plan:
        """Plan, and do what the plan says, as the executor and the publisher would."""
        plan = self.plan(verb, **request)
        self.deployed = self.released(plan)
        return plan

    def released(self, plan: Plan) -> Deployed:
        """The environment after this plan."""
        self.runs += 1
        pointers, builds = dict(self.deployed.pointers), dict(self.deployed.builds)
        found = {each.relation: each for each in self.deployed.found}
        effective = dict(plan.source_versions)
        effective |= {node: builds[at.build_key].versions for node, at in pointers.items() if at.build_key in builds}
        for step in plan.steps:
            if step.action == "build":
                target = plan.targets[step.node]
                versions = build_versions(target.meaning, effective, salt=target.salt, base_key=target.base_key)
                builds[step.key] = Build(step.key, step.node, "x", "table", versions, (), run_id=self.runs)
            if step.action in ("build", "reuse"):
                effective[step.node] = builds[step.key].versions
            if step.action == "publish":
                target, relation = plan.targets[step.node], step.relation
                place = (relation.database, relation.schema, relation.name)
                pointers[step.node] = Pointer(step.node, step.key, place, target.code, target.data, target.definition)
                found[relation] = Found(
                    relation, "view", f'CREATE VIEW x AS SELECT * FROM db."dryland_store"."{step.key}"'
                )
            if step.action == "drop":
                del pointers[step.node], found[step.relation]
        definitions = {**self.deployed.definitions, **{each.id: each for each in plan.definitions.values()}}
        return Deployed(self.deployed.environment, pointers, definitions, builds, tuple(found.values()))

    def id_of(self, name: str) -> str:
        return next(
            uid
            for uid in (f"model.p.{name}", f"seed.p.{name}", f"source.{name}")
            if uid in self.nodes or uid in self.sources
        )

    def _rendered(self, sql: str, own: str) -> Rendered:
        relations: dict[str, str] = {}

        def text(found: re.Match[str]) -> str:
            if found[1] == "this":
                relation, uid = f'"db"."main"."{own.rpartition(".")[2]}"', "this"
            elif "." in found[1]:
                schema, table = found[1].split(".")
                relation, uid = f'"db"."{schema}"."{table}"', f"source.{found[1]}"
            else:
                uid = self.id_of(found[1])
                is_inlined = self.nodes[uid].materialized == "ephemeral"
                relation = f"__dbt__cte__{found[1]}" if is_inlined else f'"db"."main"."{found[1]}"'
            relations[relation] = uid
            return relation

        rendered = NAME.sub(text, sql)
        read = [uid for uid in relations.values() if uid != "this"]
        refs = tuple(uid for uid in read if not uid.startswith("source."))
        return Rendered(rendered, relations, refs, tuple(uid for uid in read if uid.startswith("source.")))


@pytest.fixture(scope="session")
def new_world() -> type[World]:
    """The class, to make several worlds in one test."""
    return World


@pytest.fixture
def world() -> World:
    """An empty world."""
    return World()


def shop_world() -> World:
    """Orders and customers: two sources, two staging models, a mart, a board; nothing released."""
    return (
        World()
        .source("raw.orders", "id int, customer int, amount double, note text")
        .source("raw.customers", "id int, name text, country text")
        .model("stg_orders", "select id as order_id, customer, amount, note from {raw.orders}")
        .model("stg_customers", "select id as customer_id, name, country from {raw.customers}")
        .model(
            "revenue",
            "select c.customer_id, c.name, sum(o.amount) as revenue from {stg_customers} c "
            "join {stg_orders} o on o.customer = c.customer_id group by 1, 2",
        )
        .model("big", "select customer_id, revenue from {revenue} where revenue > 20")
        .exposure("board", "big")
        .check("unique_orders", "stg_orders")
        .check("relationship", "stg_orders", "stg_customers")
    )


@pytest.fixture
def shop() -> World:
    """The shop, not released."""
    return shop_world()


@pytest.fixture
def released() -> World:
    """The shop, released to prod."""
    shop = shop_world()
    shop.apply()
    return shop
