"""Makes the ten tables that a benchmark's project reads: ten thousand rows each, by arithmetic, so always the same."""

from __future__ import annotations

from pathlib import Path

import duckdb

from scale.graph import EVENTS
from scale.model import RAW, REGIONS, STATUSES

ROWS, CUSTOMERS = 10_000, 1_000
CUSTOMERS_TABLE = f"""
create table {RAW}.customers as
select
    i as id,
    case when i % 3 = 0 then i // 3 end as referred_by,
    ' customer ' || i as name,
    {list(STATUSES)}[1 + i % {len(STATUSES)}] as status,
    {list(REGIONS)}[1 + (i // 4) % {len(REGIONS)}] as region,
    cast((i * 37) % 5000 as decimal(12, 2)) as credit,
    date '2020-01-01' + cast(i % 1000 as integer) as joined_on
from range({ROWS}) as numbers(i)
"""
EVENTS_TABLE = """
create table {raw}.{name} as
select
    i as id,
    (i * {prime} + 11) % {customers} as customer_id,
    upper({statuses}[1 + (i * {prime} // 7) % {statuses_count}]) as status,
    {regions}[1 + (i // 4 + {prime}) % {regions_count}] as region,
    cast((i * {prime}) % 20000 as decimal(12, 2)) / 100 as amount,
    (i + {prime}) % 9 as quantity,
    timestamp '2023-06-01' + to_days(cast((i * {prime}) % 700 as integer)) as happened_on
from range({rows}) as numbers(i)
"""
PRIMES = (7919, 6007, 5003, 4001, 3001, 2003, 1999, 1009, 7001)


def write_tables(path: Path) -> None:
    """Write them into a DuckDB file that is not there yet."""
    with duckdb.connect(path) as connection:
        connection.execute(f"create schema {RAW}")
        connection.execute(CUSTOMERS_TABLE)
        for name, prime in zip(EVENTS, PRIMES, strict=True):
            connection.execute(_events(name, prime))


def _events(name: str, prime: int) -> str:
    return EVENTS_TABLE.format(
        raw=RAW, name=name, prime=prime, rows=ROWS, customers=CUSTOMERS,
        statuses=list(STATUSES), statuses_count=len(STATUSES), regions=list(REGIONS), regions_count=len(REGIONS),
    )  # fmt: skip
