"""Watches datasets by their history: what is watched, what would have been told, and what people say of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from dryland.checking import Checking
from dryland.errors import UsageError
from dryland.plan.choice import Chosen, choice_of, is_partial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dryland.state.observed import Alert, Feedback
    from dryland.watch.backtest import Backtest
    from dryland.watch.finding import Finding
    from dryland.watch.judge import Judged


class Monitoring(Checking):
    """Everything about monitors. Those of datasets that are built judge by themselves, after each release."""

    def monitors(self, environment: str = "", *, select: Chosen = (), exclude: Sequence[str] = ()) -> list[Judged]:
        """What each monitor says of the last observation of its dataset, with the bounds that it had for that."""
        from dryland.watch.monitor_findings import judgements
        from dryland.watch.usual import HISTORY

        name, only = self._shown(environment), self._chosen_datasets(environment, select, exclude)
        seen = self.state.observations(name, only, since=self.clock() - HISTORY, newest=1)
        known = self.project.nodes.keys() | self.project.sources.keys()
        newest = [history[-1] for dataset, history in sorted(seen.items()) if dataset in known]
        return judgements(self.state, self.project, newest) if newest else []

    def run_monitors(
        self, environment: str = "", *, select: Chosen = (), exclude: Sequence[str] = ()
    ) -> tuple[tuple[Finding, ...], int, tuple[str, ...]]:
        """Measure sources and judge: findings, how many sources answered, and why others did not; nothing is built."""
        from dryland.noting import note_noticed
        from dryland.observing import judge_now, observe_sources

        name, only = self._shown(environment), self._chosen_datasets(environment, select, exclude)
        sources = [each for each in self.project.sources if only is None or each in only]
        seen, told = observe_sources(self, name, sources)
        found = judge_now(self, name, seen, only)
        looked_at = {each.dataset for each in seen} | {each.dataset for each in found}
        note_noticed(self, name, found, looked_at)
        return found, len(seen), told

    def backtest(
        self,
        environment: str = "",
        *,
        since: datetime | None = None,
        select: Chosen = (),
        exclude: Sequence[str] = (),
        monitors: Sequence[str] = (),
    ) -> Backtest:
        """What monitors would have told since a moment (90 days ago), by the history that there is."""
        from dryland.watch.backtest import backtest

        name, only = self._shown(environment), self._chosen_datasets(environment, select, exclude)
        since = since or self.clock() - timedelta(days=90)
        return backtest(self.state, self.project, name, only, since=since, monitors=tuple(monitors))

    def say_of_alert(self, alert: str, feedback: Feedback) -> Alert:
        """Note that an alert was expected, or is no issue; from now on its value counts as normal.

        Raises:
            UsageError: there is no such alert, or several whose ids begin so.
        """
        found = self.state.put_feedback(alert, feedback) if alert else None
        if found is None:
            raise UsageError(
                f"no alert, or more than one, has an id that begins with `{alert}`.",
                hint="`dryland monitor alerts` lists them.",
            )
        return found

    def alerts(self, environment: str = "", *, since: datetime | None = None) -> list[Alert]:
        """What monitors told, the newest first."""
        found = self.state.alerts(self._shown(environment), since=since)
        every = [each for listed in found.values() for each in listed]
        every.sort(key=lambda each: (each.dataset, each.monitor))
        return sorted(every, key=lambda each: each.at, reverse=True)

    def _chosen_datasets(self, environment: str, select: Chosen, exclude: Sequence[str]) -> tuple[str, ...] | None:
        """Nodes and sources that are chosen; None when nobody chose."""
        choice = choice_of(select, exclude)
        return self.list(choice, environment=environment) if is_partial(choice, self.project) else None
