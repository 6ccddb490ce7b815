"""Reads what was said and done over many builds, runs and releases: for those who look, and change nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dryland.state import codec, tables
from dryland.state.connection import Connected, again, chunks
from dryland.state.records import Build, Pointer, Run, StepRecord, Verdict
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """What one release showed of a node."""

    release: int
    build_key: str
    definition: str
    stale_since: str


@dataclass(frozen=True, slots=True)
class Spent:
    """How often something was done, and how long that took together."""

    times: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A pointer, without what is in it: equal ids say that readers see the same."""

    id: str
    build_key: str
    is_stale: bool


class History(Connected):
    """Questions whose answers span more than what is live."""

    def pulse(self) -> tuple[object, ...]:
        """What is another value as soon as a release, run or verdict came or went."""
        environments, verdicts, runs = tables.environments, tables.verdicts, tables.runs
        with self.reading() as connection:
            live = connection.execute(
                sa.select(environments.c.name, environments.c.live_release).order_by(environments.c.name)
            )
            return (
                *(tuple(row) for row in live),
                connection.execute(sa.select(sa.func.max(tables.releases.c.id))).scalar(),
                tuple(connection.execute(sa.select(sa.func.max(verdicts.c.at), sa.func.count())).one()),
                tuple(connection.execute(sa.select(sa.func.max(runs.c.id), sa.func.max(runs.c.finished_at))).one()),
            )

    def recent_verdicts(self, each: int) -> dict[str, tuple[Verdict, ...]]:
        """By check, the newest so many verdicts, the newest first; one query."""
        verdicts = tables.verdicts
        place = sa.func.row_number().over(partition_by=verdicts.c.check, order_by=verdicts.c.at.desc())
        ranked = sa.select(verdicts.c.check, verdicts.c.body, place.label("place")).subquery()
        query = sa.select(ranked.c.check, ranked.c.body).where(ranked.c.place <= each).order_by(ranked.c.place)
        found: dict[str, list[Verdict]] = {}
        with self.reading() as connection:
            for check, body in connection.execute(query):
                found.setdefault(check, []).append(codec.verdict(body))
        return {check: tuple(said) for check, said in found.items()}

    def verdicts_of(self, checks: Iterable[str], *, limit: int) -> tuple[Verdict, ...]:
        """What these checks said, the newest first."""
        verdicts = tables.verdicts
        found: list[Verdict] = []
        with self.reading() as connection:
            for chunk in chunks(checks):
                query = sa.select(verdicts.c.body).where(verdicts.c.check.in_(chunk)).order_by(verdicts.c.at.desc())
                found += [codec.verdict(body) for (body,) in connection.execute(query.limit(limit))]
        return tuple(found)

    def verdicts_between(self, start: datetime, end: datetime) -> tuple[Verdict, ...]:
        """What checks said in a stretch of time, in its order."""
        verdicts = tables.verdicts
        query = sa.select(verdicts.c.body).where(verdicts.c.at >= start, verdicts.c.at <= end)
        with self.reading() as connection:
            return tuple(codec.verdict(body) for (body,) in connection.execute(query.order_by(verdicts.c.at)))

    def run(self, run_id: int) -> Run | None:
        """One run, or None."""
        with self.reading() as connection:
            row = connection.execute(sa.select(tables.runs).where(tables.runs.c.id == run_id)).first()
        return codec.run(row) if row else None

    def builds_since(self, moment: datetime, run_id: int) -> tuple[Build, ...]:
        """What a run has made by now, in the order of making: it says so before it has ended."""
        builds = tables.builds
        query = sa.select(builds.c.key, builds.c.body).where(
            builds.c.created_at >= moment, builds.c.body["run_id"].as_integer() == run_id
        )
        with self.reading() as connection:
            rows = connection.execute(query.order_by(builds.c.created_at))
            return tuple(codec.build(key, body) for key, body in rows)

    def built_since(self, moment: datetime) -> dict[str, Spent]:
        """By node, the builds of runs that began since then, in whichever environment; one query."""
        steps, runs = tables.run_steps, tables.runs
        is_build = steps.c.body["action"].as_string() == "build"
        query = _spent(steps.c.node, steps.c.body).join(runs, runs.c.id == steps.c.run_id)
        return self._summed(query.where(runs.c.started_at >= moment, is_build))

    def checked_since(self, moment: datetime) -> dict[str, Spent]:
        """By check, the verdicts since then; one query."""
        verdicts = tables.verdicts
        return self._summed(_spent(verdicts.c.check, verdicts.c.body).where(verdicts.c.at >= moment))

    def _summed(self, query: sa.Select[Any]) -> dict[str, Spent]:
        with self.reading() as connection:
            return {name: Spent(times, float(spent)) for name, times, spent in connection.execute(query)}

    def steps_of(self, node: str, runs: Iterable[int]) -> dict[int, StepRecord]:
        """What became of one node, by run."""
        steps = tables.run_steps
        found: dict[int, StepRecord] = {}
        with self.reading() as connection:
            for chunk in chunks(runs):
                query = sa.select(steps.c.body).where(steps.c.run_id.in_(chunk), steps.c.node == node)
                found |= {step.run_id: step for step in (codec.step(body) for (body,) in connection.execute(query))}
        return found

    @again
    def marks(self, release_id: int) -> dict[str, Mark]:
        """What a release shows, by node, as far as tells whether two differ; nothing is taken apart for it."""
        links, pointers = tables.release_pointers, tables.pointers
        stale = sa.func.coalesce(pointers.c.body["stale_since"].as_string(), "") != ""
        rests = sa.func.coalesce(pointers.c.body["is_resting"].as_boolean(), sa.false())
        query = (
            sa.select(pointers.c.node, pointers.c.id, pointers.c.build_key, stale)
            .join(links, links.c.pointer_id == pointers.c.id)
            .where(links.c.release_id == release_id, rests == sa.false())
        )
        with self.reading() as connection:
            return {node: Mark(key, build, bool(is_stale)) for node, key, build, is_stale in connection.execute(query)}

    def pointers_by_id(self, ids: Iterable[str]) -> dict[str, Pointer]:
        """Pointers by their ids."""
        rows = self.by_key(tables.pointers, tables.pointers.c.id, ids)
        return {row.id: codec.pointer(row.body) for row in rows}

    def shown(self, environment: str, node: str) -> tuple[Shown, ...]:
        """What each release of an environment that readers saw showed of a node, the newest first; one query."""
        releases, links, pointers = tables.releases, tables.release_pointers, tables.pointers
        query = (
            sa.select(releases.c.id, pointers.c.build_key, pointers.c.body)
            .join(links, links.c.release_id == releases.c.id)
            .join(pointers, pointers.c.id == links.c.pointer_id)
            .where(
                releases.c.environment == environment,
                releases.c.status.in_(("live", "superseded")),
                pointers.c.node == node,
            )
            .order_by(releases.c.id.desc())
        )
        with self.reading() as connection:
            return tuple(
                Shown(number, key, body["definition"], body["stale_since"])
                for number, key, body in connection.execute(query)
            )


def _spent(what: sa.Column[Any], body: sa.Column[Any]) -> sa.Select[Any]:
    seconds = sa.func.coalesce(sa.func.sum(body["duration_s"].as_float()), 0.0)
    return sa.select(what, sa.func.count(), seconds).group_by(what)
