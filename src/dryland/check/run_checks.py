"""Runs the checks of one node, or one check over several: as few queries as possible, and none twice."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlglot import exp

from dryland.check.hash import is_time_dependent
from dryland.check.kinds.catalogue import KINDS, is_fused
from dryland.check.own_query import failing_rows_query, own_query
from dryland.check.scan import ScanRequest, ScanResult, plain, scan, table_of
from dryland.check.threshold import exceeds
from dryland.engines.protocol import Engine, Session
from dryland.engines.relation import Column, Relation
from dryland.errors import QueryError
from dryland.project.nodes import Check, Project
from dryland.state.records import Profile, Verdict, VerdictStatus, digest

SAMPLE_ROWS = 20
MASK = "***"


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """Checks, and where everything they read is."""

    project: Project
    engine: Engine
    checks: tuple[Check, ...]
    relations: Mapping[str, Relation]  # unique id -> what to look at
    builds: Mapping[str, str]  # unique id -> key of that build
    columns: Mapping[str, tuple[Column, ...]]
    hashes: Mapping[str, str]  # check -> hash of its definition
    cached: Mapping[str, Verdict] = field(default_factory=dict)  # by verdict id
    profile_of: str = ""  # the node to profile in the same scan


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What the checks said."""

    verdicts: tuple[Verdict, ...]
    profile: Profile | None = None


def run_checks(session: Session, request: CheckRequest) -> CheckOutcome:
    """Answer from the cache what can be, from one scan what shares it, the rest one by one."""
    return _Checking(session, request).outcome()


