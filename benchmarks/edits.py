"""Counts how many tables 200 edits of a project of 300 models build again: Dryland, dbt, SQLMesh, and the minimum.

    edits.py                      all 200, with us alone, in two processes
    edits.py --peers --write      dbt and SQLMesh beside us, and the result kept in benchmarks/results
    edits.py --areas 1 --edits 20 a small project of 30 models

It ends with an error when Dryland builds too little (a relation holds something else than a full rebuild gives), or
more than it did when this was written.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from edits.beside import dbt_on, sqlmesh_on
from edits.catalogue import edits_of
from edits.counts import REACHED, Peer, as_json, as_markdown, ratio_of
from edits.edit import Edit
from edits.project import AREAS, files_of
from edits.trial import Ground, Trial
from peers import OF_EDITS, install
from record import add_result_arguments, our_versions, record, today


def main() -> None:
    """Try all edits, print the table, and say no to what must not be."""
    told = _arguments()
    if told.install:
        install(tuple(OF_EDITS))
        return
    with tempfile.TemporaryDirectory(prefix="dryland-edits-") as name:
        folder = Path(name)
        os.environ["DRYLAND_CACHE"] = str(folder / "cache")
        edits = edits_of(files_of(told.areas), areas=told.areas, count=told.edits)
        trials = tried(edits, folder, told.areas, told.jobs)
        peers = _peers(edits, folder, told) if told.peers else []
    text = as_markdown(trials, peers, ", ".join(f"{key} {value}" for key, value in _about().items()))
    record("edits", text, as_json(trials, peers, _about()), told)
    _verify(trials)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--areas", type=int, default=len(AREAS), help="areas of the company, 29 models each")
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--peers", action="store_true", help="ask dbt and SQLMesh as well")
    parser.add_argument("--sqlmesh-edits", type=int, default=60, help="how many of them, evenly spread, SQLMesh gets")
    add_result_arguments(parser)
    return parser.parse_args()


def tried(edits: Sequence[Edit], folder: Path, areas: int, jobs: int) -> list[Trial]:
    """Every edit, shared out to processes with a released project each."""
    shares = [edits[at::jobs] for at in range(jobs)]
    work = [(share, folder / f"ours_{at}", areas) for at, share in enumerate(shares) if share]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        done = list(pool.map(_share, work))
    return sorted((trial for share in done for trial in share), key=lambda trial: trial.edit.number)


def _share(work: tuple[Sequence[Edit], Path, int]) -> list[Trial]:
    edits, folder, areas = work
    trials = []
    with Ground(folder, areas) as ground:
        for edit in edits:
            trials.append(ground.tried(edit))
            print(f"{edit.name}: {len(trials[-1].built)} built", file=sys.stderr)
    return trials


def _peers(edits: Sequence[Edit], folder: Path, told: argparse.Namespace) -> list[Peer]:
    step = max(1, -(-len(edits) // told.sqlmesh_edits))
    with ThreadPoolExecutor() as pool:  # each in a process of its own
        asked = (
            pool.submit(dbt_on, edits, folder, told.areas),
            pool.submit(sqlmesh_on, edits[::step], folder, told.areas),
        )
        return [peer for each in asked if (peer := each.result()) is not None]


def _about() -> dict[str, str]:
    where = {"date": today(), "machine": platform.machine(), "Python": platform.python_version()}
    return where | our_versions()


def _verify(trials: Sequence[Trial]) -> None:
    """Too few is wrong, and too many is a waste."""
    wrong = [f"{each.edit.name}: {each.wrong or sorted(each.missed)}" for each in trials if each.wrong or each.missed]
    if wrong:
        raise SystemExit("built too little:\n" + "\n".join(wrong))
    if ratio_of(trials) > REACHED:
        raise SystemExit(f"{ratio_of(trials):.2f} times what has to be built was built; it was {REACHED} before.")


if __name__ == "__main__":
    main()
