"""Reads how a microbatch model is cut into batches, and which batches a run has to make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dryland.errors import ConfigError, UsageError
from dryland.project.nodes import Node
from dryland.values import dataclass

SIZES = {"hour": "%Y%m%dT%H", "day": "%Y%m%d", "month": "%Y%m", "year": "%Y"}
"""The sizes of a batch, and how the start of one is written as its id."""
MERGED: frozenset[str] = frozenset({"postgres"})
"""Kinds on which dbt's adapter merges a batch by its key into what is there; elsewhere it takes its place."""
MENTIONED = re.compile(r"\bbatch\b")


@dataclass(frozen=True, slots=True)
class Batch:
    """A stretch of event time, from its start to just before its end."""

    id: str
    start: datetime
    end: datetime

    def as_template_value(self) -> dict[str, Any]:
        """What templates see as `model.batch`."""
        return {"id": self.id, "event_time_start": self.start, "event_time_end": self.end}


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of event time that somebody asks for: its batches are made whether something moved or not."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        return f"{_told(self.start)} to {_told(self.end)}"


def parse_window(start: str, end: str) -> Window | None:
    """Read a window, which has both of its ends; times without a zone are UTC.

    >>> str(parse_window("2026-01-03", "2026-01-05 12:30"))
    '2026-01-03 to 2026-01-05 12:30'

    Raises:
        UsageError: there is only one end, one is no time, or there is nothing between them.
    """
    if not start and not end:
        return None
    if not start or not end:
        given, other = ("start", "end") if start else ("end", "start")
        raise UsageError(
            f"--event-time-{given} needs --event-time-{other}.", hint="give both: the end is the first moment outside."
        )
    window = Window(_moment(start, "start"), _moment(end, "end"))
    if window.start >= window.end:
        raise UsageError(f"nothing lies in {window}.", hint="--event-time-start is before --event-time-end.")
    return window


def _moment(text: str, which: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--event-time-{which} is no time: {text}", hint="write it as 2026-01-31, or 2026-01-31T14:30:00."
        ) from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _told(moment: datetime) -> str:
    """As short as it can be said."""
    return moment.strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00").removesuffix(" 00:00")


@dataclass(frozen=True, slots=True)
class Batching:
    """How a model is cut into batches, in dbt's words."""

    event_time: str
    size: str
    begin: datetime
    lookback: int = 1

    def batches(self, now: datetime, *, is_first: bool, window: Window | None = None) -> tuple[Batch, ...]:
        """What a run at `now` makes: everything since `begin` at first, then the batch of now and those looked back on.

        Of a `window` every batch that it touches is made, and no other.

        >>> daily = Batching("at", "day", datetime(2026, 1, 1, tzinfo=UTC))
        >>> [batch.id for batch in daily.batches(datetime(2026, 1, 3, 8, tzinfo=UTC), is_first=True)]
        ['20260101', '20260102', '20260103']
        >>> [batch.id for batch in daily.batches(datetime(2026, 1, 3, 8, tzinfo=UTC), is_first=False)]
        ['20260102', '20260103']
        """
        if window is not None:
            whole = self.whole(window)
            return tuple(self._cut(whole.start, whole.end))
        end = self._ceiling(now)
        start = self._floor(self.begin) if is_first else self._moved(end, -1 - self.lookback)
        return tuple(self._cut(start, end))

    def whole(self, window: Window) -> Window:
        """The stretch of the batches that a window touches."""
        return Window(self._floor(window.start), self._ceiling(window.end))

    def current(self, now: datetime) -> datetime:
        """The start of the last batch at `now`: until it is over, time passing makes no other batches."""
        return self._moved(self._ceiling(now), -1)

    def _cut(self, start: datetime, end: datetime) -> Iterable[Batch]:
        """There is always one, if only an empty one before `begin`: a table has to be made of something."""
        while True:
            following = self._moved(start, 1)
            yield Batch(start.strftime(SIZES[self.size]), start, following if following < end else end)
            if following >= end:
                return
            start = following

    def _ceiling(self, moment: datetime) -> datetime:
        floor = self._floor(moment)
        return floor if floor == moment else self._moved(floor, 1)

    def _floor(self, moment: datetime) -> datetime:
        moment = moment.replace(minute=0, second=0, microsecond=0)
        if self.size != "hour":
            moment = moment.replace(hour=0)
        if self.size in ("month", "year"):
            moment = moment.replace(day=1)
        return moment.replace(month=1) if self.size == "year" else moment

    def _moved(self, start: datetime, count: int) -> datetime:
        """The start of the batch that is `count` later."""
        if self.size in ("hour", "day"):
            return start + count * (timedelta(hours=1) if self.size == "hour" else timedelta(days=1))
        if self.size == "year":
            return start.replace(year=start.year + count)
        years, month = divmod(start.month - 1 + count, 12)
        return start.replace(year=start.year + years, month=month + 1)