@dataclass
class _Checking:
    session: Session
    request: CheckRequest

    def outcome(self) -> CheckOutcome:
        cached = {check.unique_id: verdict for check in self.request.checks if (verdict := self._remembered(check))}
        open_checks = [check for check in self.request.checks if check.unique_id not in cached]
        refused = {check.unique_id: problem for check in open_checks if (problem := self._missing_column(check))}
        asked = [check for check in open_checks if check.unique_id not in refused]
        fused = tuple(check for check in asked if is_fused(check))
        verdicts, profile = self._scanned(fused)
        verdicts |= {check.unique_id: self._guarded(check, self._asked_alone) for check in asked if not is_fused(check)}
        verdicts |= {
            uid: self._verdict(self.request.project.checks[uid], "error", 0, why) for uid, why in refused.items()
        }
        verdicts |= cached
        return CheckOutcome(tuple(verdicts[check.unique_id] for check in self.request.checks), profile)

    def _remembered(self, check: Check) -> Verdict | None:
        found = self.request.cached.get(digest([self.request.hashes[check.unique_id], list(self._builds(check))]))
        if found is None or found.status == "error" or is_time_dependent(check, self.request.engine.dialect):
            return None
        return replace(found, cached=True, check=check.unique_id)

    def _scanned(self, fused: tuple[Check, ...]) -> tuple[dict[str, Verdict], Profile | None]:
        """One scan for each table that fused checks look at; a node has one."""
        verdicts: dict[str, Verdict] = {}
        profile: Profile | None = None
        nodes = dict.fromkeys([*(check.node for check in fused), *filter(None, [self.request.profile_of])])
        for node in nodes:
            checks = tuple(check for check in fused if check.node == node)
            wanted = node == self.request.profile_of
            began = time.monotonic()
            request = ScanRequest(self.request.relations[node], self.request.columns[node], checks, wanted)
            found: ScanResult | None
            try:
                found = scan(self.session, request, self.request.engine.dialect)
            except QueryError:
                if not checks:
                    raise
                verdicts |= {check.unique_id: self._guarded(check, self._scanned_alone) for check in checks}
                found = scan(self.session, replace(request, checks=()), self.request.engine.dialect) if wanted else None
                profile = found.profile if found else profile
                continue
            spent_s = (time.monotonic() - began) / max(len(checks), 1)
            profile = found.profile or profile
            for check in checks:
                verdicts[check.unique_id] = self._judged(check, found.failures[check.unique_id], spent_s)
        return verdicts, profile

    def _scanned_alone(self, check: Check) -> Verdict:
        """A check that spoiled the shared scan is asked on its own, so that the others are not lost with it."""
        request = ScanRequest(self.request.relations[check.node], self.request.columns[check.node], (check,), False)
        found = scan(self.session, request, self.request.engine.dialect)
        return self._judged(check, found.failures[check.unique_id], 0.0)

    def _asked_alone(self, check: Check) -> Verdict:
        began = time.monotonic()
        query = own_query(check, self.request.project, self.request.engine, self.request.relations)
        failures = self.session.fetch(query).rows[0][0]
        return self._judged(check, int(failures or 0), time.monotonic() - began)

    def _guarded(self, check: Check, ask: Callable[[Check], Verdict]) -> Verdict:
        """A check that cannot be asked has not passed."""
        try:
            return ask(check)
        except QueryError as error:
            return self._verdict(check, "error", 0, error.message)

    def _judged(self, check: Check, failures: int, spent_s: float) -> Verdict:
        if check.limit is not None and check.fail_calc == "count(*)":
            failures = min(failures, check.limit)
        status = judge(check, failures)
        verdict = self._verdict(check, status, failures, _says(check, failures) if status != "pass" else "")
        if status != "pass":
            verdict = replace(verdict, sample=self._sample(check))
            if check.store_failures:
                self._keep_failures(check)
        return replace(verdict, duration_s=spent_s)

    def _verdict(self, check: Check, status: VerdictStatus, failures: int, message: str) -> Verdict:
        hashed = self.request.hashes[check.unique_id]
        return Verdict(check.unique_id, hashed, self._builds(check), status, failures, message, at=_now())

    def _builds(self, check: Check) -> tuple[str, ...]:
        return tuple(self.request.builds[ref] for ref in check.refs)

    def _sample(self, check: Check) -> tuple[Mapping[str, object], ...]:
        """Up to 20 offending rows; columns marked `pii: true` are masked."""
        query = f"SELECT * FROM (\n{self._failing(check)}\n) AS offending LIMIT {SAMPLE_ROWS}"
        hidden = self._hidden(check)
        try:
            rows = self.session.fetch(query).as_dicts()
        except (QueryError, ValueError):  # a sample is a courtesy; two columns of one name have none
            return ()
        return tuple({k: MASK if k.lower() in hidden else plain(v) for k, v in row.items()} for row in rows)

    def _failing(self, check: Check) -> str:
        dialect = self.request.engine.dialect
        if is_fused(check):
            table = table_of(self.request.relations[check.node])
            return KINDS[check.kind](check, table, dialect).sample.sql(dialect=dialect)
        return failing_rows_query(check, self.request.project, self.request.engine, self.request.relations)

    def _keep_failures(self, check: Check) -> None:
        """dbt's `store_failures`: the failing rows as a table, in dbt's place for them."""
        relation = self.request.relations[check.node or check.refs[0]]
        schema = f"{self.request.project.warehouse.schema}_dbt_test__audit"
        self.session.create_schema([(relation.database, schema)])
        self.session.create_table_as(
            Relation(relation.database, schema, check.alias or check.name), self._failing(check)
        )

    def _hidden(self, check: Check) -> frozenset[str]:
        project = self.request.project
        read = (project.nodes.get(ref) or project.sources.get(ref) for ref in check.refs)
        documented = (column for each in read if each is not None for column in each.columns)
        return frozenset(column.name.lower() for column in documented if column.meta.get("pii"))

    def _missing_column(self, check: Check) -> str:
        """Why a check on a column cannot be asked; empty when the column is there."""
        columns = self.request.columns.get(check.node, ())
        if not check.column or not columns or check.rendered is not None:
            return ""
        names = {column.name.lower(): column.name for column in columns}
        if check.column.lower() in names:
            return ""
        near = difflib.get_close_matches(check.column.lower(), names, n=1)
        hint = f"; `{names[near[0]]}` exists" if near else ""
        where = f"{check.place.path}:{check.place.line}"
        name = self.request.project.name_of(check.node)
        return f"{where}: {check.kind} asks for column `{check.column}`, which {name} does not have{hint}"


def judge(check: Check, failures: int) -> VerdictStatus:
    """dbt's rule: an error when `error_if` holds and the severity is error, else a warning when `warn_if` holds."""
    if check.severity == "error" and exceeds(failures, check.error_if, check):
        return "fail"
    return "warn" if exceeds(failures, check.warn_if, check) else "pass"


def _says(check: Check, failures: int) -> str:
    if is_fused(check):
        one, many = KINDS[check.kind](check, exp.table_("t"), "").says
        return (one if failures == 1 else many).format(n=f"{failures:,}", column=check.column)
    if check.kind == "relationships":
        parent = check.arguments.get("to_name", "the other table")
        have = "1 row has" if failures == 1 else f"{failures:,} rows have"
        return f"{have} a {check.column} that {parent} does not have"
    return "1 row fails" if failures == 1 else f"{failures:,} rows fail"


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
