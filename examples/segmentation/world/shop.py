"""Computes what the shop exports on each day: a pure function of its seed and the day.

Because a day is never stored anywhere else, any day can be made again: that is how the world
is advanced, and how a corrupt day is repaired.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from math import pi, sin

import numpy as np

from .population import Population, populate

DAYS = 730  # the two years of history
Table = dict[str, np.ndarray]  # column name -> values; all of one length

CATEGORIES = ("coffee", "tea", "kitchen", "garden", "books", "games")
ADJECTIVES = "Little Grand Quiet Golden Wild Northern Paper Copper Rainy Slow".split()
THINGS = "Kettle Lamp Spoon Basket Bottle Notebook Planter Puzzle Teapot Grinder Tray Mug".split()
PRODUCTS = 240
WEEKDAY_SHARE = (0.95, 0.92, 0.95, 1.00, 1.10, 1.12, 0.96)
CHANNELS = np.array(["web", "Web", "WEB ", "app", "App", "till"], dtype=object)
CHANNEL_SHARE = (0.45, 0.08, 0.02, 0.25, 0.05, 0.15)
PAID_SPELLINGS = np.array(["paid", "Paid", "PAID "], dtype=object)
GUEST = 0  # the customer id that tills and guest checkouts send
LATE_DAYS_MAX = 3
CHANGED_DAYS_MAX = 5  # a late order can still be returned: up to 3 days late, up to 2 more to change
IDS_A_DAY = 100_000
LINES_MAX = 9
CLOCK = [f"{hour:02}:{minute:02}:{second:02}" for hour in range(24) for minute in range(60) for second in range(60)]


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop of a given size whose first two years end on `until`."""

    seed: int
    customers: int
    orders: int
    until: date

    @property
    def start(self) -> date:
        """The first day of its two years."""
        return self.until - timedelta(days=DAYS - 1)

    def rng(self, day: date, purpose: int) -> np.random.Generator:
        """Chance that depends on nothing but the seed, the day and what it is for."""
        return np.random.default_rng([self.seed, day.toordinal(), purpose])

    def orders_expected(self, day: date) -> float:
        """How many orders a usual day like this has: weekends are busy, summers a little quiet."""
        season = 1 + 0.08 * sin(2 * pi * (day.timetuple().tm_yday - 200) / 365)
        return self.orders / DAYS * WEEKDAY_SHARE[day.weekday()] * season


@dataclass(frozen=True, slots=True)
class Export:
    """What the shop's systems hand over for one day."""

    customers: Table
    products: Table
    orders: Table
    order_lines: Table


def export_of(shop: Shop, day: date) -> Export:
    """Return the export of `day`: its own orders, late ones and changes of earlier days, some rows twice."""
    rng = shop.rng(day, 1)
    orders, lines = [], []
    for age in range(CHANGED_DAYS_MAX + 1):
        placed = day - timedelta(days=age)
        if placed < shop.start:
            continue
        arriving = _arriving(shop, placed, age)
        orders += [arriving[0], _changing(shop, placed, age, day)]
        lines.append(arriving[1])
    return Export(
        customers=_customers(shop, day),
        products=_products(shop, day),
        orders=_with_repeats(stack(orders), 0.005, rng),
        order_lines=_with_repeats(stack(lines), 0.003, rng),
    )


@cache
def population(shop: Shop) -> Population:
    """Everyone who will ever buy at `shop`."""
    rng = np.random.default_rng([shop.seed, 0])
    return populate(shop.customers, shop.start.toordinal(), shop.until.toordinal(), rng)


def stack(tables: list[Table]) -> Table:
    """The rows of `tables`, which have the same columns, one table after the other."""
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def rows_where(table: Table, rows: np.ndarray) -> Table:
    """The rows of `table` that a mask or an array of indexes picks."""
    return {name: values[rows] for name, values in table.items()}


@lru_cache(maxsize=CHANGED_DAYS_MAX + 2)
def _placed(shop: Shop, day: date) -> tuple[Table, Table]:
    """All orders placed on `day` and their lines, with what will become of each."""
    rng, people = shop.rng(day, 2), population(shop)
    count = int(rng.poisson(shop.orders_expected(day)))
    buyer = people.pick(day.toordinal(), count, rng)
    second = np.sort(rng.triangular(6 * 3600, 18 * 3600, 24 * 3600, count).astype(int))
    channel = CHANNELS[rng.choice(len(CHANNELS), count, p=CHANNEL_SHARE)]
    late = np.where(rng.random(count) < 0.02, rng.integers(1, LATE_DAYS_MAX + 1, count), 0)
    changes = rng.random(count) < 0.07
    discounted = rng.random(count) < 0.12
    orders = {
        "order_id": ((day - shop.start).days * IDS_A_DAY + np.arange(count) + 1).astype(object),
        "customer_id": np.where(rng.random(count) < 0.01, GUEST, people.customer_id[buyer]).astype(object),
        "ordered_at": _moments(day, second, channel == "till"),
        "status": PAID_SPELLINGS[rng.integers(0, len(PAID_SPELLINGS), count)],
        "channel": channel,
        "discount_code": np.where(discounted, "HELLO10", None),
        "updated_at": _moments(day, second, np.zeros(count, dtype=bool)),
        "late": late,
        "changed": np.where(changes, late + rng.integers(1, 3, count), 0),
        "returned": rng.random(count) < 0.6,
    }
    return orders, _lines(shop, day, orders, people.spend[buyer], rng)


