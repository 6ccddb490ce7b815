"""Runs the checks of one node, or one check over several: as few queries as possible, and none twice."""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dryland.asking import Located, rendered_over
from dryland.check.given import columns_of
from dryland.check.hash import may_change_by_itself
from dryland.check.measures import looked_at, measure
from dryland.check.offenders import keep_failures, persons_columns, sample
from dryland.check.own_query import count_query, rows_query
from dryland.check.remembered import remembered
from dryland.check.request import CheckOutcome, CheckRequest
from dryland.check.scanning.scan import Measure, ScanRequest, scan
from dryland.check.terms import term_of
from dryland.check.threshold import asks_for_share, judge
from dryland.clock import utc_now
from dryland.engines.protocol import Session
from dryland.errors import ProjectError, QueryError, SqlError, WarehouseError, WarehouseLostError
from dryland.project.engine_asked import EngineAsked
from dryland.project.nodes import Check
from dryland.state.records import Profile, Verdict, VerdictStatus
from dryland.timings import timed

__all__ = ["CheckOutcome", "CheckRequest", "run_checks"]


@timed("check")
def run_checks(session: Session, request: CheckRequest) -> CheckOutcome:
    """Answer from the cache what can be, from one scan what shares it, the rest one by one."""
    return _Checking(session, request).outcome()


