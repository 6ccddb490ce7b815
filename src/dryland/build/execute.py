"""Turns a plan into candidates: builds what is missing, reuses what exists, checks all of it.

Nothing here is seen by a reader. A node's key is settled when its inputs are: if it finds in them what went into the
table that readers see, that table stays (early cut-off; see `build.stays`).
A table in the store is complete by construction, so a run that was killed is finished by running it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace

from dryland.build.claiming import Claiming
from dryland.build.examine import Examiner, looks_anywhere
from dryland.build.job import Candidate, Job
from dryland.build.later import Later
from dryland.build.notes import Notes
from dryland.build.obtain import Stock, obtain
from dryland.build.runner import run_graph
from dryland.build.sessions import Sessions
from dryland.build.sparing import Sparing
from dryland.build.task import Ended, Task
from dryland.engines.relation import Relation
from dryland.engines.statement import Remark
from dryland.errors import InterruptedRunError, may_pass
from dryland.project.ephemeral import seen_through
from dryland.project.nodes import Check
from dryland.project.query_comment import comment_on
from dryland.state.records import Build, StepRecord, Verdict
from dryland.timings import timed
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a run has made: how each task ended, the builds, and all verdicts, cached ones included."""

    ended: Mapping[str, Ended]
    builds: Mapping[str, Candidate]
    verdicts: tuple[Verdict, ...]
    steps: tuple[StepRecord, ...]


@timed("build")
def build_candidates(job: Job) -> Candidates:
    """Build and check every node that the plan wants built or taken over.

    Raises:
        InterruptedRunError: a person pressed Ctrl-C.
    """
    wanted = _wanted(job)
    candidates: dict[str, Candidate] = {}
    claiming = Claiming.of(job, candidates)
    claiming.begin()  # before anybody looks at what stands
    known = _known(job)
    sessions = Sessions(job.engine)
    standing = _standing(job) if wanted else frozenset()
    stock = Stock.of(job, known, standing, claiming, candidates, sessions.writing)
    notes = Notes(job.state, claiming.written if claiming.is_needed else None)
    sparing = Sparing(job.engine, sessions)
    try:
        sparing.begin(job, wanted, stock.places)
        examiner = Examiner(job, known, wanted, notes)
        later = Later(examiner, stock, sessions, sparing)
        return _Execution(job, wanted, stock, examiner, sessions, sparing, later).finish()
    finally:
        sparing.end()
        notes.write()
        claiming.end()


def _wanted(job: Job) -> tuple[str, ...]:
    """Nodes to build, and nodes that take over a build made elsewhere."""
    building = dict.fromkeys(job.plan.nodes_to("build"))
    for step in job.plan.steps:
        pointer = job.pointers.get(step.node)
        if step.action == "reuse" and (pointer is None or pointer.build_key != step.key):
            building[step.node] = None
    return tuple(building)


def _known(job: Job) -> dict[str, Build]:
    """The builds that the plan expects to find, and those that the environment shows, by key."""
    return dict(job.state.builds(job.expected_keys | {pointer.build_key for pointer in job.pointers.values()}))


def _standing(job: Job) -> frozenset[Relation]:
    """What exists in the store."""
    store = (job.engine.database, job.project.settings.store_schema)
    return frozenset(found.relation for found in job.engine.list_relations([store]))


