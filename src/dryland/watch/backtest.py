"""Says what monitors would have told over the history that there is: before they are switched on, or set otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from dryland.project.project import Project
from dryland.state.store import State
from dryland.values import dataclass
from dryland.watch.judge import Judged
from dryland.watch.monitor_findings import flags_of
from dryland.watch.replay import replayed
from dryland.watch.usual import HISTORY
from dryland.watch.watched import monitors_of


@dataclass(frozen=True, slots=True)
class Backtest:
    """What would have been told."""

    since: datetime
    until: datetime | None  # the last observation; None when there is none
    observations: Mapping[str, int]  # by dataset: how many were judged
    alerts: tuple[Judged, ...] = ()

    @property
    def alarms(self) -> Counter[tuple[str, str]]:
        """Dataset and monitor -> alarms as people get them: what is told refresh after refresh is one."""
        found: Counter[tuple[str, str]] = Counter()
        last: dict[tuple[str, str], datetime] = {}
        for each in self.alerts:
            key = (each.dataset, each.monitor)
            if key not in last or each.at - last[key] > AGAIN:
                found[key] += 1
            last[key] = each.at
        return found

    @property
    def days(self) -> float:
        """How long that is."""
        return (self.until - self.since) / timedelta(days=1) if self.until else 0.0


AGAIN = timedelta(days=1, hours=12)  # after which the same is told anew


def backtest(
    state: State,
    project: Project,
    environment: str,
    datasets: Iterable[str] | None = None,
    *,
    since: datetime,
    monitors: tuple[str, ...] = (),
) -> Backtest:
    """Replay the history of these datasets, or of all, with what people have said of single alerts.

    `monitors` are kinds or names: `volume`, `nulls:email`; none stands for all.
    """
    histories = state.observations(environment, datasets, since=since - HISTORY)
    told = state.alerts(environment, datasets, since=since - HISTORY)
    alerts: list[Judged] = []
    for dataset, history in sorted(histories.items()):
        if dataset not in project.nodes and dataset not in project.sources:
            continue
        answered = flags_of(each for each in told.get(dataset, ()) if each.feedback)
        found = replayed(history, monitors_of(project, dataset), since=since, flags=answered)
        alerts += [each for each in found if (each.monitor, each.at) not in answered]
    wanted = [each for each in alerts if not monitors or each.monitor in monitors or each.kind in monitors]
    judged = {dataset: sum(each.at >= since for each in history) for dataset, history in histories.items()}
    until = max((history[-1].at for history in histories.values()), default=None)
    return Backtest(since, until, {key: count for key, count in judged.items() if count}, tuple(wanted))
