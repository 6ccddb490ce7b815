"""Times the row diff of two tables of 10 M x 10 beside a full outer join and scans by hand, in the same run.

Rounds alternate, so that a busy machine is busy for both; medians and their ratios are printed, seconds of the
processor too. DIFF_ROWS makes the tables smaller.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from record import machine, our_versions_told

from dryland.diff.compare import compare
from dryland.diff.request import DiffRequest
from dryland.diff.side import Side
from dryland.engines.duckdb_session import DuckDBSession
from dryland.engines.relation import Relation

ROWS = int(os.environ.get("DIFF_ROWS", 10_000_000))
ROUNDS = int(os.environ.get("DIFF_ROUNDS", 5))
CHANGED, ADDED, REMOVED = 1_000, 500, 500
BEFORE = f"""
    select i as id, (hash(i) % 100000)::integer as customer, (hash(i + 1) % 1000000) / 100.0 as amount,
        (hash(i + 2) % 7)::integer as size, ['new', 'paid', 'sent', 'back', 'lost'][1 + (hash(i + 3) % 5)::integer]
            as status,
        date '2020-01-01' + (hash(i + 4) % 2000)::integer as day,
        ((hash(i + 5) % 10000000) / 100)::decimal(12, 2) as price,
        'name ' || (hash(i + 6) % 500000) as name, hash(i + 7) % 2 = 0 as flag,
        timestamp '2020-01-01' + to_seconds((hash(i + 8) % 100000000)::bigint) as seen
    from range({ROWS}) t(i)"""
AFTER = f"""
    select * replace (case when id % {ROWS // CHANGED} = 17 then amount + 1 else amount end as amount)
    from before where id % {ROWS // REMOVED} <> 3
    union all
    select * replace (id + {2 * ROWS} as id) from before where id % {ROWS // ADDED} = 5"""
COLUMNS = ("customer", "amount", "size", "status", "day", "price", "name", "flag", "seen")
TENTH = "select * replace (case when id % 10 = 7 then amount * 2 else amount end as amount) from before"
SAME = "from before"
JOIN = f"""
    select count(*) filter (b.id is null), count(*) filter (a.id is null), count(*) filter (a.id is not null and
        b.id is not null and ({" or ".join(f"a.{name} is distinct from b.{name}" for name in COLUMNS)}))
    from {{table}} a full join before b on a.id = b.id"""
SCANS = "; ".join(
    f"select count(*), sum(hash(id, {', '.join(COLUMNS)})::hugeint) from {table}" for table in ("before", "{table}")
)

Spent = tuple[float, float]
"""Seconds of the wall's clock, and of the processor."""

QUESTIONS = (
    (f"{CHANGED + ADDED + REMOVED:,} rows differ (full outer join)", "after", AFTER, JOIN, (ADDED, REMOVED, CHANGED)),
    ("identical (one scan of each)", "same", SAME, SCANS, (0, 0, 0)),
    ("a tenth changed, with distributions (full outer join)", "tenth", TENTH, JOIN, (0, 0, ROWS // 10)),
)
"""What it is and its form by hand, the table beside `before`, its query, the SQL by hand, the rows that differ."""


def main() -> None:
    """Make the tables, then time each question beside its form by hand."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(Path(folder) / "diff.duckdb") as connection:
        connection.execute(f"create table before as {BEFORE}")
        _tell_subject()
        for what, table, query, by_hand, expected in QUESTIONS:
            connection.execute(f"create table {table} as {query}")
            _report(what, *_beside(connection, table, by_hand.format(table=table), expected))


def _tell_subject() -> None:
    print(f"\n{machine()}, {our_versions_told()}, {ROWS:,} rows x {len(COLUMNS) + 1} columns; medians of {ROUNDS}")
    print(f"{'':<56} {'dryland':>9} {'by hand':>9} {'ratio':>7} {'of cpu':>7}")


def _beside(
    connection: duckdb.DuckDBPyConnection, table: str, by_hand: str, expected: tuple[int, int, int]
) -> tuple[Spent, Spent]:
    """The median of our rounds, and of those by hand; they take turns."""
    session = DuckDBSession(connection)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_spent(lambda: _diff(session, table, expected)))
        theirs.append(_spent(lambda: [connection.execute(query).fetchall() for query in by_hand.split(";")]))
    return _median(ours), _median(theirs)


def _diff(session: DuckDBSession, table: str, expected: tuple[int, int, int]) -> None:
    found = compare(_side(session, "before"), _side(session, table), DiffRequest(table, "duckdb", ("id",)))
    assert (found.added, found.removed, found.changed) == expected, found


def _side(session: DuckDBSession, name: str) -> Side:
    relation = Relation("diff", "main", name)
    return Side(session, relation, session.columns([relation])[relation])


def _spent(work: Callable[[], object]) -> Spent:
    wall, processor = time.perf_counter(), _processor()
    work()
    return time.perf_counter() - wall, _processor() - processor


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _median(rounds: list[Spent]) -> Spent:
    return statistics.median(each[0] for each in rounds), statistics.median(each[1] for each in rounds)


def _report(what: str, ours: Spent, theirs: Spent) -> None:
    ratios = ours[0] / theirs[0], ours[1] / theirs[1]
    print(f"{what:<56} {ours[0]:7.2f} s {theirs[0]:7.2f} s {ratios[0]:6.2f}x {ratios[1]:6.2f}x")
    told = {"what": what, "dryland_s": ours[0], "by_hand_s": theirs[0], "ratio": ratios[0], "ratio_cpu": ratios[1]}
    print(json.dumps(told), file=sys.stderr)


if __name__ == "__main__":
    main()
