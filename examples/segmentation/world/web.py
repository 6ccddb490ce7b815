"""Computes what the web site logs on each day (sessions), and what the CRM knows of each customer's wishes."""

from __future__ import annotations

from datetime import date

import numpy as np

from .shop import CLOCK, DAYS, Shop, population

SESSIONS_FOR_EACH_ORDER = 0.52
DEVICES = ("iPhone", "android", "Android", "desktop", "Desktop", "tablet")
SOURCES = ("search", "newsletter", "social", "direct", "ads")
# The CRM has had three owners, each with a yes and a no of their own.
YES, NO = ("yes", "Y", "1"), ("no", "N", "0")
LANGUAGES = ("de", "fr", "es", "it", "nl", "pl", "")
PROSPECTS = 150  # people the CRM knows who never signed up at the shop
PREFERENCES_HEADER = "customer_id,email_opt_in,sms_opt_in,language,changed_on"


def sessions_of(shop: Shop, day: date) -> list[str]:
    """Return the web sessions of `day`, one JSON text each; one in a hundred is there twice."""
    rng, people = shop.rng(day, 4), population(shop)
    count = int(rng.poisson(shop.orders / DAYS * SESSIONS_FOR_EACH_ORDER))
    visitor = people.customer_id[people.pick(day.toordinal(), count, rng)]
    is_known = rng.random(count) < 0.65
    second = np.sort(rng.integers(0, 86_400, count))
    pages = 1 + rng.geometric(0.25, count)
    is_bot = rng.random(count) < 0.03
    columns = (
        np.arange(1, count + 1),
        np.where(is_known & ~is_bot, visitor, None),
        second,
        np.where(is_bot, pages * 40, pages),
        np.where(rng.random(count) < 0.02, None, pages * rng.integers(8, 60, count)),
        rng.integers(0, len(DEVICES), count),
        rng.integers(0, len(SOURCES), count),
        rng.random(count) < 0.18,
        is_bot,
    )
    lines = [
        _session(day.isoformat(), *values) for values in zip(*(column.tolist() for column in columns), strict=True)
    ]
    return lines + [lines[index] for index in np.flatnonzero(rng.random(count) < 0.01).tolist()]


def _session(
    day: str,
    number: int,
    customer: int | None,
    second: int,
    pages: int,
    seconds: int | None,
    device: int,
    source: int,
    to_cart: bool,
    is_bot: bool,
) -> str:
    """One session as JSON; written by hand, for it is written two hundred thousand times."""
    return (
        f'{{"session_id":"{day}-{number:05}","customer_id":{"null" if customer is None else customer},'
        f'"started_at":"{day}T{CLOCK[second]}Z","device":"{DEVICES[device]}","source":"{SOURCES[source]}",'
        f'"pages":{pages},"seconds":{"null" if seconds is None else seconds},'
        f'"added_to_cart":{"true" if to_cart else "false"},"user_agent":"{"crawler/2.1" if is_bot else "browser"}"}}'
    )


def preferences_on(shop: Shop, day: date) -> list[str]:
    """Return the CRM's list of preferences as it stands on `day`: CSV lines, header first.

    Some customers are missing, some are there twice with an older wish, and some nobody else knows.
    """
    people, rng = population(shop), np.random.default_rng([shop.seed, 2])
    count = len(people.customer_id)
    chance = rng.random(count)
    wants = np.stack([rng.random(count) < 0.62, rng.random(count) < 0.21])
    owner, language = rng.integers(0, len(YES), count), rng.integers(0, len(LANGUAGES), count)
    lines = [PREFERENCES_HEADER]
    for index in np.flatnonzero((people.joined <= day.toordinal()) & (chance > 0.08)).tolist():
        by, joined = int(owner[index]), date.fromordinal(int(people.joined[index])).isoformat()
        email, sms = (YES[by] if wish else NO[by] for wish in wants[:, index].tolist())
        if chance[index] > 0.95:
            lines.append(f"{people.customer_id[index]},{NO[by]},{NO[by]},,2019-01-01")
        lines.append(f"{people.customer_id[index]},{email},{sms},{LANGUAGES[language[index]]},{joined}")
    lines += [f"{9_000_000 + number},yes,no,,2020-05-01" for number in range(PROSPECTS)]
    return lines