def is_microbatch(node: Node) -> bool:
    """Whether a model is built batch by batch."""
    return node.materialized == "incremental" and node.config.get("incremental_strategy") == "microbatch"


def mentions_batch(node: Node) -> bool:
    """Whether its template looks at `model.batch`, so that every batch may have another SQL."""
    return MENTIONED.search(node.raw) is not None


def verify_batches(nodes: Iterable[Node], kind: str) -> None:
    """Refuse microbatch models that do not say how they are cut, or how a batch meets what is there.

    Raises:
        ConfigError: a setting is missing or means nothing.
    """
    for node in nodes:
        if is_microbatch(node):
            batching_of(node)
            _verify_key(node, is_merged=kind in MERGED)


def _verify_key(node: Node, *, is_merged: bool) -> None:
    if is_merged and not node.config.get("unique_key"):
        raise _refused(
            node, "has no unique_key, by which dbt-postgres merges batches into what is there",
            "unique_key: the columns that tell rows apart.",
        )  # fmt: skip
    if not is_merged and node.config.get("unique_key"):
        raise _refused(
            node, "has a unique_key, and whole batches are replaced",
            "take it out, or choose `merge` or `delete+insert`.",
        )  # fmt: skip


def batching_of(node: Node) -> Batching:
    """Read a microbatch model's settings.

    Raises:
        ConfigError: a setting is missing or means nothing.
    """
    config = node.config
    if node.language != "sql":
        raise _refused(node, "is no SQL", "write it in SQL, or choose another incremental_strategy.")
    event_time = config.get("event_time")
    if not isinstance(event_time, str) or not event_time:
        raise _refused(node, "has no event_time", "event_time: the column that says when a row happened.")
    size = config.get("batch_size")
    if size not in SIZES:
        raise _refused(node, f"has the batch_size `{size}`", f"there are {', '.join(SIZES)}.")
    lookback = config.get("lookback", 1)
    if not isinstance(lookback, int) or isinstance(lookback, bool) or lookback < 0:
        raise _refused(
            node, f"has the lookback `{lookback}`", "give how many batches before the current one to make again."
        )
    return Batching(event_time, str(size), _begin(node, config), lookback)


def _begin(node: Node, config: Mapping[str, Any]) -> datetime:
    begin = config.get("begin")
    if isinstance(begin, str):
        try:
            begin = datetime.fromisoformat(begin)
        except ValueError as error:
            raise _refused(node, f"has the begin `{begin}`", "write it as 2024-01-01.") from error
    if isinstance(begin, date) and not isinstance(begin, datetime):
        begin = datetime(begin.year, begin.month, begin.day, tzinfo=UTC)
    if not isinstance(begin, datetime):
        raise _refused(node, "has no begin", "begin: 2024-01-01, where the first batch starts.")
    return begin.replace(tzinfo=UTC)


def _refused(node: Node, why: str, hint: str) -> ConfigError:
    return ConfigError(
        f"`{node.name}` is built in microbatches and {why}.", path=node.place.path, line=node.place.line, hint=hint
    )