@dataclass(frozen=True, slots=True)
class _Execution:
    """One task for each node and for each check that looks at more than one; what came of them."""

    job: Job
    wanted: tuple[str, ...]
    stock: Stock
    examiner: Examiner
    sessions: Sessions
    sparing: Sparing
    later: Later
    verdicts: dict[str, Verdict] = field(default_factory=dict)  # by check; grows

    def finish(self) -> Candidates:
        job = self.job
        ended = run_graph(
            self._tasks(), job.limits, job.progress,
            cancel=job.engine.cancel, meanwhile=self._meanwhile, aside=self.later.tasks,
        )  # fmt: skip
        self.verdicts.update(self._unanswered(ended))
        steps = tuple(self._record(node, ended[node]) for node in self.wanted if node in ended)
        return Candidates(ended, dict(self.stock.candidates), tuple(self.verdicts.values()), steps)

    def _meanwhile(self) -> None:
        """Stop when another took over; let others, who may be waiting, know of builds that are finished."""
        if self.job.state.lost.is_set():
            raise InterruptedRunError("another took over")
        self.sparing.look(self.sessions.longest_s())
        if self.stock.claiming.is_needed:
            self.examiner.notes.write_when_old()

    def _tasks(self) -> dict[str, Task]:
        own, shared = self._checks()
        tasks = {node: self._node_task(node, own.get(node, ()), shared) for node in self.wanted}
        return tasks | {check.unique_id: self._check_task(check) for check in shared}

    def _checks(self) -> tuple[dict[str, tuple[Check, ...]], tuple[Check, ...]]:
        """Checks that look at one wanted node only, by node; and all others the gate needs."""
        wanted = frozenset(self.wanted)
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
        """A node waits for its inputs, for what it only names, and for the checks that let its sources be read."""
        inputs = self.job.plan.targets[node].meaning.inputs
        nodes = self.job.project.nodes
        named = seen_through(nodes[node].depends_on, nodes)  # `-- depends_on: {{ ref('x') }}` is about the order alone
        on_sources = {
            check.unique_id
            for check in shared
            if check.refs and all(ref in self.job.project.sources for ref in check.refs) and inputs & set(check.refs)
        }
        needs = frozenset((*inputs, *named)) | on_sources
        return Task(node, lambda: self._node(node, checks), needs, cancel=self.sessions.cancel_of(node))

    def _check_task(self, check: Check) -> Task:
        on_sources = check.refs and all(ref in self.job.project.sources for ref in check.refs)  # nodes wait for those
        after = frozenset(self.wanted) if looks_anywhere(check) and not on_sources else frozenset()
        return Task(
            check.unique_id, self._check_work(check), frozenset(check.refs), after, "check",
            counts=False, goes_on_after_rejection=True, cancel=self.sessions.cancel_of(check.unique_id),
        )  # fmt: skip

    def _check_work(self, check: Check) -> Callable[[], Ended]:
        def work() -> Ended:
            with self.sessions.of(check.unique_id) as session:
                verdicts = self.examiner.check_together(check, self.stock.candidates, session)
            return self._judged(verdicts)

        return work

    def _node(self, node_id: str, checks: tuple[Check, ...]) -> Ended:
        node = self.job.project.nodes[node_id]
        with self.sessions.of(node_id) as session:
            session.remark = Remark(*comment_on(node, self.job.project))
            candidate = obtain(node, self.stock, session)
            self.stock.claiming.settle(node_id, candidate.build.key)
            rows, profile = session.rows_made(candidate.relation), None
            can_wait = self.later.takes(candidate, checks, rows, session)
            if not can_wait:
                candidate, profile = self.examiner.examine(node, candidate, checks, self.stock.candidates, session)
                rows = profile.rows
        self.sparing.made(rows or 0)
        self.stock.add(node_id, candidate, profile)
        if can_wait:
            self.later.put(candidate, rows or 0)
        ended = self._judged(candidate.verdicts)
        return replace(ended, action="build" if candidate.made else "reuse", rows=rows, value=candidate)

    def _judged(self, verdicts: tuple[Verdict, ...]) -> Ended:
        self.verdicts.update({verdict.check: verdict for verdict in verdicts})
        bad = [verdict for verdict in verdicts if verdict.status in ("fail", "error")]
        if bad:
            return Ended("rejected", f"{len(bad)} of {len(verdicts)} checks said no")
        return Ended("done")

    def _unanswered(self, ended: Mapping[str, Ended]) -> dict[str, Verdict]:
        """A check that could not be asked has not passed, whatever kept it: a time-out, the disk, a lost file."""
        failed = [uid for uid in self.job.plan.checks if uid in ended and ended[uid].status == "failed"]
        return {uid: _unanswered(uid, ended[uid]) for uid in failed}

    def _record(self, node: str, ended: Ended) -> StepRecord:
        candidate = self.stock.candidates.get(node)
        profile = self.stock.comparing.profiles.get(candidate.build.key) if candidate else None
        return StepRecord(
            run_id=self.job.run_id,
            node=node,
            action=ended.action or "build",
            status=ended.status,
            started_at=ended.began or self.job.started_at,
            duration_s=ended.duration_s,
            message=ended.message,
            build_key=candidate.build.key if candidate else "",
            rows=profile.rows if profile else ended.rows,
        )


def _unanswered(check: str, ended: Ended) -> Verdict:
    """What is said of a check that failed to be asked; where the connection was lost, nobody said no."""
    is_unasked = ended.error is not None and may_pass(ended.error)
    return Verdict(check, "", (), "error", 0, ended.message.partition("\n")[0], is_unasked=is_unasked)