@dataclass
class _Checking:
    session: Session
    request: CheckRequest

    def outcome(self) -> CheckOutcome:
        verdicts = remembered(self.request)
        verdicts |= {
            check.unique_id: self._verdict(check, "error", 0, problem)
            for check in self.request.checks
            if check.unique_id not in verdicts and (problem := self._missing_column(check))
        }
        asked = [check for check in self.request.checks if check.unique_id not in verdicts]
        scanned, profile = self._scanned(asked)
        verdicts |= scanned
        verdicts |= {check.unique_id: self._asked_alone(check) for check in asked if check.unique_id not in verdicts}
        return CheckOutcome(tuple(verdicts[check.unique_id] for check in self.request.checks), profile)

    def _scanned(self, asked: Iterable[Check]) -> tuple[dict[str, Verdict], Profile | None]:
        """One scan for each table that checks look at which a scan can answer; a node has one."""
        shared: dict[str, dict[str, Check]] = {self.request.profile_of: {}} if self.request.profile_of else {}
        measures: dict[str, Measure] = {}
        for check in asked:
            if found := self._measure(check):
                measures[check.unique_id] = found
                shared.setdefault(looked_at(check), {})[check.unique_id] = check
        verdicts: dict[str, Verdict] = {}
        profile: Profile | None = None
        for node, checks in shared.items():
            said, seen = self._scanned_node(node, tuple(checks.values()), measures)
            verdicts |= said
            profile = seen or profile
        return verdicts, profile

    def _measure(self, check: Check) -> Measure | None:
        """How a scan answers it; what is wrong with it is told when it is asked alone."""
        try:
            return measure(check, self.request)
        except ProjectError:
            return None

    def _scanned_node(
        self, node: str, checks: tuple[Check, ...], measures: Mapping[str, Measure]
    ) -> tuple[dict[str, Verdict], Profile | None]:
        """One check that cannot be asked spoils the shared scan: then each is asked alone, so that none is lost."""
        columns = self.request.columns.get(node, ())
        persons = persons_columns(node, self.request.project, [column.name for column in columns])
        wanted = ScanRequest(
            self.request.relations[node], columns,
            tuple(measures[check.unique_id] for check in checks), node == self.request.profile_of,
            alias=self.request.alias(node), persons=persons, is_stored=node in self.request.stored,
        )  # fmt: skip
        began = time.monotonic()
        try:
            with self.session.attempt():
                found = scan(self.session, wanted, self.request.dialect)
        except (WarehouseError, SqlError) as spoiled:
            if not checks or isinstance(spoiled, WarehouseLostError):
                raise
            verdicts = {check.unique_id: self._asked_alone(check) for check in checks}
            return verdicts, self._profiled(node, spoiled) if wanted.profile else None
        spent_s = (time.monotonic() - began) / max(len(checks), 1)
        verdicts = {
            check.unique_id: self._judged(check, self._limited(check, found.failures[check.unique_id]), spent_s)
            for check in checks
        }
        return verdicts, found.profile

    def _profiled(self, node: str, spoiled: WarehouseError | SqlError) -> Profile | None:
        """The profile without checks; when the first error ended a transaction, that error is the one to tell."""
        try:
            return self._scanned_node(node, (), {})[1]
        except WarehouseError:
            raise spoiled from None

    def _asked_alone(self, check: Check) -> Verdict:
        """A check that cannot be asked has not passed; where the connection was lost, it is asked again instead."""
        began = time.monotonic()
        try:
            written = self._written_out(check)
            with self.session.attempt():
                failures = self.session.fetch(count_query(written, self.request)).rows[0][0]
        except WarehouseError as error:
            if isinstance(error, WarehouseLostError):
                raise
            return self._verdict(check, "error", 0, self._refused(check, error))
        except ProjectError as error:
            return self._verdict(check, "error", 0, f"{error.location}: {error.message} {error.hint}".rstrip())
        verdict = self._judged(written, int(failures or 0), time.monotonic() - began)
        return verdict if written is check else replace(verdict, lasts=False)  # it may be told something else tomorrow

    def _refused(self, check: Check, error: WarehouseError) -> str:
        """Where the check stands, what it is about, and what the warehouse says of that."""
        columns = {each.name.lower(): each.type for each in self.request.columns.get(check.node, ())}
        kind = columns.get(check.column.lower(), "")
        about = f" of {check.column}{f' ({kind})' if kind else ''}" if check.column else ""
        what = "its query" if check.kind == "singular" else f"{check.kind}{about}"
        return f"{check.place.path}:{check.place.line}: {what} cannot be asked: {error.message}"

    def _written_out(self, check: Check) -> Check:
        """The check with its SQL: one that asks the warehouse what to write does so now."""
        if check.rendered is None or not check.rendered.needs_warehouse:
            return check
        project = self.request.project
        asked = EngineAsked(self.request.engine, self.session)
        warehouse = Located.of(project, asked, self.request.places)
        return replace(check, rendered=rendered_over(project, check.rendered, warehouse))

    def _limited(self, check: Check, failures: int) -> int:
        return failures if check.limit is None else min(failures, check.limit)

    def _judged(self, check: Check, failures: int, spent_s: float) -> Verdict:
        status = judge(check, failures, self._rows(check) if asks_for_share(check) else 0)
        verdict = self._verdict(check, status, failures, self._says(check, failures) if status != "pass" else "")
        if status != "pass":
            verdict = replace(verdict, sample=sample(self.session, check, self.request))
        if check.store_failures:
            try:
                with self.session.attempt():
                    keep_failures(self.session, check, self.request)
            except QueryError as error:
                return self._verdict(check, "error", failures, f"its failing rows cannot be kept: {error.message}")
        return replace(verdict, duration_s=spent_s)

    def _rows(self, check: Check) -> int:
        """How many rows a check looked at; none are taken for one, of which no failure is no share."""
        return max(int(self.session.fetch(rows_query(check, self.request)).rows[0][0]), 1)

    def _verdict(self, check: Check, status: VerdictStatus, failures: int, message: str) -> Verdict:
        hashed = self.request.hashes[check.unique_id]
        lasts = status != "error" and not may_change_by_itself(check, self.request.project, self.request.dialect)
        return Verdict(
            check.unique_id, hashed, self._builds(check), status, failures, message, at=utc_now(), lasts=lasts
        )

    def _says(self, check: Check, failures: int) -> str:
        if check.rendered is not None:
            return "1 row fails" if failures == 1 else f"{failures:,} rows fail"
        one, many = term_of(check, self.request).says
        return one if failures == 1 else many.replace("{n}", f"{failures:,}", 1)  # columns may be called so, too

    def _builds(self, check: Check) -> tuple[str, ...]:
        return tuple(self.request.builds[ref] for ref in check.refs)

    def _missing_column(self, check: Check) -> str:
        """Why a check on a column cannot be asked; empty when the column is there, or nobody knows."""
        if check.rendered is not None:
            return ""
        try:
            asked = [*columns_of(check)]
        except ProjectError as error:
            return f"{error.location}: {error.message} {error.hint}".rstrip()
        problems = (self._absent(check, node, column) for node, column in asked)
        return next((problem for problem in problems if problem), "")

    def _absent(self, check: Check, node: str, column: str) -> str:
        names = {each.name.lower(): each.name for each in self.request.columns.get(node, ())}
        if not names or not column or column.lower() in names:
            return ""
        near = difflib.get_close_matches(column.lower(), names, n=1)
        hint = f"; `{names[near[0]]}` exists" if near else ""
        where = f"{check.place.path}:{check.place.line}"
        name = self.request.project.name_of(node)
        return f"{where}: {check.kind} asks for column `{column}`, which {name} does not have{hint}"
