"""Looks at a candidate: one scan for its profile and its checks, and samples of what failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from dryland.build.earlier import before, earlier_profiles
from dryland.build.job import Candidate, Job, relation_of
from dryland.build.notes import Notes
from dryland.check.emptied import emptied
from dryland.check.hash import check_hash
from dryland.check.offenders import persons_columns
from dryland.check.run_checks import CheckRequest, run_checks
from dryland.check.scanning.many import scan_many
from dryland.check.scanning.scan import ScanRequest
from dryland.digest import digest
from dryland.engines.protocol import Session
from dryland.engines.relation import Column, Relation
from dryland.project.nodes import Check, Node
from dryland.state.records import Build, Profile, Verdict
from dryland.timings import timed


class Examiner:
    """Knows what was seen before, so that nothing is looked at twice."""

    def __init__(self, job: Job, known: Mapping[str, Build], wanted: Iterable[str], notes: Notes) -> None:
        self._job = job
        self.notes = notes
        self._known = known
        project, dialect = job.project, job.engine.dialect
        self._hashes = {uid: check_hash(project.checks[uid], project, dialect) for uid in job.plan.checks}
        self._profiles = dict(job.state.profiles(_looked_at(job, frozenset(wanted)) & known.keys()))
        self._cached = job.state.verdicts(self._expected_ids())
        asked = (project.checks[uid] for uid in job.plan.checks)
        self._earlier = earlier_profiles(
            asked, job.state, job.plan.environment, project.settings.default_environment
        )  # fmt: skip

    @timed("check")
    def examine(
        self,
        node: Node,
        candidate: Candidate,
        checks: tuple[Check, ...],
        candidates: Mapping[str, Candidate],
        session: Session,
    ) -> tuple[Candidate, Profile]:
        """Profile and check one candidate; remember all of it."""
        build = candidate.build
        profile = self._profiles.get(build.key) or self._remembered(candidate)
        if build.kind == "nothing":
            profile = Profile(0, build.kind)
        request = self._request(
            checks,
            {node.unique_id: candidate.relation},
            {node.unique_id: build.key},
            {node.unique_id: _columns(build)},
            candidates,
            profile_of="" if profile else node.unique_id,
            stored=frozenset({node.unique_id} if build.kind == "table" else ()),
        )
        outcome = run_checks(session, request)
        profile = outcome.profile or profile
        assert profile is not None, f"no profile of {node.unique_id}"
        shown = self._before(node.unique_id)
        verdicts = outcome.verdicts
        if shown and build.key != shown[0].key and (verdict := emptied(node, build.key, profile, shown[1])):
            verdicts = (*verdicts, verdict)
        self.notes.note(build, profile, verdicts)
        return replace(candidate, verdicts=verdicts), profile

    def knows(self, key: str) -> bool:
        """Whether a build was measured before."""
        return key in self._profiles

    @timed("check")
    def profiles(self, candidates: Sequence[Candidate], session: Session) -> tuple[Profile, ...]:
        """Profile several candidates of which nothing else is asked; remember all of it.

        Raises:
            WarehouseError: one of them cannot be read.
        """
        found = scan_many(session, [self._scan_request(each) for each in candidates], self._job.engine.dialect)
        for candidate, profile in zip(candidates, found, strict=True):
            self.notes.note(candidate.build, profile, ())
        return found

    def _scan_request(self, candidate: Candidate) -> ScanRequest:
        columns = _columns(candidate.build)
        persons = persons_columns(candidate.build.node, self._job.project, [column.name for column in columns])
        return ScanRequest(candidate.relation, columns, persons=persons)

    @timed("check")
    def check_together(
        self, check: Check, candidates: Mapping[str, Candidate], session: Session
    ) -> tuple[Verdict, ...]:
        """Run a check that looks at several relations, at a source, or at a build that did not change."""
        relations: dict[str, Relation] = {}
        keys: dict[str, str] = {}
        columns: dict[str, tuple[Column, ...]] = {}
        for ref in check.refs:
            if ref in self._job.project.sources:
                relations[ref] = self._job.project.sources[ref].relation
                keys[ref] = self._source_key(ref)
                columns[ref] = tuple(self._job.source_columns.get(ref, ()))
            elif build := self._build(ref, candidates):
                relations[ref], keys[ref], columns[ref] = relation_of(self._job, build), build.key, _columns(build)
            else:
                return ()  # it reads a node that this environment does not have
        outcome = run_checks(session, self._request((check,), relations, keys, columns, candidates))
        self.notes.note_verdicts(outcome.verdicts)
        return outcome.verdicts

    def _all(self, candidates: Mapping[str, Candidate]) -> dict[str, Relation]:
        builds = ((node, self._build(node, candidates)) for node in self._job.project.nodes)
        return {node: relation_of(self._job, build) for node, build in builds if build is not None}

    def _request(
        self,
        checks: tuple[Check, ...],
        relations: Mapping[str, Relation],
        keys: Mapping[str, str],
        columns: Mapping[str, tuple[Column, ...]],
        candidates: Mapping[str, Candidate],
        profile_of: str = "",
        stored: frozenset[str] = frozenset(),
    ) -> CheckRequest:
        asks = any(check.rendered is not None and check.rendered.needs_warehouse for check in checks)
        return CheckRequest(
            project=self._job.project,
            engine=self._job.engine,
            checks=checks,
            relations=relations,
            builds=keys,
            columns=columns,
            hashes=self._hashes,
            cached=self._cached,
            profile_of=profile_of,
            environment=self._job.plan.environment,
            stored=stored,
            around=self._all(candidates) if asks else {},
            history=before(self._earlier, keys),
        )

    def _build(self, node: str, candidates: Mapping[str, Candidate]) -> Build | None:
        if node in candidates:
            return candidates[node].build
        pointer = self._job.pointers.get(node)
        return self._known.get(pointer.build_key) if pointer else None

    def _remembered(self, candidate: Candidate) -> Profile | None:
        """What was measured of a build that the plan did not foresee: of a view that is what it showed at that time."""
        key = candidate.build.key
        return None if candidate.made else self._job.state.profiles([key]).get(key)

    def _before(self, node: str) -> tuple[Build, Profile] | None:
        """What readers see of this node now."""
        pointer = self._job.pointers.get(node)
        if pointer is None or pointer.build_key not in self._known or pointer.build_key not in self._profiles:
            return None
        return self._known[pointer.build_key], self._profiles[pointer.build_key]

    def _source_key(self, source: str) -> str:
        versions = self._job.plan.source_versions.get(source)
        return versions.whole if versions else source

    def _expected_ids(self) -> Iterable[str]:
        """Where verdicts would be cached, if every node came out with the key the plan expects."""
        keys = {node: pointer.build_key for node, pointer in self._job.pointers.items()}
        keys.update({step.node: step.key for step in self._job.plan.steps if step.key})
        for unique_id, hashed in self._hashes.items():
            refs = self._job.project.checks[unique_id].refs
            builds = [keys.get(ref) or self._source_key(ref) for ref in refs]
            yield digest([hashed, builds])


def _looked_at(job: Job, wanted: frozenset[str]) -> frozenset[str]:
    """Keys of the builds that these nodes are expected to come to, and of those that readers see of them now."""
    expected = {step.key for step in job.plan.steps if step.key and step.node in wanted}
    return frozenset(expected | {job.pointers[node].build_key for node in wanted & job.pointers.keys()})


def _columns(build: Build) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name, kind in build.columns)


def looks_anywhere(check: Check) -> bool:
    """Whether a check may ask for what it does not refer to: then it looks when all is there that will be."""
    return check.rendered is not None and check.rendered.needs_warehouse
