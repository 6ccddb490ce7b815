"""Tells what became of one dataset: releases that touched it, rows over time, what its checks said again and again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from dryland.portal.facts.dataset import CheckStanding, Dataset
from dryland.state.history import Shown
from dryland.state.records import Profile, Release, StepRecord, Verdict
from dryland.state.store import State
from dryland.values import dataclass

RELEASES_MAX = 200
VERDICTS_MAX = 12  # of a check, in a row
CHART_WIDTH, CHART_HEIGHT, MARGIN = 320, 72, 6


@dataclass(frozen=True, slots=True)
class Touch:
    """A release in which the dataset became another one."""

    release: Release
    what: tuple[str, ...]  # code, data, first, stale
    rows: int | None
    rows_before: int | None
    took_s: float | None  # where it was built for this release


@dataclass(frozen=True, slots=True)
class Chart:
    """A line over time."""

    points: tuple[tuple[float, float], ...]
    least: float
    most: float
    told: str  # for those who cannot see it

    @property
    def path(self) -> str:
        """As SVG writes it."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that is remembered of a dataset in an environment."""

    touches: tuple[Touch, ...]
    rows: Chart | None
    nulls: Mapping[str, Chart]  # by column, where the share ever moved
    said: Mapping[str, tuple[Verdict, ...]]  # by check, the oldest first


def story_of(state: State, dataset: Dataset, environment: str) -> Story:
    """Read it: five queries, however much there is."""
    with state.together():
        shown = state.shown(environment, dataset.unique_id)
        keys = {each.build_key for each in shown}
        profiles = state.profiles(keys)
        releases = {each.id: each for each in state.releases(environment, limit=RELEASES_MAX)}
        runs = {each.run_id for each in releases.values() if each.run_id is not None}
        steps = state.steps_of(dataset.unique_id, sorted(runs))
        checks = [check.unique_id for check in dataset.checks]
        verdicts = state.verdicts_of(checks, limit=VERDICTS_MAX * max(len(checks), 1)) if checks else ()
    moments = [
        (releases[each.release].created_at, profiles.get(each.build_key)) for each in shown if each.release in releases
    ]
    measured = [(moment, profile) for moment, profile in reversed(moments) if profile]
    return Story(
        tuple(_touches(shown, releases, profiles, steps)),
        chart([(moment, profile.rows) for moment, profile in measured]),
        _nulls(measured),
        _by_check(verdicts, dataset.checks),
    )


def _touches(
    shown: Sequence[Shown],
    releases: Mapping[int, Release],
    profiles: Mapping[str, Profile],
    steps: Mapping[int, StepRecord],
) -> Iterable[Touch]:
    for each, before in zip(shown, (*shown[1:], None), strict=False):  # of none there is nothing to tell
        if each.release not in releases:
            continue
        what = _what(each, before)
        if what:
            rows, rows_before = (profiles.get(one.build_key) if one else None for one in (each, before))
            yield Touch(
                releases[each.release], what, rows.rows if rows else None, rows_before.rows if rows_before else None,
                _took(steps.get(releases[each.release].run_id or 0)),
            )  # fmt: skip


def _took(step: StepRecord | None) -> float | None:
    """How long its build took; what was there before cost that release nothing."""
    return step.duration_s if step is not None and step.action == "build" else None


def _what(each: Shown, before: Shown | None) -> tuple[str, ...]:
    if before is None:
        return ("first",)
    found = []
    if each.definition != before.definition:
        found.append("code")
    if each.build_key != before.build_key:
        found.append("data")
    if bool(each.stale_since) != bool(before.stale_since):
        found.append("stale" if each.stale_since else "fresh")
    return tuple(found)


def _nulls(measured: Sequence[tuple[datetime, Profile]]) -> dict[str, Chart]:
    names = dict.fromkeys(name for _, profile in measured for name in profile.columns)
    found = {}
    for name in names:
        values = [
            (moment, nulls / profile.rows)
            for moment, profile in measured
            if profile.rows and isinstance(nulls := profile.columns.get(name, {}).get("nulls"), int | float)
        ]
        if len({value for _, value in values}) > 1 and (made := chart(values, floor=0.0)):
            found[name] = made
    return found


def chart(values: Sequence[tuple[datetime, float]], *, floor: float | None = None) -> Chart | None:
    """A line through values, the oldest first; None for fewer than two."""
    if len(values) < 2:
        return None
    least, most = min(value for _, value in values), max(value for _, value in values)
    low = least if floor is None else floor
    span = (most - low) or 1.0
    inner = CHART_HEIGHT - 2 * MARGIN
    step = (CHART_WIDTH - 2 * MARGIN) / (len(values) - 1)
    points = tuple(
        (
            MARGIN + place * step,
            CHART_HEIGHT - MARGIN - inner * (value - low) / span if most > low else CHART_HEIGHT / 2,
        )
        for place, (_, value) in enumerate(values)
    )
    return Chart(points, least, most, f"{len(values)} values, from {values[0][1]:,.6g} to {values[-1][1]:,.6g}")


def _by_check(verdicts: Iterable[Verdict], checks: Iterable[CheckStanding]) -> dict[str, tuple[Verdict, ...]]:
    found: dict[str, list[Verdict]] = {check.unique_id: [] for check in checks}
    for verdict in verdicts:
        if len(found[verdict.check]) < VERDICTS_MAX:
            found[verdict.check].append(verdict)
    return {check: tuple(reversed(said)) for check, said in found.items()}
