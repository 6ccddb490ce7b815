"""Computes how releases went from what is remembered of them: how often, how fast, how many had to be taken back.

The four measures are those of the DevOps Research and Assessment programme (https://dora.dev/guides/dora-metrics).
Pure: the caller says what was published, how runs ended, and which moments to look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from dryland.state.records import Publication, Run
from dryland.values import dataclass

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ReleaseMetrics:
    """How releases of code went in a stretch of time; None where nothing tells."""

    since: datetime
    until: datetime
    releases: int = 0
    releases_per_week: float = 0.0
    lead_time_s: float | None = None  # from the first commit to readers, the middle of all
    taken_back: int = 0  # releases that a rollback followed
    change_failure_rate: float | None = None  # share of releases that were taken back
    time_to_restore_s: float | None = None  # from such a release to its rollback, the middle of all
    refused: int = 0  # by the gate: readers saw nothing of them
    refused_rate: float | None = None  # share of all attempts
    refreshes: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As plain data; the keys are stable."""
        return {**asdict(self), "since": self.since.isoformat(), "until": self.until.isoformat()}


def release_metrics(
    publications: Sequence[Publication], runs: Iterable[Run], *, since: datetime, until: datetime
) -> ReleaseMetrics:  # fmt: skip
    """The measures of an environment's publications, oldest first, and runs, within these moments."""
    seen = [each for each in publications if since <= each.at < until]
    released = [each for each in seen if each.kind == "apply"]
    refused = sum(
        run.verb == "apply" and run.status == "refused" and since <= run.started_at < until for run in runs
    )  # fmt: skip
    restored = [(back.at - bad.at).total_seconds() for bad, back in _taken_back(seen)]
    tried = len(released) + refused
    return ReleaseMetrics(
        since, until,
        releases=len(released),
        releases_per_week=len(released) / max((until - since) / WEEK, 1 / 7),
        lead_time_s=_middle(lead for each in released if (lead := lead_time_s(each)) is not None),
        taken_back=len(restored),
        change_failure_rate=len(restored) / len(released) if released else None,
        time_to_restore_s=_middle(restored),
        refused=refused,
        refused_rate=refused / tried if tried else None,
        refreshes=sum(each.kind == "run" for each in seen),
    )  # fmt: skip


def weekly(
    publications: Sequence[Publication], runs: Sequence[Run], *, since: datetime, until: datetime
) -> tuple[ReleaseMetrics, ...]:  # fmt: skip
    """The same week by week, oldest first; the last one ends now."""
    return tuple(
        release_metrics(publications, runs, since=max(begin, since), until=begin + WEEK)
        for begin in _weeks(since, until)
    )


def lead_time_s(publication: Publication) -> float | None:
    """Seconds from the first commit that came with a release until readers saw it; None without a repository."""
    first = publication.summary.get("first_commit_at")
    if not isinstance(first, str):
        return None
    return max((publication.at.replace(tzinfo=UTC) - datetime.fromisoformat(first)).total_seconds(), 0.0)


def _taken_back(seen: Sequence[Publication]) -> Iterator[tuple[Publication, Publication]]:
    """Each release of code that a rollback followed before the next one, with that rollback."""
    last: Publication | None = None
    for each in seen:
        if each.kind == "apply":
            last = each
        elif each.kind == "rollback" and last is not None:
            yield last, each
            last = None


def _weeks(since: datetime, until: datetime) -> Iterator[datetime]:
    begin = until
    found = []
    while begin > since:
        begin -= WEEK
        found.append(begin)
    yield from reversed(found)


def _middle(values: Iterable[float]) -> float | None:
    found = list(values)
    return median(found) if found else None
