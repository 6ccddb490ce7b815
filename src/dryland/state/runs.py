"""Remembers runs and how each of their steps ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from dryland.clock import utc_now
from dryland.state import codec, tables
from dryland.state.connection import again, chunks, new_id
from dryland.state.leases import Leases
from dryland.state.records import (
    Run,
    RunStatus,
    StepRecord,
)


class Runs(Leases):
    """Runs and steps."""

    def begin_run(self, verb: str, environment: str, pid: int) -> Run:
        """Note that a run began."""
        began = utc_now()
        values = {
            "verb": verb,
            "environment": environment,
            "status": "running",
            "started_at": began,
            "pid": pid,
            "summary": {},
        }
        with self.writing() as connection:
            run_id = new_id(connection, tables.runs.insert().values(values))
            if self.token:
                mine = tables.writers.c.token == self.token
                connection.execute(tables.writers.update().where(mine).values(run_id=run_id))
        return Run(run_id, verb, environment, "running", began, None, pid)

    @again
    def finish_run(self, run_id: int, status: RunStatus, summary: Mapping[str, object]) -> None:
        """Note how a run ended."""
        values = {"status": status, "summary": dict(summary), "finished_at": utc_now()}
        with self.writing() as connection:
            connection.execute(tables.runs.update().where(tables.runs.c.id == run_id).values(values))

    def put_summary(self, run_id: int, summary: Mapping[str, object]) -> None:
        """Say something else of a run than was said when it ended."""
        with self.writing() as connection:
            connection.execute(tables.runs.update().where(tables.runs.c.id == run_id).values(summary=dict(summary)))

    def put_steps(self, steps: Iterable[StepRecord]) -> None:
        """Remember what became of each node in a run."""
        rows = [{"run_id": step.run_id, "node": step.node, "body": codec.step_body(step)} for step in steps]
        if rows:
            with self.writing() as connection:
                connection.execute(tables.run_steps.insert(), rows)

    def forget_runs(self, runs_kept: int) -> int:
        """Forget all but the newest runs, with their steps; return how many. Runs that go on stay."""
        runs, steps = tables.runs, tables.run_steps
        newest = sa.select(runs.c.id).order_by(runs.c.id.desc()).limit(runs_kept)
        old = sa.select(runs.c.id).where(runs.c.id.not_in(newest), runs.c.status != "running")
        with self.writing() as connection:
            ids = [number for (number,) in connection.execute(old)]
            for chunk in chunks(ids):
                connection.execute(steps.delete().where(steps.c.run_id.in_(chunk)))
                connection.execute(runs.delete().where(runs.c.id.in_(chunk)))
        return len(ids)

    def runs(self, *, limit: int = 20) -> tuple[Run, ...]:
        """The newest runs."""
        with self.reading() as connection:
            rows = connection.execute(sa.select(tables.runs).order_by(tables.runs.c.id.desc()).limit(limit))
            return tuple(codec.run(row) for row in rows)

    def steps(self, run_id: int) -> tuple[StepRecord, ...]:
        """What became of each node in a run."""
        query = sa.select(tables.run_steps.c.body).where(tables.run_steps.c.run_id == run_id)
        with self.reading() as connection:
            rows = connection.execute(query.order_by(tables.run_steps.c.id))
            return tuple(codec.step(body) for (body,) in rows)
