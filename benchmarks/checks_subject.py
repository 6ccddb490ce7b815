"""Lists what `checks.py` asks of every tool: one table of twenty columns, and a hundred checks of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

TABLE = "orders"
STATUSES = ("new", "paid", "packed", "sent", "returned")
CHANNELS = ("web", "app", "shop", "phone")
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "SEK", "DKK", "PLN", "CZK")
COUNTRIES = ("AT", "BE", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "IE", "IT", "NL", "NO", "PL", "PT", "SE", "US")


def _pick(names: tuple[str, ...], salt: int) -> str:
    return f"{list(names)}[1 + (hash(i + {salt}) % {len(names)})::integer]"


COLUMNS = {
    "id": "i + 1",
    "reference": "(i * 2654435761) % 1099511627776",  # an odd factor and a power of two: no value comes twice
    "customer": "1 + (hash(i + 11) % 1000000)::integer",
    "product": "1 + (hash(i + 12) % 5000)::integer",
    "quantity": "1 + (hash(i + 13) % 20)::integer",
    "price": "(1 + (hash(i + 14) % 50000) / 100)::decimal(12, 2)",
    "discount": "case when hash(i + 15) % 10 > 1 then (hash(i + 16) % 50) / 100.0 end",
    "tax": "((hash(i + 17) % 2600) / 100)::decimal(5, 2)",
    "total": "10 + (hash(i + 18) % 1000000) / 100.0",
    "weight": "case when hash(i + 19) % 20 > 0 then 0.1 + (hash(i + 20) % 30000) / 1000.0 end",
    "status": _pick(STATUSES, 21),
    "channel": _pick(CHANNELS, 22),
    "country": _pick(COUNTRIES, 23),
    "currency": _pick(CURRENCIES, 24),
    "email": "case when hash(i + 25) % 50 > 0 then 'person' || (hash(i + 26) % 500000) || '@example.com' end",
    "phone": "'+43 ' || (100000 + hash(i + 27) % 200000)",
    "postcode": "lpad((hash(i + 28) % 10000)::varchar, 5, '0')",
    "ordered_on": "date '2024-01-01' + (hash(i + 29) % 700)::integer",
    "shipped_on": "case when hash(i + 30) % 5 > 0"
    " then date '2024-01-01' + (hash(i + 29) % 700 + hash(i + 31) % 14)::integer end",
    "seen_at": "timestamp '2024-01-01' + to_seconds((hash(i + 32) % 60000000)::bigint)",
}
NULLABLE = {"discount": 0.25, "weight": 0.1, "email": 0.05, "shipped_on": 0.25}  # the share that may be null
TEXTS = ("status", "channel", "country", "currency", "email", "phone", "postcode")
RANGES: dict[str, tuple[Any, Any]] = {
    "id": (1, 10**12), "reference": (0, 2**40), "customer": (1, 1_000_000), "product": (1, 5000), "quantity": (1, 20),
    "price": (0, 1000), "discount": (0, 0.5), "tax": (0, 25), "total": (0, 10_010), "weight": (0, 31),
    "ordered_on": ("2024-01-01", "2026-01-01"), "shipped_on": ("2024-01-01", "2026-02-01"),
    "seen_at": ("2024-01-01 00:00:00", "2026-01-01 00:00:00"),
}  # fmt: skip
LENGTHS = {"status": (3, 8), "channel": (3, 5), "country": (2, 2), "currency": (3, 3), "email": (10, 40),
           "phone": (10, 10), "postcode": (5, 5)}  # fmt: skip
VALUES = {"status": STATUSES, "channel": CHANNELS[:-1], "country": COUNTRIES, "currency": CURRENCIES}
PATTERNS = {
    "email": r"^[a-z0-9.]+@[a-z0-9-]+[.][a-z]+$",
    "phone": r"^[+][0-9]{2} [0-9]{6}$",
    "postcode": r"^[0-9]{5}$",
    "country": r"^[A-Z]{2}$",
    "currency": r"^[A-Z]{3}$",
}
MEANS = {"quantity": (10, 11), "price": (200, 300), "discount": (0.2, 0.3), "tax": (12, 14), "total": (4900, 5100),
         "weight": (14, 16), "product": (2400, 2600), "customer": (400_000, 600_000)}  # fmt: skip
SUMMED = ("quantity", "price", "tax", "total")
DEVIATING = ("quantity", "price", "discount", "tax", "total")
FORBIDDEN = ("", "n/a", "unknown")
EXPRESSIONS = (
    "shipped_on >= ordered_on",
    "total >= discount",
    "total > weight",
    "price >= 0 or total < 0",
    "quantity * price >= price",
    "discount < 0.5 or status = 'returned'",
    "tax <= 20 or country <> 'CH'",  # does not hold
    "id >= 1 and customer >= 1",
    "total + tax > 0",
    "price * quantity < 20000",
    "weight * quantity < 1000",
    "status <> 'sent' or channel <> 'unknown'",
    "country <> 'US' or currency <> 'XXX'",
    "product <= 5000 or quantity = 0",
    "total < 10010 - discount",  # does not hold
    "customer <> product or quantity > 0",
    "reference >= 0 or id < 0",
    "email <> phone",
    "postcode <> '00000' or country <> 'DE'",  # does not hold
    "channel <> 'phone' or phone <> ''",
    "tax + price > 0",
    "quantity <= 20 and product >= 1",
    "status in ('new', 'paid') or total > 0",
    "country in ('AT', 'DE', 'CH') or tax >= 0",
)
"""Each is true or null in every row, but for those that are said not to be."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One check of the table: of a column, or of its rows; `low` and `high` are bounds, and belong to what is good."""

    kind: str
    column: str = ""
    low: Any = None
    high: Any = None
    values: tuple[str, ...] = ()
    text: str = ""  # a pattern, or SQL that is true or null of a good row
    name: str = ""


