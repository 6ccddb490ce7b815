"""Tells who is at work on what, who waits for whom, and how the last runs ended."""

from __future__ import annotations

from dryland.state.records import Run
from dryland.state.store import State
from dryland.state.work import Holding, Writer, name_of
from dryland.values import dataclass

LOST = "lost"  # its process is gone, or another took over


@dataclass(frozen=True, slots=True)
class RunStanding:
    """A run, who made it, and how it stands; who is empty where that is no longer known."""

    run: Run
    status: str  # as remembered, but `lost` where nobody is left to say how it ended
    who: str = ""

    def as_dict(self) -> dict[str, object]:
        """For machines."""
        run = self.run
        ended = run.finished_at.isoformat() if run.finished_at else None
        return {
            "run": run.id, "verb": run.verb, "environment": run.environment, "status": self.status, "who": self.who,
            "pid": run.pid, "started_at": run.started_at.isoformat(), "finished_at": ended, "said": said_of(run),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class AtWork:
    """Everybody who is alive, and the newest runs."""

    holding: tuple[Holding, ...]
    waiting: tuple[Writer, ...]
    runs: tuple[RunStanding, ...]

    def as_dict(self) -> dict[str, object]:
        """For machines; the keys are stable."""
        return {
            "holding": [{**each.writer.as_dict(), "scope": name_of(each.scope)} for each in self.holding],
            "waiting": [each.as_dict() for each in self.waiting],
            "runs": [each.as_dict() for each in self.runs],
        }


def at_work(state: State, *, limit: int) -> AtWork:
    """Who is at work now, as of one moment of the store."""
    with state.together():
        writers, runs = state.writers(), state.runs(limit=limit)
        holding = state.holdings()
    by_run = {each.run_id: each for each in writers if each.run_id is not None}
    waiting = tuple(each for each in writers if each.is_waiting and each.is_alive)
    return AtWork(holding, waiting, tuple(_standing(run, by_run.get(run.id)) for run in runs))


def _standing(run: Run, writer: Writer | None) -> RunStanding:
    goes_on = writer is not None and writer.is_alive
    status = LOST if run.status == "running" and not goes_on else run.status
    return RunStanding(run, status, writer.who if writer else "")


def said_of(run: Run) -> str:
    """What is remembered of how it ended, in a few words."""
    if "error" in run.summary:
        return str(run.summary["error"])
    release, built = run.summary.get("release"), run.summary.get("built")
    parts = [f"release {release}" if release is not None else "", f"{built} built" if built else ""]
    return ", ".join(part for part in parts if part)
