"""Makes histories of datasets as they are without faults: seasons, trends, month ends, holidays, noise, gaps.

It knows nothing of the detector, and shares no code with it.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

START = datetime.fromisoformat("2025-01-06T05:00")  # a Monday
LEARNING_DAYS, JUDGED_DAYS = 90, 90
HOLIDAYS = tuple(
    date(2025, month, day)
    for month, day in ((1, 20), (2, 17), (3, 4), (4, 18), (4, 21), (5, 1), (5, 26), (6, 9), (6, 19), (7, 4))
)
WEEKS = {
    "none": (1.0,) * 7,
    "quiet weekend": (1.0, 1.02, 1.0, 0.98, 1.05, 0.6, 0.5),
    "closed weekend": (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0),
    "busy weekend": (0.8, 0.8, 0.85, 0.9, 1.1, 1.5, 1.4),
}
NOISES = (0.01, 0.03, 0.05, 0.08)


@dataclass
class Traits:
    """How one dataset behaves."""

    level: float
    week: str
    trend: float  # per day, as a factor less one
    month_end: float  # a factor on the last day of a month
    on_holidays: float  # a factor
    noise: float  # standard deviation of the logarithm
    leans: float  # correlation of a day's noise with the day's before
    is_wild: bool  # noise has tails as Student's t with four degrees of freedom
    grows: bool  # rows stay, and each day's come on top
    outliers: int  # of the time before it is judged, and nobody marked them


@dataclass
class History:
    """What would be observed of a dataset, day by day."""

    traits: Traits
    at: list[datetime]
    bodies: list[dict[str, Any]]
    rows: list[float] = field(default_factory=list)  # of each day

    @property
    def judged_from(self) -> datetime:
        """Until then a detector may learn."""
        return START + timedelta(days=LEARNING_DAYS)


def traits(random_: random.Random) -> Traits:
    """A dataset as there might be one."""
    return Traits(
        level=math.exp(random_.uniform(math.log(200), math.log(1_000_000))),
        week=random_.choice(list(WEEKS)),
        trend=random_.choice((0.0, 0.0, random_.uniform(-0.002, 0.004))),
        month_end=random_.choice((1.0, 1.0, 1.0, random_.uniform(1.3, 2.0))),
        on_holidays=random_.choice((1.0, 1.0, random_.uniform(0.1, 0.6))),
        noise=random_.choice(NOISES),
        leans=random_.choice((0.0, 0.0, 0.3, 0.5)),
        is_wild=random_.random() < 0.2,
        grows=random_.random() < 0.25,
        outliers=random_.choice((0, 0, 1, 2)),
    )


def history(random_: random.Random, of: Traits | None = None) -> History:
    """A history without faults."""
    of = of or traits(random_)
    noise, total = 0.0, of.level * 200
    columns = _columns(random_)
    found = History(of, [], [])
    wild_days = set(random_.sample(range(20, LEARNING_DAYS), of.outliers))
    for day in range(LEARNING_DAYS + JUDGED_DAYS):
        at = START + timedelta(days=day, minutes=random_.gauss(0, 6))
        shock = _student(random_) if of.is_wild else random_.gauss(0, 1)
        noise = of.leans * noise + math.sqrt(1 - of.leans**2) * shock * of.noise
        rows = of.level * WEEKS[of.week][at.weekday()] * (1 + of.trend) ** day * math.exp(noise)
        rows *= of.month_end if (at + timedelta(days=1)).day == 1 else 1.0
        rows *= of.on_holidays if at.date() in HOLIDAYS else 1.0
        rows = _poisson(random_, rows)
        if day in wild_days:
            rows *= random_.choice((0.2, 3.0))
        total += rows
        if random_.random() < 0.02:
            continue  # nobody looked that day
        found.at.append(at)
        found.rows.append(rows)
        found.bodies.append(_body(random_, round(total if of.grows else rows), at, columns))
    return found


def _columns(random_: random.Random) -> dict[str, dict[str, float]]:
    """Six columns: how often they are null, how many values they have, what their mean is."""
    return {
        f"c{number}": {
            "nulls": random_.choice((0.0, 0.0, random_.uniform(0.001, 0.2))),
            "distinct": math.exp(random_.uniform(1, 8)),
            "mean": random_.uniform(-50, 500),
            "deviation": random_.uniform(5, 200),
        }
        for number in range(6)
    }


def _body(random_: random.Random, rows: int, at: datetime, columns: dict[str, dict[str, float]]) -> dict[str, Any]:
    lag = timedelta(hours=2, minutes=random_.gauss(0, 15))
    took_s = 40 * math.exp(random_.gauss(0, 0.15))
    return {
        "rows": rows,
        "columns": {name: _column(random_, of, rows) for name, of in columns.items()} if rows else {},
        "duration_s": took_s,
        "cost_s": took_s,  # once a day
        "newest": (at - lag).isoformat(),
        "verb": "run",
    }


def _column(random_: random.Random, of: dict[str, float], rows: int) -> dict[str, Any]:
    share = of["nulls"] + random_.gauss(0, 1) * math.sqrt(of["nulls"] * (1 - of["nulls"]) / rows)
    mean = of["mean"] + random_.gauss(0, 1) * of["deviation"] / math.sqrt(rows)
    distinct = min(of["distinct"] * math.exp(random_.gauss(0, 0.02)), rows)
    return {"type": "DOUBLE", "nulls": min(max(share, 0.0), 1.0), "distinct": round(distinct), "mean": mean}


def _poisson(random_: random.Random, mean: float) -> float:
    """Things that come one by one; of many, the normal distribution with that spread."""
    if mean <= 0:
        return 0.0
    return float(max(0, round(random_.gauss(mean, math.sqrt(mean)))))


def _student(random_: random.Random) -> float:
    """Student's t with four degrees of freedom, of variance one."""
    chi = sum(random_.gauss(0, 1) ** 2 for _ in range(4))
    return random_.gauss(0, 1) / math.sqrt(chi / 4) / math.sqrt(2)