def asked() -> tuple[Asked, ...]:
    """The hundred checks."""
    return tuple(replace(each, name=f"{each.kind}_{each.column or at}") for at, each in enumerate(_asked()))


def _asked() -> Iterator[Asked]:
    yield from (Asked("not_null", name) for name in COLUMNS if name not in NULLABLE)
    yield from (Asked("nulls", name, 0, share) for name, share in NULLABLE.items())
    yield from (Asked("unique", name) for name in ("id", "reference"))
    yield from (Asked("range", name, *bounds) for name, bounds in RANGES.items())
    yield from (Asked("length", name, *bounds) for name, bounds in LENGTHS.items())
    yield from (Asked("accepted", name, values=values) for name, values in VALUES.items())
    yield from (Asked("forbidden", name, values=FORBIDDEN) for name in TEXTS)
    yield from (Asked("regex", name, text=pattern) for name, pattern in PATTERNS.items())
    yield from (Asked("mean", name, *bounds) for name, bounds in MEANS.items())
    yield from (Asked("sum", name, 0, 10**15) for name in SUMMED)
    yield from (Asked("deviation", name, 0.01, 10**6) for name in DEVIATING)
    yield Asked("rows", "", 1, 10**12)
    yield from (Asked("expression", text=text) for text in EXPRESSIONS)


def good(check: Asked) -> str:
    """SQL that is true or null of each good row; empty where a check is not about rows."""
    column = check.column
    listed = "', '".join(check.values)
    low, high = (f"'{bound}'" if isinstance(bound, str) else bound for bound in (check.low, check.high))
    return {
        "not_null": f"{column} is not null",
        "range": f"{column} between {low} and {high}",
        "length": f"length({column}) between {low} and {high}",
        "accepted": f"{column} in ('{listed}')",
        "forbidden": f"{column} not in ('{listed}')",
        "regex": f"regexp_matches({column}, '{check.text}')",
        "expression": check.text,
    }.get(check.kind, "")


def measured(check: Asked) -> str:
    """SQL of the number that has to lie between the bounds; empty where a check is about rows, or keys."""
    column = check.column
    return {
        "mean": f"avg({column})",
        "sum": f"sum({column})",
        "deviation": f"stddev({column})",
        "nulls": f"(count(*) - count({column})) / count(*)",
        "rows": "count(*)",
    }.get(check.kind, "")


def repeated(column: str) -> str:
    """SQL of the number of values that are there more than once."""
    once = f"select {column} from {TABLE} where {column} is not null group by {column} having count(*) > 1"
    return f"(select count(*) from ({once}))"


def write_table(folder: Path, rows: int) -> None:
    """The same rows each time: as a table of a DuckDB file, and in Parquet for those who read that."""
    import duckdb  # here, since those who only read the list need not have it

    columns = ", ".join(f"{form} as {name}" for name, form in COLUMNS.items())
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        connection.execute(f"create table {TABLE} as select {columns} from range({rows}) t(i)")
        connection.execute(f"copy {TABLE} to '{folder / 'orders.parquet'}'")
