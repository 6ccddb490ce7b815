"""Defines what monitors remember: what was seen of datasets over time, and what was told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Literal

from dryland.digest import digest
from dryland.values import dataclass

Feedback = Literal["", "expected", "not-an-issue"]


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one dataset at one moment.

    `body` is JSON-like, and has what somebody measured: `rows`; `columns`, by name with `type`, `nulls` (a share),
    `distinct`, `min`, `max`, `mean`, `quantiles` and `shares`; `duration_s`; `cost_s` (what its builds took within a
    day); `newest` (ISO time of the newest data); `segments`, by column and value; `metrics`, by name; and `verb`, which
    says who looked.
    """

    environment: str
    dataset: str  # unique id of the node or source
    at: datetime  # naive, UTC
    body: Mapping[str, object] = field(default_factory=dict)
    release: int | None = None
    run: int | None = None
    build_key: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """One value of one monitor that was outside of its bounds."""

    environment: str
    dataset: str
    monitor: str  # `volume`, `nulls:email`, `metric:revenue`
    at: datetime  # of the observation
    feedback: Feedback = ""  # what people said of it
    body: Mapping[str, object] = field(default_factory=dict)  # value, low, high, message

    @property
    def id(self) -> str:
        """What people call it by: short, and the same when it is found again."""
        return digest([self.environment, self.dataset, self.monitor, self.at.isoformat()])


@dataclass(frozen=True, slots=True)
class Learned:
    """What monitors have learned of one dataset, so that its history is not read with each observation."""

    environment: str
    dataset: str
    decided_by: str  # what was so when it was learned; where that is another now, it holds no more
    body: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scored:
    """What the quality score of one dataset is made of since a moment, but for incidents: these know their own times.

    `parts` are the shares of checks that are good, of freshness and of documentation; None where readers see the
    dataset no more.
    """

    environment: str
    dataset: str
    at: datetime  # naive, UTC
    parts: tuple[float, float, float] | None
