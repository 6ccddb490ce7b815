"""Plays many rounds in one folder, from a seed of their own."""

from __future__ import annotations

import math
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from crash.ground import Ground
from crash.places import OnDuckDB, OnPostgres, Place
from crash.play import Round, play

KILLS_MAX = 60  # in one folder: what grows there makes later rounds slower, and a broken one ends it
ROUNDS_PER_KILL = 12  # some rounds only measure, and some harm is not felt: with more something is wrong

PLACES: Mapping[str, Callable[[Path], Place]] = {
    "duckdb": OnDuckDB,
    "postgres": partial(OnPostgres, remembers_there=False),
    "postgres-metadata": partial(OnPostgres, remembers_there=True),
}
"""Name on the command line -> how it is made."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stretch to be played."""

    place: str
    seed: str
    kills: int
    until: float | None = None  # by the clock: what is not played by then is left out


@dataclass(frozen=True, slots=True)
class Stretch:
    """What came of it."""

    wanted: Wanted
    rounds: tuple[Round, ...]
    looks: int  # of the reader who never stops
    away: int  # when nobody answered him
    seconds: float
    died: str = ""  # why the harness itself came to an end

    @property
    def kills(self) -> list[Round]:
        """The rounds in which a verb was really struck."""
        return [each for each in self.rounds if each.landed]


def wanted(kills: int, places: Sequence[str], seed: int) -> list[Wanted]:
    """The stretches, each from a seed that depends on nothing but the whole's."""
    found = []
    for at, place in enumerate(places):
        left = kills // len(places) + (at < kills % len(places))
        folders = -(-left // KILLS_MAX)
        shares = [left // folders + (folder < left % folders) for folder in range(folders)]
        found += [(folder, Wanted(place, f"{seed}-{place}-{folder}", share)) for folder, share in enumerate(shares)]
    return [each for _, each in sorted(found, key=lambda numbered: numbered[0])]  # all places from the beginning


def played(wanted: Wanted) -> Stretch:
    """Play until there are as many kills as wanted, or an invariant is broken: what comes after that proves nothing."""
    folder = Path(tempfile.mkdtemp(prefix="dryland-crash-"))
    folder.chmod(0o755)  # the server has an account of its own
    os.environ["DRYLAND_CACHE"] = str(folder / "cache")
    began, rounds, died, looks = time.monotonic(), list[Round](), "", (0, 0)
    try:
        with Ground(PLACES[wanted.place](folder), folder, random.Random(wanted.seed)) as ground:
            try:
                _play_all(ground, wanted, rounds)
            finally:
                looks = ground.looks()
    except Exception as error:
        died = f"{type(error).__name__}: {error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Stretch(wanted, tuple(rounds), *looks, time.monotonic() - began, died)


def _play_all(ground: Ground, wanted: Wanted, rounds: list[Round]) -> None:
    done, kills = Counter[tuple[str, str]](), 0
    until = wanted.until or math.inf
    while kills < wanted.kills and time.time() < until and not (rounds and rounds[-1].broken):
        assert len(rounds) < wanted.kills * ROUNDS_PER_KILL + 20, f"only {kills} kills in {len(rounds)} rounds"
        rounds.append(play(ground, len(rounds) + 1, done))
        kills += rounds[-1].landed
        sys.stderr.write(f"{wanted.place} {_told(rounds[-1])}\n")


def _told(played: Round) -> str:
    hit = "hit" if played.landed else "missed"
    return (
        f"{played.number}: {played.kind or 'measured'}, {played.deed}, {hit}, {played.where or '-'}, "
        f"{played.outcome or '-'}{played.broken or ''}"
    )
