"""Turns a plan into candidates: builds what is missing, reuses what exists, checks all of it.

Nothing here is seen by a reader. A node's key is settled when its inputs are: if an input came out with the
same content as before, it keeps its old versions, and what reads it finds its own old build by key (early cut-off).
A table in the store is complete by construction, so a run that was killed is finished by running it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from dryland.build.compose import request_for
from dryland.build.examine import Examiner
from dryland.build.job import Candidate, Job, relation_of, store_relation
from dryland.build.materialisations import MATERIALISATIONS, materialisation
from dryland.build.request import BuildRequest
from dryland.build.runner import Ended, Task, run_graph
from dryland.build.sessions import Sessions
from dryland.engines.protocol import Session
from dryland.engines.relation import Relation
from dryland.errors import ProjectError, QueryError
from dryland.plan.key import build_key, build_versions
from dryland.project.nodes import Check, Node
from dryland.state.records import Build, StepRecord, Verdict, Versions


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a run has made: how each task ended, the builds, and all verdicts, cached ones included."""

    ended: Mapping[str, Ended]
    builds: Mapping[str, Candidate]
    verdicts: tuple[Verdict, ...]
    steps: tuple[StepRecord, ...]


def build_candidates(job: Job) -> Candidates:
    """Build and check every node that the plan wants built or taken over.

    Raises:
        InterruptedRunError: a person pressed Ctrl-C.
    """
    return _Execution(job).finish()


