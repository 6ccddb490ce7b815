"""Obtains one node's build, once its inputs are settled: finds the one with its key, or makes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import field, replace
from typing import Literal

from dryland.build.claiming import Claiming
from dryland.build.comparing import Comparing
from dryland.build.compose import request_for
from dryland.build.custom import build_custom
from dryland.build.earlier_reading import EarlierReading
from dryland.build.hook import Hook
from dryland.build.job import Candidate, Job, relation_of, store_relation
from dryland.build.materialisations import MATERIALISATIONS, materialisation
from dryland.build.request import BuildRequest
from dryland.build.stays import is_still, staying
from dryland.build.storage import storage_of
from dryland.build.written import written
from dryland.engines.protocol import Session
from dryland.engines.relation import Relation, Storage
from dryland.errors import ProjectError, QueryError
from dryland.plan.compose import asks
from dryland.plan.key import build_key
from dryland.plan.target_versions import versions_of
from dryland.project.contracts import has_contract
from dryland.project.nodes import Node
from dryland.state.records import Build, Profile, Versions
from dryland.timings import timed
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Stock:
    """What a node can be made from: builds that stood before the run, and candidates as they come out."""

    job: Job
    known: Mapping[str, Build]  # by key
    standing: frozenset[Relation]  # what exists in the store
    comparing: Comparing
    claiming: Claiming
    looked_up: frozenset[str] = frozenset()  # keys that were asked for: those that are not among the known are new
    foreseen: Mapping[str, Versions] = field(default_factory=dict)  # of sources and of what the plan builds
    candidates: dict[str, Candidate] = field(default_factory=dict)  # by node; the run adds to them
    places: dict[str, Relation] = field(default_factory=dict)  # where every source and every built node is
    writing: Callable[[], AbstractContextManager[None]] = nullcontext  # within it, a table may be made
    began: float = field(default_factory=time.monotonic)  # when the run began to build

    @staticmethod
    def of(
        job: Job, known: Mapping[str, Build], standing: frozenset[Relation], claiming: Claiming,
        candidates: dict[str, Candidate], writing: Callable[[], AbstractContextManager[None]],
    ) -> Stock:  # fmt: skip
        """What there is before the run."""
        places = {unique_id: source.relation for unique_id, source in job.project.sources.items()}
        for node_id, pointer in job.pointers.items():
            if pointer.build_key in known and node_id in job.plan.targets:  # not what is gone or ephemeral by now
                places[node_id] = relation_of(job, known[pointer.build_key])
        comparing = Comparing(job, EarlierReading(job, known), standing)
        foreseen = dict(job.plan.source_versions)
        foreseen.update((node_id, job.plan.targets[node_id].data) for node_id in job.plan.nodes_to("build"))
        return Stock(
            job, known, standing, comparing, claiming, job.expected_keys, foreseen, candidates, places, writing
        )

    def add(self, node_id: str, candidate: Candidate, profile: Profile | None = None) -> None:
        """Put a candidate, and what was measured of it, where those that read its node find it."""
        if profile is not None:
            self.comparing.profiles[candidate.build.key] = profile
        self.candidates[node_id] = candidate
        self.places[node_id] = candidate.relation

    def build_of(self, node_id: str) -> Build:
        """The build that this run's readers of the node read."""
        if node_id in self.candidates:
            return self.candidates[node_id].build
        return self.known[self.job.pointers[node_id].build_key]

    def versions_of(self, unique_id: str) -> Versions:
        """What readers of a node or source depend on."""
        if unique_id in self.job.plan.source_versions:
            return self.job.plan.source_versions[unique_id]
        return self.build_of(unique_id).versions

    def standing_build(self, key: str) -> Build | None:
        """The build with this key, when its table is there."""
        build = self.known.get(key)
        if build is None and key not in self.looked_up:
            build = self.job.state.builds([key]).get(key)
        if build is None or build.kind == "nothing":
            return build
        return build if relation_of(self.job, build) in self.standing else None

    def made_elsewhere(self, node: str, key: str) -> Build | None:
        """The build with this key, when another run made it meanwhile; from here on no other makes it.

        Raises:
            NotYetError: another run is making it now.
        """
        return self.claiming.claim(node, key)

    def stands(self, relation: Relation, key: str, session: Session) -> bool:
        """Whether there is a whole table or view; what the plan did not expect may have gone since the run began."""
        if relation not in self.standing or not self.claiming.is_needed or key in self.looked_up:
            return relation in self.standing
        return bool(session.columns([relation]))

    @contextmanager
    def given_up_unless_made(self, key: str) -> Iterator[None]:
        """What cannot be made here is left to others."""
        try:
            yield
        except BaseException:
            self.claiming.give_up(key)
            raise

    def relations(self) -> dict[str, Relation]:
        """Where every source and every built node is, for this run."""
        return self.places.copy()  # other threads go on adding to it


