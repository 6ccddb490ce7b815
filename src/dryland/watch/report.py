"""Defines what somebody who looked reports: what is wrong, and what was looked at and is right again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from datetime import datetime

from dryland.state.incident_records import Symptom, Track
from dryland.values import dataclass
from dryland.watch.finding import Finding, FindingKind


@dataclass(frozen=True, slots=True)
class Quiet:
    """What was looked at and is right: one subject of a dataset, or everything of a kind that may be wrong with it."""

    dataset: str  # empty: of every dataset
    kind: FindingKind
    subject: str = ""  # empty: whatever it is about
    track: Track = "data"

    def covers(self, symptom: Symptom, track: Track) -> bool:
        """Whether it says that this is over."""
        return (
            track == self.track
            and symptom.kind == self.kind
            and self.dataset in ("", symptom.dataset)
            and self.subject in ("", symptom.subject)
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one environment at one moment, by one who looked."""

    environment: str
    at: datetime
    findings: tuple[Finding, ...] = ()
    quiet: tuple[Quiet, ...] = ()
    why_quiet: str = ""  # what made it right: `release 5 was published`
    who: str = ""
    looked_at: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_empty(self) -> bool:
        """Nothing to tell, for good or bad."""
        return not self.findings and not self.quiet


def symptom_of(finding: Finding) -> Symptom:
    """A finding as it is remembered."""
    return Symptom(
        finding.dataset, finding.kind, finding.subject, finding.severity, finding.message, finding.at, finding.at,
        since=finding.since, are_readers_hit=finding.are_readers_hit, release=finding.release, run=finding.run,
        evidence=dict(finding.evidence),
    )  # fmt: skip


def worst(severities: Iterable[str]) -> str:
    """The most serious of some.

    >>> worst(["warn", "error"]), worst(["warn"])
    ('error', 'warn')
    """
    return "error" if "error" in set(severities) else "warn"