@dataclass
class _Execution:
    job: Job
    known: dict[str, Build] = field(default_factory=dict)  # by key
    standing: frozenset[Relation] = frozenset()  # what exists in the store
    candidates: dict[str, Candidate] = field(default_factory=dict)  # by node
    verdicts: dict[str, Verdict] = field(default_factory=dict)  # by check

    def finish(self) -> Candidates:
        job = self.job
        wanted = self._wanted()
        self.known = dict(job.state.builds(self._keys(wanted)))
        store = (job.engine.database, job.project.settings.store_schema)
        self.standing = (
            frozenset(found.relation for found in job.engine.list_relations([store])) if wanted else frozenset()
        )
        self.examiner = Examiner(job, self.known)
        self.sessions = Sessions(job.engine)
        ended = run_graph(self._tasks(wanted), job.limits, job.progress, cancel=job.engine.cancel)
        steps = tuple(self._record(node, ended[node]) for node in wanted if node in ended)
        return Candidates(ended, dict(self.candidates), tuple(self.verdicts.values()), steps)

    def _wanted(self) -> tuple[str, ...]:
        """Nodes to build, and nodes that take over a build made elsewhere."""
        plan = self.job.plan
        building = dict.fromkeys(plan.nodes_to("build"))
        for step in plan.steps:
            pointer = self.job.pointers.get(step.node)
            if step.action == "reuse" and (pointer is None or pointer.build_key != step.key):
                building[step.node] = None
        return tuple(building)

    def _keys(self, wanted: Iterable[str]) -> set[str]:
        expected = {step.key for step in self.job.plan.steps if step.key}
        return expected | {pointer.build_key for pointer in self.job.pointers.values()}

    def _tasks(self, wanted: tuple[str, ...]) -> dict[str, Task]:
        own, shared = self._checks(frozenset(wanted))
        tasks = {node: self._node_task(node, own.get(node, ()), shared) for node in wanted}
        for check in shared:
            needs = frozenset(check.refs) & frozenset(wanted)
            work = self._check_work(check)
            tasks[check.unique_id] = Task(
                check.unique_id, work, needs, "check", counts=False, goes_on_after_rejection=True,
                cancel=self.sessions.cancel_of(check.unique_id),
            )  # fmt: skip
        return tasks

    def _checks(self, wanted: frozenset[str]) -> tuple[dict[str, tuple[Check, ...]], tuple[Check, ...]]:
        """Checks that look at one wanted node only, by node; and all others the gate needs."""
        own: dict[str, list[Check]] = {}
        shared: list[Check] = []
        for unique_id in self.job.plan.checks:
            check = self.job.project.checks[unique_id]
            if len(check.refs) == 1 and check.refs[0] in wanted:
                own.setdefault(check.refs[0], []).append(check)
            else:
                shared.append(check)
        return {node: tuple(checks) for node, checks in own.items()}, tuple(shared)

    def _node_task(self, node: str, checks: tuple[Check, ...], shared: Iterable[Check]) -> Task:
        inputs = self.job.plan.targets[node].meaning.inputs
        on_sources = {
            check.unique_id
            for check in shared
            if check.refs and all(ref in self.job.project.sources for ref in check.refs) and inputs & set(check.refs)
        }
        needs = frozenset(inputs) | on_sources
        return Task(node, lambda: self._node(node, checks), needs, cancel=self.sessions.cancel_of(node))

    def _check_work(self, check: Check) -> Callable[[], Ended]:
        def work() -> Ended:
            with self.sessions.of(check.unique_id) as session:
                verdicts = self.examiner.check_together(check, self.candidates, session)
            return self._judged(verdicts)

        return work

    def _node(self, node_id: str, checks: tuple[Check, ...]) -> Ended:
        node = self.job.project.nodes[node_id]
        base = self._base(node)
        base_key = base.key if base else ""
        versions = self._versions(node_id, base_key)
        key = build_key(node, versions, self.job.plan.targets[node_id].config_hash, base_key)
        with self.sessions.of(node_id) as session:
            candidate = self._obtain(node, key, versions, base, session)
            candidate, profile = self.examiner.examine(node, candidate, checks, session)
        self.candidates[node_id] = candidate
        ended = self._judged(candidate.verdicts)
        return replace(ended, action="build" if candidate.made else "reuse", rows=profile.rows, value=candidate)

    def _versions(self, node_id: str, base_key: str) -> Versions:
        """As the plan computes them, so that its keys are found again."""
        target = self.job.plan.targets[node_id]
        inputs = {unique_id: self._input_versions(unique_id) for unique_id in target.meaning.inputs}
        return build_versions(target.meaning, inputs, salt=target.salt, base_key=base_key)

    def _input_versions(self, unique_id: str) -> Versions:
        if unique_id in self.job.plan.source_versions:
            return self.job.plan.source_versions[unique_id]
        return self._build_of(unique_id).versions

    def _build_of(self, node_id: str) -> Build:
        if node_id in self.candidates:
            return self.candidates[node_id].build
        return self.known[self.job.pointers[node_id].build_key]

    def _base(self, node: Node) -> Build | None:
        """The generation an incremental build starts from."""
        pointer = self.job.pointers.get(node.unique_id)
        refresh = node.config.get("full_refresh")
        from_nothing = self.job.full_refresh if refresh is None else bool(refresh)
        if node.materialized != "incremental" or pointer is None or from_nothing:
            return None
        base = self.known.get(pointer.build_key)
        return base if base and base.kind == "table" else None

    def _obtain(self, node: Node, key: str, versions: Versions, base: Build | None, session: Session) -> Candidate:
        build = self.known.get(key) or self.job.state.builds([key]).get(key)
        if build is not None and relation_of(self.job, build) in self.standing:
            return Candidate(build, made=False, relation=relation_of(self.job, build))
        relation = store_relation(self.job, node.relation.name, key)
        request = request_for(self.job, node, relation, base, self._relations())
        made = relation not in self.standing  # a killed run may have finished it without telling
        if made:
            self._make(node, request, session)
        build = Build(
            key=key,
            node=node.unique_id,
            relation=relation.name,
            kind="view" if materialisation(node) == "view" and not request.pinned else "table",
            versions=versions,
            columns=tuple((c.name, c.type) for c in self.job.engine.columns([relation])[relation]),
            inputs=tuple(self._build_of(i).key for i in sorted(request.inputs) if i in self.job.project.nodes),
            created_at=self.job.started_at,
            run_id=self.job.run_id,
        )
        return Candidate(build, made, relation)

    def _make(self, node: Node, request: BuildRequest, session: Session) -> None:
        materialise = MATERIALISATIONS["table" if request.pinned else materialisation(node)]
        try:
            with session.transaction():
                if request.base:
                    session.clone_table(request.base, request.target)  # hooks and query see it as `this`
                for hook in request.pre_hooks:
                    session.execute(hook)
                materialise(request, session)
                for hook in request.post_hooks:
                    session.execute(hook)
        except QueryError as error:
            raise QueryError(
                error.message, sql=error.sql, transient=error.transient, hint=error.hint, path=node.place.path
            ) from error
        except ProjectError as error:
            error.path = error.path or node.place.path
            raise

    def _relations(self) -> dict[str, Relation]:
        """Where every source and every built node is, for this run."""
        job = self.job
        relations = {unique_id: source.relation for unique_id, source in job.project.sources.items()}
        for node_id, pointer in job.pointers.items():
            if pointer.build_key in self.known and node_id in job.plan.targets:  # not what is gone or ephemeral by now
                relations[node_id] = relation_of(job, self.known[pointer.build_key])
        relations.update({node_id: candidate.relation for node_id, candidate in self.candidates.items()})
        return relations

    def _judged(self, verdicts: Iterable[Verdict]) -> Ended:
        verdicts = tuple(verdicts)
        self.verdicts.update({verdict.check: verdict for verdict in verdicts})
        bad = [verdict for verdict in verdicts if verdict.status in ("fail", "error")]
        if bad:
            return Ended("rejected", f"{len(bad)} of {len(verdicts)} checks said no")
        return Ended("done")

    def _record(self, node: str, ended: Ended) -> StepRecord:
        candidate = self.candidates.get(node)
        return StepRecord(
            run_id=self.job.run_id,
            node=node,
            action=ended.action or "build",
            status=ended.status,
            started_at=self.job.started_at,
            duration_s=ended.duration_s,
            message=ended.message,
            build_key=candidate.build.key if candidate else "",
            rows=ended.rows,
        )
