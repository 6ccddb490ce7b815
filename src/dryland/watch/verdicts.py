"""Finds in verdicts what is wrong, and what is right again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from dryland.project.project import Project
from dryland.release.gate import named
from dryland.state.incident_records import Track
from dryland.state.records import Verdict
from dryland.watch.finding import Finding, FindingSeverity
from dryland.watch.report import Quiet

ROWS_MAX = 5  # of those that a verdict shows, as an incident keeps them; masked where they were found


@dataclass(frozen=True)
class Looked:
    """Where verdicts come from."""

    project: Project
    environment: str
    at: datetime
    live: Mapping[str, str]  # node -> key of the build that readers see
    verb: str = "check"
    release: int | None = None  # that readers see
    run: int | None = None
    is_out: bool = True  # whether readers see what was looked at
    since: Mapping[str, datetime] = field(default_factory=dict)  # dataset -> when its newest data arrived
    held: frozenset[str] = frozenset()  # nodes that the gate kept from readers

    def findings(self, verdicts: Iterable[Verdict]) -> tuple[Finding, ...]:
        """What the verdicts that are no `pass` say, each about one dataset."""
        return tuple(self._finding(each) for each in verdicts if each.status != "pass" and self._counts(each))

    def quiet(self, verdicts: Iterable[Verdict]) -> tuple[Quiet, ...]:
        """What passed, and is therefore over."""
        found: list[Quiet] = []
        for each in verdicts:
            if each.status == "pass":
                dataset = self._dataset(each)
                if self._is_seen(each, dataset):
                    found += [Quiet(dataset, "check", each.check)]
                found += [Quiet(dataset, "gate", each.check, track) for track in self._tracks]
        return tuple(found)

    @property
    def _tracks(self) -> tuple[Track, ...]:
        return ("release",) if self.verb == "apply" else ("data",) if self.verb == "run" else ()

    def _counts(self, verdict: Verdict) -> bool:
        """A warning about what nobody sees is no news: whoever released it has read it."""
        return verdict.status != "warn" or self._is_seen(verdict, self._dataset(verdict))

    def _finding(self, verdict: Verdict) -> Finding:
        dataset, is_seen = self._dataset(verdict), self._is_seen(verdict, self._dataset(verdict))
        name = named(verdict, self.project)[0]
        track: Track = "release" if self.verb == "apply" and not is_seen else "data"
        severity: FindingSeverity = "warn" if verdict.status == "warn" else "error"
        is_remembered = verdict.cached and verdict.at is not None and self.verb == "check"
        at = verdict.at if is_remembered and verdict.at else self.at  # what was remembered of a table is not news
        return Finding(
            self.environment, dataset, "check" if is_seen else "gate", verdict.check, severity, at,
            f"{name}: {verdict.message or 'failed'}", since=self.since.get(dataset), are_readers_hit=is_seen,
            release=self.release, run=self.run, track=track, evidence=self._evidence(verdict, dataset),
        )  # fmt: skip

    def _evidence(self, verdict: Verdict, dataset: str) -> dict[str, Any]:
        check = self.project.checks.get(verdict.check)
        shown: dict[str, Any] = {"verb": self.verb, "status": verdict.status, "failures": verdict.failures}
        if check and len(check.refs) == len(verdict.builds) and dataset in check.refs:
            shown["build"] = verdict.builds[check.refs.index(dataset)]
        shown["rows"] = [{name: _plain(value) for name, value in row.items()} for row in verdict.sample[:ROWS_MAX]]
        if check:
            shown |= {
                "column": check.column,
                "check_kind": check.kind,
                "place": f"{check.place.path}:{check.place.line}",
            }
            shown["bounds"] = {name: _plain(value) for name, value in check.arguments.items()}
        return shown

    def _dataset(self, verdict: Verdict) -> str:
        """What a verdict speaks of: what its check is attached to, or the first that it reads."""
        about = named(verdict, self.project)[1]
        if about and (about in self.project.nodes or about in self.project.sources):
            return about
        check = self.project.checks.get(verdict.check)
        return check.refs[0] if check and check.refs else about or f"project.{self.project.name}"

    def _is_seen(self, verdict: Verdict, dataset: str) -> bool:
        """Whether readers see what was looked at: it is out, or it was the live build that was looked at again."""
        if self.is_out and dataset not in self.held:
            return True
        return bool(verdict.builds) and all(key in self._shown for key in verdict.builds)

    @cached_property
    def _shown(self) -> frozenset[str]:
        return frozenset(self.live.values())


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
