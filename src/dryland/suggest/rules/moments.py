"""Proposes that a table stays fresh, where a time in it moves on with each build."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from dryland.suggest.proposal import Candidate, Proposal, Sure, known
from dryland.suggest.subject import ColumnFacts, Subject, many

LAG_MAX = timedelta(days=31)  # what is older when it is built is no sign of freshness
AHEAD_MAX = timedelta(days=1)  # clocks and zones differ; what lies further ahead is planned, not past
RISES_MIN = 2
HOURS = (1, 2, 3, 6, 12, 24, 36, 48)
DAYS = (3, 4, 5, 7, 10, 14, 21, 31, 62)


def candidates(subject: Subject) -> Iterator[Candidate]:
    """The column of which the newest value lies closest behind the builds; it may lag twice as much as it did."""
    lags = {column.name: lags for column in subject.columns if (lags := _lags(subject, column))}
    column = min(
        (each for each in subject.columns if each.name in lags), key=lambda each: lags[each.name], default=None
    )
    if column is None:
        return
    built, now = lags[column.name]
    rises = _rises(column)
    evidence = f"its newest value was at most {_shown(built)} old when built"
    if rises:
        evidence += f", and newer in {many(rises, 'build')} of {len(column.before)}"
    sure: Sure = "likely" if rises >= RISES_MIN and rises * 2 >= len(column.before) else "guess"
    arguments = {"within": _within(2 * max(built, now))}
    yield known(Proposal("freshness", column.name, arguments, evidence, sure, {"severity": "warn"}))


def _lags(subject: Subject, column: ColumnFacts) -> tuple[timedelta, timedelta] | None:
    """How far the newest value was behind at most when the table was built, and is now; None if that says nothing."""
    newest = _moment(column.measured.get("max"))
    if column.family != "moment" or column.is_person or not (newest and subject.built_at and subject.now):
        return None
    before = zip((past.at for past in subject.past), column.before, strict=False)
    ends = [(subject.built_at, newest), *((at, _moment(each.get("max"))) for at, each in before)]
    lags = [_aware(at) - moment for at, moment in ends if at and moment]
    now = subject.now - newest
    if min(lags) < -AHEAD_MAX or max(*lags, now) > LAG_MAX:
        return None
    return max(*lags, timedelta(0)), now


def _rises(column: ColumnFacts) -> int:
    tops = [str(each.get("max")) for each in (*column.before, column.measured)]
    return sum(one < other for one, other in pairwise(tops))


def _moment(value: object) -> datetime | None:
    try:
        return _aware(datetime.fromisoformat(str(value)))
    except ValueError:
        return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _within(lag: timedelta) -> str:
    """The next round number of hours or days."""
    hours = lag / timedelta(hours=1)
    if hours <= HOURS[-1]:
        return many(next(each for each in HOURS if each >= hours), "hour")
    return many(next((each for each in DAYS if each * 24 >= hours), DAYS[-1]), "day")


def _shown(lag: timedelta) -> str:
    hours = lag / timedelta(hours=1)
    return many(round(hours / 24), "day") if hours > 48 else many(max(round(hours), 1), "hour")
