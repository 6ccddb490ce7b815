"""Decides who the shop's customers are, when each of them joins and leaves, and how much each buys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FIRST_NAMES = (
    "Ada Amir Ana Astrid Ben Bruno Carla Chloe Dario Dilek Elena Emil Fatima Felix Greta Hana Hugo Ines Ivan Jana "
    "Jonas Julia Karim Lea Leon Lucia Malik Maria Mateo Mila Nadia Noah Olga Oscar Paula Rosa Samir Sofia Tomas Zoe"
).split()
LAST_NAMES = (
    "Adler Bauer Bianchi Costa Demir Dubois Eriksen Fischer Garcia Haddad Hansen Horvat Ivanova Jansen Kaya Keller "
    "Kowalski Laurent Lopez Marin Meyer Moreau Nowak Olsen Peeters Petit Popov Rossi Santos Schmidt Silva Simon "
    "Sorensen Tanaka Thomas Vidal Vogel Weber Yilmaz Zimmer"
).split()
# The same country in every spelling that people, tills and imports have typed over the years.
COUNTRY_SPELLINGS = {
    "DE": ("DE", "Germany", "germany ", "Deutschland"),
    "FR": ("FR", "France", "FRANCE"),
    "ES": ("ES", "Spain", " España"),
    "IT": ("IT", "Italy", "Italia"),
    "NL": ("NL", "Netherlands", "Holland"),
    "PL": ("PL", "Poland", "poland"),
}
COUNTRY_WEIGHTS = (0.38, 0.20, 0.14, 0.12, 0.09, 0.07)
YEARS_BEFORE_START = 3
DAYS_TO_COME = 366  # how far beyond its first two years the world can be advanced
JOINING_A_DAY = 12
MEAN_DAYS_BEFORE_LEAVING = 2200


@dataclass(frozen=True, slots=True)
class Population:
    """Everyone who will ever be a customer, in the order of joining; one array per fact, days as ordinals."""

    customer_id: np.ndarray
    joined: np.ndarray
    leaves: np.ndarray
    rate: np.ndarray
    spend: np.ndarray
    full_name: np.ndarray
    email: np.ndarray
    country: np.ndarray
    birth_year: np.ndarray

    def pick(self, day: int, count: int, rng: np.random.Generator) -> np.ndarray:
        """Indexes of `count` customers who are around on `day`, those who buy often more often."""
        around = np.where((self.joined <= day) & (day < self.leaves), self.rate, 0.0)
        reach = np.cumsum(around)
        return np.searchsorted(reach, rng.random(count) * reach[-1], side="right")


def populate(customers: int, start: int, until: int, rng: np.random.Generator) -> Population:
    """Return the `customers` who join up to the ordinal day `until`, and those who will join after it."""
    joined = _joining_days(customers, start, until, rng)
    count = len(joined)
    customer_id = 1001 + np.arange(count)
    full_name = _names(count, rng)
    return Population(
        customer_id=customer_id,
        joined=joined,
        leaves=np.maximum(joined, start) + rng.exponential(MEAN_DAYS_BEFORE_LEAVING, count).astype(int) + 1,
        rate=rng.lognormal(0.0, 1.0, count),
        spend=rng.gamma(1.5, 0.5, count),
        full_name=full_name,
        email=_emails(full_name, customer_id, rng),
        country=_countries(count, rng),
        birth_year=_birth_years(count, rng),
    )


def _joining_days(customers: int, start: int, until: int, rng: np.random.Generator) -> np.ndarray:
    before = int(customers * 0.65)
    early = rng.integers(start - 365 * YEARS_BEFORE_START, start, before)
    recent = rng.integers(start, until + 1, customers - before)
    to_come = until + 1 + np.repeat(np.arange(DAYS_TO_COME), JOINING_A_DAY)
    return np.concatenate([np.sort(early), np.sort(recent), to_come])


def _names(count: int, rng: np.random.Generator) -> np.ndarray:
    """Names as people type them: one in ten in capitals, with a double space, or with blanks around it."""
    first = rng.integers(0, len(FIRST_NAMES), count)
    last = rng.integers(0, len(LAST_NAMES), count)
    ugly = rng.random(count)
    names = [f"{FIRST_NAMES[f]} {LAST_NAMES[s]}" for f, s in zip(first.tolist(), last.tolist(), strict=True)]
    for index in np.flatnonzero(ugly < 0.10).tolist():
        name = names[index]
        names[index] = (name.upper(), name.replace(" ", "  "), f" {name} ")[index % 3]
    return np.array(names, dtype=object)


def _emails(full_name: np.ndarray, customer_id: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Addresses of which 3 in 100 are missing and 5 in 100 are in capitals."""
    chance = rng.random(len(full_name))
    emails = np.array(
        [
            f"{'.'.join(name.lower().split())}{number}@example.com"
            for name, number in zip(full_name.tolist(), customer_id.tolist(), strict=True)
        ],
        dtype=object,
    )
    emails[chance < 0.03] = None
    shouting = (chance >= 0.03) & (chance < 0.08)
    emails[shouting] = [email.upper() for email in emails[shouting]]
    return emails


def _countries(count: int, rng: np.random.Generator) -> np.ndarray:
    codes = rng.choice(len(COUNTRY_SPELLINGS), count, p=COUNTRY_WEIGHTS).tolist()
    spellings = list(COUNTRY_SPELLINGS.values())
    picks = (rng.random(count) ** 3).tolist()  # the first spelling is the usual one
    return np.array(
        [spellings[code][int(pick * len(spellings[code]))] for code, pick in zip(codes, picks, strict=True)],
        dtype=object,
    )


def _birth_years(count: int, rng: np.random.Generator) -> np.ndarray:
    """Years of birth; one in five is not known, and some are the 1900 of a form's default."""
    years = rng.integers(1945, 2007, count).astype(object)
    chance = rng.random(count)
    years[chance < 0.20] = None
    years[chance > 0.99] = 1900
    return years
