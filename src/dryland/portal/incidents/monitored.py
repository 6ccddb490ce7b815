"""Tells what monitors see of datasets: when they looked last, what they told, and each value with what was usual."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from dryland.portal.drawing.band import Band, Seen, band
from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.facts.dataset import Dataset
from dryland.project.project import Project
from dryland.state.observed import Alert, Observation
from dryland.state.store import State
from dryland.values import dataclass
from dryland.watch.judge import Judged, judged
from dryland.watch.monitor_findings import flags_of
from dryland.watch.replay import judged_again
from dryland.watch.usual import HISTORY, HISTORY_MAX, Flags
from dryland.watch.watched import monitors_of
from dryland.watch.wording import shown

LISTED_MAX = 50  # datasets on one page
DRAWN_MAX = 30  # values of a picture: each has a band of its own, by what came before it
LOOKS_BACK = timedelta(days=90)
Sees = Callable[[str, str], bool]  # dataset, monitor -> whether whoever looks may see what it says
FIRST = ("volume", "freshness", "schema", "duration", "cost", "metric")


@dataclass(frozen=True, slots=True)
class Watched:
    """A dataset, when it was looked at last, and what was told of it lately."""

    dataset: Dataset
    seen_at: datetime | None
    rows: float | None
    told: tuple[Alert, ...]  # that nobody said anything of, the newest first

    @property
    def state(self) -> str:
        """told, when the last look said something that nobody answered; watched; or unseen."""
        if self.seen_at is None:
            return "unseen"
        return "told" if any(each.at >= self.seen_at for each in self.told) else "watched"


@dataclass(frozen=True, slots=True)
class WatchedPage:
    """Some of them, and what was told lately of all."""

    datasets: tuple[Watched, ...]
    total: int
    page: int
    pages: int
    alerts: tuple[Alert, ...]  # the newest first


@dataclass(frozen=True, slots=True)
class Monitor:
    """What one monitor says of the last observation."""

    judged: Judged
    value: str
    usual: str


@dataclass(frozen=True, slots=True)
class Monitored:
    """Everything that monitors say of one dataset."""

    monitors: tuple[Monitor, ...]
    alerts: tuple[Alert, ...]  # the newest first
    observations: int
    since: datetime | None
    drawn: str  # the monitor of the picture
    picture: Band | None


def watched_page(
    state: State, catalogue: Catalogue, words: str, page: int, *, now: datetime, sees: Sees
) -> WatchedPage:  # fmt: skip
    """Datasets by a part of their name, those of which something was told first."""
    known = state.alerts(catalogue.environment, since=now - LOOKS_BACK)
    told = {uid: [each for each in listed if sees(uid, each.monitor)] for uid, listed in known.items()}
    open_ = {uid: [each for each in reversed(listed) if not each.feedback] for uid, listed in told.items()}
    found = [each for each in catalogue.datasets.values() if words.lower() in each.name.lower()]
    found.sort(key=lambda each: (-_newest(open_.get(each.unique_id, ())), each.name))
    pages = max(-(-len(found) // LISTED_MAX), 1)
    page = min(page, pages)
    here = found[(page - 1) * LISTED_MAX : page * LISTED_MAX]
    seen = state.observations(
        catalogue.environment, [each.unique_id for each in here], since=now - HISTORY, newest=1
    )  # fmt: skip
    alerts = sorted((each for listed in told.values() for each in listed), key=lambda each: each.at, reverse=True)
    return WatchedPage(
        tuple(_watched(each, seen.get(each.unique_id, ()), open_.get(each.unique_id, ())) for each in here),
        len(found), page, pages, tuple(alerts),
    )  # fmt: skip


def judged_of(
    state: State, project: Project, environment: str, datasets: Iterable[str], *, now: datetime, sees: Sees
) -> tuple[Judged, ...]:
    """What every monitor of some datasets says of the last observation, by the history of each."""
    wanted = [each for each in datasets if each in project.nodes or each in project.sources]
    histories = state.observations(environment, wanted, since=now - HISTORY, newest=HISTORY_MAX)
    told = state.alerts(environment, wanted, since=now - HISTORY)
    return tuple(
        each
        for uid in wanted if uid in histories
        for each in judged(histories[uid], monitors_of(project, uid), _flags_before(histories[uid], told.get(uid, ())))
        if sees(uid, each.monitor)
    )  # fmt: skip


def monitored(
    state: State, project: Project, environment: str, dataset: str, *, drawn: str, now: datetime, sees: Sees
) -> Monitored:
    """The page of one dataset; `drawn` names the monitor whose values are drawn, the most telling one unless told."""
    history = state.observations(environment, [dataset], since=now - HISTORY, newest=HISTORY_MAX).get(dataset, [])
    alerts = state.alerts(environment, [dataset], since=now - HISTORY).get(dataset, [])
    found = judged_of(state, project, environment, [dataset], now=now, sees=sees)
    ordered = sorted(found, key=lambda each: (each.state != "alert", _place(each.kind), each.monitor))
    names = [each.monitor for each in ordered if each.value is not None]
    wanted = drawn if drawn in names else next(iter(names), "")
    return Monitored(
        tuple(Monitor(each, _value(each), _usual(each)) for each in ordered),
        tuple(each for each in reversed(alerts) if sees(dataset, each.monitor)), len(history),
        history[0].at if history else None, wanted,
        _picture(project, dataset, history, wanted, flags_of(alerts)) if wanted else None,
    )  # fmt: skip


def _picture(project: Project, dataset: str, history: Sequence[Observation], name: str, flags: Flags) -> Band | None:
    """The last values of a monitor, each with the bounds that it had by what came before it."""
    since = history[-DRAWN_MAX:][0].at
    seen = [
        Seen(
            each.at,
            each.value,
            each.bounds.low,
            each.bounds.high,
            each.state == "alert" or bool(flags.get((name, each.at))),
        )
        for each in judged_again(history, monitors_of(project, dataset), since=since, flags=flags)
        if each.monitor == name and each.value is not None
    ]
    return band(seen)


def _flags_before(history: Sequence[Observation], alerts: Iterable[Alert]) -> Flags:
    """What was told before the last observation: what was told of that itself is what is asked."""
    return flags_of(each for each in alerts if each.at < history[-1].at)


def _watched(dataset: Dataset, history: Sequence[Observation], told: Sequence[Alert]) -> Watched:
    last = history[-1] if history else None
    rows = last.body.get("rows") if last else None
    return Watched(dataset, last.at if last else None, rows if isinstance(rows, int | float) else None, tuple(told))


def _newest(alerts: Sequence[Alert]) -> float:
    return max((each.at.timestamp() for each in alerts), default=0.0)


def _place(kind: str) -> int:
    return FIRST.index(kind) if kind in FIRST else len(FIRST)


def _value(each: Judged) -> str:
    value = shown(each, each.value)
    return each.says or (f"+{value}" if each.is_growth else value)


def _usual(each: Judged) -> str:
    low, high = shown(each, each.bounds.low), shown(each, each.bounds.high)
    if low and high:
        return f"{low} – {high}"
    return f"≤ {high}" if high else f"≥ {low}" if low else ""