def _moments(day: date, second: np.ndarray, is_till: np.ndarray) -> np.ndarray:
    """Times of day as text; the tills write them their own way."""
    iso, local = day.isoformat(), day.strftime("%d.%m.%Y")
    texts = [
        f"{local} {CLOCK[at][:5]}" if till else f"{iso} {CLOCK[at]}"
        for at, till in zip(second.tolist(), is_till.tolist(), strict=True)
    ]
    return np.array(texts, dtype=object)


def _lines(shop: Shop, day: date, orders: Table, spend: np.ndarray, rng: np.random.Generator) -> Table:
    """One to nine lines for each order; big spenders take more of each product."""
    lines_of = np.minimum(1 + rng.poisson(1.12, len(spend)), LINES_MAX)
    order = np.repeat(np.arange(len(spend)), lines_of)
    number = np.arange(len(order)) - np.repeat(np.cumsum(lines_of) - lines_of, lines_of) + 1
    product = (PRODUCTS * rng.random(len(order)) ** 1.8).astype(int)
    order_id = orders["order_id"][order]
    return {
        "line_id": order_id * 10 + number,
        "order_id": order_id,
        "line_number": number,
        "product_id": (product + 1).astype(object),
        "quantity": 1 + rng.poisson(spend[order]),
        "unit_price": list_prices(shop)[product],
        "late": orders["late"][order],
    }


@cache
def list_prices(shop: Shop) -> np.ndarray:
    """The price of each product, in euros with cents."""
    return np.round(np.random.default_rng([shop.seed, 1]).lognormal(2.6, 0.7, PRODUCTS) + 1, 2)


def _arriving(shop: Shop, placed: date, age: int) -> tuple[Table, Table]:
    """Orders of `placed`, and their lines, that reach the export after `age` days."""
    orders, lines = _placed(shop, placed)
    arriving = rows_where(orders, orders["late"] == age)
    exported = {name: arriving[name] for name in arriving if name not in ("late", "changed", "returned")}
    their_lines = rows_where(lines, lines["late"] == age)
    return exported, {name: their_lines[name] for name in their_lines if name != "late"}


def _changing(shop: Shop, placed: date, age: int, day: date) -> Table:
    """New versions of the orders of `placed` that are returned or cancelled after `age` days."""
    orders, _ = _placed(shop, placed)
    changing = rows_where(orders, (orders["changed"] == age) & (orders["changed"] > 0))
    status = np.where(changing["returned"], "returned", "Cancelled").astype(object)
    changed_at = np.full(len(status), f"{day.isoformat()} 23:30:00", dtype=object)
    kept = {name: changing[name] for name in changing if name not in ("late", "changed", "returned")}
    return {**kept, "status": status, "updated_at": changed_at}


def _with_repeats(table: Table, share: float, rng: np.random.Generator) -> Table:
    """The same rows, and a few of them once more: the export sends at least once."""
    count = len(next(iter(table.values())))
    again = np.flatnonzero(rng.random(count) < share)
    return stack([table, rows_where(table, again)])


def _customers(shop: Shop, day: date) -> Table:
    """Customers who joined on `day` (on the first day: all before it too) and a few who changed their e-mail."""
    people, ordinal = population(shop), day.toordinal()
    is_new = people.joined <= ordinal if day == shop.start else people.joined == ordinal
    known = np.flatnonzero(people.joined < ordinal)
    moved = shop.rng(day, 3).choice(known, 5, replace=False) if day > shop.start else known[:0]
    rows = np.concatenate([np.flatnonzero(is_new), moved])
    emails = people.email[rows]
    emails[len(rows) - len(moved) :] = [f"moved{number}@example.org" for number in people.customer_id[moved].tolist()]
    return {
        "customer_id": people.customer_id[rows],
        "full_name": people.full_name[rows],
        "email": emails,
        "country": people.country[rows],
        "birth_year": people.birth_year[rows],
        "signed_up_on": np.array([date.fromordinal(n).isoformat() for n in people.joined[rows].tolist()], dtype=object),
        "updated_at": np.full(len(rows), f"{day.isoformat()} 23:00:00", dtype=object),
    }


def _products(shop: Shop, day: date) -> Table:
    """The catalogue, on the first day only; prices are text as the catalogue prints them."""
    number = np.arange(PRODUCTS if day == shop.start else 0)
    names = [
        f"{ADJECTIVES[n % len(ADJECTIVES)]} {THINGS[n // len(ADJECTIVES) % len(THINGS)]} {n // 120 + 1}"
        for n in number.tolist()
    ]
    return {
        "product_id": number + 1,
        "name": np.array(names, dtype=object),
        "category": np.array([CATEGORIES[n * 7 % len(CATEGORIES)].title() for n in number.tolist()], dtype=object),
        "price": np.array([f"{list_prices(shop)[n]:.2f} EUR".replace(".", ",") for n in number.tolist()], dtype=object),
        "updated_at": np.full(len(number), f"{day.isoformat()} 23:00:00", dtype=object),
    }