@timed("build")
def obtain(node: Node, stock: Stock, session: Session) -> Candidate:
    """The build of a node whose inputs are settled; it is made only when no table stands that is what it would be.

    Raises:
        QueryError: the warehouse refused its SQL; carries its file.
        ProjectError: the model asks for something that cannot be; carries its file.
        NotYetError: somebody else is making it now.
    """
    job = stock.job
    base = _base(node, stock)
    relations = stock.relations()
    sql = written(job, node, base, relations) if asks(node, job.project) else None
    versions = _versions(node, stock, base, sql.salt if sql else "")
    key = build_key(node, versions, job.plan.targets[node.unique_id].config_hash, base.key if base else "")
    build = stock.standing_build(key) or staying(node, stock, session, sql.salt if sql else "")
    build = build or stock.made_elsewhere(node.unique_id, key)
    if build is not None:
        return Candidate(build, made=False, relation=relation_of(job, build))
    relation = store_relation(job, node.relation.name, key)
    request = request_for(job, node, relation, base, relations, sql)
    made = not stock.stands(relation, key, session)  # a killed run may have finished it without telling
    began = time.monotonic()
    if made:
        with stock.given_up_unless_made(key), stock.writing():
            began = time.monotonic()  # who waits to write is not at work
            _make(request, session)
    build = _build(request, stock, key, versions, session)
    build = replace(build, is_outside=bool(sql and sql.is_outside))
    if made:
        took = time.monotonic() - began
        build = replace(build, run_id=job.run_id, began_s=began - stock.began, duration_s=took)
    if is_still(node, build, stock):
        build = replace(build, is_still=True)
    return Candidate(build, made, relation)


def _base(node: Node, stock: Stock) -> Build | None:
    """The generation that the plan grows it from."""
    key = stock.job.plan.targets[node.unique_id].base_key
    return stock.standing_build(key) if key else None


def _versions(node: Node, stock: Stock, base: Build | None, asked: str) -> Versions:
    """As the plan computes them, so that its keys are found again; `asked` stands for what only the build knows."""
    target = stock.job.plan.targets[node.unique_id]
    inputs = {unique_id: stock.versions_of(unique_id) for unique_id in target.meaning.inputs}
    return versions_of(target, inputs, stock.foreseen, base_key=base.key if base else "", asked=asked)


def _make(request: BuildRequest, session: Session) -> None:
    place = request.node.place
    try:
        _run(request.pre_hooks, request, session, in_transaction=False)
        with nullcontext() if session.makes_at_once and _is_one_statement(request) else session.transaction():
            _materialise(request, session)
        _run_after(request, session)
    except (QueryError, ProjectError) as error:
        error.path = error.path or place.path
        raise


def _is_one_statement(request: BuildRequest) -> bool:
    """Whether all that is done is to make a table or a view of a query: no transaction has to hold that together."""
    hooks = (*request.pre_hooks, *request.post_hooks)
    if request.base or request.header or any(hook.in_transaction for hook in hooks) or has_contract(request.node):
        return False
    return request.node.language == "sql" and (request.pinned or materialisation(request.node) in ("table", "view"))


def _materialise(request: BuildRequest, session: Session) -> None:
    session.storage = storage_of(request.node, request.dialect)
    try:
        _materialised(request, session)
    finally:
        session.storage = Storage()


def _materialised(request: BuildRequest, session: Session) -> None:
    if request.node.materialization_macro:
        build_custom(request, session)  # runs its hooks itself
        return
    if request.base:
        session.clone_table(request.base, request.target)  # hooks and query see it as `this`
    _run(request.pre_hooks, request, session)
    if request.header:
        session.execute(request.header)
    how = "table" if request.pinned else materialisation(request.node)
    MATERIALISATIONS[how](request, session)
    if how not in ("view", "external"):
        session.finish(request.target)
    _run(request.post_hooks, request, session)


def _run(hooks: tuple[Hook, ...], request: BuildRequest, session: Session, *, in_transaction: bool = True) -> None:
    """Those of the hooks that run at this point; a materialization of the project's own runs its hooks itself."""
    for hook in hooks if not request.node.materialization_macro else ():
        if hook.in_transaction == in_transaction:
            hook.run(session)


def _run_after(request: BuildRequest, session: Session) -> None:
    """Hooks that run after the commit; what one of them failed for must not be taken for finished."""
    try:
        _run(request.post_hooks, request, session, in_transaction=False)
    except (QueryError, ProjectError):
        store = (request.target.database, request.target.schema)
        standing = [each for each in session.list_relations([store]) if each.relation == request.target]
        session.drop((each.relation, each.kind) for each in standing)
        raise


def _build(request: BuildRequest, stock: Stock, key: str, versions: Versions, session: Session) -> Build:
    """What is remembered of the table or view that stands at the request's target now."""
    job, node, relation = stock.job, request.node, request.target
    columns = session.columns([relation]).get(relation, ())
    return Build(
        key=key,
        node=node.unique_id,
        relation=relation.name,
        kind=_kind(request, job) if columns else "nothing",
        versions=versions,
        columns=tuple((column.name, column.type) for column in columns),
        inputs=tuple(stock.build_of(each).key for each in sorted(request.inputs) if each in job.project.nodes),
        created_at=job.started_at,
    )


def _kind(request: BuildRequest, job: Job) -> Literal["table", "view"]:
    """What stands there; a materialization of the project's own may make either."""
    if request.node.materialization_macro:
        listed = job.engine.list_relations([(request.target.database, request.target.schema)])
        return next(found.kind for found in listed if found.relation == request.target)
    return "view" if materialisation(request.node) == "view" and not request.pinned else "table"
