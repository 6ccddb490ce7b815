"""Writes the world into a folder, and lets its clock go on: a new day, a corrupt day, a day put right.

shop.sqlite             what the shop's systems have exported, day by day
crm_preferences.csv     what the CRM knows
events/<day>.jsonl      what the web site logged
world.json              the world's clock and seed
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from .corruption import corrupted
from .population import DAYS_TO_COME
from .shop import DAYS, Export, Shop, Table, export_of
from .web import preferences_on, sessions_of

UNTIL = date(2026, 2, 28)  # the world has a clock of its own: the demo is the same on every day
TABLES = {
    "customers": "customer_id INTEGER, full_name TEXT, email TEXT, country TEXT, birth_year INTEGER, "
    "signed_up_on TEXT, updated_at TEXT",
    "products": "product_id INTEGER, name TEXT, category TEXT, price TEXT, updated_at TEXT",
    "orders": "order_id INTEGER, customer_id INTEGER, ordered_at TEXT, status TEXT, channel TEXT, "
    "discount_code TEXT, updated_at TEXT",
    "order_lines": "line_id INTEGER, order_id INTEGER, line_number INTEGER, product_id INTEGER, "
    "quantity INTEGER, unit_price REAL",
}


@dataclass(frozen=True, slots=True)
class Volumes:
    """How many rows were written, late and repeated ones included."""

    customers: int = 0
    products: int = 0
    orders: int = 0
    order_lines: int = 0
    sessions: int = 0

    def __add__(self, other: Volumes) -> Volumes:
        return Volumes(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(Volumes)))


def generate(
    folder: Path, *, seed: int = 7, customers: int = 22_000, orders: int = 420_000, until: date = UNTIL
) -> Volumes:
    """Write two years that end on `until` into `folder`, replacing a world that was there before.

    Keep about twenty orders to a customer: a smaller world of that shape still passes every check of the
    project down to some 80,000 orders, below which one day differs too much from the next.
    """
    shop = Shop(seed, customers, orders, until)
    _clear(folder)
    volumes = Volumes()
    with closing(_open(folder)) as database:
        for name, columns in TABLES.items():
            database.execute(f"CREATE TABLE {name} ({columns}, batch_day TEXT, batch_id INTEGER)")
        for number in range(DAYS):
            day = shop.start + timedelta(days=number)
            volumes += _write_day(folder, database, shop, day, export_of(shop, day), number + 1)
        for name in TABLES:
            database.execute(f"CREATE INDEX {name}_by_batch ON {name} (batch_id)")
        database.commit()
    _write_clock(folder, shop, until)
    return volumes


def today(folder: Path) -> date:
    """The day the world in `folder` has reached."""
    return date.fromisoformat(json.loads((folder / "world.json").read_text())["today"])


def advance(folder: Path, day: date | None = None, *, corrupt: str | None = None) -> Volumes:
    """Let one day pass; `corrupt` spoils what the shop exports on it.

    Raises:
        ValueError: `day` is not the next day, the world has ended, or `corrupt` names no known corruption.
    """
    shop, tomorrow = _read_shop(folder), today(folder) + timedelta(days=1)
    if day not in (None, tomorrow):
        raise ValueError(f"The next day of this world is {tomorrow}, not {day}.")
    if tomorrow > shop.until + timedelta(days=DAYS_TO_COME):
        raise ValueError(f"This world ends on {tomorrow}; generate a new one.")
    export = export_of(shop, tomorrow)
    if corrupt:
        export = corrupted(export, corrupt, shop.rng(tomorrow, 5))
    return _deliver(folder, shop, tomorrow, export)


def repair(folder: Path, day: date | None = None) -> Volumes:
    """Export `day` (the last one, unless told otherwise) again, this time rightly, in place of what it exported."""
    shop, day = _read_shop(folder), day or today(folder)
    if not shop.start <= day <= today(folder):
        raise ValueError(f"{day} is not a day this world has seen.")
    return _deliver(folder, shop, day, export_of(shop, day))


def _deliver(folder: Path, shop: Shop, day: date, export: Export) -> Volumes:
    with closing(_open(folder)) as database:
        (last,) = database.execute("SELECT max(batch_id) FROM orders").fetchone()
        for name in TABLES:
            database.execute(f"DELETE FROM {name} WHERE batch_day = ?", (day.isoformat(),))
        volumes = _write_day(folder, database, shop, day, export, last + 1)
        database.commit()
    _write_clock(folder, shop, max(day, today(folder)))
    return volumes


def _clear(folder: Path) -> None:
    shutil.rmtree(folder / "events", ignore_errors=True)
    for name in ("shop.sqlite", "crm_preferences.csv", "world.json"):
        (folder / name).unlink(missing_ok=True)
    (folder / "events").mkdir(parents=True)


def _open(folder: Path) -> sqlite3.Connection:
    database = sqlite3.connect(folder / "shop.sqlite")
    database.execute("PRAGMA synchronous = OFF")  # a world that is lost can be made again
    return database


def _write_day(
    folder: Path, database: sqlite3.Connection, shop: Shop, day: date, export: Export, batch_id: int
) -> Volumes:
    for name in TABLES:
        _insert(database, name, getattr(export, name), day.isoformat(), batch_id)
    sessions = sessions_of(shop, day)
    events = folder / "events" / f"{day.isoformat()}.jsonl"
    events.write_text("\n".join(sessions) + "\n")
    return Volumes(*(len(next(iter(getattr(export, name).values()))) for name in TABLES), len(sessions))


def _insert(database: sqlite3.Connection, name: str, table: Table, batch_day: str, batch_id: int) -> None:
    count = len(next(iter(table.values())))
    columns = [*table.values(), np.full(count, batch_day, dtype=object), np.full(count, batch_id)]
    marks = ", ".join("?" * len(columns))
    rows = zip(*(column.tolist() for column in columns), strict=True)
    database.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)


def _read_shop(folder: Path) -> Shop:
    known = json.loads((folder / "world.json").read_text())
    return Shop(known["seed"], known["customers"], known["orders"], date.fromisoformat(known["until"]))


def _write_clock(folder: Path, shop: Shop, day: date) -> None:
    (folder / "crm_preferences.csv").write_text("\n".join(preferences_on(shop, day)) + "\n")
    world = {**asdict(shop), "until": shop.until.isoformat(), "today": day.isoformat()}
    (folder / "world.json").write_text(json.dumps(world, indent=2) + "\n")
